"""Second opinions: how far other methods and the usual rules agree with a segmentation."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from seglib import estimators
from seglib.segment.partitions import by_size, jaccard_stability, matched
from seglib.segment.thresholds import DISPUTED

#: Largest number of rows that second opinions are formed on, and compared on.
_FITTED, _COMPARED = 1500, 4000
_STARTS = 4
RFM = ("recency", "order_count", "net_value")
CYCLE = ("recency", "order_count", "days_between_orders")


#: By name of the rules, the estimator and its columns.
RULES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "RFM rules": (estimators.RFMSegments, RFM),
    "purchase cycle": (estimators.PurchaseCycle, CYCLE),
}


def rules(features: pd.DataFrame) -> dict[str, pd.Series]:
    """Divide customers by rules, as far as the features allow.

    Parameters
    ----------
    features
        One row per customer.

    Returns
    -------
    dict of Series
        By name of the rules, the name of each customer's segment.
    """
    return {
        name: pd.Series(make().fit(features[list(columns)]).labels_, index=features.index, name=name)
        for name, (make, columns) in RULES.items()
        if set(columns) <= set(features.columns)
    }


def fitted_rules(name: str, features: pd.DataFrame) -> Any:
    """Fit rules to these customers; none where there are no rules of that name."""
    if name not in RULES:
        return None
    make, columns = RULES[name]
    return make().fit(features[list(columns)])


def rule_stability(name: str, features: pd.DataFrame, seed: int, n_resamples: int = 20) -> np.ndarray:
    """Measure how stable the segments of rules are when the rules are fitted to other samples.

    Returns
    -------
    numpy.ndarray
        Mean Jaccard similarity per segment, the largest segment first.
    """
    rng = np.random.default_rng(seed)
    rows = features[list(RULES[name][1])]
    own = by_size(fitted_rules(name, rows).predict(rows)) - 1
    samples = (rows.iloc[rng.integers(0, len(rows), len(rows))] for _ in range(n_resamples))
    others = [pd.factorize(fitted_rules(name, drawn).predict(rows))[0] for drawn in samples]
    return np.mean([jaccard_stability(own, other) for other in others], axis=0)


def opinions(
    chosen: str, k: int, rows: pd.DataFrame, segments: np.ndarray, by_rules: dict[str, pd.Series], seed: int
) -> pd.DataFrame:
    """Let every method that takes these rows, and the rules, segment them.

    Parameters
    ----------
    chosen, k
        The method chosen and its number of segments, which the others are given too; HDBSCAN
        finds its own, and customers in thin regions go to the nearest dense one.
    rows
        One row per customer, prepared.
    segments
        The segments chosen.
    by_rules
        From `rules`.
    seed
        Of the sample and the starts.

    Returns
    -------
    pandas.DataFrame
        One row per customer (a sample of them where there are many), one column per opinion;
        the index is the position in `rows`.
    """
    rng = np.random.default_rng(seed)
    sample = np.sort(rng.choice(len(rows), min(len(rows), _COMPARED), replace=False))
    some = rows.iloc[sample].reset_index(drop=True)
    few = some.iloc[np.sort(rng.choice(len(some), min(len(some), _FITTED), replace=False))]
    labels = {chosen: segments[sample]}
    levels = estimators.measured(rows)
    for name, method in estimators.METHODS.items():
        if name == chosen or not levels <= method.takes:
            continue
        model = method.make(min(k, len(few)), seed, _STARTS).fit(few.reset_index(drop=True))
        labels[name] = model.predict(some)
    labels |= {name: own.to_numpy()[sample] for name, own in by_rules.items()}
    return pd.DataFrame(
        {name: pd.factorize(np.asarray(own))[0] for name, own in labels.items()}, index=sample
    )


def matrix(opinions: pd.DataFrame) -> pd.DataFrame:
    """Compare every two opinions.

    Returns
    -------
    pandas.DataFrame
        The table `agreement`, one row per pair.
    """
    rows = []
    for one, other in combinations(opinions.columns, 2):
        mine, theirs = opinions[one].to_numpy(), opinions[other].to_numpy()
        rows.append(
            {
                "one": one,
                "other": other,
                "segments_one": mine.max() + 1,
                "segments_other": theirs.max() + 1,
                "agreement": float(adjusted_rand_score(mine, theirs)),
                "elsewhere": float((_matched(mine, theirs) != mine).mean()),
            }
        )
    columns = ["one", "other", "segments_one", "segments_other", "agreement", "elsewhere"]
    return pd.DataFrame(rows, columns=columns)


def _matched(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    return matched(mine, theirs, mine.max() + 1)[theirs]


def disputed(opinions: pd.DataFrame, segments: np.ndarray) -> pd.DataFrame:
    """Find the customers on whom methods disagree.

    Parameters
    ----------
    opinions
        From `opinions`; the first column is the method chosen.
    segments
        The segments chosen, of all customers.

    Returns
    -------
    pandas.DataFrame
        One row per segment: segment, compared (customers whose opinions were compared), disputed
        (share of these whom at least half of the other methods, rules aside, put elsewhere).
    """
    own = opinions.iloc[:, 0].to_numpy()
    others = [c for c in opinions.columns[1:] if c in estimators.METHODS]
    against = [_matched(own, opinions[c].to_numpy()) != own for c in others]
    most = np.mean(against, axis=0) >= DISPUTED if against else np.zeros(len(own), dtype=bool)
    each = pd.Series(most).groupby(pd.Series(segments[opinions.index], name="segment"))
    return pd.DataFrame({"compared": each.size(), "disputed": each.mean()}).reset_index()


def crossed(segments: pd.Series, by_rules: dict[str, pd.Series], name: str = "RFM rules") -> pd.DataFrame:
    """Count the customers of each segment by the segments of rules; no row without these rules."""
    if name not in by_rules:
        return pd.DataFrame(index=pd.Index([], name="segment"))
    return pd.crosstab(segments, by_rules[name])


def fallback(by_rules: dict[str, pd.Series], n: int) -> tuple[np.ndarray, list[str], str]:
    """Divide customers by rules where no structure was found.

    Parameters
    ----------
    by_rules
        From `rules`.
    n
        Number of customers.

    Returns
    -------
    segments : numpy.ndarray
        From 1, the largest first.
    names : list of str
        Of the segments, in their order.
    rules : str
        Their name; 'nothing' if there are none, and all customers are one segment.
    """
    rules = next((name for name in ("purchase cycle", "RFM rules") if name in by_rules), "nothing")
    if rules == "nothing":
        return np.ones(n, dtype="int64"), ["All customers"], rules
    labels = by_rules[rules].to_numpy()
    numbers = by_size(labels)
    names = pd.Series(labels).groupby(numbers).first().str.capitalize()
    return numbers, names.tolist(), rules
