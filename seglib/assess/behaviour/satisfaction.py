"""Satisfaction: how content each segment is, and whether it would recommend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from ibis import _

from seglib.assess.behaviour.movement import located
from seglib.assess.thresholds import DETRACTORS, PROMOTERS, SCALE
from seglib.errors import ParamsError, listing, nearest
from seglib.statistics import Z, student

#: Names of items by which a question is known, in small letters.
NAMES: dict[str, tuple[str, ...]] = {
    "recommend": ("nps", "recommend", "recommendation", "likelihood_to_recommend"),
    "satisfaction": ("satisfaction", "csat"),
}
COLUMNS = ("segment", "item", "question", "answers", "mean", "low", "high", "nps", "nps_low", "nps_high")


@dataclass(frozen=True)
class Asked:
    """The items that ask for satisfaction.

    Attributes
    ----------
    items
        By question, recommend or satisfaction: the item.
    unused
        The item to recommend that is not used, since its answers are not on 0 to 10.
    """

    items: dict[str, str]
    unused: str | None = None


def asked(responses: ibis.Table | None, named: Mapping[str, str | None] | None = None) -> Asked:
    """Find the items that ask for satisfaction: those that the params name, or else by their names.

    Parameters
    ----------
    responses
        One row per customer and item: item, score; or nothing.
    named
        The item of each question, as the params name them.

    Raises
    ------
    ParamsError
        If an item that the params name does not exist, or one to recommend is not answered on
        0 to 10.
    """
    given = {question: item for question, item in (named or {}).items() if item is not None}
    known = {} if responses is None else _ranges(responses)
    for question, item in given.items():
        place = f"assess.satisfaction.{question} names '{item}'"
        if responses is None:
            raise ParamsError(f"{place}, and there are no answers; name them under sources.responses")
        if item not in known:
            raise ParamsError(f"{place}; items with answers: {listing(known, 40)}.{nearest(item, known)}")
        if question == "recommend" and not _within(known[item]):
            raise ParamsError(
                f"{place}, whose answers run from {known[item][0]:g} to {known[item][1]:g}; 0 to 10 are "
                "allowed: name an item of that scale, or take recommend out"
            )
    if given:
        return Asked(given)
    matches = {
        question: next((i for n in names for i in sorted(known) if _plain(i) == n), None)
        for question, names in NAMES.items()
    }
    items = {question: item for question, item in matches.items() if item is not None}
    recommend = items.get("recommend")
    if recommend and not (_within(known[recommend]) and known[recommend][1] >= PROMOTERS):
        del items["recommend"]
        return Asked(items, recommend)
    return Asked(items)


def _plain(item: str) -> str:
    return item.strip().casefold().replace(" ", "_").replace("-", "_")


def _within(ends: tuple[float, float]) -> bool:
    return ends[0] >= SCALE[0] and ends[1] <= SCALE[1]


def _ranges(responses: ibis.Table) -> dict[str, tuple[float, float]]:
    """Find the lowest and highest answer to each item."""
    answered = responses.filter(_.item.notnull() & _.score.notnull())
    ends = answered.group_by("item").agg(low=_.score.min(), high=_.score.max()).order_by("item").to_pandas()
    return {str(item): (float(low), float(high)) for item, low, high in ends.itertuples(index=False)}


def latest(responses: ibis.Table) -> ibis.Table:
    """Keep each customer's last answer to each item; the mean of several at once, or where no time is known.

    Returns
    -------
    ibis.Table
        One row per customer and item: customer, item, score.
    """
    known = responses.filter(_.item.notnull() & _.score.notnull())
    if "time" in known.columns:
        last = known.group_by("customer", "item").agg(last=_.time.max())
        known = known.inner_join(last, ["customer", "item"]).filter(_.time == _.last)
    exact = known.mutate(score=_.score.round(6).cast("decimal(18, 6)"))
    summed = exact.group_by("customer", "item").agg(total=_.score.sum(), n=_.count())
    return summed.select("customer", "item", score=(_.total.cast("float64") / _.n).round(6))


def satisfaction(
    responses: ibis.Table | None, segments: ibis.Table, items: Mapping[str, str]
) -> pd.DataFrame:
    """Average each segment's answers, and subtract its detractors from its promoters.

    Parameters
    ----------
    responses
        One row per customer and item: customer, item, score, and time where known; or nothing.
    segments
        One row per customer: customer, segment.
    items
        By question, recommend or satisfaction: the item (`asked`).

    Returns
    -------
    pandas.DataFrame
        The table `satisfaction`: one row per segment and item, none without items. Intervals are
        Student's, and of recommend `net_promoters`.
    """
    if responses is None or not items:
        return pd.DataFrame(columns=list(COLUMNS))
    chosen = responses.filter(responses.item.isin(list(items.values())))
    counted = (
        located(latest(chosen), segments).group_by("segment", "item", "score").agg(n=_.count()).to_pandas()
    )
    placed = segments.filter(_.segment.notnull()).segment.cast("int64").name("segment").as_table().distinct()
    numbers = sorted(placed.to_pandas().segment)
    parts = [
        _of_item(counted[counted.item == item], numbers).assign(item=item, question=question)
        for question, item in items.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    scores = ["nps", "nps_low", "nps_high"]
    table[scores] = table[scores].where(table.question == "recommend")
    return table.sort_values(["question", "segment"], ignore_index=True)[list(COLUMNS)]


def _of_item(counted: pd.DataFrame, segments: list[int]) -> pd.DataFrame:
    """Sum up the responses to one item: one row per segment, from one row per segment and score."""
    sums = counted.assign(
        total=counted.n * counted.score,
        squares=counted.n * counted.score**2,
        promoters=counted.n * (counted.score >= PROMOTERS),
        detractors=counted.n * (counted.score <= DETRACTORS),
    )
    columns = ["n", "total", "squares", "promoters", "detractors"]
    sums = sums.groupby("segment")[columns].sum().reindex(segments, fill_value=0).astype(float)
    mean, low, high = mean_interval(sums.n, sums.total, sums.squares)
    nps, nps_low, nps_high = net_promoters(sums.promoters, sums.detractors, sums.n)
    scores = {"nps": nps, "nps_low": nps_low, "nps_high": nps_high}
    table = pd.DataFrame({"answers": sums.n, "mean": mean, "low": low, "high": high} | scores)
    return table.rename_axis("segment").reset_index()


def mean_interval(
    n: pd.Series, total: pd.Series, squares: pd.Series
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Compute mean and 95% interval by Student's t, from numbers, sums and sums of squares.

    The interval is missing below two answers.

    Examples
    --------
    >>> ends = mean_interval(pd.Series([4.0]), pd.Series([28.0]), pd.Series([206.0]))
    >>> [round(float(f.iloc[0]), 2) for f in ends]
    [7.0, 4.09, 9.91]
    """
    n = n.where(n > 0)
    mean = total / n
    degrees = (n - 1).where(n > 1)
    variance = ((squares - n * mean**2) / degrees).clip(lower=0)
    return mean, *student(mean, variance, n)


def net_promoters(
    promoters: pd.Series, detractors: pd.Series, n: pd.Series
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Compute the net promoter score and its 95% interval, from −1 to 1.

    The share of promoters less that of detractors (Reichheld, 2003, Harvard Business Review
    81(12)). Both shares are of one multinomial, so the variance of their difference is
    (p + d − (p − d)²) / n; the interval takes it with one promoter, one detractor more, which keeps
    its coverage where answers are few or all alike (Bonett and Price, 2012, Journal of Educational
    and Behavioral Statistics 37(4)).

    Parameters
    ----------
    promoters, detractors, n
        Customers who are either, and who answered.

    Examples
    --------
    >>> ends = net_promoters(pd.Series([50.0]), pd.Series([20.0]), pd.Series([100.0]))
    >>> [round(float(f.iloc[0]), 3) for f in ends]
    [0.3, 0.141, 0.447]
    """
    n = n.where(n > 0)
    p, d = (promoters + 1) / (n + 2), (detractors + 1) / (n + 2)
    half = Z * np.sqrt((p + d - (p - d) ** 2) / (n + 2))
    return (promoters - detractors) / n, (p - d - half).clip(lower=-1), (p - d + half).clip(upper=1)
