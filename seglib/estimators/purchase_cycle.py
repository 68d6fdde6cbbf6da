"""Purchase cycle: where customers are between a first order and the last."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from seglib.estimators.rfm import three_columns

#: From those who never ordered to those who have gone.
STATES = ("prospect", "first-time", "repeat", "lapsing", "lapsed")


class PurchaseCycle(BaseEstimator):
    """Classify customers by their own rhythm of buying: who is new, buys again, is lapsing, or has lapsed.

    A customer's rhythm is the mean time between the customer's orders, shrunk towards the
    median customer's, the more so the fewer orders there are. Silence is counted in multiples
    of the rhythm; how many are unusual is learned from how the times between orders differ:

    ============  ======================================================
    state         rule
    ============  ======================================================
    prospect      no order, or nothing known of them
    lapsed        silent for more than ``thresholds_["lapsed"]`` rhythms
    lapsing       silent for more than ``thresholds_["lapsing"]`` rhythms
    first-time    one order, and none of the above
    repeat        two orders or more, and none of the above
    ============  ======================================================

    Parameters
    ----------
    lapsing, lapsed : float
        Quantiles, 0 to 1, of the customers' times between orders in multiples of the median
        one: the longest silences that still are usual, and the longest before a customer
        counts as lost.
    prior_gaps : float
        The median customer's time between orders counts as this many of the customer's own.

    Attributes
    ----------
    typical_gap_ : float
        Days between two orders of the median customer with two orders or more.
    thresholds_ : dict of float
        Multiples of the rhythm after which a customer is lapsing, and lapsed.
    labels_ : ndarray of str
        The state of each fitted row.

    Notes
    -----
    Takes three columns in this order: days since the last order, number of orders, mean days
    between two orders; `recency`, `order_count` and `days_between_orders` among the behavioural
    features. The last one may be missing, as it is after one order: the rhythm then is the
    median customer's. Orders less than a day apart count as a day apart. One row per customer
    holds no single gaps, so that the differences between customers stand in for those between
    one customer's orders.

    No clusterer of scikit-learn's, which number their clusters: the states have names.

    Examples
    --------
    >>> rows = [[10, 4, 30], [48, 4, 30], [900, 9, 40], [5, 1, None], [None, 0, None]]
    >>> PurchaseCycle().fit([*rows, [3, 2, 60]]).predict(rows).tolist()
    ['repeat', 'lapsing', 'lapsed', 'first-time', 'prospect']
    """

    _COLUMNS = ("days since the last order", "number of orders", "days between orders")

    def __init__(self, *, lapsing: float = 0.8, lapsed: float = 0.95, prior_gaps: float = 2.0) -> None:
        self.lapsing = lapsing
        self.lapsed = lapsed
        self.prior_gaps = prior_gaps

    def _check(self) -> None:
        if not 0 < self.lapsing < self.lapsed < 1:
            raise ValueError(
                f"lapsing={self.lapsing}, lapsed={self.lapsed}; two quantiles are needed, "
                "0 < lapsing < lapsed < 1"
            )
        if not 0 <= self.prior_gaps < np.inf:
            raise ValueError(f"prior_gaps={self.prior_gaps}; a finite number of at least 0 is needed")

    def fit(self, X: Any, y: None = None) -> PurchaseCycle:
        """Learn the usual time between orders.

        Parameters
        ----------
        X
            One row per customer: days since the last order, orders, mean days between orders.

        Raises
        ------
        ValueError
            If a setting is impossible, or no customer has ordered twice.
        """
        _recency, orders, gap = three_columns(self, X, self._COLUMNS, reset=True).T
        self._check()
        own_gaps = np.maximum(gap[(orders >= 2) & ~np.isnan(gap)], 1.0)
        if not len(own_gaps):
            raise ValueError(
                f"n_samples={len(gap)}: no customer has two orders with the days between "
                "them, so the usual time between orders is unknown"
            )
        self.typical_gap_ = float(np.median(own_gaps))
        quantiles = np.quantile(own_gaps / self.typical_gap_, (self.lapsing, self.lapsed))
        self.thresholds_ = dict(zip(("lapsing", "lapsed"), quantiles.tolist(), strict=True))
        self.labels_ = self.predict(X)
        return self

    def _rhythm(self, orders: np.ndarray, gap: np.ndarray) -> np.ndarray:
        """Days between orders, shrunk towards the median customer's."""
        own = (orders >= 2) & ~np.isnan(gap)
        gaps = np.where(own, orders - 1, 0)
        expected_gap = gaps * np.where(own, np.maximum(gap, 1.0), 0) + self.prior_gaps * self.typical_gap_
        weight, rhythm = gaps + self.prior_gaps, np.full(len(gap), self.typical_gap_)
        return np.divide(expected_gap, weight, out=rhythm, where=weight > 0)

    def silence(self, X: Any) -> np.ndarray:
        """Return the days since the last order in multiples of each customer's rhythm."""
        check_is_fitted(self)
        recency, orders, gap = three_columns(self, X, self._COLUMNS, reset=False).T
        return np.where(orders >= 1, recency / self._rhythm(orders, gap), np.nan)

    def predict(self, X: Any) -> np.ndarray:
        """Name the state of each customer, one of `STATES`."""
        silence = self.silence(X)
        orders = three_columns(self, X, self._COLUMNS, reset=False)[:, 1]
        lapsed, lapsing = (silence > self.thresholds_[state] for state in ("lapsed", "lapsing"))
        rules = [np.isnan(silence), lapsed, lapsing, orders < 2]
        return np.select(rules, ["prospect", "lapsed", "lapsing", "first-time"], default="repeat")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
