"""The verdict on customers with and without segments, beside the peers, family by family.

Run by `python benchmarks/verdicts.py [part ...]`; parts are those of `PARTS`, all if none is named. Each
table that was judged is a row of `benchmarks/results/verdicts.csv`; a row that is there already is not judged
again, so that the study can be interrupted. `python benchmarks/verdicts.py document` writes docs/verdict.md.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from families import HELD_BACK, RULES, TUNING, Family
from planted import OVERLAPS, all_planted, all_with_levels, with_niches
from scipy.stats import beta
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score
from structure import (
    by_gap,
    by_gaussian,
    by_hdbscan,
    by_prediction_strength,
    by_silhouette,
    by_stepmix,
    standardised,
)
from threadpoolctl import threadpool_limits

from seglib import estimators, segment

ROOT = Path(__file__).resolve().parent.parent
RESULTS, DOCUMENT = ROOT / "benchmarks" / "results" / "verdicts.csv", ROOT / "docs" / "verdict.md"
#: By part of the study: its seed, the tables of each family or in all, and the families.
PARTS: dict[str, tuple[int, int, tuple[Family, ...]]] = {
    "tuning": (11, 10, TUNING),
    "held back": (12, 40, HELD_BACK),
    "rules": (13, 34, RULES),
    "planted": (34, 120, ()),
    "levels": (15, 120, ()),
    "niches": (28, 20, ()),
    "again": (37, 240, ()),
}
#: Seeds and orders of the rows under which each of the tables of part "again" is judged.
_AGAIN = 20
#: Ways to choose segments beside which the engine stands.
PEERS = {
    "k-means + silhouette": by_silhouette,
    "GMM + BIC": by_gaussian,
    "latent classes + BIC": by_stepmix,
    "HDBSCAN": by_hdbscan,
    "gap statistic": by_gap,
    "prediction strength": by_prediction_strength,
}
_CLAIMS = ("natural", "reproducible")
#: Tables of each family that the peers judge too, and customers of a planted table at the most; they are slow.
_PEERS, _MOST_FOR_PEERS = 10, 5_000


def judged(rows: pd.DataFrame, seed: int = 0) -> tuple[segment.Verdict, np.ndarray]:
    """Give the verdict of the engine with its default settings, and the segments."""
    plan = segment.Resampling(n_resamples=40, sample=2000, seed=seed, n_jobs=1)
    compared = segment.compare(segment.methods("auto", rows), rows, range(2, 9), plan, min_share=0.02)
    judgement = segment.judgement(compared, rows, plan, min_share=0.02)
    return segment.verdict(judgement), judgement.comparison.fit.labels


def prepared(rows: pd.DataFrame, levels: dict[str, str]) -> pd.DataFrame:
    """Prepare a table as the notebook does."""
    return estimators.preparation(estimators.plan(rows, levels)).fit_transform(rows)


def _of_family(part: str, family: Family, i: int) -> dict[str, object]:
    seed, _, families = PARTS[part]
    rng = np.random.default_rng([seed, families.index(family), i])
    rows = prepared(*family(int(rng.integers(300, 3000)), rng))
    began = time.perf_counter()
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        verdict, _ = judged(rows)
        row = _row(part, family.__name__, i, rows, verdict, time.perf_counter() - began)
        if i < _PEERS and part != "rules":
            row |= {name: peer(rows)[0] == 1 for name, peer in PEERS.items()}
    return row


def _of_planted(part: str, i: int) -> dict[str, object]:
    seed, n, _ = PARTS[part]
    if part == "planted":
        case = next(c for at, c in enumerate(all_planted(n, seed)) if at == i)
        rows = standardised(case.rows)
    else:
        case, levels = next(c for at, c in enumerate(all_with_levels(n, seed)) if at == i)
        rows = prepared(case.rows, levels)
    began = time.perf_counter()
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        verdict, labels = judged(rows)
        row = _row(part, f"{case.kind}, {case.overlap}", i, rows, verdict, time.perf_counter() - began)
        row |= {"planted": case.k, "ari": round(adjusted_rand_score(case.truth, labels), 3)}
        for name, peer in PEERS.items():
            k, own = peer(case.rows) if len(case.rows) <= _MOST_FOR_PEERS else (0, None)
            ari = np.nan if own is None else adjusted_rand_score(case.truth, own)
            row |= {f"{name} k": k, f"{name} ari": round(ari, 3)}
    return row


def _of_niches(part: str, i: int) -> dict[str, object]:
    rows, truth = with_niches(PARTS[part][0] * 100_000 + i)
    began = time.perf_counter()
    with threadpool_limits(1):
        verdict, labels = judged(standardised(rows))
    row = _row(part, "six and two niches", i, rows, verdict, time.perf_counter() - began)
    return row | {"planted": 8, "ari": round(adjusted_rand_score(truth, labels), 3), "niches": verdict.niches}


def _of_again(part: str, i: int) -> dict[str, object]:
    """Judge one table under another seed, or in another order of its rows."""
    at, change = divmod(i, 2 * _AGAIN)
    case = next(c for n, c in enumerate(all_planted(3 * (at + 1), PARTS[part][0])) if n == 3 * at)
    rows, order = standardised(case.rows), np.arange(len(case.rows))
    if change >= _AGAIN:
        order = np.random.default_rng(change).permutation(len(rows))
    began = time.perf_counter()
    with threadpool_limits(1):
        verdict, labels = judged(rows.iloc[order].reset_index(drop=True), change if change < _AGAIN else 0)
    how = "seeds" if change < _AGAIN else "orders"
    row = _row(part, f"table {at + 1}, {how}", i, rows, verdict, time.perf_counter() - began)
    return row | {"planted": case.k, "ari": round(adjusted_rand_score(case.truth[order], labels), 3)}


def _row(
    part: str, family: str, i: int, rows: pd.DataFrame, verdict: segment.Verdict, seconds: float
) -> dict[str, object]:
    return {
        "part": part,
        "family": family,
        "i": i,
        "rows": len(rows),
        "word": verdict.word,
        "close": verdict.close or bool(verdict.k_close and verdict.word != "none"),
        "k": verdict.k,
        "coarse": verdict.coarse,
        "rule": verdict.rule,
        "evidence": round(verdict.evidence, 2),
        "weakest": round(verdict.weakest, 3),
        "seconds": round(seconds, 1),
    }


def _work(parts: list[str], done: set[tuple[str, str, int]]) -> Iterator:
    for part in parts:
        _, n, families = PARTS[part]
        if not families:
            known = {i for p, _, i in done if p == part}
            one = {"niches": _of_niches, "again": _of_again}.get(part, _of_planted)
            yield from (joblib.delayed(one)(part, i) for i in range(n) if i not in known)
        for i in range(n):
            for family in families:
                if (part, family.__name__, i) not in done:
                    yield joblib.delayed(_of_family)(part, family, i)


def study(parts: list[str]) -> None:
    """Judge the tables that were not judged yet."""
    RESULTS.parent.mkdir(exist_ok=True)
    known = pd.read_csv(RESULTS) if RESULTS.exists() else pd.DataFrame(columns=["part", "family", "i"])
    done = set(known[["part", "family", "i"]].itertuples(index=False, name=None))
    for row in joblib.Parallel(-1, return_as="generator_unordered")(_work(parts, done)):
        known = pd.concat([known, pd.DataFrame([row])], ignore_index=True)
        known.sort_values(["part", "family", "i"]).to_csv(RESULTS, index=False)


def most_likely(wrong: int, n: int) -> float:
    """Give the upper end of the 95 % interval of a rate (Clopper and Pearson, one-sided)."""
    return 1.0 if wrong == n else float(beta.ppf(0.95, wrong + 1, n - wrong))


def _rates(table: pd.DataFrame, part: str) -> list[str]:
    own = table[table.part == part]
    lines = [
        f"| {part}, {len(own)} tables | none or constructive | natural | at most wrong (95 %) | too close to call | "
        f"{' | '.join(PEERS)} |",
        "| --- " * (5 + len(PEERS)) + "|",
    ]
    for family, rows in [*own.groupby("family"), ("**all**", own)]:
        right = ~rows.word.isin(_CLAIMS)
        peers = [
            f"{rows[p].dropna().astype(bool).mean():.0%}" if p in rows and rows[p].notna().any() else ""
            for p in PEERS
        ]
        lines.append(
            f"| {family.replace('_', ' ')} | {right.mean():.1%} | {(rows.word == 'natural').mean():.1%} | "
            f"{most_likely(int((~right).sum()), len(rows)):.1%} | {rows.close.mean():.1%} | {' | '.join(peers)} |"
        )
    return lines


def _found(table: pd.DataFrame, part: str) -> list[str]:
    own = table[table.part == part]
    lines = [
        f"| {part}, {len(own)} tables: k found, mean ARI | seglib | natural or reproducible | too close to call | "
        f"{' | '.join(PEERS)} |",
        "| --- " * (4 + len(PEERS)) + "|",
    ]
    groups = [*own.groupby("family"), *((f"**all, {o}**", own[own.family.str.endswith(o)]) for o in OVERLAPS)]
    for family, rows in groups:
        judged_too = rows[rows[f"{next(iter(PEERS))} k"] > 0]
        peers = [
            f"{(judged_too[f'{p} k'] == judged_too.planted).mean():.0%}, {judged_too[f'{p} ari'].mean():.2f}"
            for p in PEERS
        ]
        own_found = f"{(rows.k == rows.planted).mean():.0%}, {rows.ari.mean():.2f}"
        lines.append(
            f"| {family} | {own_found} | {rows.word.isin(_CLAIMS).mean():.0%} | {rows.close.mean():.0%} | "
            f"{' | '.join(peers)} |"
        )
    return lines


def _niches(table: pd.DataFrame, part: str) -> list[str]:
    own = table[table.part == part]
    right = (own.k - own.niches == 6) & (own.niches == 2)
    return [
        f"Six segments, and niches of 15 and 43 among 4,000 customers: the six found and the two set apart in "
        f"{right.sum()} of {len(own)} tables; mean adjusted Rand index {own.ari.mean():.3f}."
    ]


def _again(table: pd.DataFrame, part: str) -> list[str]:
    lines = [
        "| same table again | judged | the same verdict and k, or too close to call | too close to call |"
    ]
    lines.append("| --- " * 4 + "|")
    for how in ("seeds", "orders"):
        own = table[(table.part == part) & table.family.str.endswith(how)]
        usual = own.groupby("family")[["word", "k"]].transform(lambda column: column.mode()[0])
        same = (own.word == usual.word) & (own.k == usual.k)
        lines.append(f"| {how} | {len(own)} | {(same | own.close).mean():.1%} | {own.close.mean():.1%} |")
    return lines


def _sections(text: str) -> dict[str, list[str]]:
    """Split a document at its headings."""
    return {part.split("\n", 1)[0].lower(): part.split("\n")[2:] for part in text.split("\n## ")[1:]}


def document() -> None:
    """Write what the study found as docs/verdict.md; a part that has no rows keeps what is written of it."""
    table, before = pd.read_csv(RESULTS), _sections(DOCUMENT.read_text(encoding="utf-8"))
    lines = [
        "# How often the verdict is right",
        "",
        "Written by `python benchmarks/verdicts.py document` from `benchmarks/results/verdicts.csv`; "
        "`python benchmarks/verdicts.py` judges the tables again. A rate holds for the kinds of data named beside it. "
        "The bounds of the verdict were set on the tuning families; the families held back, the rules and the "
        "planted segments were drawn from other seeds and looked at afterwards. Tables have 300 to 3,000 customers "
        "(planted: 600 to 2,400); settings are the defaults. The peers judge the first ten tables of a family; HDBSCAN's clusters have 10 "
        "customers or more. Seeds: "
        + ", ".join(f"{part} {seed}" for part, (seed, *_) in PARTS.items())
        + ".",
        "",
    ]
    for part in PARTS:
        found = {"planted": _found, "levels": _found, "niches": _niches, "again": _again}
        rows = (table.part == part).any()
        rates = [*found.get(part, _rates)(table, part), ""] if rows else before.get(part, [])
        lines += [f"## {part.capitalize()}", "", *rates] if rates else []
    DOCUMENT.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["document"]:
        document()
    else:
        study(sys.argv[1:] or list(PARTS))
