"""How segments move: who of them buys and what they bring, over spans of equal length and by month."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis import _

from seglib.assess.thresholds import COMPARABLE
from seglib.collect.features.orders import days_before
from seglib.vocabulary import HALF_YEAR, ONE_YEAR

COLUMNS = (
    "segment",
    "customers_recent",
    "customers_earlier",
    "growth_customers",
    "new_recent",
    "new_earlier",
    "value_recent",
    "value_earlier",
    "growth_value",
    "behind",
    "recent",
    "earlier",
    "days",
    "apart",
)


def located(rows: ibis.Table, segments: ibis.Table) -> ibis.Table:
    """Add to every row the segment of its customer; rows of customers in none are left out.

    Parameters
    ----------
    rows
        Any table with a customer.
    segments
        One row per customer: customer, segment.
    """
    own = segments.filter(_.segment.notnull()).select("customer", segment=_.segment.cast("int64"))
    return rows.inner_join(own, "customer")


def month_number(time: ibis.Value) -> ibis.Value:
    """Return the number of a calendar month, so that the months between two times are a difference."""
    return time.year() * 12 + time.month() - 1


def spans(reach: int) -> tuple[int, int]:
    """Choose how long the two spans are that are compared, and how far apart they begin, in days.

    Parameters
    ----------
    reach
        Days from the first transaction to as_of. From a year and a half on a season is compared
        with itself; else the two halves of the time adjoin.

    Examples
    --------
    >>> spans(730), spans(100)
    ((182, 365), (50, 50))
    """
    return (HALF_YEAR, ONE_YEAR) if reach >= ONE_YEAR + HALF_YEAR else (reach // 2, reach // 2)


def movement(
    transactions: ibis.Table | None, segments: ibis.Table, as_of: dt.date, min_cell: int = 1
) -> pd.DataFrame:
    """Compare what segments bought lately with the same length of time before.

    Everything is summed up in the engine, from transactions to one row per segment.

    Parameters
    ----------
    transactions
        One row per product in an order: customer, time, amount; or nothing.
    segments
        One row per customer: customer, segment.
    as_of
        The day that spans are counted back from.

    Returns
    -------
    pandas.DataFrame
        The table `movement`, one row per segment, none without transactions. new_earlier is missing
        where the data begin less than half a span before; growth where fewer than `COMPARABLE` of
        the segment ordered in the earlier span, as of new customers.
    """
    first = pd.NaT if transactions is None else pd.Timestamp(transactions.time.min().to_pandas())
    if transactions is None or pd.isna(first):
        return pd.DataFrame(columns=list(COLUMNS))
    reach = (as_of - first.date()).days
    days, apart = spans(reach)
    sums = _sums(transactions, segments, as_of, days, apart)
    comparable = (sums.customers_earlier >= COMPARABLE * sums.members) & (sums.value_earlier > 0)
    if reach < apart + days + days // 2:
        sums["new_earlier"] = float("nan")
    for what in ("customers", "value"):
        sums[f"growth_{what}"] = sums[f"{what}_recent"] / sums[f"{what}_earlier"].where(comparable) - 1
    return sums.assign(
        behind=sums[["customers_recent", "customers_earlier"]].min(axis=1),
        recent=_span(as_of, days),
        earlier=_span(as_of - dt.timedelta(days=apart), days),
        days=days,
        apart=apart,
    )[list(COLUMNS)]


def growth(moved: pd.DataFrame) -> pd.DataFrame | None:
    """Return the growth of value alone, one row per segment; nothing where nothing moved."""
    if moved.empty:
        return None
    return moved[["segment", "growth_value"]].rename(columns={"growth_value": "growth"})


def _sums(
    transactions: ibis.Table, segments: ibis.Table, as_of: dt.date, days: int, apart: int
) -> pd.DataFrame:
    """Sum up both spans: one row per segment, those without an order in either included."""
    rows = transactions.select("customer", "amount", ago=days_before(as_of, transactions.time))
    within = {"recent": rows.ago <= days, "earlier": (rows.ago > apart) & (rows.ago <= apart + days)}
    per_customer = rows.group_by("customer").agg(
        first=rows.ago.max(),
        **{f"in_{name}": inside.any() for name, inside in within.items()},
        **{f"value_{name}": rows.amount.sum(where=inside) for name, inside in within.items()},
    )
    placed = located(per_customer, segments)
    new = {
        "recent": placed["first"] <= days,
        "earlier": (placed["first"] > apart) & (placed["first"] <= apart + days),
    }
    members = located(segments.select("customer"), segments).group_by("segment").agg(members=_.count())
    counted = placed.group_by("segment").agg(
        **{f"customers_{name}": placed[f"in_{name}"].sum() for name in within},
        **{f"value_{name}": placed[f"value_{name}"].sum() for name in within},
        **{f"new_{name}": fresh.sum() for name, fresh in new.items()},
    )
    sums = members.left_join(counted, "segment").drop("segment_right").to_pandas()
    return sums.astype(float).fillna(0.0).astype({"segment": int}).sort_values("segment", ignore_index=True)


def _span(end: dt.date, days: int) -> str:
    """Write from when to when a span of so many days before a day reaches."""
    first, last = end - dt.timedelta(days=max(days, 1)), end - dt.timedelta(days=1)
    return f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"


def monthly(transactions: ibis.Table | None, segments: ibis.Table, as_of: dt.date) -> pd.DataFrame:
    """Sum up what each segment ordered, month by month.

    Returns
    -------
    pandas.DataFrame
        One row per segment and month (a date, its first day) from the first order to the last
        whole month before as_of: customers (who ordered), value (money).
    """
    columns = ["segment", "month", "customers", "value"]
    if transactions is None:
        return pd.DataFrame(columns=columns)
    ends = dt.date(as_of.year, as_of.month, 1)
    rows = transactions.filter(transactions.time.date() < ends)
    own = rows.group_by("customer", month=month_number(rows.time)).agg(value=rows.amount.sum())
    sums = {"customers": _.count(), "value": _.value.sum()}
    months = located(own, segments).group_by("segment", "month").agg(**sums).to_pandas()
    if months.empty:
        return pd.DataFrame(columns=columns)
    all_months = range(int(months.month.min()), ends.year * 12 + ends.month - 1)
    square = months.astype(float).pivot(index="month", columns="segment").reindex(all_months).fillna(0.0)
    long = square.stack("segment", future_stack=True).reset_index()
    long["month"] = [pd.Timestamp(year=int(m) // 12, month=int(m) % 12 + 1, day=1) for m in long.month]
    return long.astype({"segment": int}).sort_values(["segment", "month"], ignore_index=True)[columns]
