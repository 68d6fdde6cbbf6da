"""Stability: how well the segments of a candidate are found again in bootstrap samples."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from seglib.estimators import coded, fit_each, predict_each
from seglib.segment.partitions import exchange, jaccard_stability, matched, prediction_strength
from seglib.segment.workers import end_with_parent

#: Rows on which resampled partitions are compared; more would not change the second digit.
_COMPARED = 4000
_MOST_FOR_SILHOUETTE = 2000
#: Starts of the fit on all customers, and of each resample.
STARTS, RESAMPLE_STARTS = 10, 4
#: Halvings for the prediction strength.
HALVINGS = 5


@dataclass(frozen=True)
class Resampling:
    """How candidates are resampled.

    Work is handed to joblib, so that `joblib.parallel_config(backend="dask")` (or "ray") sends it
    to a cluster.

    Attributes
    ----------
    n_resamples
        Bootstrap samples; consecutive ones are paired for the adjusted Rand index.
    sample
        Largest number of rows in each sample.
    seed
        Of all draws; the result does not depend on `n_jobs`.
    starts
        Starts of the fit on all rows, and of each resample.
    halvings
        Halvings for the prediction strength.
    n_jobs
        As joblib counts.
    """

    n_resamples: int
    sample: int
    seed: int
    starts: tuple[int, int] = (STARTS, RESAMPLE_STARTS)
    halvings: int = HALVINGS
    n_jobs: int = -1


@dataclass(frozen=True)
class Candidate:
    """One method and number of segments under resampling.

    Attributes
    ----------
    model
        Fitted on all rows.
    labels
        Of all rows, by that model.
    stability
        Stability: one value per segment, the mean over resamples of the largest Jaccard similarity.
    exchange
        One row and column per segment: mean share of the row's customers whom a resample puts
        into the column's segment; the rest of the diagonal goes to others.
    agreement
        One adjusted Rand index per pair of resamples.
    strength
        Prediction strength.
    compared
        Positions of the rows on which resampled partitions were compared.
    partitions
        The segments of these rows in each resample.
    """

    model: Any
    labels: np.ndarray
    stability: np.ndarray
    exchange: np.ndarray
    agreement: np.ndarray
    strength: float
    compared: np.ndarray
    partitions: list[np.ndarray]

    def joined(self, into: np.ndarray) -> Candidate:
        """Return the candidate with segments joined: the one `into[i]` for each segment i."""
        k, n_before = int(into.max()) + 1, len(into)
        partitions = [into[matched(self.labels[self.compared], p, n_before)[p]] for p in self.partitions]
        return _candidate(k, self.model, into[self.labels], self.compared, [*partitions], [self.strength])


def _resampled(
    method: str,
    fitted: dict[int, Any],
    rows: pd.DataFrame,
    compared: pd.DataFrame,
    plan: Resampling,
    seed: np.random.SeedSequence,
) -> dict[int, np.ndarray]:
    end_with_parent()
    rng = np.random.default_rng(seed)
    drawn = rows.iloc[rng.integers(0, len(rows), min(plan.sample, len(rows)))].reset_index(drop=True)
    models = fit_each(method, list(fitted), drawn, int(rng.integers(2**31)), plan.starts[1], like=fitted)
    return predict_each(models, compared)


def _halved(
    method: str, fitted: dict[int, Any], rows: pd.DataFrame, plan: Resampling, seed: np.random.SeedSequence
) -> dict[int, float]:
    end_with_parent()
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(rows))[: 2 * min(plan.sample, len(rows))]
    first, second = (rows.iloc[half].reset_index(drop=True) for half in np.array_split(order, 2))
    others, own = (
        fit_each(method, list(fitted), half, int(rng.integers(2**31)), plan.starts[1], like=fitted)
        for half in (first, second)
    )
    mine, theirs = predict_each(own, second), predict_each(others, second)
    return {k: prediction_strength(mine[k], theirs[k]) for k in set(mine) & set(theirs)}


def _watched(work: Iterable, total: int, what: str) -> Iterator:
    """Show a progress bar in a terminal or a notebook, and clear it when the work is done."""
    in_notebook = "ipykernel" in sys.modules
    hidden = not (in_notebook or sys.stderr.isatty())
    yield from tqdm(work, total=total, desc=what, leave=False, disable=hidden)
    if in_notebook:
        from IPython import get_ipython
        from IPython.display import clear_output

        if get_ipython() is not None:
            clear_output()


def resample(
    method: str, ks: Iterable[int], rows: pd.DataFrame, plan: Resampling, like: dict[int, Any] | None = None
) -> dict[int, Candidate]:
    """Fit a method on all rows and on bootstrap samples, and compare.

    All numbers of segments are fitted to the same samples.

    Parameters
    ----------
    method
        Name that `estimators.METHODS` knows.
    ks
        Numbers of segments.
    rows
        One row per customer, prepared.
    plan
        How they are resampled.
    like
        Models whose findings, such as a number of components, are taken over.

    Returns
    -------
    dict
        A candidate per number of segments that the method can form.
    """
    many = len(rows) > _COMPARED
    rng = np.random.default_rng(plan.seed)
    picked = rng.choice(len(rows), _COMPARED, replace=False) if many else np.arange(len(rows))
    compared = rows.iloc[picked].reset_index(drop=True)
    seeds = np.random.SeedSequence(plan.seed).spawn(plan.n_resamples + plan.halvings)
    with threadpool_limits(1):  # one thread a fit, so that sums do not depend on the cores
        fitted = fit_each(method, list(ks), rows, plan.seed, plan.starts[0], like)
        if not fitted:
            return {}
        work = [
            joblib.delayed(_resampled)(method, fitted, rows, compared, plan, s)
            for s in seeds[: plan.n_resamples]
        ]
        work += [joblib.delayed(_halved)(method, fitted, rows, plan, s) for s in seeds[plan.n_resamples :]]
        pool = joblib.Parallel(n_jobs=min(plan.n_jobs, len(work)), return_as="generator")
        results = list(_watched(pool(work), len(work), method))
        labels = predict_each(fitted, rows)
    partitions, strengths = results[: plan.n_resamples], results[plan.n_resamples :]
    return {
        k: _candidate(
            k,
            model,
            labels[k],
            picked,
            [each.get(k) for each in partitions],
            [half.get(k, 0.0) for half in strengths],
        )
        for k, model in fitted.items()
    }


def _candidate(
    k: int,
    model: Any,
    labels: np.ndarray,
    compared: np.ndarray,
    resampled: list[np.ndarray | None],
    strengths: list[float],
) -> Candidate:
    partitions = [p for p in resampled if p is not None]
    own = labels[compared]
    n_segments = own.max() + 1
    stability, moved = np.zeros(k), np.eye(k)
    if partitions:
        stability[:n_segments] = np.mean([jaccard_stability(own, p) for p in partitions], axis=0)
        moved[:n_segments, :n_segments] = np.mean([exchange(own, p) for p in partitions], axis=0)
    stability *= len(partitions) / len(resampled)  # zero in samples in which the method forms fewer segments
    pairs = zip(partitions[::2], partitions[1::2], strict=False)
    agreement = np.array([adjusted_rand_score(a, b) for a, b in pairs])
    strength = float(np.mean(strengths)) if strengths else np.nan
    return Candidate(model, labels, stability, moved, agreement, strength, compared, partitions)


def silhouette(rows: pd.DataFrame, labels: np.ndarray, seed: int) -> float:
    """Compute the mean silhouette, on a sample of rows where there are many."""
    rng = np.random.default_rng(seed)
    many = len(rows) > _MOST_FOR_SILHOUETTE
    picked = rng.choice(len(rows), _MOST_FOR_SILHOUETTE, replace=False) if many else np.arange(len(rows))
    if not 1 < len(np.unique(labels[picked])) < len(picked):
        return float("nan")
    return float(silhouette_score(coded(rows.iloc[picked]), labels[picked]))
