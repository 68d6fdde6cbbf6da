"""Psychographic features: what batteries of survey items say of attitudes and lifestyle."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import pandas as pd

from seglib.collect.features.catalogue import Feature
from seglib.collect.features.derived import Derived, Settings
from seglib.collect.features.given import label_of
from seglib.collect.features.scales import (
    SPEEDING,
    STRAIGHT,
    Answers,
    answers,
    recoded,
    scored,
    speeders,
    straight_liners,
)

#: Fewer items or customers carry no factors.
LEAST_ITEMS, LEAST_CUSTOMERS = 6, 100
#: Customers that factors are learned from at the most.
MOST_CUSTOMERS = 20_000
_DRAWS, _QUANTILE, _SEED = 100, 0.95, 0

FEATURES: tuple[Feature, ...] = (
    Feature(
        "scale_scores",
        "psychographic",
        "interval",
        "score",
        "Scales of attitudes",
        "high",
        "low",
        "mean answer to the items of each scale",
        "responses",
        "responses, scales",
    ),
    Feature(
        "factors",
        "psychographic",
        "interval",
        "score",
        "Factors of attitudes",
        "high",
        "low",
        "what the items of all scales have in common",
        "responses",
        "responses, scales",
    ),
    Feature(
        "careless",
        "psychographic",
        "binary",
        "",
        "Careless answers",
        "answered without care",
        "",
        "one answer to all items, or answered faster than one can read",
        "responses",
        "responses, scales",
        describes=True,
    ),
)


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
    found = _eigenvalues(items.to_numpy())
    noise = np.array([_eigenvalues(rng.standard_normal(items.shape)) for _ in range(_DRAWS)])
    above = found > np.quantile(noise, _QUANTILE, axis=0)
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
    learned = (
        rows if len(rows) <= MOST_CUSTOMERS else rows.sample(MOST_CUSTOMERS, random_state=_SEED).sort_index()
    )
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


def careless(found: Answers) -> tuple[pd.Series, list[str]]:
    """Tell whose answers look careless: True per customer who answered, and how many in words."""
    straight = straight_liners(found.scores)
    fast = speeders(found.seconds).reindex(found.scores.index, fill_value=False)
    either = straight | fast
    if not either.any():
        return either, []
    return either, [
        f"{int(either.sum()):,} of {len(either):,} customers seem to have answered without care: "
        f"{int(straight.sum()):,} gave one answer to all items ({STRAIGHT} or more), {int(fast.sum()):,} took less "
        f"than {SPEEDING:.0%} of the median time; their answers are left out of scales and factors."
    ]


def _scale_entry(name: str, scale: dict[str, Any], labels: dict[str, Any]) -> Feature:
    words = label_of(labels.get(name)) or name.replace("_", " ")
    return Feature(
        name,
        "psychographic",
        "interval",
        "score",
        words[:1].upper() + words[1:],
        f"high {words}",
        f"low {words}",
        f"mean answer to {len(scale['items'])} items, from {scale['range'][0]:g} to {scale['range'][1]:g}",
        "responses",
    )


def _factor_entry(name: str, loadings: pd.Series, labels: dict[str, Any]) -> Feature:
    """Call a factor by the two items that it loads on most."""
    most = loadings.abs().sort_values(ascending=False, kind="stable").index[:2]
    called = {i: label_of(labels.get(i)) or i.replace("_", " ") for i in most}
    words = " and ".join(("not " if loadings[i] < 0 else "") + called[i] for i in most)
    # Forming segments on factors loses what the items know (Dolnicar and Grün, 2008).
    return Feature(
        name,
        "psychographic",
        "interval",
        "score",
        f"{name.replace('_', ' ').capitalize()}: {words}",
        f"high in {words}",
        f"low in {words}",
        "factor of all items of all scales (maximum likelihood, varimax)",
        "responses",
        describes=True,
    )


def derive(tables: dict[str, ibis.Table], settings: Settings) -> Derived:
    """Derive what the sources allow: one row per customer who answered."""
    scales = {n: s for n, s in settings.scales.items() if s.get("basis", "psychographic") == "psychographic"}
    if not scales or not {"responses", "customers"} & set(tables):
        return Derived()
    found = answers(tables, scales)
    without_care, remarks = careless(found)
    scores, said = scored(found, scales, without_care.index[without_care])
    items = pd.concat([recoded(found.scores[~without_care], scale) for scale in scales.values()], axis=1)
    factors, loadings = factor_scores(items.loc[:, ~items.columns.duplicated()])
    made = scores.assign(careless=without_care.astype("float64").to_numpy())
    made = made.merge(factors.rename_axis("customer").reset_index(), on="customer", how="left")
    entries = [_scale_entry(n, scales[n], settings.labels) for n in scores.columns.drop("customer")]
    entries += [_factor_entry(n, loadings[n], settings.labels) for n in loadings]
    entries += [entry for entry in FEATURES if entry.feature == "careless"]
    return Derived((made,), tuple(entries), (*remarks, *said))
