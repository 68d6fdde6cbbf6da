"""How often page 07 is right: simulated histories with and without a change, and net migration under relabelling.

`python benchmarks/monitoring.py identities`, `… histories` (with the engine, two minutes a world), `… labels`,
`… campaigns`; bounds were set on seeds from 1,000 on.
Results go to benchmarks/results/monitoring_*.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import joblib
import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import Pipeline

from seglib import monitor
from seglib.monitor.campaign_results import learned, outcomes
from seglib.monitor.comparison import Compared, holding, succession
from seglib.monitor.flows import migration, moved_overall, movements
from seglib.monitor.refitting import Plan, Refit, _prepared, _space, refit, usual
from seglib.project.schema.segment import Segment
from seglib.segment.segmentation import margin
from seglib.statistics import wilson

RESULTS = Path(__file__).parent / "results"
COLUMNS = [f"x{j}" for j in range(4)]
CATALOGUE = pd.DataFrame(
    {
        "feature": COLUMNS,
        "basis": "behavioural",
        "level": "interval",
        "label": COLUMNS,
        "of": None,
        "source": "customers",
        "unit": "",
        "missing_share": 0.0,
    }
)
PLAN = Plan(
    Segment(on=["behavioural"], resamples=10, sample=300, methods=["k-means"], k={"min": 2, "max": 6})
)
LIMITS = monitor.Limits()
SCENARIOS = ("nothing", "moved", "born", "died", "split", "merged", "drift", "season")
#: The verdict that is right, and the fates that must be named.
RIGHT = {
    "nothing": ("keep",),
    "moved": ("keep",),
    "born": ("rebuild",),
    "died": ("rebuild",),
    "split": ("rebuild",),
    "merged": ("rebuild",),
    "drift": ("keep", "refresh"),
    "season": ("keep", "refresh"),
}


@dataclass
class World:
    """Customers of one month: features, planted segments, and what each customer keeps from month to month."""

    centres: np.ndarray
    planted: np.ndarray
    own: np.ndarray
    customers: np.ndarray
    rng: np.random.Generator

    def features(self, shift: np.ndarray | float = 0.0) -> pd.DataFrame:
        """Draw a month: the centre of the segment, what is the customer's own, and the month's noise."""
        x = self.centres[self.planted] + 0.8 * self.own + 0.6 * self.rng.normal(size=self.own.shape) + shift
        return pd.DataFrame(x, columns=COLUMNS).assign(customer=self.customers)[["customer", *COLUMNS]]


def world(seed: int) -> World:
    """Plant three to five segments whose nearest centres are 4.5 to 6.5 standard deviations apart."""
    rng = np.random.default_rng(seed)
    k, n = int(rng.integers(3, 6)), 900
    centres = rng.normal(size=(k, 4))
    gaps = np.linalg.norm(centres[:, None] - centres[None], axis=2)[np.triu_indices(k, 1)]
    centres *= rng.uniform(4.5, 6.5) / gaps.min()
    planted = rng.choice(k, n, p=rng.dirichlet(np.full(k, 20.0)))
    return World(centres, planted, rng.normal(size=(n, 4)), np.arange(n), rng)


def changed(before: World, scenario: str) -> tuple[World, np.ndarray | float]:
    """Change the customers of a world as a scenario says; give the shift of all features too."""
    rng, k = before.rng, len(before.centres)
    centres, planted, own, who = before.centres.copy(), before.planted.copy(), before.own, before.customers
    shift: np.ndarray | float = 0.0
    if scenario == "moved":
        movers = rng.random(len(planted)) < 0.2
        planted[movers] = (planted[movers] + rng.integers(1, k, movers.sum())) % k
    if scenario == "born":
        n = len(planted) // 5
        centres = np.vstack([centres, _new_centre(centres, rng)])
        planted, own = np.r_[planted, np.full(n, k)], np.vstack([own, rng.normal(size=(n, 4))])
        who = np.arange(len(planted))
    if scenario == "died":
        gone = planted == rng.integers(k)
        if rng.random() < 0.5:
            planted, own, who = planted[~gone], own[~gone], who[~gone]
        else:
            others = [s for s in range(k) if s != planted[gone][0]]
            planted[gone] = rng.choice(others, gone.sum())
    if scenario == "split":
        of = int(rng.integers(k))
        way = _free_way(centres, of, rng)
        halves = np.flatnonzero(planted == of)
        planted[rng.permutation(halves)[: len(halves) // 2]] = k
        centres = np.vstack([centres, centres[of] - 2.75 * way])
        centres[of] += 2.75 * way
    if scenario == "merged":
        gaps = np.linalg.norm(centres[:, None] - centres[None], axis=2) + 1e9 * np.eye(k)
        one, other = np.unravel_index(gaps.argmin(), gaps.shape)
        centres[one] = centres[other] = (centres[one] + centres[other]) / 2
    if scenario in ("drift", "season"):
        shift = np.zeros(4)
        shift[rng.integers(4)] = 0.8 * float(before.centres.std(axis=0).mean())
    return World(centres, planted, own, who, rng), shift


def _new_centre(centres: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    while True:
        point = rng.normal(size=4) * np.linalg.norm(centres, axis=1).max() / 2
        if np.linalg.norm(centres - point, axis=1).min() > 5:
            return point


def _free_way(centres: np.ndarray, of: int, rng: np.random.Generator) -> np.ndarray:
    """Find a direction in which a segment can be divided without coming near another."""
    others = np.delete(centres, of, axis=0)
    best, most = np.zeros(4), -1.0
    for way in rng.normal(size=(200, 4)):
        unit = way / np.linalg.norm(way)
        gap = min(np.linalg.norm(others - (centres[of] + s * 2.75 * unit), axis=1).min() for s in (1, -1))
        if gap > most:
            best, most = unit, gap
    return best


def quick_refit(
    features: pd.DataFrame, ks: list[int], own: int, stored_k: int = 0, earlier: pd.DataFrame | None = None
) -> Refit:
    """Fit mixtures for some numbers of segments, and take one of them as the engine's choice, without judging it."""
    customers, preparation, rows = _prepared(features, CATALOGUE, COLUMNS, 0.02)
    models = {k: GaussianMixture(k, covariance_type="tied", n_init=3, random_state=0).fit(rows) for k in ks}
    fits = {k: pd.Series(m.predict(rows) + 1, customers.customer.to_numpy()) for k, m in models.items()}
    segments = pd.DataFrame({"customer": fits[own].index, "segment": fits[own].to_numpy()})
    model = Pipeline([("preparation", preparation), ("model", models[own])])
    space = _space(customers, rows, preparation, earlier, 0)
    margins = margin(models[own], rows)
    return Refit(
        segments.assign(margin=margins), "reproducible", own != stored_k, own, model, "mixture", fits, space
    )


