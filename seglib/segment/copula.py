"""Reference data: one cloud with the same columns and the same associations, but without segments."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from sklearn.isotonic import isotonic_regression

from seglib.estimators.mixtures import ATOM

#: Rows on which latent correlations are adjusted, and rounds of it.
_SIMULATED, _ROUNDS = 3000, 12
#: Largest latent correlation, so that no column determines another.
_MOST = 0.995
#: A column of so few values is ordinal.
FEW_VALUES = 12
#: Quantiles at which the top of the nearest distribution with one mode is looked for.
_TOPS = 24


class Copula:
    """A Gaussian copula that has the marginals and the rank correlations of given rows.

    The levels of a category are put in order by an optimal score: the first axis along which
    the other columns differ between levels. Latent correlations are adjusted until the rank
    correlations of simulated rows, with the ties that levels, spikes and rounding make, equal the
    observed ones (NORTA: Cario and Nelson, 1997; polychoric and tetrachoric correlations where
    columns are ordinal and binary).

    Parameters
    ----------
    rows
        One row per customer, prepared: numbers and categories; cells may be missing.
    rng
        Of the rows on which correlations are adjusted.

    Attributes
    ----------
    correlation
        Latent, one row and column per column of `rows`.
    """

    def __init__(self, rows: pd.DataFrame, rng: np.random.Generator) -> None:
        self._missing = rows.isna().to_numpy()
        self._columns = list(rows.columns)
        self._levels = {c: rows[c].dtype for c in rows.columns if rows[c].dtype == "category"}
        codes = _ordered(rows)
        self._values = [rows[c].dropna().array[np.argsort(codes[c].dropna(), kind="stable")] for c in rows]
        ranks = codes.rank().to_numpy()
        self._midranks = [np.sort(r[~np.isnan(r)]) for r in ranks.T]
        self._smooth: list = []
        wanted = pd.DataFrame(ranks).corr().fillna(0).to_numpy(copy=True)
        self.correlation = self._adjusted(wanted, rng)

    def _adjusted(self, wanted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Find the latent correlations with which simulated rank correlations are those wanted."""
        p = len(wanted)
        latent = wanted.copy()
        np.fill_diagonal(latent, 1)
        if p == 1:
            return latent
        noise = rng.normal(size=(max(_SIMULATED, 4 * p), p))
        noise -= noise.mean(0)
        noise = np.linalg.svd(noise, full_matrices=False)[0] * np.sqrt(len(noise))
        for _ in range(_ROUNDS):
            latent = _nearest(latent)
            found = self._rank_correlations(noise @ _root(latent))
            latent = np.clip(latent + wanted - found, -_MOST, _MOST)
            np.fill_diagonal(latent, 1)
        return _nearest(latent)

    def _rank_correlations(self, cloud: np.ndarray) -> np.ndarray:
        places = _places(cloud)
        ranks = [own[_at(u, len(own))] for own, u in zip(self._midranks, places.T, strict=True)]
        spread = [np.ptp(r) > 0 for r in ranks]
        found = np.zeros((len(ranks), len(ranks)))
        there = np.flatnonzero(spread)
        found[np.ix_(there, there)] = np.atleast_2d(np.corrcoef([ranks[i] for i in there]))
        return found

    def draw(self, rng: np.random.Generator, smooth: bool = False) -> pd.DataFrame:
        """Draw as many rows as there were.

        Parameters
        ----------
        rng
            Source of chance.
        smooth
            Whether gaps and second modes of numbers are smoothed away; spikes and levels are kept.

        Returns
        -------
        pandas.DataFrame
            The same columns, with missing cells in the same patterns.
        """
        n, p = self._missing.shape
        cloud = rng.normal(size=(n, p)) @ _root(self.correlation)
        missing = self._missing[rng.permutation(n)]
        drawn = {}
        values = self._smoothed() if smooth else self._values
        for name, own, column, gone in zip(self._columns, values, cloud.T, missing.T, strict=True):
            if not gone.any():
                drawn[name] = pd.Series(own[_at(_places(column), len(own))], dtype=self._levels.get(name))
                continue
            known = np.flatnonzero(~gone)
            cells = pd.Series(own[_at(_places(column[known]), len(own))], known, dtype=self._levels.get(name))
            drawn[name] = cells.reindex(range(n))
        return pd.DataFrame(drawn)

    def _smoothed(self) -> list:
        if not self._smooth:
            self._smooth = [one_mode(own) for own in self._values]
        return self._smooth


