"""Mixtures whose components are merged into segments, whatever the segments' shape."""

from __future__ import annotations

import copy
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.mixture import GaussianMixture
from sklearn.utils import _safe_indexing, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from seglib.estimators.latent_classes import LatentClasses
from seglib.estimators.merging import merge_path, summed

#: Two groups of components are segments of their own if no more than this share of one's
#: customers would be put into the other. Two round segments whose centres are 2.6 standard
#: deviations apart share so much; the pieces into which a likelihood cuts one skewed or
#: heavy-tailed segment share more (benchmarks/structure.py measures both).
MAX_OVERLAP = 0.1
#: A value that so many rows have is an atom, which a Gaussian would take for a segment; its
#: column is blurred by this share of its standard deviation.
ATOM, BLUR = 0.02, 0.3
#: After so many further components without a better criterion the search ends.
_PATIENCE = 2
_REG_COVAR = 1e-3


@dataclass(eq=False, repr=False)
class MergedMixture(ClusterMixin, BaseEstimator):
    """Fit a mixture, then merge the components that are no segments of their own.

    A likelihood needs several components for one segment that is skewed, heavy-tailed or
    correlated. Their number is therefore chosen for the density (by BIC), and components are
    merged while many of one's customers would be put into the other (DEMP: Hennig, 2010).
    Numbers get Gaussian components with full or diagonal covariances, whichever has the better
    criterion; with categories, answers of yes and no, or missing cells the components are
    latent classes.

    Parameters
    ----------
    n_clusters : int or None
        Number of segments; as many as stay apart if None.
    n_components : int or None
        Number of components, or that of segments if larger; by BIC if None.
    covariance : {'auto', 'full', 'diag'}
        Of Gaussian components.
    max_components : int
        At the most, if chosen by BIC.
    max_overlap : float
        Segments stay apart if no more than this share of one would be put into another.
    min_share : float
        A component with a smaller share of the rows is merged before all others.
    n_init : int
        Starts per mixture.
    max_rows : int
        Rows that the mixture is fitted on at the most, drawn at random.
    random_state : int, RandomState or None
        Seed of all draws.

    Attributes
    ----------
    labels_ : ndarray of shape (n_rows,)
    n_clusters_, n_components_ : int
    covariance_ : str
    overlaps_ : dict of int to float
        For each number of segments the largest share of one that would be put into another.
    segment_of_ : ndarray of shape (n_components_,)
        The segment of each component.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows = np.concatenate([rng.exponential(size=(300, 2)), 9 + rng.normal(size=(300, 2))])
    >>> model = MergedMixture(random_state=0).fit(rows)
    >>> model.n_clusters_
    2
    """

    n_clusters: int | None = None
    _: KW_ONLY
    n_components: int | None = None
    covariance: str = "auto"
    max_components: int = 12
    max_overlap: float = MAX_OVERLAP
    min_share: float = 0.01
    n_init: int = 2
    max_rows: int = 4000
    random_state: Any = None

    # The mixture

    def _learn_units(self, X: Any) -> None:
        """Find whether components may be Gaussian, and the units of their numbers."""
        numbers = _numbers(X)
        self._continuous = numbers is not None and not _needs_classes(numbers)
        if numbers is not None and self._continuous:
            self._center, scale = numbers.mean(0), numbers.std(0)
            self._scale = np.where(scale > 0, scale, 1.0)

    def _standardised(self, X: Any) -> Any:
        """Return standardised numbers, or the rows as they are where components are latent classes."""
        return (_numbers(X) - self._center) / self._scale if self._continuous else X

    def _component(self, k: int, covariance: str, seed: int, n_init: int) -> Any:
        if self._continuous:
            kind = "full" if covariance == "auto" else covariance
            settings = {"reg_covar": _REG_COVAR, "max_iter": 200, "random_state": seed}
            return GaussianMixture(k, covariance_type=kind, n_init=n_init, **settings)
        return LatentClasses(k, n_init=n_init + 1, tol=1e-5, random_state=seed)

    def _numbers_to_try(self, n_rows: int) -> range:
        least = max(self.n_components or 1, self.n_clusters or 1)
        most = least if self.n_components else max(least, min(self.max_components, n_rows // 2))
        return range(least, most + 1)

    def _search(self, rows: Any, seed: int) -> tuple[Any, str]:
        """Find the mixture with the lowest BIC, from one start each, and fit it from all starts."""
        kinds = ("full", "diag") if self._continuous and self.covariance == "auto" else (self.covariance,)
        tried = [(k, kind) for kind in kinds for k in self._numbers_to_try(len(rows))]
        if len(tried) > 1:
            tried = [min(self._tried(rows, kinds, seed))[1:]]
        ((k, kind),) = tried
        return self._component(k, kind, seed, self.n_init).fit(rows), kind

    def _tried(self, rows: Any, kinds: tuple[str, ...], seed: int) -> list[tuple[float, int, str]]:
        """Return BIC, number and kind of components; no more are tried where more did not help."""
        best = []
        for kind in kinds:
            own: list[float] = []
            for k in self._numbers_to_try(len(rows)):
                own.append(self._component(k, kind, seed, 1).fit(rows).bic(rows))
                best.append((own[-1], k, kind))
                if len(own) - 1 - int(np.argmin(own)) >= _PATIENCE:
                    break
        return best

    def fit(self, X: Any, y: None = None) -> MergedMixture:
        """Fit the mixture and merge its components.

        Parameters
        ----------
        X
            One row per customer: a DataFrame, or an array of numbers.

        Raises
        ------
        ValueError
            If a setting is impossible, or more segments than components are asked for.
        """
        X = self._checked(X, fitting=True)
        self._check(len(X))
        rng = check_random_state(self.random_state)
        rows = X
        if len(X) > self.max_rows:
            rows = _safe_indexing(X, np.sort(rng.choice(len(X), self.max_rows, replace=False)))
        self._learn_units(rows)
        rows = self._standardised(rows)
        rows = rows + _blur(rows, rng) if self._continuous else rows
        self._mixture, self.covariance_ = self._search(rows, int(rng.randint(2**31 - 1)))
        self._path = merge_path(self._mixture.predict_proba(rows), self.min_share)
        self.n_components_ = max(self._path)
        self.overlaps_ = {k: overlap for k, (_, overlap, _) in self._path.items()}
        apart = {
            k
            for k, (_, overlap, least) in self._path.items()
            if overlap <= self.max_overlap and least >= self.min_share
        }
        self._set(self.n_clusters or max(apart | {1}))
        self.labels_ = self.predict(X)
        return self

    def _checked(self, X: Any, fitting: bool) -> Any:
        if isinstance(X, pd.DataFrame):
            validate_data(self, X, reset=fitting, skip_check_array=True)
            return X
        return validate_data(self, X, reset=fitting, dtype="float64", ensure_min_samples=2 if fitting else 1)

    def _check(self, n_rows: int) -> None:
        for name in ("n_clusters", "n_components", "max_components", "n_init", "max_rows"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name}={value}; at least 1 is needed")
        if self.covariance not in ("auto", "full", "diag"):
            raise ValueError(f"covariance={self.covariance!r}; allowed: 'auto', 'full', 'diag'")
        for name in ("max_overlap", "min_share"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)}; allowed: from 0 to below 1")
        if n_rows < max(self.n_clusters or 1, self.n_components or 1):
            raise ValueError(f"n_samples={n_rows} should be >= the number of segments and components")

    def _set(self, n_clusters: int) -> None:
        if n_clusters not in self._path:
            raise ValueError(
                f"n_clusters={n_clusters}; these rows support {self.n_components_} components, so at most "
                "that many segments"
            )
        self.n_clusters_, self.segment_of_ = n_clusters, self._path[n_clusters][0]

    def cut(self, n_clusters: int) -> MergedMixture:
        """Return the same mixture merged into another number of segments, without a new fit."""
        check_is_fitted(self)
        other = copy.copy(self)
        other.n_clusters = n_clusters
        other._set(n_clusters)
        if hasattr(other, "labels_"):
            del other.labels_
        return other

    # What the segments say of rows

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each segment for each row."""
        check_is_fitted(self)
        rows = self._standardised(self._checked(X, fitting=False))
        return summed(self._mixture.predict_proba(rows), self.segment_of_)

    def predict(self, X: Any) -> np.ndarray:
        """Return the likeliest segment of each row."""
        return self.predict_proba(X).argmax(1)

    def bic(self, X: Any) -> float:
        """Return the mixture's Bayesian information criterion; lower is better."""
        return float(self._mixture.bic(self._standardised(X)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = True
        return tags


def _numbers(X: pd.DataFrame | np.ndarray) -> np.ndarray | None:
    """Return the rows as floats, or nothing if some column is no number."""
    if not isinstance(X, pd.DataFrame):
        return X
    numeric = X.select_dtypes("number")
    return numeric.to_numpy("float64", na_value=np.nan) if numeric.shape == X.shape else None


def _needs_classes(numbers: np.ndarray) -> bool:
    """Check whether a column has two values only, or a cell is missing."""
    if np.isnan(numbers).any():
        return True
    lowest, highest = numbers.min(0), numbers.max(0)
    two = ((numbers == lowest) | (numbers == highest)).all(0) & (lowest < highest)
    return bool(two.any() and len(numbers) > 2)


def _blur(numbers: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
    """Draw noise for the columns in which one value is held by many rows."""
    atoms = [np.unique(column, return_counts=True)[1].max() > ATOM * len(column) for column in numbers.T]
    atoms &= np.ptp(numbers, axis=0) > 0
    many = len(numbers) > 1 / ATOM  # of fewer rows, each is an atom
    return rng.normal(0, BLUR, numbers.shape) * (np.array(atoms) & many)
