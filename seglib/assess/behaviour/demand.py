"""What segments buy in which month, and the demand to be expected in the months ahead."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy import stats

from seglib.assess.behaviour.movement import located
from seglib.assess.thresholds import FEWEST, LEVEL_ERROR, MOST_CATEGORIES, PEAK
from seglib.collect.features.orders import years_covered
from seglib.statistics import ENDS, Z
from seglib.vocabulary import DAYS_PER_YEAR, OTHER

COLUMNS = (
    *("segment", "category", "month", "customers", "last_year", "customers_last", "share"),
    *("index", "index_low", "index_high", "peak", "expected", "low", "high", "years", "level_from"),
)
#: Why nothing is expected: no transactions, less than a whole year of them, or of every segment.
REASONS = ("no transactions", "no whole year", "new")
_CELL = ["segment", "year", "month"]
#: Days of the twelve months.
_LENGTHS = [31.0, 28.25, 31.0, 30.0, 31.0, 30.0, 31.0, 31.0, 30.0, 31.0, 30.0, 31.0]


@dataclass(frozen=True)
class Demand:
    """The demand to be expected.

    Attributes
    ----------
    table
        The table `demand`: one row per segment and month ahead, and per category of it.
    new
        Segments whose customers have not been there for a whole year.
    unit
        What is counted: pieces, or rows of orders where quantities are not known.
    categorised
        Whether products have categories.
    reason
        Why there is nothing, of `REASONS`; empty if there is something.
    """

    table: pd.DataFrame
    new: tuple[int, ...] = ()
    unit: str = "pieces"
    categorised: bool = False
    reason: str = ""


def demand(
    transactions: ibis.Table | None,
    segments: ibis.Table,
    as_of: dt.date,
    predicted: pd.DataFrame | None = None,
) -> Demand:
    """Expect what each segment will buy in the next twelve months, by month and category.

    Expected demand is a year's level times the share of a month and category in the whole years that
    orders cover. Only what is bought after a customer's first day counts, per customer who had been there: so
    that neither newcomers nor their number make a season. The level is that of the predicted purchases or,
    without a prediction, that of the last twelve months for the customers of today.

    Parameters
    ----------
    transactions
        One row per product in an order: customer, time, and quantity and category where known; or nothing.
    segments
        One row per customer: customer, segment.
    as_of
        The day before which everything was observed.
    predicted
        The table `lifetime`: by segment purchases (days with a purchase), purchases_low and purchases_high
        in so many days ahead.
    """
    empty = pd.DataFrame(columns=list(COLUMNS))
    if transactions is None:
        return Demand(empty, reason=REASONS[0])
    unit = "pieces" if "quantity" in transactions.columns else "rows"
    categorised = "category" in transactions.columns
    years, start, end = years_covered(transactions, as_of)
    if not years:
        return Demand(empty, (), unit, categorised, REASONS[1])
    cells, firsts, members = _summed(transactions, segments, start, years)
    days = exposure(firsts, start, end.date(), years)
    parts, new = [], []
    for segment, own in cells.groupby("segment"):
        ahead = _ahead(
            own, days[days.segment == segment], float(members[segment]), _level(predicted, int(segment))
        )
        parts.append(ahead.assign(segment=segment)) if len(ahead) else new.append(int(segment))
    if not parts:
        return Demand(empty, tuple(new), unit, categorised, REASONS[2])
    table = pd.concat(parts, ignore_index=True)
    begins = pd.Timestamp(as_of) + pd.offsets.MonthBegin(0)
    months = {m.month: m for m in pd.date_range(begins, periods=12, freq="MS")}
    table = table.assign(month=table.month.map(months), years=years)
    table = table.sort_values(["segment", "category", "month"], na_position="first", ignore_index=True)
    return Demand(table[list(COLUMNS)], tuple(new), unit, categorised)


def _summed(
    transactions: ibis.Table, segments: ibis.Table, start: dt.date, years: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Sum up what customers bought after their first day; count first days, and customers, by segment."""
    items = transactions.quantity.cast("float64") if "quantity" in transactions.columns else ibis.literal(1.0)
    kind = transactions.category.cast("string") if "category" in transactions.columns else ibis.literal("")
    rows = transactions.select("customer", day=transactions.time.date(), items=items, category=kind)
    rows = rows.filter(_["items"] > 0)
    first = rows.group_by("customer").agg(first=_.day.min())
    placed = located(first, segments)
    firsts = placed.group_by("segment", "first").agg(n=_.count()).to_pandas()
    again = located(rows.inner_join(first, "customer").filter(_.day > _["first"], _.day >= start), segments)
    starts = [(pd.Timestamp(start) + pd.DateOffset(years=y)).date() for y in range(1, years)]
    year = sum(((again.day >= day).cast("int64") for day in starts), ibis.literal(0, "int64"))
    keyed = again.mutate(
        year=year, month=again.day.month().cast("int64"), category=again.category.fill_null(OTHER)
    )
    common = keyed.group_by("category").agg(n=_["items"].sum()).order_by(ibis.desc("n"), "category")
    kept = list(common.limit(MOST_CATEGORIES).to_pandas().category)
    keyed = keyed.mutate(category=keyed.category.isin(kept).ifelse(keyed.category, OTHER))
    each = keyed.group_by("customer", *_CELL, "day", "category").agg(x=_["items"].sum()).cache()
    parts = [_cells(each.group_by("customer", *_CELL, "day").agg(x=_.x.sum()), _CELL).assign(category=None)]
    if "category" in transactions.columns:
        parts.append(_cells(each, [*_CELL, "category"]))
    members = placed.group_by("segment").agg(n=_.count()).to_pandas().set_index("segment").n
    return pd.concat(parts, ignore_index=True).astype({"x": float, "xx": float}), firsts, members


