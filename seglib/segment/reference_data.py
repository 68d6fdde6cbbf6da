"""Reference data: the same columns without segments, and what a candidate achieves on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from seglib.segment.stability import RESAMPLE_STARTS, Candidate, Resampling, resample, silhouette
from seglib.segment.thresholds import REFERENCE_QUANTILE, SAME_SILHOUETTE

#: Data sets drawn of each kind, and largest number of rows of each.
_DRAWS, _MOST_ROWS = 5, 2000

Draw = Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]


def shuffled(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Shuffle every column by itself: the same distributions, no association between them."""
    return pd.DataFrame({c: rows[c].array.take(rng.permutation(len(rows))) for c in rows.columns}, copy=True)


def _numbers(rows: pd.DataFrame) -> list[str]:
    """List the columns that are numbers and not answers of yes and no."""
    return [c for c in rows.select_dtypes("number") if rows[c].nunique() > 2]


def correlated(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw one cloud with the same distributions and, among numbers, the same rank correlations.

    A correlated Gaussian is drawn, and each of its columns is replaced, in the same order, by
    the sorted values of the column of `rows`. Categories and answers of yes and no are shuffled:
    that some answers go together is what segments of answers consist of.
    """
    drawn, numbers = shuffled(rows, rng), _numbers(rows)
    wanted = 2 * np.sin(np.pi / 6 * rows[numbers].corr("spearman").fillna(0).to_numpy(copy=True))
    np.fill_diagonal(wanted, 1)
    nearest = np.linalg.eigh(wanted)  # which may lie just outside of what a Gaussian can have
    root = nearest.eigenvectors * np.sqrt(np.maximum(nearest.eigenvalues, 0))
    cloud = rng.normal(size=(len(rows), len(numbers))) @ root.T
    for c, column in zip(numbers, cloud.T, strict=True):
        drawn[c] = np.sort(rows[c].to_numpy())[column.argsort().argsort()]
    return drawn


REFERENCES: dict[str, Draw] = {"shuffled": shuffled, "correlated": correlated}


def references(chosen: pd.Series, fit: Candidate, rows: pd.DataFrame, plan: Resampling) -> pd.DataFrame:
    """Measure what a candidate achieves on reference data.

    Parameters
    ----------
    chosen, fit
        The candidate: its row in the table `candidates`, and itself.
    rows
        One row per customer, prepared. With fewer than two columns of numbers there is no cloud
        to correlate, and shuffled columns are the only reference.
    plan
        How it is resampled; the resamples are spread over several draws of each reference.

    Returns
    -------
    pandas.DataFrame
        The table `references`, one row per reference.
    """
    kinds = [kind for kind in REFERENCES if kind != "correlated" or len(_numbers(rows)) > 1]
    measures = [_measured(kind, at, str(chosen.method), fit, rows, plan) for at, kind in enumerate(kinds)]
    table = pd.DataFrame(measures, columns=["reference", "agreement", "silhouette"])
    better = (chosen.agreement > table.agreement) | (chosen.silhouette > table.silhouette + SAME_SILHOUETTE)
    return table.assign(own_agreement=chosen.agreement, own_silhouette=chosen.silhouette, better=better)


def _measured(
    kind: str, place: int, method: str, fit: Candidate, rows: pd.DataFrame, plan: Resampling
) -> tuple[str, float, float]:
    """Return a reference with the agreement and the silhouette that a candidate has on its draws."""
    k, rng = len(fit.stability), np.random.default_rng([plan.seed, place])
    pairs = max(2, plan.n_resamples // (2 * _DRAWS))
    agreement: list[float] = []
    silhouettes: list[float] = []
    for _ in range(_DRAWS):
        some = rng.choice(len(rows), min(len(rows), _MOST_ROWS), replace=False)
        drawn = REFERENCES[kind](rows.iloc[np.sort(some)].reset_index(drop=True), rng)
        each = replace(
            plan,
            n_resamples=2 * pairs,
            sample=len(drawn),
            halvings=0,
            starts=(RESAMPLE_STARTS, RESAMPLE_STARTS),
        )
        found = resample(method, [k], drawn, each, like={k: fit.model}).get(k)
        agreement += list(found.agreement) if found else [0.0] * pairs
        silhouettes.append(silhouette(drawn, found.labels, plan.seed) if found else 0.0)
    return kind, float(np.quantile(agreement, REFERENCE_QUANTILE)), float(np.mean(silhouettes))
