"""Reference data: what a candidate achieves on customers of the same kind among whom there are no segments."""

from __future__ import annotations

from dataclasses import dataclass

import joblib
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from seglib.estimators import fit_each, predict_each
from seglib.segment.copula import Copula
from seglib.segment.evidence import STATISTICS, statistics
from seglib.segment.stability import RESAMPLE_STARTS, Candidate, Resampling
from seglib.segment.thresholds import BEYOND, DEEP_VALLEY, MOST_DIFFERENCE, VALLEY, VALLEY_ALONE
from seglib.segment.workers import end_with_parent

#: Largest number of rows that are judged.
_MOST_ROWS = 2000
#: Draws of each reference to begin with, and at the most; fewer groups of rows have no cloud of their own.
_DRAWS, _LEAST_GROUP = (10, 20, 40), 30
#: A difference this many standard errors away from what is required is settled.
_SETTLED = 2.0
#: Mean depth from which on a division's valleys are deep, and from which on those of its reference are so
#: deep that it cannot be much deeper.
_DEEP, _AS_DEEP = 0.7, 0.8
#: Standard deviations over draws are not taken for smaller.
_LEAST_SPREAD = pd.Series({"silhouette": 0.005, "gain": 0.01, "valley": 0.05})

#: By name of the reference, whether gaps and second modes of single columns are smoothed away.
REFERENCES: dict[str, bool] = {"same": False, "smoothed": True}


@dataclass(frozen=True)
class Judged:
    """A candidate beside reference data.

    Attributes
    ----------
    k
        Its number of segments.
    table
        One row per reference and statistic: reference, statistic, own, mean and spread (standard
        deviation) of the reference, draws, difference ((own − mean) / spread).
    evidence, error
        By reference, the mean of its differences (limited to 10 either way), and its Monte Carlo error.
        A cloud that is curved or heavy-tailed has no valleys; where the valley's difference is below
        `VALLEY` (`DEEP_VALLEY` if it is deep), the evidence is below `BEYOND` by as much; where it is
        deep and its difference beyond `VALLEY_ALONE`, that is enough.
    decides
        The reference that decides, where it is not to follow from k: of a level that is judged by one of its cuts.
    """

    k: int
    table: pd.DataFrame
    evidence: pd.Series
    error: pd.Series
    decides: str = ""

    @property
    def hardest(self) -> str:
        """The reference that the candidate is least ahead of, among those that can decide.

        Two segments that differ in several columns make gaps in their distributions, which a cloud
        with the same distributions and rank correlations has too; of two segments the smoothed one decides.
        """
        if self.decides:
            return self.decides
        return "smoothed" if self.k == 2 else str(self.evidence.idxmin())

    @property
    def beyond(self) -> bool:
        """Whether the candidate is beyond the hardest reference."""
        return bool(self.evidence[self.hardest] >= BEYOND)

    @property
    def settled(self) -> bool:
        """Whether more draws would not change that."""
        return bool(abs(self.evidence[self.hardest] - BEYOND) > _SETTLED * self.error[self.hardest])


def judge(
    method: str, fit: Candidate, rows: pd.DataFrame, plan: Resampling, groups: np.ndarray | None = None
) -> Judged:
    """Compare a candidate with reference data, statistic by statistic.

    The method is fitted with the same settings to rows drawn from the customers and to draws of each
    reference. Draws go on until it is settled whether the candidate is beyond every reference,
    forty of each at the most.

    Parameters
    ----------
    method, fit
        The candidate.
    rows
        One row per customer, prepared.
    plan
        Gives the seed and the number of processes.
    groups
        What is known already, per row: each group gets a reference cloud of its own, so that the
        candidate must show more than these groups.
    """
    rng = np.random.default_rng([plan.seed, len(rows)])
    picked = rng.choice(len(rows), min(len(rows), _MOST_ROWS), replace=False)
    some = rows.iloc[picked].reset_index(drop=True)
    known = np.zeros(len(some), dtype=int) if groups is None else _large(groups[picked])
    clouds = [Copula(some[known == g].reset_index(drop=True), rng) for g in np.unique(known)]
    seeds = np.random.SeedSequence([plan.seed, len(fit.stability)]).spawn(1 + max(_DRAWS) * len(REFERENCES))
    own = pd.Series(_achieved(method, fit, some, seeds[0]))
    found: list[tuple[str, dict[str, float]]] = []
    for most in _DRAWS:
        done = len(found) // len(REFERENCES)
        work = [
            joblib.delayed(_on_draw)(method, fit, clouds, name, seeds[1 + at * len(REFERENCES) + place])
            for at in range(done, most)
            for place, name in enumerate(REFERENCES)
        ]
        with threadpool_limits(1):
            found += joblib.Parallel(n_jobs=min(plan.n_jobs, len(work)))(work)
        if (judged := _judged(len(fit.stability), own, found)).settled:
            break
    return judged


