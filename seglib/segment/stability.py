"""Resampling: which numbers of segments, and which segments, come back."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from seglib.errors import DataError
from seglib.estimators import fit_each, predict_each
from seglib.segment.partitions import across, exchange, jaccard_recovery, matched, prediction_strength
from seglib.segment.thresholds import STABLE
from seglib.segment.workers import end_with_parent

#: Rows on which resampled partitions are compared; more would not change the second digit.
_COMPARED = 4000
_MOST_FOR_SILHOUETTE = 2000
#: Starts of the fit on all customers, and of each resample.
STARTS, RESAMPLE_STARTS = 10, 4
#: Halvings for the prediction strength.
HALVINGS = 5


@dataclass(frozen=True)
class Candidate:
    """One method and number of segments under resampling.

    Attributes
    ----------
    model
        Fitted on all rows.
    labels
        Of all rows, by that model.
    recovery
        One value per segment: mean over resamples of the largest Jaccard similarity.
    exchange
        One row and column per segment: mean share of the row's customers whom a resample puts
        into the column's segment; what is missing to 1 on the diagonal goes to others.
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
    recovery: np.ndarray
    exchange: np.ndarray
    agreement: np.ndarray
    strength: float
    compared: np.ndarray
    partitions: list[np.ndarray]

    def joined(self, into: np.ndarray) -> Candidate:
        """Give the candidate with segments joined: the one `into[i]` for each segment i."""
        k, n_before = int(into.max()) + 1, len(into)
        labels = into[self.labels]
        partitions = [into[matched(self.labels[self.compared], p, n_before)[p]] for p in self.partitions]
        return _candidate(k, self.model, labels, self.compared, partitions, [self.strength])


def _resampled(
    method: str,
    fitted: dict[int, Any],
    rows: pd.DataFrame,
    compared: pd.DataFrame,
    n: int,
    starts: int,
    seed: np.random.SeedSequence,
) -> dict[int, np.ndarray]:
    end_with_parent()
    rng = np.random.default_rng(seed)
    drawn = rows.iloc[rng.integers(0, len(rows), n)].reset_index(drop=True)
    models = fit_each(method, list(fitted), drawn, int(rng.integers(2**31)), starts, like=fitted)
    return predict_each(models, compared)


def _halved(
    method: str, fitted: dict[int, Any], rows: pd.DataFrame, n: int, starts: int, seed: np.random.SeedSequence
) -> dict[int, float]:
    end_with_parent()
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(rows))[:n]
    first, second = (rows.iloc[half].reset_index(drop=True) for half in np.array_split(order, 2))
    made, own = (
        fit_each(method, list(fitted), half, int(rng.integers(2**31)), starts, like=fitted)
        for half in (first, second)
    )
    mine, theirs = predict_each(own, second), predict_each(made, second)
    return {k: prediction_strength(mine[k], theirs[k]) for k in set(mine) & set(theirs)}


def _watched(work: Iterable, total: int, what: str) -> Iterable:
    """Show a progress bar in a terminal or a notebook."""
    return tqdm(
        work,
        total=total,
        desc=what,
        leave=False,
        disable=not ("ipykernel" in sys.modules or sys.stderr.isatty()),
    )


