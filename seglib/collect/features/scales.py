"""Survey scales: answers, what they add up to, and whether they were given with care."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pandas as pd
from ibis import _

from seglib.collect.features.catalogue import Feature, from_template
from seglib.collect.features.given import words_of
from seglib.errors import DataError, listing

#: Below this a scale's items do not hang together (Nunnally, 1978).
LEAST_ALPHA = 0.7
#: The same answer to so many items or more is no answer to any of them.
STRAIGHT = 6
#: Who takes less than this share of the median time has not read the items.
SPEEDING = 1 / 3
#: Share of a scale's items that must be answered.
LEAST_ANSWERED = 0.5


@dataclass(frozen=True)
class Answers:
    """Answers to survey items.

    Attributes
    ----------
    scores
        One row per customer (the index), one column per item: the mean of the customer's answers,
        as given.
    seconds
        Median seconds that each customer took for an item; empty where that is not known.
    impossible
        By item, how many answers lay outside its range; they are missing in `scores`.
    """

    scores: pd.DataFrame
    seconds: pd.Series
    impossible: dict[str, int]


def psychographic_scales(scales: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Select the scales of attitudes: those of no other basis."""
    return {n: s for n, s in scales.items() if s.get("basis", "psychographic") == "psychographic"}


def _within(scale: dict[str, Any], scores: Any) -> Any:
    low, high = scale["range"]
    return (scores >= low) & (scores <= high)