def quick_history(seed: int) -> list[dict[str, object]]:
    """Judge one world under every scenario where the engine's number of segments is right or one off, by chance."""
    first = world(seed)
    features, k = first.features(), len(first.centres)
    stored = quick_refit(features, [k], k)
    if adjusted_rand_score(first.planted, stored.segments.segment) < 0.95:
        return [{"seed": seed, "scenario": s, "found": "other segments", "right": None} for s in SCENARIOS]
    row = SimpleNamespace(rules="", method="k-means", k=k, variables=COLUMNS)
    with joblib.parallel_config(n_jobs=1):
        between = usual(features, CATALOGUE, stored.segments, row, PLAN)
    return [_judged(seed, s, first, features, stored, between, quick=True) for s in SCENARIOS]


def history(seed: int) -> list[dict[str, object]]:
    """Judge one world under every scenario: the verdict, the fates, the alerts."""
    from seglib.segment.workers import end_with_parent

    end_with_parent()
    first = world(seed)
    features = first.features()
    with joblib.parallel_config(n_jobs=1):
        stored = refit(features, CATALOGUE, PLAN, 0)
        if stored.model is None:
            return [
                {"seed": seed, "scenario": s, "found": stored.structure, "right": None} for s in SCENARIOS
            ]
        row = SimpleNamespace(rules="", method=stored.method, k=stored.k, variables=COLUMNS)
        between = usual(features, CATALOGUE, stored.segments, row, PLAN)
        return [_judged(seed, s, first, features, stored, between) for s in SCENARIOS]