def resample(
    method: str,
    ks: Iterable[int],
    rows: pd.DataFrame,
    *,
    n_resamples: int,
    sample: int,
    seed: int,
    starts: tuple[int, int] = (STARTS, RESAMPLE_STARTS),
    halvings: int = HALVINGS,
    n_jobs: int = -1,
    like: dict[int, Any] | None = None,
) -> dict[int, Candidate]:
    """Fit a method on all rows and on bootstrap samples, and compare.

    All numbers of segments are fitted to the same samples. Work is handed to joblib, so that
    `joblib.parallel_config(backend="dask")` (or "ray") sends it to a cluster.

    Parameters
    ----------
    method
        Name that `estimators.METHODS` knows.
    ks
        Numbers of segments.
    rows
        One row per customer, prepared.
    n_resamples
        Bootstrap samples; consecutive ones are paired for the adjusted Rand index.
    sample
        Rows of each sample at the most.
    seed
        Of all draws; the result does not depend on `n_jobs`.
    starts
        Starts of the fit on all rows, and of each resample.
    halvings
        Halvings for the prediction strength.
    n_jobs
        As joblib counts.
    like
        Models whose findings, such as a number of components, are taken over.

    Returns
    -------
    dict
        A candidate per number of segments that the method can form.
    """
    n = min(sample, len(rows))
    few = len(rows) > _COMPARED
    rng = np.random.default_rng(seed)
    picked = rng.choice(len(rows), _COMPARED, replace=False) if few else np.arange(len(rows))
    compared = rows.iloc[picked].reset_index(drop=True)
    seeds = np.random.SeedSequence(seed).spawn(n_resamples + halvings)
    with threadpool_limits(1):  # one thread a fit, so that sums do not depend on the cores
        fitted = fit_each(method, list(ks), rows, seed, starts[0], like)
        if not fitted:
            return {}
        work = [
            joblib.delayed(_resampled)(method, fitted, rows, compared, n, starts[1], s)
            for s in seeds[:n_resamples]
        ]
        work += [
            joblib.delayed(_halved)(method, fitted, rows, 2 * n, starts[1], s) for s in seeds[n_resamples:]
        ]
        pool = joblib.Parallel(n_jobs=min(n_jobs, len(work)), return_as="generator")
        done = list(_watched(pool(work), len(work), method))
        labels = predict_each(fitted, rows)
    found, halves = done[:n_resamples], done[n_resamples:]
    return {
        k: _candidate(
            k,
            model,
            labels[k],
            picked,
            [each.get(k) for each in found],
            [half.get(k, 0.0) for half in halves],
        )
        for k, model in fitted.items()
    }


def _candidate(
    k: int,
    model: Any,
    labels: np.ndarray,
    compared: np.ndarray,
    found: list[np.ndarray | None],
    strengths: list[float],
) -> Candidate:
    partitions = [p for p in found if p is not None]
    own = labels[compared]
    n_segments = own.max() + 1
    recovery, moved = np.zeros(k), np.eye(k)
    if partitions:
        recovery[:n_segments] = np.mean([jaccard_recovery(own, p) for p in partitions], axis=0)
        moved[:n_segments, :n_segments] = np.mean([exchange(own, p) for p in partitions], axis=0)
    recovery *= len(partitions) / len(found)  # where the method finds fewer segments, none comes back
    pairs = zip(partitions[::2], partitions[1::2], strict=False)
    agreement = np.array([adjusted_rand_score(a, b) for a, b in pairs])
    strength = float(np.mean(strengths)) if strengths else np.nan
    return Candidate(model, labels, recovery, moved, agreement, strength, compared, partitions)


def coded(rows: pd.DataFrame) -> np.ndarray:
    """Write prepared rows as numbers; a differing category counts as one unit of distance."""
    dummies = pd.get_dummies(rows, dtype=float)
    numeric = [c in rows.columns for c in dummies.columns]
    return dummies.to_numpy() * np.where(numeric, 1.0, np.sqrt(0.5))


def silhouette(rows: pd.DataFrame, labels: np.ndarray, seed: int) -> float:
    """Give the mean silhouette, on a sample of rows where there are many."""
    rng = np.random.default_rng(seed)
    few = len(rows) > _MOST_FOR_SILHOUETTE
    picked = rng.choice(len(rows), _MOST_FOR_SILHOUETTE, replace=False) if few else np.arange(len(rows))
    if not 1 < len(np.unique(labels[picked])) < len(picked):
        return float("nan")
    return float(silhouette_score(coded(rows.iloc[picked]), labels[picked]))