def _asked(responses: ibis.Table, ranges: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """Sum up responses: one row per customer and item, with the mean score and seconds."""
    named = responses.filter(responses.item.isin(list(ranges)) & responses.score.notnull())
    possible = ibis.cases(
        *[(named.item == item, _within(scale, named.score)) for item, scale in ranges.items()], else_=False
    )
    exact = named.mutate(possible=possible, score=named.score.round(6).cast("decimal(18, 6)"))
    sums = {
        "n": _.possible.cast("int64").sum(),
        "bad": (~_.possible).cast("int64").sum(),
        "total": _.score.sum(where=_.possible),
    }
    if "seconds" in responses.columns:
        exact = exact.mutate(took=exact.seconds.round(6).cast("decimal(18, 6)"))
        sums |= {"took": exact.took.sum(), "timed": exact.took.count()}
    by_item = exact.group_by("customer", "item").agg(**sums).to_pandas()
    means = by_item[["customer", "item", "bad"]].assign(score=_quotient(by_item.total, by_item.n))
    if "took" in by_item:
        means = means.assign(seconds=_quotient(by_item.took, by_item.timed))
    return means


def _quotient(total: pd.Series, n: pd.Series) -> pd.Series:
    return total.astype("float64") / n.astype("float64").where(n > 0)


def _given(customers: ibis.Table, ranges: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """Read items that are columns of the customers: one row per customer and item."""
    items = [item for item in ranges if item in customers.columns]
    wide = customers.select("customer", *items).to_pandas()
    for item in items:
        if not pd.api.types.is_numeric_dtype(wide[item]):
            raise DataError(
                f"customers: column '{item}', an item of a scale, holds {wide[item].dtype} where numbers are "
                "expected; correct it in the source, or take it out of scales"
            )
    long = wide.melt("customer", var_name="item", value_name="score").dropna(subset="score")
    long = long.astype({"score": "float64"})
    within = pd.Series(True, index=long.index)
    for item in items:
        own = long.item == item
        within[own] = _within(ranges[item], long.score[own])
    return long.assign(score=long.score.where(within), bad=(~within).astype("int64"))


def answers(tables: dict[str, ibis.Table], scales: dict[str, dict[str, Any]]) -> Answers:
    """Collect the answers to all items of some scales.

    Parameters
    ----------
    tables
        responses (one row per customer and item: customer, item, score, and seconds as far as
        named), and customers, where an item can be a column.
    scales
        By name: items, reverse and range (lowest and highest answer).

    Raises
    ------
    DataError
        If a column of customers that is an item does not hold numbers.
    """
    ranges = {item: scale for scale in scales.values() for item in scale["items"]}
    parts = []
    if "responses" in tables:
        parts.append(_asked(tables["responses"], ranges))
    answered = set().union(*(part.item for part in parts))
    if "customers" in tables and (set(ranges) - answered) & set(tables["customers"].columns):
        parts.append(_given(tables["customers"], {i: s for i, s in ranges.items() if i not in answered}))
    long = (
        pd.concat(parts, ignore_index=True)
        if parts
        else pd.DataFrame(columns=["customer", "item", "bad", "score"])
    )
    wide = long.pivot(index="customer", columns="item", values="score").rename_axis(columns=None).sort_index()
    wide = wide[[item for item in ranges if item in wide]].astype("float64")
    seconds = (
        long.groupby("customer").seconds.median().dropna()
        if "seconds" in long
        else pd.Series(dtype="float64")
    )
    bad = long.groupby("item").bad.sum()
    return Answers(wide, seconds, {str(i): int(n) for i, n in bad.items() if n > 0})


def straight_liners(scores: pd.DataFrame) -> pd.Series:
    """Flag who gave one answer to all items, as given and not as recoded, and to `STRAIGHT` or more.

    After Meade and Craig (2012, Psychological Methods 17(3)): a long run of one answer, across
    items that mean the opposite.
    """
    return (scores.notna().sum(axis=1) >= STRAIGHT) & (scores.max(axis=1) == scores.min(axis=1))


def speeders(seconds: pd.Series) -> pd.Series:
    """Flag who took less than a third of the median customer's time for an item.

    After Greszki, Meyer and Schoen (2015, Public Opinion Quarterly 79(2)): a share of the median.
    """
    return seconds < SPEEDING * seconds.median()


def recoded(scores: pd.DataFrame, scale: dict[str, Any]) -> pd.DataFrame:
    """Select a scale's items, turned so that a high answer always means much.

    Examples
    --------
    >>> given = pd.DataFrame({"calm": [1.0, 4.0], "nervous": [5.0, 2.0]})
    >>> recoded(given, {"items": ["calm", "nervous"], "reverse": ["nervous"], "range": [1, 5]}).nervous.tolist()
    [1.0, 4.0]
    """
    items = scores[[item for item in scale["items"] if item in scores]]
    low, high = scale["range"]
    turned = {item: low + high - items[item] for item in scale.get("reverse", []) if item in items}
    return items.assign(**turned)


def scale_score(items: pd.DataFrame, n_items: int) -> pd.Series:
    """Average the answered items of each customer, where at least half of them are answered."""
    enough = items.notna().sum(axis=1) >= LEAST_ANSWERED * n_items
    return items.mean(axis=1).where(enough)


def cronbach_alpha(items: pd.DataFrame) -> float:
    """Measure how well the items of a scale hang together (Cronbach, 1951, Psychometrika 16(3)).

    Parameters
    ----------
    items
        One row per customer, one column per item, recoded. Only who answered all of them counts.

    Returns
    -------
    float
        At most 1; missing with fewer than two items or complete customers, and where sums do not
        vary.

    Examples
    --------
    >>> round(cronbach_alpha(pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 4, 4]})), 4)
    0.9412
    """
    complete = items.dropna()
    n_items = items.shape[1]
    if n_items < 2 or len(complete) < 2:
        return float("nan")
    total = complete.sum(axis=1).var()
    if not total > 0:
        return float("nan")
    return float(n_items / (n_items - 1) * (1 - complete.var().sum() / total))


def alpha_remark(name: str, alpha: float, complete: int) -> list[str]:
    """Warn of a scale that does not hang together, or of which that is not known."""
    if np.isnan(alpha):
        return [
            f"Scale '{name}': Cronbach's alpha cannot be computed: it needs two items, and two customers or "
            f"more who answered all of them differently ({complete:,} answered all)."
        ]
    if alpha < LEAST_ALPHA:
        return [
            f"Scale '{name}': its items hardly measure one thing (Cronbach's alpha {alpha:.2f}, below "
            f"{LEAST_ALPHA}; {complete:,} customers)."
        ]
    return []


def scored(
    answered: Answers, scales: dict[str, dict[str, Any]], leave_out: Iterable[int] = ()
) -> tuple[pd.DataFrame, list[str]]:
    """Score scales, and say what is wrong with them.

    Parameters
    ----------
    answered
        From `answers`.
    scales
        By name: items, reverse, range.
    leave_out
        Customers whose answers count for nothing.

    Returns
    -------
    pandas.DataFrame
        One row per customer with an answer: customer, and a column per scale of which an item
        was answered: the mean of its items.
    list of str
        Remarks.
    """
    kept = answered.scores.drop(index=list(leave_out))
    scores, remarks = {}, []
    for name, scale in scales.items():
        absent = [item for item in scale["items"] if item not in kept]
        if absent:
            remarks.append(
                f"Scale '{name}': no customer answered {listing(absent)}; it stands on the other items."
            )
        items = recoded(kept, scale)
        if items.columns.empty:
            remarks[-1:] = [f"Scale '{name}': no customer answered any of its items; it is left out."]
            continue
        impossible = sum(answered.impossible.get(item, 0) for item in scale["items"])
        if impossible:
            low, high = scale["range"]
            remarks.append(
                f"Scale '{name}': {impossible:,} answers lie outside {low:g} to {high:g} and are read as missing."
            )
        scores[name] = scale_score(items, len(items.columns))
        remarks += alpha_remark(name, cronbach_alpha(items), len(items.dropna()))
    frame = pd.DataFrame(scores, index=kept.index).reindex(answered.scores.index)
    return frame.rename_axis("customer").reset_index(), remarks


def scale_entry(template: str, name: str, scale: dict[str, Any], labels: dict[str, Any]) -> Feature:
    """Describe the score of a scale with a template of the catalogue."""
    words = words_of(name, labels)
    lowest, highest = scale["range"]
    number = {"n_items": len(scale["items"]), "lowest": lowest, "highest": highest}
    return from_template(template, name, {"words": words, "title": words[:1].upper() + words[1:], **number})
