"""Second opinions: what other methods and the rules say of the same customers."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from seglib import estimators
from seglib.privacy.disclosure import coded, hidden
from seglib.segment.partitions import by_size, jaccard_recovery, matched

#: Rows that second opinions are formed on, and compared on, at the most.
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


def fitted_rules(what: str, features: pd.DataFrame) -> Any:
    """Give rules learned from these customers; nothing where there are none."""
    if what not in RULES:
        return None
    make, columns = RULES[what]
    return make().fit(features[list(columns)])


def rule_recovery(what: str, features: pd.DataFrame, seed: int, n_resamples: int = 20) -> np.ndarray:
    """Measure how far rules divide the same when learned from other samples.

    Returns
    -------
    numpy.ndarray
        Mean Jaccard similarity per segment, the largest segment first.
    """
    rng = np.random.default_rng(seed)
    rows = features[list(RULES[what][1])]
    own = by_size(fitted_rules(what, rows).predict(rows)) - 1
    samples = (rows.iloc[rng.integers(0, len(rows), len(rows))] for _ in range(n_resamples))
    found = [pd.factorize(fitted_rules(what, drawn).predict(rows))[0] for drawn in samples]
    return np.mean([jaccard_recovery(own, each) for each in found], axis=0)


def opinions(
    chosen: str, k: int, rows: pd.DataFrame, segments: np.ndarray, by_rules: dict[str, pd.Series], seed: int
) -> pd.DataFrame:
    """Ask every method that takes these rows, and the rules, for their segments.

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
    asked = np.sort(rng.choice(len(rows), min(len(rows), _COMPARED), replace=False))
    some = rows.iloc[asked].reset_index(drop=True)
    few = some.iloc[np.sort(rng.choice(len(some), min(len(some), _FITTED), replace=False))]
    made = {chosen: segments[asked]}
    levels = estimators.measured(rows)
    for name, method in estimators.METHODS.items():
        if name == chosen or not levels <= method.takes:
            continue
        model = method.make(min(k, len(few)), seed, _STARTS).fit(few.reset_index(drop=True))
        made[name] = model.predict(some)
    made |= {name: found.to_numpy()[asked] for name, found in by_rules.items()}
    return pd.DataFrame(
        {name: pd.factorize(np.asarray(found))[0] for name, found in made.items()}, index=asked
    )


def matrix(asked: pd.DataFrame) -> pd.DataFrame:
    """Compare every two opinions.

    Returns
    -------
    pandas.DataFrame
        One row per pair: one, other, segments_one, segments_other (their numbers of segments),
        agreement (adjusted Rand index), elsewhere (share of customers whom the other puts into
        a segment that does not stand for theirs).
    """
    rows = []
    for one, other in combinations(asked.columns, 2):
        mine, theirs = asked[one].to_numpy(), asked[other].to_numpy()
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
    return pd.DataFrame(
        rows, columns=["one", "other", "segments_one", "segments_other", "agreement", "elsewhere"]
    )


def _matched(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    return matched(mine, theirs, mine.max() + 1)[theirs]


def disputed(asked: pd.DataFrame, segments: np.ndarray, min_cell: int = 1) -> pd.DataFrame:
    """Find the customers on whom methods disagree.

    Parameters
    ----------
    asked
        From `opinions`; the first column is the method chosen.
    segments
        The segments chosen, of all customers.
    min_cell
        Shares are kept so many customers off their ends (`disclosure.coded`).

    Returns
    -------
    pandas.DataFrame
        One row per segment: customers (asked about), disputed (share whom at least half of the
        other methods, rules aside, put elsewhere).
    """
    own = asked.iloc[:, 0].to_numpy()
    others = [c for c in asked.columns[1:] if c in estimators.METHODS]
    against = [(_matched(own, asked[c].to_numpy()) != own) for c in others]
    most = np.mean(against, axis=0) >= 0.5 if against else np.zeros(len(own), dtype=bool)
    table = pd.DataFrame({"segment": segments[asked.index], "disputed": most})
    found = table.groupby("segment").disputed
    made = pd.DataFrame({"customers": found.size(), "disputed": found.sum()})
    made["disputed"] = coded(made.disputed, made.customers, min_cell) / made.customers
    return made.reset_index()


def crossed(rows: pd.Series, columns: pd.Series, min_cell: int = 1) -> pd.DataFrame:
    """Spread the rows of one partition over another.

    Returns
    -------
    pandas.DataFrame
        Shares of each row's customers by column; cells of fewer than `min_cell` customers, but
        for empty ones, are missing, and so are those that would give them away to a reader who
        knows how many customers each row has.
    """
    counts = pd.crosstab(rows, columns)
    return counts.div(counts.sum(axis=1), axis=0).mask(hidden(counts, min_cell, {"rows"}))


def fallback(by_rules: dict[str, pd.Series], n: int) -> tuple[np.ndarray, list[str], str]:
    """Divide customers by rules where there are no segments to be found.

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
    what : str
        The rules; 'nothing' if there are none, and all customers are one.
    """
    what = next((name for name in ("purchase cycle", "RFM rules") if name in by_rules), "nothing")
    if what == "nothing":
        return np.ones(n, dtype="int64"), ["All customers"], what
    found = by_rules[what].to_numpy()
    numbers = by_size(found)
    named = pd.Series(found).groupby(numbers).first().str.capitalize()
    return numbers, named.tolist(), what
