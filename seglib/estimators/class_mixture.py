"""What stepmix measures within latent classes, and the climb to a likelier mixture of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from stepmix.emission.build_emission import EMISSION_DICT
from stepmix.emission.gaussian import GaussianDiagNan
from stepmix.emission.nested import Nested

#: No row leaves a class entirely, so that a class which knows nothing of a column gets the
#: population's distribution and not 0/0.
LEAST_POSTERIOR = 1e-12


class _GaussianNan(GaussianDiagNan):
    """Gaussians that skip missing cells, with a floor of the variance, which stepmix's do not have."""

    def __init__(self, reg_covar: float, **settings: Any) -> None:
        super().__init__(**settings)
        self.reg_covar = reg_covar

    def _compute_cov(self, X: np.ndarray, resp: np.ndarray, resp_sums: list) -> np.ndarray:
        return super()._compute_cov(X, resp, resp_sums) + self.reg_covar


class ClassMixture:
    """Sizes of the classes, and what stepmix measures within each."""

    def __init__(self, descriptor: dict, n_clusters: int) -> None:
        emissions = {**EMISSION_DICT, "gaussian_diag_nan": _GaussianNan}
        self.measured = Nested(descriptor, emissions, n_clusters, None)
        self.weights = np.full(n_clusters, 1 / n_clusters)
        self.posterior = np.empty((0, n_clusters))
        self.likelihood, self.n_iter, self.converged = -np.inf, 0, False

    def expect(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return each row's log-likelihood, and its posterior probability of each class."""
        joint = self.measured.log_likelihood(rows) + np.log(self.weights)
        top = joint.max(axis=1, keepdims=True)
        shares = np.exp(joint - top)
        total = shares.sum(axis=1, keepdims=True)
        return (top + np.log(total))[:, 0], shares / total

    def maximise(self, rows: np.ndarray, posterior: np.ndarray, weights: np.ndarray) -> None:
        """Estimate the classes from the rows' posterior probabilities."""
        counted = np.maximum(posterior, LEAST_POSTERIOR) * weights[:, None]
        self.weights = counted.sum(axis=0) / counted.sum()
        self.measured.m_step(rows, counted)

    def climb(self, rows: np.ndarray, weights: np.ndarray, tol: float, max_iter: int) -> ClassMixture:
        """Iterate until a step gains less than `tol` per row."""
        self.converged = False
        while not self.converged and self.n_iter < max_iter:
            self.maximise(rows, self.posterior, weights)
            each, self.posterior = self.expect(rows)
            before, self.likelihood = self.likelihood, float(np.average(each, weights=weights))
            self.n_iter += 1
            self.converged = self.likelihood - before < tol
        return self

    def start(self, rows: np.ndarray, rng: np.random.RandomState) -> ClassMixture:
        """Draw the posterior probabilities at random."""
        drawn = rng.uniform(size=(len(rows), len(self.weights)))
        self.posterior = drawn / drawn.sum(axis=1, keepdims=True)
        return self


def distinct(rows: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fold equal rows into one that weighs as much as they do together, in sorted order.

    Examples
    --------
    >>> rows, weights = distinct(np.array([[1.0, np.nan], [0.0, 2.0], [1.0, np.nan]]), np.ones(3))
    >>> weights.tolist()
    [1.0, 2.0]
    """
    order = np.lexsort(rows.T[::-1])
    rows, weights = rows[order], weights[order]
    same = (rows[1:] == rows[:-1]) | (np.isnan(rows[1:]) & np.isnan(rows[:-1]))
    first = np.concatenate([[True], ~same.all(axis=1)])
    return rows[first], np.bincount(np.cumsum(first) - 1, weights)
