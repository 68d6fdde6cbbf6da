"""How well descriptors alone find the customers of a segment."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict, train_test_split
from threadpoolctl import threadpool_limits

from seglib.assess.thresholds import FEWEST
from seglib.vocabulary import OTHER

#: Folds of the cross-validation, and the fewest customers of a segment: of ten, noise alone makes an area
#: of 0.7 once in ten times.
_FOLDS, _FEWEST = 5, 20
#: Customers used at the most.
_MOST = 20_000
#: Bases that are all drawn from what customers ordered: where one is known, so are the others.
_FROM_ORDERS = {"behavioural", "value", "purchase_cycle"}
#: Answers of one descriptor that are distinguished at the most.
_MOST_ANSWERS = 60


def descriptors(catalogue: pd.DataFrame, variables: list[str]) -> list[str]:
    """List the features by which customers of a segment could be sought.

    These did not form the segments and are of other bases than those that did: what is measured
    along with a variable is known only where the variable is. Behaviour, value and purchase cycle
    count as one, for all follow from orders. Protected attributes (column `protected`, where there
    is one) are left out.

    Examples
    --------
    >>> catalogue = pd.DataFrame({"feature": ["recency", "net_value", "town", "age"],
    ...     "basis": ["behavioural", "value", "geographic", "demographic"],
    ...     "protected": [False, False, False, True]})
    >>> descriptors(catalogue, ["recency"])
    ['town']
    """
    formed = catalogue.feature.isin(list(variables))
    bases = set(catalogue.basis[formed])
    bases |= _FROM_ORDERS if bases & _FROM_ORDERS else set()
    kept = ~formed & ~catalogue.basis.isin(bases)
    if "protected" in catalogue:
        kept &= ~catalogue.protected.astype(bool)
    return catalogue.feature[kept].tolist()


def accessibility(
    features: pd.DataFrame, segments: pd.Series, fewest: int = FEWEST, most: int = _MOST, seed: int = 0
) -> pd.DataFrame:
    """Predict membership from descriptors, and compare with the truth.

    Gradient-boosted trees predict the segment of held-out customers (stratified five-fold
    cross-validation), on a stratified sample where there are many.

    Parameters
    ----------
    features
        One row per customer, descriptors only (from `descriptors`).
    segments
        The segment of each, in the same order.
    fewest
        Customers of a segment, and of an answer, at least; never fewer than twenty of a segment.
    most
        Customers used at the most.
    seed
        Of the sample and the folds.

    Returns
    -------
    pandas.DataFrame
        One row per segment: segment, customers (in the sample), base_rate (share of them), auc (one
        against the rest: chance that a customer of the segment is ranked above one of the
        rest; 0.5 is chance), lift (share of the segment among as many top-ranked customers as it
        has, over its base rate; 1 is chance). Missing in segments of fewer than twenty in the sample.
    """
    names = sorted(segments.dropna().unique())
    empty = pd.DataFrame(
        {"segment": names, "customers": 0, "base_rate": np.nan, "auc": np.nan, "lift": np.nan}
    )
    # Segments are numbered as they first appear, so that their own numbers move neither folds nor trees.
    codes, found = pd.factorize(segments)
    labels = pd.Series(codes).where(codes >= 0).to_numpy()
    rows = _sampled(labels, max(fewest, _FEWEST), most, seed)
    there = _varying(features.iloc[rows]) if len(rows) else []
    if len(np.unique(labels[rows])) < 2 or not there:
        return empty
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    model = HistGradientBoostingClassifier(
        max_iter=50,
        max_leaf_nodes=15,
        min_samples_leaf=10,
        early_stopping=False,
        categorical_features="from_dtype",
        random_state=seed,
    )
    with threadpool_limits(1):  # sums do not depend on the cores
        prepared = _prepared(features[there].iloc[rows], fewest)
        chances = cross_val_predict(model, prepared, labels[rows], cv=folds, method="predict_proba")
    kept = np.unique(labels[rows])
    measured = [_measured(labels[rows] == code, chances[:, at]) for at, code in enumerate(kept)]
    made = pd.DataFrame(measured).assign(segment=found[kept.astype(int)])
    made = made.set_index("segment").reindex(names).rename_axis("segment").reset_index()
    return made.fillna({"customers": 0}).astype({"customers": int})[list(empty)]


def _sampled(labels: np.ndarray, least: int, most: int, seed: int) -> np.ndarray:
    """Draw customers, in each segment its share; those of segments too small to be measured are left out."""
    known = pd.Series(labels).dropna()
    if len(known) > most:
        many = known.groupby(known).transform("size") * most / len(known) >= least
        known = known[many]
    sizes = known.groupby(known).transform("size")
    rows = known.index[sizes >= least].to_numpy()
    if len(rows) <= most:
        return rows
    return np.sort(train_test_split(rows, train_size=most, stratify=labels[rows], random_state=seed)[0])


def _varying(features: pd.DataFrame) -> list[str]:
    return [c for c in features if features[c].nunique(dropna=False) > 1]


def _prepared(features: pd.DataFrame, fewest: int) -> pd.DataFrame:
    """Write numbers as numbers and answers as categories; missing stays missing."""
    made = {}
    for name in features:
        values = features[name]
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            made[name] = values.astype("float64").replace([np.inf, -np.inf], np.nan).to_numpy()
        else:
            answers = values.astype("string").astype(object)
            often = answers.value_counts()
            kept = often.index[often >= max(fewest, 2)][:_MOST_ANSWERS]
            known = answers.where(answers.isin(kept) | answers.isna(), OTHER)
            made[name] = pd.Categorical(known.where(known.notna(), None))
    return pd.DataFrame(made, index=features.index)


def _measured(own: np.ndarray, chance: np.ndarray) -> dict[str, float]:
    n = int(own.sum())
    auc = float(roc_auc_score(own, chance))
    return {"customers": n, "base_rate": n / len(own), "auc": auc, "lift": _lift(own, chance)}


def _lift(own: np.ndarray, chance: np.ndarray) -> float:
    """Compute the lift of the top customers; those that tie for the last places count by their share."""
    n = int(own.sum())
    border = np.partition(chance, -n)[-n]
    above, at = chance > border, chance == border
    hits = own[above].sum() + own[at].mean() * (n - above.sum())
    return float(hits / n / (n / len(own)))
