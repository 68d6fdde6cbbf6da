"""How well each statistic tells segments from one cloud: its power where it errs in 5 % of tables without segments.

Run by `python benchmarks/panel.py [tables of each family] [planted]`; each table that was measured is a row of
`benchmarks/results/panel.csv` and is not measured again. It prints, by kind of planted segments, the share that a
statistic sees, with the bound that 95 % of the tables of the tuning families stay below, and the same with the
means of statistics; the panel of the verdict (`seglib/segment/evidence.py`) has a star.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from families import TUNING, all_without
from planted import all_planted
from sklearn.metrics import adjusted_rand_score
from structure import standardised
from threadpoolctl import threadpool_limits
from verdicts import prepared

from seglib import segment
from seglib.segment.comparison import best
from seglib.segment.copula import Copula
from seglib.segment.evidence import STATISTICS, statistics
from seglib.segment.stability import Candidate, resample

RESULTS = Path(__file__).resolve().parent / "results" / "panel.csv"
SEED, DRAWS, LIMIT = 21, 10, 10.0
#: Spread over draws is not taken for smaller.
FLOORS = {"silhouette": 0.005, "valley": 0.03, "gain": 0.01, "agreement": 0.02, "certainty": 0.005}
MEANS = {
    "silhouette, valley and gain": ("silhouette", "valley", "gain"),
    "silhouette and gain": ("silhouette", "gain"),
    "all five": tuple(FLOORS),
}


def measured(method: str, fit: Candidate, rows: pd.DataFrame, seed: int, pairs: int) -> dict[str, float]:
    """Fit a method as a candidate was, and measure all statistics."""
    k = len(fit.stability)
    plan = segment.Resampling(2 * pairs, len(rows), seed, starts=(4, 4), halvings=0, n_jobs=1)
    found = resample(method, [k], rows, plan, like={k: fit.model}).get(k)
    if found is None:
        return dict.fromkeys(FLOORS, 0.0)
    known = hasattr(found.model, "predict_proba")
    surest = found.model.predict_proba(rows).max(1).mean() if known else 0.0
    return statistics(rows, found.labels) | {
        "agreement": float(np.mean(found.agreement)) if len(found.agreement) else 0.0,
        "certainty": float(surest),
    }


def one(name: str, i: int, rows: pd.DataFrame, truth: np.ndarray | None) -> dict[str, object]:
    """Measure the preferred candidate of a table beside draws of both references."""
    rng = np.random.default_rng([SEED, i])
    with threadpool_limits(1):
        plan = segment.Resampling(20, 2000, SEED, n_jobs=1)
        compared = segment.compare(segment.methods("auto", rows), rows, range(2, 9), plan, 0.02)
        at = best(compared.candidates, compared.fits)
        method, k = str(compared.candidates.method[at]), int(compared.candidates.k[at])
        fit = compared.fits[method, k]
        some = rows.iloc[rng.choice(len(rows), min(len(rows), 2000), replace=False)].reset_index(drop=True)
        own, cloud = measured(method, fit, some, i, 8), Copula(some, rng)
        row: dict[str, object] = {
            "table": name,
            "i": i,
            "planted": truth is not None,
            "k": k,
            "method": method,
        }
        if truth is not None:
            row["ari"] = round(adjusted_rand_score(truth, fit.labels), 3)
        for reference in ("same", "smoothed"):
            drawn = pd.DataFrame(
                [measured(method, fit, cloud.draw(rng, reference == "smoothed"), d, 2) for d in range(DRAWS)]
            )
            for statistic, floor in FLOORS.items():
                spread = max(drawn[statistic].std(), floor)
                row[f"{reference} {statistic}"] = round(
                    (own[statistic] - drawn[statistic].mean()) / spread, 3
                )
    return row


def _work(each: int, planted: int, done: set[tuple[str, int]]) -> Iterator:
    for i, case in enumerate(all_without(TUNING, each, SEED)):
        if (case.family, i) not in done:
            yield joblib.delayed(one)(case.family, i, prepared(case.rows, case.levels), None)
    for i, case in enumerate(all_planted(planted, SEED)):
        name = f"{case.kind}, {case.overlap}"
        if (name, i) not in done:
            yield joblib.delayed(one)(name, i, standardised(case.rows), case.truth)


def report() -> None:
    """Print the power of each statistic, and of means of them, by kind of planted segments."""
    table = pd.read_csv(RESULTS)
    harder = {
        s: np.where(
            table.k == 2, table[f"smoothed {s}"], np.minimum(table[f"same {s}"], table[f"smoothed {s}"])
        ).clip(-LIMIT, LIMIT)
        for s in FLOORS
    }
    score = pd.DataFrame(harder | {n: np.mean([harder[s] for s in own], axis=0) for n, own in MEANS.items()})
    found = table.planted & (table.ari > 0.5)
    groups = sorted(table.table[found].unique())
    print("| statistic | bound | " + " | ".join(groups) + " |")
    print("| --- " * (2 + len(groups)) + "|")
    for name in score:
        bound = score[name][~table.planted].quantile(0.95)
        shares = [f"{(score[name][found & (table.table == g)] > bound).mean():.0%}" for g in groups]
        print(
            f"| {name}{' *' if set(MEANS.get(name, ())) == set(STATISTICS) else ''} | {bound:.1f} | {' | '.join(shares)} |"
        )


def main(each: int = 5, planted: int = 60) -> None:
    """Measure what was not measured yet, and report."""
    RESULTS.parent.mkdir(exist_ok=True)
    known = pd.read_csv(RESULTS) if RESULTS.exists() else pd.DataFrame(columns=["table", "i"])
    done = set(known[["table", "i"]].itertuples(index=False, name=None))
    for row in joblib.Parallel(-1, return_as="generator_unordered")(_work(each, planted, done)):
        known = pd.concat([known, pd.DataFrame([row])], ignore_index=True)
        known.sort_values(["planted", "table", "i"]).to_csv(RESULTS, index=False)
    report()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