def compare(
    methods: list[str],
    rows: pd.DataFrame,
    ks: range,
    *,
    n_resamples: int,
    sample: int,
    seed: int,
    min_share: float,
    n_jobs: int = -1,
) -> tuple[pd.DataFrame, pd.DataFrame, dict[tuple[str, int], Candidate]]:
    """Try every method and number of segments.

    Parameters
    ----------
    methods
        Names that `estimators.METHODS` knows.
    rows
        One row per customer, prepared.
    ks
        Numbers of segments; more than there are different rows are not tried.
    n_resamples, sample, seed, n_jobs
        As `resample` takes them.
    min_share
        Smallest share of customers in a segment.

    Returns
    -------
    candidates : pandas.DataFrame
        One row per method and k: agreement (median adjusted Rand index of pairs of resamples),
        strength (prediction strength), weakest (recovery of the segment that comes back
        least), smallest (share of customers), silhouette, bic (where there is a likelihood),
        overlap (of merged components: largest share of one segment that would be put into
        another), admissible (all segments stable and large enough).
    stability : pandas.DataFrame
        One row per method, k and segment: part, size, recovery (mean Jaccard within this
        solution), across (certainty of where it comes from in the solution before), neighbour
        (part with which it exchanges most customers), exchanged (share of its customers).
    fits : dict
        The candidates themselves.

    Raises
    ------
    DataError
        If there are fewer customers than segments asked for, or all are alike.
    """
    if len(rows) < 2 * max(ks):
        raise DataError(
            f"{len(rows):,} customers cannot be divided into {max(ks)} segments; lower segment.k, or "
            "admit more customers"
        )
    different = len(rows.drop_duplicates())
    if different < min(ks):
        raise DataError(
            f"what forms the segments has {different:,} different combinations only, and segment.k asks for at "
            f"least {min(ks)} segments; lower it, or name another basis in segment.on"
        )
    ks = range(min(ks), min(max(ks), different) + 1)
    candidates, stability, fits = [], [], {}
    for method in methods:
        found = resample(method, ks, rows, n_resamples=n_resamples, sample=sample, seed=seed, n_jobs=n_jobs)
        for k, fit in found.items():
            fits[method, k] = fit
            stability.append(segment_table(method, k, fit, found.get(k - 1)))
            candidates.append({"method": method, "k": k} | _measured(fit, rows, seed, min_share))
    return pd.DataFrame(candidates), pd.concat(stability, ignore_index=True), fits


def segment_table(method: str, k: int, fit: Candidate, coarser: Candidate | None) -> pd.DataFrame:
    """List the segments of a candidate, as `compare` returns them."""
    k = len(fit.recovery)
    others = fit.exchange - np.eye(k) * 2
    come = across(fit.labels, coarser.labels) if coarser else np.full(fit.labels.max() + 1, np.nan)
    return pd.DataFrame(
        {
            "method": method,
            "k": k,
            "part": range(k),
            "size": np.bincount(fit.labels, minlength=k),
            "recovery": fit.recovery,
            "across": np.append(come, np.full(k - len(come), np.nan)),
            "neighbour": others.argmax(1),
            "exchanged": others.max(1),
        }
    )


def _measured(fit: Candidate, rows: pd.DataFrame, seed: int, min_share: float) -> dict[str, Any]:
    k = len(fit.recovery)
    weakest = float(fit.recovery.min())
    smallest = float(np.bincount(fit.labels, minlength=k).min() / len(rows))
    overlaps = getattr(fit.model, "overlaps_", {})
    return {
        "agreement": float(np.median(fit.agreement)) if len(fit.agreement) else 0.0,
        "strength": fit.strength,
        "weakest": weakest,
        "smallest": smallest,
        "silhouette": silhouette(rows, fit.labels, seed),
        "bic": float(fit.model.bic(rows)) if hasattr(fit.model, "bic") else np.nan,
        "overlap": overlaps.get(k, np.nan),
        "admissible": weakest >= STABLE and smallest >= min_share,
    }