def _judged(k: int, own: pd.Series, found: list[tuple[str, dict[str, float]]]) -> Judged:
    tables, evidence, error = [], {}, {}
    draws = {name: pd.DataFrame([each for at, each in found if at == name]) for name in REFERENCES}
    for name, drawn in draws.items():
        evidence[name] = _evidence(own, drawn, draws["smoothed"])
        without = [_evidence(own, drawn.drop(i), draws["smoothed"].drop(i)) for i in drawn.index]
        error[name] = float(np.sqrt((len(drawn) - 1) * np.var(without)))  # jackknife
        columns = {"own": own, "mean": drawn.mean(), "spread": drawn.std(), "draws": len(drawn)}
        table = pd.DataFrame(columns | {"difference": _differences(own, drawn)}, index=list(STATISTICS))
        tables.append(table.rename_axis("statistic").reset_index().assign(reference=name))
    table = pd.concat(tables, ignore_index=True)
    return Judged(
        k, table[["reference", *table.columns.drop("reference")]], pd.Series(evidence), pd.Series(error)
    )


def _differences(own: pd.Series, drawn: pd.DataFrame) -> pd.Series:
    return (own - drawn.mean()) / drawn.std().clip(lower=_LEAST_SPREAD[drawn.columns])


def _evidence(own: pd.Series, drawn: pd.DataFrame, without_gaps: pd.DataFrame) -> float:
    """Return the mean difference, or less where the density does not fall enough between segments.

    A cloud has no deep valley however it is cut, so that one is evidence by itself. Where single
    columns have gaps, their reference has valleys too, and the one without gaps tells; where columns
    have few values, no valley tells.
    """
    differences = _differences(own, drawn).clip(-MOST_DIFFERENCE, MOST_DIFFERENCE)
    told = without_gaps if drawn["valley"].mean() >= _AS_DEEP else drawn
    if told["valley"].mean() >= _AS_DEEP:
        return float(differences.mean())
    valley, deep = _differences(own, told)["valley"] * BEYOND, own["valley"] >= _DEEP
    alone = min(valley / VALLEY_ALONE, MOST_DIFFERENCE) if deep else -np.inf
    return float(max(min(differences.mean(), valley / (DEEP_VALLEY if deep else VALLEY)), alone))


def _large(groups: np.ndarray) -> np.ndarray:
    """Put groups that are too small for a cloud of their own with the largest."""
    codes = np.unique(groups, return_inverse=True)[1]
    sizes = np.bincount(codes)
    return np.where(sizes[codes] < _LEAST_GROUP, sizes.argmax(), codes)


def _on_draw(
    method: str, fit: Candidate, clouds: list[Copula], name: str, seed: np.random.SeedSequence
) -> tuple[str, dict[str, float]]:
    end_with_parent()
    rng = np.random.default_rng(seed)
    drawn = pd.concat([cloud.draw(rng, REFERENCES[name]) for cloud in clouds], ignore_index=True)
    drawn = drawn.iloc[rng.permutation(len(drawn))].reset_index(drop=True)
    return name, _achieved(method, fit, drawn, seed)


def _achieved(
    method: str, fit: Candidate, rows: pd.DataFrame, seed: np.random.SeedSequence
) -> dict[str, float]:
    """Fit the method as the candidate was fitted, and measure what came out."""
    k = len(fit.stability)
    start = int(np.random.default_rng(seed).integers(2**31))
    with threadpool_limits(1):
        models = fit_each(method, [k], rows, start, RESAMPLE_STARTS, like={k: fit.model})
        labels = predict_each(models, rows).get(k) if models else None
    return statistics(rows, labels)
