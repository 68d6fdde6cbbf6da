"""What a candidate achieves on data without structure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.segment.stability import RESAMPLE_STARTS, Candidate, resample, silhouette

#: Data sets drawn of each reference, and rows of each at the most.
_DRAWS, _MOST_ROWS = 5, 2000


def shuffled(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Shuffle every column by itself: the same distributions, nothing that joins them."""
    return pd.DataFrame({c: rows[c].array.take(rng.permutation(len(rows))) for c in rows.columns}, copy=True)


def correlated(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw one cloud with the same distributions and, among numbers, the same rank correlations.

    A correlated Gaussian is drawn, and each of its columns is replaced, in the same order, by
    the sorted values of the column of `rows`. Categories and answers of yes and no are shuffled:
    that some answers go together is what segments of answers consist of.
    """
    made = shuffled(rows, rng)
    numbers = [c for c in rows.select_dtypes("number") if rows[c].nunique() > 2]
    wanted = 2 * np.sin(np.pi / 6 * rows[numbers].corr("spearman").fillna(0).to_numpy(copy=True))
    np.fill_diagonal(wanted, 1)
    nearest = np.linalg.eigh(wanted)  # which may lie just outside of what a Gaussian can have
    root = nearest.eigenvectors * np.sqrt(np.maximum(nearest.eigenvalues, 0))
    drawn = rng.normal(size=(len(rows), len(numbers))) @ root.T
    for c, column in zip(numbers, drawn.T, strict=True):
        made[c] = np.sort(rows[c].to_numpy())[column.argsort().argsort()]
    return made


REFERENCES = {"shuffled": shuffled, "correlated": correlated}
#: What a reference is, for sentences.
_DATA = {
    "shuffled": "where every column is shuffled by itself",
    "correlated": "in one cloud with the same columns and correlations",
}


def measured(
    method: str, fit: Candidate, rows: pd.DataFrame, *, n_resamples: int, seed: int, n_jobs: int = -1
) -> pd.DataFrame:
    """Measure what a candidate achieves on data without structure.

    Parameters
    ----------
    method, fit
        The candidate.
    rows
        One row per customer, prepared. With fewer than two columns of numbers there is no cloud
        to correlate, and shuffled columns are the only reference.
    n_resamples
        In all, over several draws of each reference.
    seed, n_jobs
        As `stability.resample` takes them.

    Returns
    -------
    pandas.DataFrame
        One row per reference: reference (key of `REFERENCES`), data (what it is, in words),
        agreement (adjusted Rand index that 95 of 100 pairs of resamples do not exceed, over all
        draws), silhouette (mean over the draws).
    """
    made, k = [], len(fit.recovery)
    numbers = [c for c in rows.select_dtypes("number") if rows[c].nunique() > 2]
    kinds = {kind: draw for kind, draw in REFERENCES.items() if kind != "correlated" or len(numbers) > 1}
    for kind, draw in kinds.items():
        rng = np.random.default_rng([seed, len(made)])
        agreement, separated = [], []
        for _ in range(_DRAWS):
            few = rng.choice(len(rows), min(len(rows), _MOST_ROWS), replace=False)
            drawn = draw(rows.iloc[np.sort(few)].reset_index(drop=True), rng)
            pairs = max(2, n_resamples // (2 * _DRAWS))
            found = resample(
                method,
                [k],
                drawn,
                n_resamples=2 * pairs,
                sample=len(drawn),
                seed=seed,
                halvings=0,
                starts=(RESAMPLE_STARTS, RESAMPLE_STARTS),
                n_jobs=n_jobs,
                like={k: fit.model},
            ).get(k)
            agreement += list(found.agreement) if found else [0.0] * pairs
            separated.append(silhouette(drawn, found.labels, seed) if found else 0.0)
        made.append((kind, _DATA[kind], float(np.quantile(agreement, 0.95)), float(np.mean(separated))))
    return pd.DataFrame(made, columns=["reference", "data", "agreement", "silhouette"])
