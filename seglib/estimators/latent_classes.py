"""Latent classes: a mixture in which the columns are independent within a class."""

from __future__ import annotations

import warnings
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import _safe_indexing, check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from seglib.estimators.class_mixture import ClassMixture, distinct
from seglib.estimators.preparation import split_columns

#: All starts climb until an iteration gains less than this per row; then the best few go on to
#: `tol` (Biernacki, Celeux and Govaert, 2003): a tenth of the time, the same solution.
SHORT_TOL = 1e-4
KEPT = 3


def _joined(blocks: dict[str, tuple[str, np.ndarray, dict]]) -> np.ndarray:
    return np.hstack([rows for _model, rows, _settings in blocks.values()])


@dataclass(eq=False, repr=False)
class LatentClasses(ClusterMixin, BaseEstimator):
    """Find classes within which the columns are independent (Lazarsfeld and Henry, 1968).

    Categories are multinomial, columns of 0 and 1 Bernoulli, other numbers Gaussian with one
    variance per class and column. A missing cell is left out of its row's likelihood
    (full-information maximum likelihood). The columns' distributions are stepmix's (Morin et
    al., 2025); equal rows are folded into a weighted one, which changes nothing but the time.

    Parameters
    ----------
    n_clusters : int
        Number of classes.
    n_init : int
        Number of random starts, of which the likeliest result is kept.
    max_iter : int
        Iterations of one start at the most.
    tol : float
        A start ends when an iteration gains less log-likelihood per row than this.
    reg_covar : float
        Added to each variance, as a share of the column's: a class of equal rows would be
        infinitely likely.
    random_state : int, RandomState or None
        Seed of the starts.

    Attributes
    ----------
    labels_ : ndarray of shape (n_rows,)
        The likeliest class of each row.
    weights_ : ndarray of shape (n_clusters,)
        Size of each class, as a share.
    log_likelihood_ : float
        Weighted sum over the fitted rows, in the columns' own units.
    n_parameters_ : int
        Free parameters, for information criteria.
    parameters_ : dict
        What stepmix estimated; numbers in units of `center_` and `scale_`.
    center_, scale_ : ndarray
        Mean and standard deviation of the Gaussian columns.
    categorical_, categories_ : list
        The categorical columns, and the levels of each.
    n_iter_ : int
        Iterations of the start that was kept.

    Notes
    -----
    In a DataFrame, columns of dtype category, string and object are categorical; in an array
    none are. A level never seen counts as missing, and so does a number other than 0 and 1 in
    a column of these. A column of one value tells no class apart and is left out.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"pays": ["cash", "card"] * 20, "visits": [1.0, 9.0, 2.0, 8.0] * 10})
    >>> model = LatentClasses(2, random_state=0).fit(rows)
    >>> bool(model.labels_[0] == model.labels_[2] != model.labels_[1])
    True
    >>> model.weights_.round(2).tolist()
    [0.5, 0.5]
    """

    n_clusters: int = 2
    _: KW_ONLY
    n_init: int = 10
    max_iter: int = 5000
    tol: float = 1e-8
    reg_covar: float = 1e-3
    random_state: Any = None

    def _check(self, n_rows: int) -> None:
        for name in ("n_clusters", "n_init", "max_iter"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)}; at least 1 is needed")
        for name, value in (("tol", self.tol), ("reg_covar", self.reg_covar)):
            if not 0 < value < np.inf:
                raise ValueError(f"{name}={value}; a finite number above 0 is needed")
        if n_rows < self.n_clusters:
            raise ValueError(f"n_samples={n_rows} should be >= n_clusters={self.n_clusters}.")

    # Encoding

    def _learn_columns(self, numbers: np.ndarray, weights: np.ndarray) -> None:
        """Find which columns are Gaussian, of two values, or of how many levels; and their units."""
        seen = ~np.isnan(numbers)
        varies = np.where(seen, numbers, np.inf).min(axis=0) < np.where(seen, numbers, -np.inf).max(axis=0)
        binary = (~seen | np.isin(numbers, (0, 1))).all(axis=0)
        self._binary, self._gaussian = np.flatnonzero(varies & binary), np.flatnonzero(varies & ~binary)
        n_levels = np.array([len(levels) for levels in self.categories_], dtype=int)
        self._coded = {int(n): np.flatnonzero(n_levels == n) for n in np.unique(n_levels) if n > 1}
        if not (varies.any() or self._coded):
            raise ValueError(f"n_samples={len(numbers)}: no column has two different values")
        counted = weights[:, None] * seen[:, self._gaussian]
        filled = np.where(seen, numbers, 0)[:, self._gaussian]
        self.center_ = (counted * filled).sum(axis=0) / counted.sum(axis=0)
        self.scale_ = np.sqrt((counted * (filled - self.center_) ** 2).sum(axis=0) / counted.sum(axis=0))

    def _blocks(self, numbers: np.ndarray, codes: np.ndarray) -> dict[str, tuple[str, np.ndarray, dict]]:
        """Convert rows to what stepmix takes: per block its model, columns (NaN: missing), settings."""
        zero_one = np.hstack([numbers[:, self._binary], codes[:, self._coded.get(2, [])]])
        zero_one = np.where(np.isin(zero_one, (0, 1)), zero_one, np.nan)
        scaled = (numbers[:, self._gaussian] - self.center_) / self.scale_
        blocks: dict[str, tuple[str, np.ndarray, dict[str, Any]]] = {
            "numbers": ("gaussian_diag", scaled, {"reg_covar": self.reg_covar}),
            "two levels": ("binary", zero_one, {}),
        }
        for n, columns in self._coded.items():
            if n > 2:
                one_hot = np.vstack([np.eye(n), np.full(n, np.nan)])[codes[:, columns]]
                settings = {"integer_codes": False, "max_n_outcomes": n, "total_outcomes": n * len(columns)}
                blocks[f"{n} levels"] = ("categorical", one_hot.reshape(len(codes), -1), settings)
        return {name: block for name, block in blocks.items() if block[1].shape[1]}

    def _mixture(self, blocks: dict[str, tuple[str, np.ndarray, dict]]) -> ClassMixture:
        """Describe the blocks to stepmix, which is faster where nothing may be missing."""
        descriptor = {}
        for name, (model, rows, settings) in blocks.items():
            kind = model + "_nan" * bool(np.isnan(rows).any())
            descriptor[name] = {"model": kind, "n_columns": rows.shape[1], **settings}
        return ClassMixture(descriptor, self.n_clusters)

    # Fitting

    def fit(self, X: Any, y: None = None, sample_weight: Any = None) -> LatentClasses:
        """Find the classes.

        Parameters
        ----------
        X
            One row per customer: a DataFrame, or an array of numbers; cells may be missing.
        sample_weight
            One weight per row; a row of weight 2 counts as two rows.

        Raises
        ------
        ValueError
            If a setting is impossible, or no column has two different values.
        """
        numbers, codes = split_columns(self, X, reset=True)
        self._check(len(numbers))
        weights = _check_sample_weight(sample_weight, numbers, dtype="float64", ensure_non_negative=True)
        counted = np.flatnonzero(weights)
        if len(counted) < len(weights):  # their levels would be levels without a customer
            numbers, codes = split_columns(self, _safe_indexing(X, counted), reset=True)
        self._learn_columns(numbers, weights[counted])
        best = self._climb(self._blocks(numbers, codes), weights[counted])
        self.weights_, self.parameters_ = best.weights, best.measured.get_parameters()
        self.n_parameters_ = int(self.n_clusters - 1 + best.measured.n_parameters)
        self.n_iter_ = best.n_iter
        units = self._units(numbers) @ weights[counted]
        self.log_likelihood_ = float(best.likelihood * weights.sum() - units)
        self.labels_ = self.predict(X)
        return self

    def _climb(self, blocks: dict, weights: np.ndarray) -> ClassMixture:
        rows, weights = distinct(_joined(blocks), weights)
        rng = check_random_state(self.random_state)
        best: list[ClassMixture] = []
        for _ in range(self.n_init):
            run = self._mixture(blocks).start(rows, rng).climb(rows, weights, SHORT_TOL, self.max_iter)
            best = sorted([*best, run], key=lambda run: -run.likelihood)[:KEPT]
        finished = [run.climb(rows, weights, self.tol, self.max_iter) for run in best]
        likeliest = max(finished, key=lambda run: run.likelihood)
        if not likeliest.converged:
            warnings.warn(
                f"LatentClasses has not converged within max_iter={self.max_iter}; raise max_iter or tol",
                ConvergenceWarning,
                stacklevel=3,
            )
        return likeliest

    # What the classes say of rows

    def _units(self, numbers: np.ndarray) -> np.ndarray:
        """Logarithm of what standardising divided each row's density by."""
        return ~np.isnan(numbers[:, self._gaussian]) @ np.log(self.scale_)

    def _expected(self, X: Any) -> tuple[np.ndarray, np.ndarray]:
        check_is_fitted(self)
        numbers, codes = split_columns(self, X, reset=False)
        blocks = self._blocks(numbers, codes)
        mixture = self._mixture(blocks)
        mixture.weights = self.weights_
        mixture.measured.set_parameters({name: dict(values) for name, values in self.parameters_.items()})
        each, posterior = mixture.expect(_joined(blocks))
        return each - self._units(numbers), posterior

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class for each row."""
        return self._expected(X)[1]

    def predict(self, X: Any) -> np.ndarray:
        """Return the likeliest class of each row."""
        return self.predict_proba(X).argmax(axis=1)

    def score_samples(self, X: Any) -> np.ndarray:
        """Return the log-likelihood of each row, in the columns' own units."""
        return self._expected(X)[0]

    def score(self, X: Any, y: None = None) -> float:
        """Return the mean log-likelihood of a row."""
        return float(self.score_samples(X).mean())

    def bic(self, X: Any) -> float:
        """Return the Bayesian information criterion on these rows; lower is better."""
        each = self.score_samples(X)
        return float(-2 * each.sum() + self.n_parameters_ * np.log(len(each)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.categorical = True
        return tags