def _cells(bought: ibis.Table, keys: list[str]) -> pd.DataFrame:
    """Sum up what was bought on single days: pieces, their squares, days, and customers."""
    sums = {"x": _.x.sum(), "xx": (_.x * _.x).sum(), "days": _.count(), "customers": _.customer.nunique()}
    return bought.group_by(*keys).agg(**sums).to_pandas()


def exposure(firsts: pd.DataFrame, start: dt.date, end: dt.date, years: int) -> pd.DataFrame:
    """Count customer-days: on how many days customers of a segment could buy again, by year and month.

    Parameters
    ----------
    firsts
        One row per segment and day: segment, first (a day), n (customers whose first day it is).
    start, end
        First day of the whole years, and the day after the last.
    years
        How many these are.

    Returns
    -------
    pandas.DataFrame
        One row per segment, year (from 0) and month (1 to 12): customer_days.
    """
    days = pd.date_range(start, end, inclusive="left")
    starts = [pd.Timestamp(start) + pd.DateOffset(years=y) for y in range(1, years)]
    year = sum((days >= at).astype(int) for at in starts) if starts else np.zeros(len(days), dtype=int)
    parts = []
    for segment, own in firsts.groupby("segment"):
        came = own.groupby(pd.to_datetime(own["first"])).n.sum().sort_index().cumsum()
        known = came.reindex(came.index.union(days)).ffill().shift(1).reindex(days).fillna(0.0)
        parts.append(
            pd.DataFrame(
                {"segment": segment, "year": year, "month": days.month, "customer_days": known.to_numpy()}
            )
        )
    table = pd.concat(parts, ignore_index=True)
    return table.groupby(_CELL, as_index=False).customer_days.sum()


def _level(predicted: pd.DataFrame | None, segment: int) -> tuple[float, float] | None:
    """Look up the predicted purchases of a segment in a year, and their relative error; nothing without."""
    if predicted is None or predicted.empty:
        return None
    own = predicted[predicted.segment == segment]
    if own.empty or not own.purchases.iloc[0] > 0:
        return None
    row = own.iloc[0]
    error = np.log(row.purchases_high / max(row.purchases_low, 1e-9)) / (2 * Z)
    return float(row.purchases * DAYS_PER_YEAR / row.days), float(error)