def _judged(seed, scenario, first, features, stored, between, quick=False):
    first.rng = np.random.default_rng([seed, SCENARIOS.index(scenario)])
    then, shift = changed(first, scenario)
    now = then.features(shift)
    rescored = _rescored(stored, features, now)
    if quick:
        ks = [k for k in range(stored.k - 2, stored.k + 3) if k > 1]
        own = int(first.rng.choice([k for k in ks if abs(k - stored.k) < 2]))
        found = quick_refit(now, ks, own, stored.k, features)
    else:
        found = refit(now, CATALOGUE, PLAN, stored.k, features)
    structure = pd.DataFrame({"structure": [stored.structure], "k": [stored.k], "close": [False]})
    compared = Compared(
        {
            "segments": rescored,
            "features": now,
            "structure": structure,
            "lineage": pd.DataFrame({"how": ["re-scored"]}),
        },
        {"segments": stored.segments, "features": features, "structure": structure},
        rescored,
        found,
        between,
        stored.k,
    )
    holds, who = holding(compared), succession(compared, {})
    moved_table = movements(stored.segments, rescored).assign(at_risk=pd.NA)
    moved = moved_overall(moved_table, migration(moved_table), (), season=False)
    year_ago = then.features(shift) if scenario == "season" else None
    drift = monitor.drift(now, features, dict.fromkeys(COLUMNS, "interval"), LIMITS, year_ago)
    alerts = [
        *monitor.of_verdict(holds, "p.yaml"),
        *monitor.of_moves(moved, 0.1, "p.yaml"),
        *monitor.of_drift(drift, LIMITS, "p.yaml"),
    ]
    codes_of = {a["alert"] for a in alerts}
    word, fates = holds.verdict.iloc[0], set(who.fate)
    right = word in RIGHT[scenario]
    if scenario in ("born", "died", "split", "merged"):
        if stored.k != len(first.centres):
            return {"seed": seed, "scenario": scenario, "found": "another number of segments", "right": None}
        right = right and fates - {"kept"} == {scenario}
    if scenario == "moved":
        right = "moved" in codes_of
    if scenario == "drift":
        right = "drift" in codes_of and word != "rebuild"
    if scenario == "season":
        right = "drift" not in codes_of
    return {
        "seed": seed,
        "scenario": scenario,
        "planted": len(first.centres),
        "stored": stored.k,
        "found": found.k,
        "structure": stored.structure,
        "word": word,
        "fates": "+".join(sorted(fates - {"kept"})),
        "alerts": "+".join(sorted(codes_of)),
        "right": bool(right),
    }


