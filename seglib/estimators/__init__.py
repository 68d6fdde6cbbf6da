"""Estimators with scikit-learn's interface, and the table that says which suits what."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from seglib.estimators.density import Density
from seglib.estimators.hierarchical import Hierarchical
from seglib.estimators.joined import Joined
from seglib.estimators.k_modes import KModes
from seglib.estimators.k_prototypes import KPrototypes
from seglib.estimators.latent_classes import LatentClasses
from seglib.estimators.merging import summed
from seglib.estimators.mixtures import MAX_OVERLAP, MergedMixture
from seglib.estimators.niches_apart import NichesApart
from seglib.estimators.preparation import RareLevels, ZeroOne, coded, computable, inputs, plan, preparation
from seglib.estimators.purchase_cycle import PurchaseCycle
from seglib.estimators.rfm import RFMSegments

__all__ = [
    "MAX_OVERLAP",
    "METHODS",
    "Density",
    "Hierarchical",
    "Joined",
    "KModes",
    "KPrototypes",
    "LatentClasses",
    "MergedMixture",
    "NichesApart",
    "PurchaseCycle",
    "RFMSegments",
    "RareLevels",
    "ZeroOne",
    "build",
    "coded",
    "computable",
    "fit_each",
    "inputs",
    "measured",
    "plan",
    "predict_each",
    "preparation",
    "suitable",
]

NUMBERS, BINARY, CATEGORIES = "numbers", "yes or no", "categories"
_ALL = frozenset({NUMBERS, BINARY, CATEGORIES})
_NO_CATEGORIES, _CATEGORIES = frozenset({NUMBERS, BINARY}), frozenset({CATEGORIES})
_NUMBERS, _NONE = frozenset({NUMBERS}), frozenset[str]()


@dataclass(frozen=True)
class Method:
    """One way to form segments.

    Attributes
    ----------
    takes
        Levels of measurement, as prepared, that it can take.
    auto
        Levels for which `methods: auto` chooses it, if they are the richest there are.
    make
        From a number of segments, a seed and a number of starts to an unfitted estimator.
    """

    takes: frozenset[str]
    auto: frozenset[str]
    make: Callable[[Any, int, int], Any]


def _gaussian(k: int, seed: int, n: int) -> GaussianMixture:
    settings = {"covariance_type": "diag", "reg_covar": 1e-3}
    return GaussianMixture(k, n_init=max(1, n // 5), random_state=seed, **settings)


def _merged(k: int | None, seed: int, n: int) -> MergedMixture:
    return MergedMixture(k, n_init=max(1, n // 4), random_state=seed)


def _latent(k: int, seed: int, n: int) -> LatentClasses:
    return LatentClasses(k, n_init=n, tol=1e-6, random_state=seed)


#: Which method (`vocabulary.Method`) suits which levels of measurement. The order decides between equals: prototypes
#: are explained and scored elsewhere more easily than mixtures.
METHODS: dict[str, Method] = {
    "k-means": Method(
        _NO_CATEGORIES, _NO_CATEGORIES, lambda k, seed, n: KMeans(k, n_init=n, random_state=seed)
    ),
    "k-prototypes": Method(_ALL, _CATEGORIES, lambda k, seed, n: KPrototypes(k, n_init=n, random_state=seed)),
    "k-modes": Method(_CATEGORIES, _NONE, lambda k, seed, _n: KModes(k, random_state=seed)),
    "merged mixture": Method(_ALL, _ALL, _merged),
    "gaussian mixture": Method(_NUMBERS, _NONE, _gaussian),
    "latent classes": Method(_ALL, _NONE, _latent),
    "ward": Method(_NO_CATEGORIES, _NONE, lambda k, _seed, _n: Hierarchical(k)),
    "gower": Method(_ALL, _NONE, lambda k, _seed, _n: Hierarchical(k, linkage="gower")),
    "hdbscan": Method(_NUMBERS, _NONE, lambda _k, _seed, _n: Density(noise=False)),
}


def measured(rows: pd.DataFrame) -> set[str]:
    """List the levels of measurement among prepared columns.

    Examples
    --------
    >>> sorted(measured(pd.DataFrame({"age": [20.0, 30.0, 44.0], "member": [0.0, 1.0, 1.0]})))
    ['numbers', 'yes or no']
    """
    numeric = rows.select_dtypes("number")
    binary = numeric.isin((0.0, 1.0)).all()
    categories = len(numeric.columns) < len(rows.columns)
    there = {BINARY: binary.any(), NUMBERS: not binary.all(), CATEGORIES: categories}
    return {level for level, found in there.items() if found}


def suitable(methods: str | list[str], levels: set[str]) -> list[str]:
    """List the methods to try.

    Parameters
    ----------
    methods
        'auto', or names of methods.
    levels
        From `measured`.

    Raises
    ------
    ValueError
        If a named method cannot take these levels.

    Examples
    --------
    >>> suitable("auto", {"numbers", "categories"})
    ['k-prototypes', 'merged mixture']
    >>> suitable("auto", {"yes or no"})
    ['k-means', 'merged mixture']
    """
    if methods == "auto":
        richest = CATEGORIES if CATEGORIES in levels else NUMBERS if NUMBERS in levels else BINARY
        return [name for name, method in METHODS.items() if richest in method.auto]
    for name in methods:
        if strange := levels - METHODS[name].takes:
            fit = [other for other, method in METHODS.items() if levels <= method.takes]
            raise ValueError(f"{name} cannot take {min(strange)}, which there are; use {', '.join(fit)}")
    return list(methods)


def build(method: str, n_segments: int | None, seed: int, n_init: int = 10) -> Any:
    """Build an unfitted estimator of a method.

    Examples
    --------
    >>> build("k-means", 3, seed=0).n_clusters
    3
    """
    return METHODS[method].make(n_segments, seed, n_init)


def fit_each(
    method: str,
    ks: Iterable[int],
    rows: pd.DataFrame,
    seed: int,
    n_init: int,
    like: dict[int, Any] | None = None,
) -> dict[int, Any]:
    """Fit a method for each number of segments that it can form.

    Parameters
    ----------
    method
        Name in `METHODS`.
    ks
        Numbers of segments. A mixture is fitted once and merged into each number up to that of
        its components; HDBSCAN finds its own number and gives that alone.
    rows
        One row per customer, prepared.
    seed, n_init
        Of the starts.
    like
        What was fitted before, to all rows: a merged mixture takes over the number of
        components and the kind of covariances; answers of yes and no, of which there are few
        patterns, are folded into weighted rows, which is faster and decides ties alike.

    Examples
    --------
    >>> rows = pd.DataFrame({"x": [0.0, 0.1, 0.2, 9.0, 9.1, 9.2]})
    >>> sorted(fit_each("k-means", [2, 3], rows, seed=0, n_init=1))
    [2, 3]
    """
    ks = list(ks)
    if method == "merged mixture":
        model = build(method, None, seed, n_init)
        if like:
            first = next(iter(like.values()))
            model.set_params(n_components=first.n_components_, covariance=first.covariance_)
        model.fit(rows)
        return {k: model.cut(k) for k in ks if k <= model.n_components_}
    if method == "hdbscan":
        model = build(method, 0, seed).fit(rows)
        return {model.n_clusters_: model} if model.n_clusters_ in ks else {}
    patterns, weights = _folded(rows) if method == "k-means" and like else (rows, None)
    models = {k: build(method, k, seed, n_init) for k in ks}
    for k, model in models.items():
        folds = weights is not None and k <= len(patterns)
        _ = model.fit(patterns, sample_weight=weights) if folds else model.fit(rows)
    return models


def predict_each(models: dict[int, Any], rows: pd.DataFrame) -> dict[int, np.ndarray]:
    """Return the segments of rows by models from `fit_each`; a mixture is asked once for all of them.

    Examples
    --------
    >>> rows = pd.DataFrame({"x": [0.0, 0.1, 0.2, 9.0, 9.1, 9.2]})
    >>> predict_each(fit_each("k-means", [2], rows, seed=0, n_init=1), rows)[2].shape
    (6,)
    """
    first = next(iter(models.values()), None)
    if isinstance(first, MergedMixture):
        finest = first.cut(first.n_components_).predict_proba(rows)
        return {k: summed(finest, model.segment_of_).argmax(1) for k, model in models.items()}
    return {k: model.predict(rows).astype(np.int64) for k, model in models.items()}


def _folded(rows: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray | None]:
    """Fold answers of yes and no into weighted patterns; other rows stay as they are."""
    if measured(rows) != {BINARY}:
        return rows, None
    patterns, weights = np.unique(rows.to_numpy(), axis=0, return_counts=True)
    return pd.DataFrame(patterns, columns=rows.columns), weights