def _ahead(
    cells: pd.DataFrame, days: pd.DataFrame, members: float, level: tuple[float, float] | None
) -> pd.DataFrame:
    """Expect the demand of one segment: one row per month of the year, and per category of it.

    Its variance has four parts: chance in the year ahead and in the past (purchases are independent, a compound
    Poisson process: a month's sum varies by the sum of their squares), what months differ by from year to
    year beyond chance, and the error of the level.
    """
    usual = days.groupby("month").customer_days.sum().reindex(range(1, 13)).fillna(0.0)
    if (usual < FEWEST * 28).any():
        return pd.DataFrame()
    total = cells[cells.category.isna()]
    bought = total.groupby("month").x.sum().reindex(range(1, 13)).fillna(0.0)
    if not bought.sum() > 0:
        return pd.DataFrame()
    length = pd.Series(_LENGTHS, index=range(1, 13))
    season = (bought / usual * length) / (bought / usual * length).sum()
    yearly, error, source = _year(total, days, members, level)
    between = _between(total, days, bought / usual)
    years = int(days.year.nunique())
    rows = []
    for category, own in cells.groupby("category", dropna=False):
        x = own.groupby("month").x.sum().reindex(range(1, 13)).fillna(0.0)
        share = season * (x / bought.where(bought > 0)).fillna(0.0)
        chance = own.xx.sum() / own.x.sum()
        expected = yearly * share
        past = (chance / x.where(x > 0)).astype(float)
        relative = past + between * (1 + 1 / years) + error**2
        own_months, last = own.groupby("month"), own[own.year == years - 1].groupby("month")
        rows.append(
            pd.DataFrame(
                {
                    "category": category,
                    "month": range(1, 13),
                    "customers": own_months.customers.max().reindex(range(1, 13)).fillna(0).to_numpy(),
                    "last_year": last.x.sum().reindex(range(1, 13)).fillna(0.0).to_numpy(),
                    "customers_last": last.customers.sum().reindex(range(1, 13)).fillna(0).to_numpy(),
                    "share": share,
                    "index": share / share.sum() / (length / length.sum()),
                    "index_error": np.sqrt(past + between / years),
                    "expected": expected,
                    "variance": chance * expected + expected**2 * relative,
                }
            )
        )
    return _with_ends(pd.concat(rows, ignore_index=True)).assign(level_from=source)


def _year(
    total: pd.DataFrame, days: pd.DataFrame, members: float, level: tuple[float, float] | None
) -> tuple[float, float, str]:
    """Expect the demand of a year, with its relative error, and say whence."""
    if level is not None:
        purchases, error = level
        return purchases * float(total.x.sum() / total.days.sum()), error, "predicted"
    last = days.year.max()
    per_day = total[total.year == last].x.sum() / days[days.year == last].customer_days.sum()
    return float(per_day * DAYS_PER_YEAR * members), LEVEL_ERROR, "past"


def _between(total: pd.DataFrame, days: pd.DataFrame, rate: pd.Series) -> float:
    """Estimate by how much months differ from year to year beyond chance: a relative variance, 0 for one year."""
    years = days.year.nunique()
    if years < 2:
        return 0.0
    cells = days.merge(total[["year", "month", "x"]], on=["year", "month"], how="left").fillna({"x": 0.0})
    usual = cells.customer_days * cells.month.map(rate)
    usual *= cells.x.groupby(cells.year).transform("sum") / usual.groupby(cells.year).transform("sum")
    chance = total.xx.sum() / total.x.sum()
    known = usual > 0
    off = ((cells.x - usual) / usual)[known] ** 2 * years / (years - 1) - chance / usual[known]
    return max(0.0, float(np.average(off, weights=usual[known])))


def _with_ends(table: pd.DataFrame) -> pd.DataFrame:
    """Add intervals of what is expected (a gamma distribution of its mean and variance), and of the index."""
    known = (table.expected > 0) & (table.variance > 0)
    shape, scale = (table.expected**2 / table.variance)[known], (table.variance / table.expected)[known]
    ends = [pd.Series(stats.gamma.ppf(end, shape, scale=scale), shape.index) for end in ENDS]
    twelfth = stats.norm.ppf(1 - (1 - ENDS[1]) / 12)  # the highest of twelve months is looked at
    reach = np.exp(twelfth * table.index_error)
    low, high = table["index"] / reach, table["index"] * reach
    peak = (table["index"] >= PEAK) & (low > 1)
    added = {"low": ends[0], "high": ends[1], "index_low": low, "index_high": high, "peak": peak}
    return table.assign(**{name: series.reindex(table.index) for name, series in added.items()})