def _root(correlation: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(correlation)
    return (vectors * np.sqrt(np.maximum(values, 0))).T


def _nearest(correlation: np.ndarray) -> np.ndarray:
    """Return the correlations of a Gaussian that come close to those asked for."""
    values, vectors = np.linalg.eigh(correlation)
    if values.min() >= 1e-8:
        return correlation
    positive = (vectors * np.maximum(values, 1e-6)) @ vectors.T
    scale = np.sqrt(np.diag(positive))
    return positive / scale / scale[:, None]


def _places(columns: np.ndarray) -> np.ndarray:
    """Return where each cell stands among those of its column, between 0 and 1."""
    return (rankdata(columns, axis=0, method="ordinal") - 0.5) / len(columns)


def _at(places: np.ndarray, n: int) -> np.ndarray:
    return np.minimum((places * n).astype(int), n - 1)


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Write rows as numbers whose order means something; levels get an optimal score."""
    numeric = rows.select_dtypes("number")
    texts = [c for c in rows.columns if c not in numeric.columns]
    if not texts:
        return rows.astype(float)
    parts = {c: numeric[[c]].rank() for c in numeric}
    parts |= {c: pd.get_dummies(rows[c], dtype=float) for c in texts}
    scaled = {
        c: ((part - part.mean()) / part.std(ddof=0).replace(0, 1)).fillna(0) for c, part in parts.items()
    }
    codes = {}
    for c in rows.columns:
        if c in numeric.columns:
            codes[c] = numeric[c].astype(float)
            continue
        level, names = pd.factorize(rows[c], sort=True)
        others = [scaled[o].to_numpy() / np.sqrt(scaled[o].shape[1]) for o in rows.columns if o != c]
        codes[c] = pd.Series(_scores(level, len(names), others), rows.index)
    return pd.DataFrame(codes)


def _scores(level: np.ndarray, n_levels: int, others: list[np.ndarray]) -> np.ndarray:
    """Score each row's level by the first axis along which other columns differ between levels."""
    known = level >= 0
    if not others or n_levels < 2:
        return np.where(known, level, np.nan).astype(float)
    sizes = np.maximum(np.bincount(level[known], minlength=n_levels), 1)
    sums = np.zeros((n_levels, sum(o.shape[1] for o in others)))
    np.add.at(sums, level[known], np.hstack(others)[known])
    axis = np.linalg.svd(sums / np.sqrt(sizes)[:, None], full_matrices=False)[0][:, 0]
    return np.where(known, (axis / np.sqrt(sizes))[level], np.nan)


def one_mode(values: np.ndarray) -> np.ndarray:
    """Replace numbers by those of the nearest distribution with one mode; spikes and levels are kept.

    Parameters
    ----------
    values
        In ascending order. Texts, and numbers of few values, are returned as they are.

    Examples
    --------
    >>> two = np.concatenate([np.linspace(0, 1, 100), np.linspace(9, 10, 100)])
    >>> bool(((one_mode(two) > 2) & (one_mode(two) < 8)).mean() > 0.3)
    True
    """
    own = np.asarray(values)
    if own.dtype.kind not in "fi":
        return values
    distinct, counts = np.unique(own, return_counts=True)
    if len(distinct) <= FEW_VALUES:
        return values
    spikes = np.isin(own, distinct[counts > max(ATOM * len(own), 2)])
    others = own[~spikes]
    if len(np.unique(others)) <= FEW_VALUES:
        return values
    return np.sort(np.concatenate([own[spikes], _nearest_with_one_mode(others)]))


def _nearest_with_one_mode(values: np.ndarray) -> np.ndarray:
    """Return the quantiles of the distribution with one mode whose distribution function is nearest."""
    places, counts = np.unique(values, return_counts=True)
    height = (np.cumsum(counts) - counts / 2) / len(values)
    tops = np.unique(np.linspace(1, len(places) - 2, _TOPS).astype(int))
    fits = [
        np.concatenate(
            [_bent(places, height, 0, top, True), _bent(places, height, top, len(places) - 1, False)[1:]]
        )
        for top in tops
    ]
    fit = min(fits, key=lambda f: np.abs(f - height).max())
    rising = np.concatenate([[True], np.diff(fit) > 1e-12])
    asked = (np.arange(len(values)) + 0.5) / len(values)
    return np.interp(asked, fit[rising], places[rising])


def _bent(places: np.ndarray, height: np.ndarray, first: int, last: int, convex: bool) -> np.ndarray:
    """Return the distribution function between two places with slopes that only rise, or only fall."""
    widths = np.diff(places[first : last + 1])
    slopes = np.diff(height[first : last + 1]) / widths
    smooth = isotonic_regression(slopes, sample_weight=widths, increasing=convex)
    return height[first] + np.concatenate([[0], np.cumsum(smooth * widths)])
