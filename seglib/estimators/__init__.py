"""Estimators with scikit-learn's interface, and the table that says which suits what."""

from __future__ import annotations

from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from seglib.estimators.k_prototypes import KPrototypes
from seglib.estimators.preparation import RareLevels, ZeroOne, plan, preparation
from seglib.estimators.rfm import OTHERS, PUBLISHED_RULES, RFMSegments

__all__ = [
    "METHODS", "OTHERS", "PUBLISHED_RULES", "KPrototypes", "RFMSegments", "RareLevels", "ZeroOne",
    "build", "plan", "preparation", "suitable",
]  # fmt: skip

#: Which method suits which levels of measurement; `auto` means those with a true last entry.
METHODS: dict[str, dict[str, object]] = {
    "k-means": {"categories": False, "numbers": True, "auto": True},
    "k-prototypes": {"categories": True, "numbers": True, "auto": True},
    "gaussian mixture": {"categories": False, "numbers": True, "auto": True},
}


def suitable(methods: str | list[str], categories: bool, only_binary: bool) -> list[str]:
    """List the methods to try.

    Parameters
    ----------
    methods
        'auto', or names of methods.
    categories
        Whether there are categories among the prepared features.
    only_binary
        Whether all prepared features are 0 or 1.

    Raises
    ------
    ValueError
        If a named method cannot take categories.

    Examples
    --------
    >>> suitable("auto", categories=True, only_binary=False)
    ['k-prototypes']
    >>> suitable("auto", categories=False, only_binary=False)
    ['k-means', 'gaussian mixture']
    """
    if methods == "auto":
        if categories:
            return ["k-prototypes"]
        return ["k-means"] if only_binary else ["k-means", "gaussian mixture"]
    unfit = [m for m in methods if categories and not METHODS[m]["categories"]]
    if unfit:
        raise ValueError(f"{unfit[0]} takes numbers alone, and there are categories; use k-prototypes")
    return list(methods)


def build(method: str, n_segments: int, seed: int, n_init: int = 10) -> object:
    """Make an unfitted estimator of a method.

    Examples
    --------
    >>> build("k-means", 3, seed=0).n_clusters
    3
    """
    if method == "k-means":
        return KMeans(n_segments, n_init=n_init, random_state=seed)
    if method == "gaussian mixture":
        return GaussianMixture(
            n_segments, covariance_type="diag", n_init=max(1, n_init // 5), reg_covar=1e-3,
            random_state=seed,
        )  # fmt: skip
    return KPrototypes(n_segments, n_init=n_init, random_state=seed)