def _rescored(stored: Refit, features: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Assign customers by the stored model, in the numbers of the stored segments."""
    model, own = stored.model, stored.segments.set_index("customer").segment
    codes = own[features.customer].groupby(model.predict(features[COLUMNS])).agg(lambda s: s.mode().iloc[0])
    margins = margin(model[-1], model[:-1].transform(now[COLUMNS]))
    found = pd.Series(model.predict(now[COLUMNS])).map(codes).astype(int)
    return pd.DataFrame({"customer": now.customer, "segment": found, "margin": margins})


def histories(seeds: range, out: str, judged: Callable[[int], list[dict[str, object]]] = history) -> None:
    """Judge many worlds, and write the rates; worlds that were judged before are read from the file beside."""
    kept = RESULTS / f"{out}.csv"
    table = pd.read_csv(kept, keep_default_na=False, na_values=["NA"]) if kept.is_file() else pd.DataFrame()
    for seed in seeds:
        if len(table) and (table.seed == seed).any():
            continue
        rows = judged(seed)
        table = pd.concat([table, pd.DataFrame(rows)], ignore_index=True)
        table.to_csv(kept, index=False, na_rep="NA")
        print(seed, [r["scenario"] for r in rows if r["right"] is not None and not r["right"]], flush=True)
        done = table.seed[table.seed.isin(seeds)]
        _write_histories(table[table.seed.isin(done)], done.nunique(), seeds, out)


def _write_histories(table: pd.DataFrame, worlds: int, seeds: range, out: str) -> None:
    judged = table.dropna(subset=["right"]).assign(right=lambda t: t.right.astype(str) == "True")
    lines = [
        "| history | worlds | right | 95 % interval | verdicts | alarms |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for scenario in SCENARIOS:
        own = judged[judged.scenario == scenario]
        ends = wilson(pd.Series([own.right.sum()]), pd.Series([len(own)])).iloc[0]
        words = ", ".join(f"{w} {n}" for w, n in own.word.value_counts().items())
        lines.append(
            f"| {scenario} | {len(own)} | {own.right.mean():.0%} | {ends.low:.0%} to {ends.high:.0%} | {words} | "
            f"{own.alerts.ne('').mean():.0%} |"
        )
    left = int((table.right.isna() & table.found.isin(["none", "constructive"])).sum()) // len(SCENARIOS)
    other = int((table.found == "another number of segments").sum()) // 4
    quick = out.endswith("identities")
    text = [
        "# Histories of two months, judged",
        "",
        f"`python benchmarks/monitoring.py {'identities' if quick else 'histories'}`, {worlds} worlds with seeds from "
        f"{seeds.start} on; bounds were set on seeds from 1,000 on. 900 customers, three to five planted segments.",
        "",
        "Without the engine: a mixture with the planted number of segments is stored, and the number that a refit "
        "would choose is drawn: as stored, one more or one fewer. Worlds whose planted segments the first month "
        f"does not show (ARI below 0.95) are left out: {int((table.found == 'other segments').sum()) // len(SCENARIOS)}."
        if quick
        else f"With the engine. {left} worlds in which no structure was found in the first month are left out; born, "
        "died, split and merged are judged where the planted segments were found in the first month "
        f"(not in {other}).",
        "",
        "*Right*: keep (nothing), alert (moved), the change named and no other (born, died, split, merged), alert "
        "and no rebuild (drift), no alert of drift (season, with the same month a year ago known). *Alarms*: "
        "histories with an alert of any kind.",
        "",
        *lines,
        "",
    ]
    (RESULTS / f"{out}.md").write_text("\n".join(text), encoding="utf-8")


# Net migration under relabelling, without the engine


def label_history(seed: int) -> dict[str, float]:
    """Simulate labels of two months and of refits, and see whether net flows cover the truth."""
    rng = np.random.default_rng(seed)
    k, n = int(rng.integers(2, 6)), int(rng.integers(800, 4000))
    sizes = rng.dirichlet(np.full(k, 8.0))
    first = rng.choice(k, n, p=sizes)
    away = rng.uniform(0, 0.25, k)
    to = rng.dirichlet(np.ones(k), k)
    moves = rng.random(n) < away[first]
    second = first.copy()
    for s in range(k):
        there = moves & (first == s)
        second[there] = rng.choice(k, there.sum(), p=to[s])
    error = rng.uniform(0.02, 0.12) * np.where(rng.random(n) < 0.5, 0.3, 1.7)  # some are nearer a border
    mix = np.bincount(first, minlength=k) / n

    def labels(truth: np.ndarray) -> np.ndarray:
        wrong = rng.random(n) < error
        return np.where(wrong, rng.choice(k, n, p=mix), truth) + 1

    who = pd.RangeIndex(n)
    noise = [tuple(pd.Series(labels(first), index=who) for _ in range(2)) for _ in range(10)]
    runs = [pd.DataFrame({"customer": who, "segment": labels(t)}) for t in (first, second)]
    moved = movements(*runs)
    flows = migration(moved, None, noise, seed)
    overall = moved_overall(moved.assign(at_risk=pd.NA), flows, noise, season=False, seed=seed).iloc[0]
    planted = away[:, None] * to * (1 - np.eye(k))  # by source and destination
    truth = float((sizes[:, None] * planted).sum())
    cells = flows[(flows.movement == "moved") & (flows.customers >= 10)]
    true = np.array([planted[r.source - 1, r.destination - 1] for r in cells.itertuples()])
    inside = (cells.net_low <= true) & (cells.net_high >= true)
    return {
        "share": overall.low <= truth <= overall.high,
        "plain": float(np.abs((moved.movement == "moved").mean() - truth)),
        "net": float(abs(overall.share - truth)),
        "cells": len(cells),
        "inside": int(inside.sum()),
    }


def labels(seeds: range, out: str) -> None:
    """Simulate label histories, and write the coverage."""
    table = pd.DataFrame([label_history(seed) for seed in seeds])
    ends = wilson(pd.Series([table.share.sum()]), pd.Series([len(table)])).iloc[0]
    lines = [
        "# Net migration under relabelling",
        "",
        f"`python benchmarks/monitoring.py labels`, {len(table):,} histories (seeds {seeds.start} to "
        f"{seeds.stop - 1}), 2 to 5 segments, 800 to 4,000 customers, up to "
        "a quarter of a segment moving, 1 to 20 % of labels wrong. The truth is the planted rate.",
        "",
        "| of the 95 % intervals | hold the truth |",
        "| --- | --- |",
        f"| share of customers who moved | {table.share.mean():.1%} ({ends.low:.1%} to {ends.high:.1%}) |",
        f"| single flows of ten customers or more ({table.cells.sum():,}) | {table.inside.sum() / table.cells.sum():.1%} |",
        "",
        f"Mean error of the share who moved: {table.plain.mean():.1%} as observed, {table.net.mean():.2%} net.",
        "",
    ]
    (RESULTS / f"{out}.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


# Campaigns with a known effect


def _customers(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw who is held out, how often each customer orders a day, and what an order brings."""
    held = rng.random(n) < rng.uniform(0.1, 0.4)
    rate = rng.gamma(0.8, rng.uniform(0.004, 0.02), n)
    return held, rate, np.exp(rng.normal(3.5, 0.5, n))


def campaign(seed: int, peeks: int = 20) -> dict[str, bool]:
    """Simulate a campaign of 60 days, look at it some times, and see which intervals hold the truth."""
    rng = np.random.default_rng(seed)
    n, days = int(rng.integers(2000, 8000)), 60
    held, rate, basket = _customers(rng, n)
    more, margin, cost = rng.uniform(0, 0.5), rng.uniform(0.2, 0.8), rng.uniform(0.05, 1.0)
    start = pd.Timestamp("2025-01-01")
    lift = np.where(held, 1.0, 1 + more)
    before, after = (np.repeat(np.arange(n), rng.poisson(rate * x * days)) for x in (1.0, lift))
    orders = [
        (who, rng.uniform(0, days, len(who)), basket[who] * rng.lognormal(-0.02, 0.2, len(who)))
        for who in (before, after)
    ]
    people = pd.DataFrame({"customer": range(n), "campaign": "c", "play": "p", "segment": 1, "holdout": held})
    people = people.assign(first_assigned=start, until=start + pd.Timedelta(days=days))
    plans = pd.DataFrame({"campaign": ["c"], "segment": [1], "share": [held.mean()], "cost": [cost]})
    per_day = float((rate * basket).mean() * more)  # in expectation over arms, given these customers
    inside = []
    for peek in range(1, peeks + 1):
        elapsed = days * peek // peeks
        sums = [np.bincount(who[day < elapsed], paid[day < elapsed], n) for who, day, paid in orders]
        rows = people.assign(before=sums[0], value=sums[1], responded=sums[1] > 0)
        as_of = (start + pd.Timedelta(days=elapsed)).date()
        row = outcomes(rows, plans, margin, as_of).iloc[-1]
        true = (~held).sum() * (margin * per_day * elapsed - cost)
        inside.append(not (true < row.profit_low or true > row.profit_high))  # none is given too early
    return {"end": bool(inside[-1]), "sequence": all(inside[:-1])}


def learning(seed: int) -> bool:
    """Simulate three campaigns of a play in four segments: does a budget that learns earn more after them?"""
    rng = np.random.default_rng(seed)
    prior, sd, k = 0.02, 0.015, 4
    true = rng.normal(rng.normal(prior, sd), sd, k)
    customers, worth = rng.integers(2000, 8000, k), rng.uniform(15, 40, k)
    cost = float(0.02 * worth.mean())
    total = int(customers.sum() * 0.5)

    def spent(expected: np.ndarray) -> np.ndarray:
        """Contact the segments with the highest expected profit first, none that is expected to lose."""
        left, plan = total, np.zeros(k, int)
        for s in np.argsort(-(expected * worth - cost)):
            if expected[s] * worth[s] > cost:
                plan[s] = min(left, customers[s])
                left -= plan[s]
        return plan

    expected, rows = np.full(k, prior), []
    for turn in range(3):
        for s, n in enumerate(spent(expected)):
            if n < 200:
                continue
            held = int(0.2 * n)
            rates = np.clip([0.05 + true[s], 0.05], 0, 1)
            yes, no = rng.binomial(n - held, rates[0]), rng.binomial(held, rates[1])
            x = yes / (n - held) - no / held
            se = np.sqrt(rates[0] * (1 - rates[0]) / (n - held) + rates[1] * (1 - rates[1]) / held)
            rows.append((f"c{turn}", "p", s, True, x, x - 1.96 * se, x + 1.96 * se, "ended"))
        columns = [
            "campaign",
            "play",
            "segment",
            "ended",
            "response",
            "response_low",
            "response_high",
            "verdict",
        ]
        told = learned(pd.DataFrame(rows, columns=columns), {"p": (prior, sd)}) if rows else pd.DataFrame()
        for s in range(k):
            own = told[told.segment == s] if len(told) else told
            if len(own):
                weights = 1 / own.posterior_sd**2
                expected[s] = float((weights * own.posterior).sum() / weights.sum())
            elif len(told):
                expected[s] = float(told[told.segment.isna()].posterior.iloc[0])
    profit = true * worth - cost
    return bool((spent(expected) * profit).sum() >= (spent(np.full(k, prior)) * profit).sum())


def campaigns(seeds: range, out: str) -> None:
    """Simulate campaigns and budgets, and write the rates; one campaign in twenty is looked at twenty times."""
    better = pd.Series([learning(seed) for seed in seeds])
    found: list[dict[str, bool]] = []
    for seed in seeds:
        found.append(campaign(seed, 20 if seed % 20 == 0 else 1))
        if len(found) % 50 == 0 or seed == seeds[-1]:
            table = pd.DataFrame(found, index=range(seeds.start, seeds.start + len(found)))
            _write_campaigns(table, better, seeds.start, out)


def _write_campaigns(found: pd.DataFrame, better: pd.Series, start: int, out: str) -> None:
    rows = {
        "interval of profit at the planned end holds the truth": found.end,
        "confidence sequence holds it at all of 19 looks before": found.sequence[found.index % 20 == 0],
        "a budget that learned from three campaigns earns as much or more": better,
    }
    lines = [
        "# Campaigns with a known effect",
        "",
        f"`python benchmarks/monitoring.py campaigns`, seeds from {start:,} on, which were not used before: 2,000 to 8,000 "
        "customers, 10 to 40 % held out, 60 days, intervals with CUPED. Learning: one play in four segments, whose "
        "true effects differ from the assumption as the assumption says; money for half of the customers.",
        "",
        "| | worlds | share | 95 % interval |",
        "| --- | --- | --- | --- |",
    ]
    for name, yes in rows.items():
        ends = wilson(pd.Series([yes.sum()]), pd.Series([len(yes)])).iloc[0]
        lines.append(f"| {name} | {len(yes):,} | {yes.mean():.1%} | {ends.low:.1%} to {ends.high:.1%} |")
    (RESULTS / f"{out}.md").write_text("\n".join([*lines, ""]), encoding="utf-8")


#: First seed of each study, and the one after the last.
DEFAULT_SEEDS = {
    "identities": (100, 200),
    "histories": (100, 200),
    "labels": (0, 1000),
    "campaigns": (20_000, 20_600),
}

if __name__ == "__main__":
    what = sys.argv[1]
    low, high = (int(a) for a in sys.argv[2:4]) if len(sys.argv) > 3 else DEFAULT_SEEDS[what]
    named = sys.argv[4] if len(sys.argv) > 4 else f"monitoring_{what}"
    quick = partial(histories, judged=quick_history)
    {"histories": histories, "identities": quick, "labels": labels, "campaigns": campaigns}[what](
        range(low, high), named
    )
