"""Psychographic features: what batteries of survey items say of attitudes and lifestyle."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import pandas as pd

from seglib.collect.features.catalogue import Feature, entries, from_template
from seglib.collect.features.derived import Derived, Settings
from seglib.collect.features.given import words_of
from seglib.collect.features.scales import (
    SPEEDING,
    STRAIGHT,
    Answers,
    answers,
    psychographic_scales,
    recoded,
    scale_entry,
    scored,
    speeders,
    straight_liners,
)

#: Fewer items or customers carry no factors.
LEAST_ITEMS, LEAST_CUSTOMERS = 6, 100
#: Customers that factors are learned from at the most.
MOST_CUSTOMERS = 20_000
_DRAWS, _QUANTILE, _SEED = 100, 0.95, 0

FEATURES = tuple(entries("psychographic").values())


def n_factors(items: pd.DataFrame) -> int:
    """Count the factors by parallel analysis (Horn, 1965, Psychometrika 30(2)).

    Parameters
    ----------
    items
        One row per customer, complete; one column per item, each of which varies.

    Returns
    -------
    int
        Leading eigenvalues of the correlations that lie above the 95th percentile of those of as
        many independent normal numbers (Glorfeld, 1995: the mean finds factors in noise).
    """
    rng = np.random.default_rng(_SEED)
    eigenvalues = _eigenvalues(items.to_numpy())
    noise = np.array([_eigenvalues(rng.standard_normal(items.shape)) for _ in range(_DRAWS)])
    above = eigenvalues > np.quantile(noise, _QUANTILE, axis=0)
    return int(np.argmin([*above, False]))


def _eigenvalues(rows: np.ndarray) -> np.ndarray:
    return np.linalg.eigvalsh(np.corrcoef(rows, rowvar=False))[::-1]


def factor_scores(items: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Find what the items have in common: maximum-likelihood factors, varimax (Kaiser, 1958).

    Factors come in the order of the variance that they explain, each turned so that its
    loadings sum to more than zero: another run finds the same ones with the same sign.

    Parameters
    ----------
    items
        One row per customer, one column per item, recoded.

    Returns
    -------
    scores
        One row per customer who answered all items: factor_1, factor_2, …; without columns if
        there are too few items or customers, or no factors.
    loadings
        One row per item that varies, one column per factor.
    """
    complete = items.dropna()
    complete = complete.loc[:, complete.std() > 0] if len(complete) > 1 else complete.iloc[:, :0]
    nothing = pd.DataFrame(index=complete.index), pd.DataFrame(index=complete.columns)
    if complete.shape[1] < LEAST_ITEMS or len(complete) < LEAST_CUSTOMERS:
        return nothing
    rows = (complete - complete.mean()) / complete.std()
    learned = rows
    if len(rows) > MOST_CUSTOMERS:
        learned = rows.sample(MOST_CUSTOMERS, random_state=_SEED).sort_index()
    n = n_factors(learned)
    if not n:
        return nothing
    from sklearn.decomposition import FactorAnalysis

    model = FactorAnalysis(n, rotation="varimax", svd_method="lapack", max_iter=10_000, tol=1e-4)
    loadings = model.fit(learned.to_numpy()).components_.T
    order = np.argsort(-(loadings**2).sum(axis=0), kind="stable")
    sign = np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    names = [f"factor_{i + 1}" for i in range(n)]
    scores = (model.transform(rows.to_numpy()) * sign)[:, order]
    return (
        pd.DataFrame(scores, complete.index, names),
        pd.DataFrame((loadings * sign)[:, order], complete.columns, names),
    )


def careless(answered: Answers) -> tuple[pd.Series, list[str]]:
    """Flag whose answers look careless: True per customer who answered, and how many in words."""
    straight = straight_liners(answered.scores)
    fast = speeders(answered.seconds).reindex(answered.scores.index, fill_value=False)
    either = straight | fast
    if not either.any():
        return either, []
    return either, [
        f"{int(either.sum()):,} of {len(either):,} customers seem to have answered without care: "
        f"{int(straight.sum()):,} gave one answer to all items ({STRAIGHT} or more), {int(fast.sum()):,} took less "
        f"than {SPEEDING:.0%} of the median time; their answers are left out of scales and factors."
    ]


def _factor_entry(name: str, loadings: pd.Series, labels: dict[str, Any]) -> Feature:
    """Name a factor by the two items that it loads on most."""
    most = loadings.abs().sort_values(ascending=False, kind="stable").index[:2]
    words = " and ".join(("not " if loadings[item] < 0 else "") + words_of(item, labels) for item in most)
    title = name.replace("_", " ").capitalize()
    return from_template("factor", name, {"title": title, "words": words})


def derive(tables: dict[str, ibis.Table], settings: Settings) -> Derived:
    """Derive what the sources allow: one row per customer who answered."""
    scales = psychographic_scales(settings.scales)
    if not scales or not {"responses", "customers"} & set(tables):
        return Derived()
    answered = answers(tables, scales)
    without_care, remarks = careless(answered)
    scores, on_scales = scored(answered, scales, without_care.index[without_care])
    items = pd.concat([recoded(answered.scores[~without_care], scale) for scale in scales.values()], axis=1)
    factors, loadings = factor_scores(items.loc[:, ~items.columns.duplicated()])
    frame = scores.assign(careless=without_care.astype("float64").to_numpy())
    frame = frame.merge(factors.rename_axis("customer").reset_index(), on="customer", how="left")
    names = scores.columns.drop("customer")
    features = [scale_entry("scale_of_attitudes", n, scales[n], settings.labels) for n in names]
    features += [_factor_entry(n, loadings[n], settings.labels) for n in loadings]
    return Derived((frame,), (*features, entries("psychographic")["careless"]), (*remarks, *on_scales))
