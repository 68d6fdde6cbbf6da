"""Resampling: how many segments there are, and which of them come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import joblib
import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits

from seglib.errors import DataError
from seglib.estimators import build

#: Hennig (2007): a cluster with a mean Jaccard of .75 or more is a valid, stable one;
#: below .6 it should not be trusted.
STABLE = 0.75
STRUCTURES = ("natural", "reproducible", "constructive", "none")
#: Kaufman and Rousseeuw (1990): an average silhouette above .5 is a reasonable structure; up to
#: .25 no substantial structure was found.
REASONABLE_SILHOUETTE, SUBSTANTIAL_SILHOUETTE = 0.5, 0.25
#: Silhouettes on a sample do not differ by less.
SAME_SILHOUETTE = 0.02
#: Rows on which resampled partitions are compared; more would not change the second digit.
_COMPARED = 4000
_MOST_FOR_SILHOUETTE = 2000

#: From a number of segments, a seed and a number of starts to an unfitted estimator.
Build = Callable[[int, int, int], object]
#: Starts of the fit on all customers, and of each resample.
STARTS, RESAMPLE_STARTS = 10, 4


@dataclass(frozen=True)
class Resampled:
    """One candidate under resampling.

    Attributes
    ----------
    labels
        Of all rows, by the fit on all rows.
    recovery
        One value per segment: mean over resamples of the largest Jaccard similarity.
    agreement
        One adjusted Rand index per pair of resamples.
    """

    model: object
    labels: np.ndarray
    recovery: np.ndarray
    agreement: np.ndarray


@dataclass(frozen=True)
class Reference:
    """A candidate on shuffled columns.

    Attributes
    ----------
    agreement
        One adjusted Rand index per pair of resamples.
    silhouette
        Mean silhouette.
    """

    agreement: np.ndarray
    silhouette: float


def jaccard_recovery(labels: np.ndarray, resampled: np.ndarray) -> np.ndarray:
    """Find how much of each segment comes back in another partition of the same rows.

    Parameters
    ----------
    labels, resampled
        Segments 0, 1, … of the same rows under both partitions.

    Returns
    -------
    numpy.ndarray
        Per segment of `labels` the largest Jaccard similarity with one of `resampled`
        (Hennig, 2007, section 2).

    Examples
    --------
    >>> jaccard_recovery(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 1])).round(2).tolist()
    [0.67, 0.5]
    """
    k, other = labels.max() + 1, resampled.max() + 1
    both = np.bincount(labels * other + resampled, minlength=k * other).reshape(k, other)
    union = both.sum(1)[:, None] + both.sum(0)[None, :] - both
    return np.divide(both, union, out=np.zeros(both.shape), where=union > 0).max(1)


def _resample(make: Build, k: int, rows: pd.DataFrame, compared: pd.DataFrame, n: int,
              seed: np.random.SeedSequence) -> np.ndarray:  # fmt: skip
    rng = np.random.default_rng(seed)
    drawn = rows.iloc[rng.integers(0, len(rows), n)]
    model = make(k, int(rng.integers(2**31)), RESAMPLE_STARTS).fit(drawn.reset_index(drop=True))
    return model.predict(compared).astype(np.int64)


def resample(
    make: Build, k: int, rows: pd.DataFrame, *, n_resamples: int, sample: int, seed: int,
    n_jobs: int = -1,
) -> Resampled:  # fmt: skip
    """Fit a candidate on all rows and on bootstrap samples, and compare.

    Parameters
    ----------
    make
        From a number of segments, a seed and a number of starts to an unfitted estimator.
    k
        Number of segments.
    rows
        One row per customer, prepared.
    n_resamples
        Bootstrap samples; consecutive ones are paired for the adjusted Rand index.
    sample
        Rows of each sample at the most.
    seed
        Of all draws; the result does not depend on `n_jobs`.
    n_jobs
        As joblib counts.
    """
    rng = np.random.default_rng(seed)
    few = len(rows) > _COMPARED
    picked = rng.choice(len(rows), _COMPARED, replace=False) if few else np.arange(len(rows))
    compared = rows.iloc[picked].reset_index(drop=True)
    seeds = np.random.SeedSequence([seed, k]).spawn(n_resamples)
    with threadpool_limits(1):  # one thread a fit, so that sums do not depend on the cores
        model = make(k, seed, STARTS).fit(rows)
        found = joblib.Parallel(n_jobs=n_jobs, prefer="threads")(
            joblib.delayed(_resample)(make, k, rows, compared, min(sample, len(rows)), s) for s in seeds
        )
    labels = model.predict(rows).astype(np.int64)
    recovery = np.mean([jaccard_recovery(labels[picked], f) for f in found], axis=0)
    missing = np.zeros(k - len(recovery)) if len(recovery) < k else np.empty(0)
    pairs = zip(found[::2], found[1::2], strict=False)
    agreement = np.array([adjusted_rand_score(a, b) for a, b in pairs])
    return Resampled(model, labels, np.concatenate([recovery, missing]), agreement)


def coded(rows: pd.DataFrame) -> np.ndarray:
    """Write prepared rows as numbers; a differing category counts as one unit of distance."""
    return pd.get_dummies(rows, dtype=float).to_numpy() * np.where(
        [c in rows.columns for c in pd.get_dummies(rows).columns], 1.0, np.sqrt(0.5)
    )


def silhouette(rows: pd.DataFrame, labels: np.ndarray, seed: int) -> float:
    """Give the mean silhouette, on a sample of rows where there are many."""
    if len(np.unique(labels)) < 2:
        return float("nan")
    size = min(len(rows), _MOST_FOR_SILHOUETTE)
    return float(silhouette_score(coded(rows), labels, sample_size=size, random_state=seed))


def without_structure(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Shuffle every column by itself: the same distributions, nothing that joins them."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame({c: rows[c].array.take(rng.permutation(len(rows))) for c in rows.columns}, copy=True)


def compare(
    methods: list[str], rows: pd.DataFrame, ks: range, *, n_resamples: int, sample: int,
    seed: int, min_share: float, n_jobs: int = -1,
) -> tuple[pd.DataFrame, pd.DataFrame, dict[tuple[str, int], Resampled]]:  # fmt: skip
    """Try every method and number of segments.

    Parameters
    ----------
    methods
        Names that `estimators.build` knows.
    rows
        One row per customer, prepared.
    ks
        Numbers of segments.
    n_resamples, sample, seed, n_jobs
        As `resample` takes them.
    min_share
        Smallest share of customers in a segment.

    Returns
    -------
    candidates : pandas.DataFrame
        One row per method and k: agreement (median adjusted Rand index), weakest (recovery of
        the segment that comes back least), smallest (share of customers), silhouette,
        admissible (all segments stable and large enough), chosen.
    stability : pandas.DataFrame
        One row per method, k and segment: size, recovery (mean Jaccard).
    fits : dict
        The candidates themselves.

    Raises
    ------
    DataError
        If there are fewer customers than segments asked for.
    """
    if len(rows) < max(ks):
        raise DataError(
            f"{len(rows):,} customers cannot be divided into {max(ks)} segments; lower segment.k, or "
            "admit more customers"
        )
    candidates, stability, fits = [], [], {}
    for method in methods:
        for k in ks:
            fit = resample(partial(build, method), k, rows, n_resamples=n_resamples, sample=sample, seed=seed,
                           n_jobs=n_jobs)  # fmt: skip
            sizes = np.bincount(fit.labels, minlength=k)
            fits[method, k] = fit
            stability += [
                {"method": method, "k": k, "part": part, "size": int(size), "recovery": float(r)}
                for part, (size, r) in enumerate(zip(sizes, fit.recovery, strict=True))
            ]
            weakest, smallest = float(fit.recovery.min()), float(sizes.min() / len(rows))
            candidates.append({
                "method": method, "k": k, "agreement": float(np.median(fit.agreement)),
                "weakest": weakest, "smallest": smallest,
                "silhouette": silhouette(rows, fit.labels, seed),
                "admissible": weakest >= STABLE and smallest >= min_share,
            })  # fmt: skip
    table = pd.DataFrame(candidates)
    best = choose(table)
    chosen = (table.method == best.method) & (table.k == best.k)
    return table.assign(chosen=chosen), pd.DataFrame(stability), fits


def choose(candidates: pd.DataFrame) -> pd.Series:
    """Choose a candidate among those whose every segment comes back.

    Each method is represented by its candidate with the largest silhouette, if that says
    anything; below `SUBSTANTIAL_SILHOUETTE` nothing is separated, and the most segments that
    come back are taken. Of methods whose silhouettes differ by less than `SAME_SILHOUETTE`,
    the one whose weakest segment comes back most is chosen. Where none is admissible, the
    candidate whose weakest segment comes back most is taken, and the verdict will say so.

    Returns
    -------
    pandas.Series
        The row chosen.
    """
    admissible = candidates[candidates.admissible]
    if admissible.empty:
        return candidates.loc[candidates.weakest.idxmax()]
    best = admissible.loc[[_of_one_method(rows) for _, rows in admissible.groupby("method", sort=False)]]
    alike = best[best.silhouette >= best.silhouette.max() - SAME_SILHOUETTE]
    return alike.loc[alike.weakest.idxmax()]


def _of_one_method(rows: pd.DataFrame) -> int:
    separated = rows.silhouette.max() >= SUBSTANTIAL_SILHOUETTE
    return int(rows.silhouette.idxmax() if separated else rows.k.idxmax())


def verdict(chosen: pd.Series, by_chance: Reference) -> tuple[str, str]:
    """Say whether there are segments, and why, in a word and a sentence.

    Parameters
    ----------
    chosen
        From `choose`.
    by_chance
        From `reference`: the same candidate where nothing joins the columns.

    Returns
    -------
    str
        One of `STRUCTURES`.
    str
        The reason.
    """
    k, most = int(chosen.k), float(np.quantile(by_chance.agreement, 0.95))
    steadier = chosen.agreement > most
    apart = chosen.silhouette > by_chance.silhouette + SAME_SILHOUETTE
    against = (
        f"two resamples agree to {chosen.agreement:.2f} (adjusted Rand index); where every column is "
        f"shuffled by itself, 95 of 100 pairs agree to {most:.2f} or less"
        if steadier or not apart
        else f"their silhouette is {chosen.silhouette:.2f}, and {by_chance.silhouette:.2f} where every "
        "column is shuffled by itself"
    )
    if not (steadier or apart):
        if not chosen.admissible:
            return "none", f"Nothing holds the customers together: {against}."
        return "constructive", (
            f"The {k} segments come back, but so do cuts through shuffled columns: {against}. They "
            "divide the customers usefully at best; they were not found."
        )  # fmt: skip
    if not chosen.admissible:
        return "constructive", (
            f"The weakest of the {k} segments comes back to {chosen.weakest:.0%} only, below the "
            f"{STABLE:.0%} of a stable one; {against}."
        )
    if chosen.silhouette > REASONABLE_SILHOUETTE:
        return "natural", (
            f"The {k} segments are separate (silhouette {chosen.silhouette:.2f}), and the weakest "
            f"comes back to {chosen.weakest:.0%}; {against}."
        )
    return "reproducible", (
        f"The {k} segments blend into each other (silhouette {chosen.silhouette:.2f}), yet even the "
        f"weakest is found again to {chosen.weakest:.0%} in other samples; {against}."
    )


def reference(
    method: str, k: int, rows: pd.DataFrame, *, n_resamples: int, sample: int, seed: int, n_jobs: int = -1
) -> Reference:
    """Measure what a candidate achieves where there is nothing to find: on shuffled columns."""
    shuffled = without_structure(rows, seed)
    found = resample(partial(build, method), k, shuffled, n_resamples=n_resamples, sample=sample,
                     seed=seed, n_jobs=n_jobs)  # fmt: skip
    return Reference(found.agreement, silhouette(shuffled, found.labels, seed))


def numbered(
    candidates: pd.DataFrame, stability: pd.DataFrame, labels: np.ndarray
) -> tuple[np.ndarray, pd.DataFrame]:
    """Give the chosen segments numbers by size and mark them in the table of stability.

    Returns
    -------
    segments : numpy.ndarray
        From 1, the largest first.
    stability : pandas.DataFrame
        With chosen (bool) and segment (missing for candidates that were not chosen).
    """
    segments = by_size(labels)
    place = dict(zip(labels, segments, strict=True))
    best = candidates[candidates.chosen].iloc[0]
    chosen = (stability.method == best.method) & (stability.k == best.k)
    made = stability.assign(chosen=chosen & stability.part.isin(place))
    made["segment"] = made.part.map(place).where(made.chosen).astype("Int64")
    return segments, made


def crossed(rows: pd.Series, columns: pd.Series, min_cell: int = 1) -> tuple[float, pd.DataFrame]:
    """Compare two partitions of the same customers.

    Returns
    -------
    float
        Adjusted Rand index: 0 as by chance, 1 the same.
    pandas.DataFrame
        Shares of each row's customers by column; cells of fewer than `min_cell` customers, but
        for empty ones, are missing.
    """
    counts = pd.crosstab(rows, columns)
    shares = counts.div(counts.sum(axis=1), axis=0).mask((counts > 0) & (counts < min_cell))
    return float(adjusted_rand_score(rows, columns)), shares


def margin(model: object, rows: pd.DataFrame) -> np.ndarray:
    """Measure how clearly each customer belongs: 0 on the border, towards 1 in the middle.

    Returns
    -------
    numpy.ndarray
        Per row 1 − d₁ / d₂ for the distances to the nearest and second nearest centre, or the
        difference of the two largest probabilities where the model has probabilities.
    """
    if hasattr(model, "predict_proba"):
        best = np.sort(model.predict_proba(rows), axis=1)[:, -2:]
        return best[:, 1] - best[:, 0]
    nearest = np.sort(model.transform(rows), axis=1)[:, :2]
    return 1 - np.divide(nearest[:, 0], nearest[:, 1], out=np.ones(len(rows)), where=nearest[:, 1] > 0)


def by_size(labels: np.ndarray) -> np.ndarray:
    """Give segments numbers from 1 by size, the largest first, whatever numbers the fit gave them.

    Examples
    --------
    >>> by_size(np.array([7, 2, 2, 7, 2])).tolist()
    [2, 1, 1, 2, 1]
    """
    values, first, counts = np.unique(labels, return_index=True, return_counts=True)
    order = sorted(range(len(values)), key=lambda i: (-counts[i], first[i]))
    place = {values[i]: n for n, i in enumerate(order, 1)}
    return np.array([place[label] for label in labels], dtype="int64")
