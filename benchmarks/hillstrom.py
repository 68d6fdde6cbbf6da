"""Whom to mail, learned in one half of Hillstrom's test and paid for in the other: halves drawn by lot, over and over.

Hillstrom's e-mail test (2008): 64,000 customers, a third each got the e-mail for men's goods, that for women's, or none,
by lot; what they spent in two weeks is known. Half of the customers are segmented, each e-mail is a play of which the
response (a purchase) is measured there, and a segment gets the e-mail that is expected to earn most if it pays with the
asked chance. The other half shows what that earns: mean spending of those who by lot got what the choice says, less
the cost of the contacts. Amounts are revenue, for no margin is known.

Run `python -m benchmarks.hillstrom FOLDER` in the repository, FOLDER with hillstrom/hillstrom.csv.gz; the table goes to
benchmarks/results/hillstrom.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from seglib import estimators
from seglib.target import response, scoring
from seglib.target.pooling import pooled_effects
from seglib.target.thresholds import CHANCE

ARMS = ("Mens E-Mail", "Womens E-Mail")
NONE, SPLITS, SEGMENTS = "No E-Mail", 50, 4
#: Costs of a contact: what is assumed of an e-mail, and ten times as much.
COSTS = (0.05, 0.5)
#: What is believed before any campaign: incremental purchases per e-mail, as of plays by e-mail in params/plays.yaml.
_PRIOR, _PRIOR_SD = 0.006, 0.004
_FORMING = ["recency", "history", "mens", "womens"]


def read(folder: Path) -> pd.DataFrame:
    """Read the test: one row per customer."""
    return pd.read_csv(folder / "hillstrom" / "hillstrom.csv.gz").rename(columns={"segment": "arm"})


def segmented(table: pd.DataFrame, learned: np.ndarray, seed: int) -> np.ndarray:
    """Segment one half of the customers, and assign the other half by the same model."""
    rows = table[_FORMING].astype(float).assign(history=np.log1p(table.history))
    scaled = (rows - rows.iloc[learned].mean()) / rows.iloc[learned].std()
    return estimators.build("k-means", SEGMENTS, seed, 4).fit(scaled.iloc[learned]).predict(scaled)


def chosen(half: pd.DataFrame, cost: float) -> dict[int, str]:
    """Choose the e-mail of each segment that is expected to earn most, if it pays with the asked chance."""
    options = pd.concat([_options(half, arm, cost) for arm in ARMS])
    options = options[options.chance >= CHANCE].sort_values("per_contact", ascending=False)
    best = options.drop_duplicates("segment")
    scores = best.assign(score=best.per_contact * best.customers, sd=best.gain_sd * best.customers)
    rules = scoring.Rules("profit", {}, SEGMENTS, True)
    ranked = scoring.ranking(scores, rules)
    return dict(zip(ranked.segment[ranked.target], ranked.arm[ranked.target], strict=True))


def _options(half: pd.DataFrame, arm: str, cost: float) -> pd.DataFrame:
    """Compute what a contact by one e-mail is expected to bring in each segment."""
    rows = []
    for segment, own in half.groupby("segment"):
        contacted, held = (own.conversion[own.arm == a] for a in (arm, NONE))
        orders = own.spend[own.spend > 0]
        rows.append(
            {
                "segment": segment,
                "customers": len(own),
                "seen": contacted.mean() - held.mean(),
                "sd": float(np.sqrt(contacted.var() / len(contacted) + held.var() / len(held))),
                "worth": orders.mean(),
                "worth_sd": orders.std() / np.sqrt(len(orders)),
            }
        )
    made = pd.DataFrame(rows)
    mean, sd = pooled_effects(made.seen.to_numpy(), made.sd.to_numpy(), _PRIOR, _PRIOR_SD)
    gains = [response.product(*g) for g in zip(mean, sd, made.worth, made.worth_sd, strict=True)]
    made["gain"], made["gain_sd"] = zip(*gains, strict=True)
    chance = [response.chance_to_pay(g, s, cost) for g, s in gains]
    return made.assign(arm=arm, per_contact=made.gain - cost, chance=chance)


def earned(half: pd.DataFrame, wanted: pd.Series, cost: float) -> float:
    """Compute what a choice earns per customer: of those who by lot got what it says, less the cost of contacts."""
    by_choice = half.assign(wanted=wanted).groupby("wanted")
    parts = [len(own) * _mean(own, str(arm), cost) for arm, own in by_choice]
    return float(sum(parts) / len(half))


def _mean(own: pd.DataFrame, arm: str, cost: float) -> float:
    return float(own.spend[own.arm == arm].mean()) - cost * (arm != NONE)


def split(table: pd.DataFrame, seed: int, cost: float) -> dict[str, float]:
    """Learn in one half, and compare in the other: earned per customer by each choice."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(table))
    learned, rest = order[: len(table) // 2], order[len(table) // 2 :]
    placed = table.assign(segment=segmented(table, learned, seed))
    choice = chosen(placed.iloc[learned], cost)
    half = placed.iloc[rest]
    made = half.segment.map(choice).fillna(NONE)
    everybody = {arm: earned(half, pd.Series(arm, half.index), cost) for arm in (*ARMS, NONE)}
    random_arm = float(np.mean([everybody[arm] for arm in ARMS]))
    return {
        "the choice": earned(half, made, cost),
        "a random e-mail to all": random_arm,
        "a random e-mail to a random third": (random_arm + 2 * everybody[NONE]) / 3,
        "the men's e-mail to all": everybody[ARMS[0]],
        "no e-mail": everybody[NONE],
        "mailed": float((made != NONE).mean()),
    }


def summary(table: pd.DataFrame, splits: int = SPLITS) -> str:
    """Write the table of results: means over the splits, and the differences with the range of 95 % of them."""
    lines = [
        "# Targets learned in one half of Hillstrom's e-mail test, paid for in the other",
        "",
        f"{splits} splits by lot (seeds 0 to {splits - 1}), {SEGMENTS} segments. Amounts are dollars of revenue per "
        "customer less the cost of contacts; intervals hold 95 % of the splits, which share customers: they show how "
        "results vary. `python -m benchmarks.hillstrom FOLDER`",
        "",
        "| cost of a contact | mailed | earned per customer | the choice earns more by | splits in which it does |",
        "| --- | --- | --- | --- | --- |",
    ]
    for cost in COSTS:
        results = pd.DataFrame([split(table, seed, cost) for seed in range(splits)])
        for name in results.columns.drop("mailed"):
            lead = results["the choice"] - results[name]
            low, high = lead.quantile([0.025, 0.975])
            ahead = f"{lead.mean():+.3f} ({low:+.3f} to {high:+.3f}) | {(lead > 0).mean():.0%}"
            said = (
                (f"{name}: {results.mailed.mean():.0%} of customers", "– | –")
                if name == "the choice"
                else (name, ahead)
            )
            lines.append(f"| {cost:.2f} | {said[0]} | {results[name].mean():.3f} | {said[1]} |")
    return "\n".join(lines).replace("-0.", "−0.") + "\n"


if __name__ == "__main__":
    text = summary(read(Path(sys.argv[1])))
    print(text)
    (Path(__file__).parent / "results" / "hillstrom.md").write_text(text, encoding="utf-8")
