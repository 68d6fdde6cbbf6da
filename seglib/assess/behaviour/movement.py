"""How segments move: who of them buys and what they bring, over spans of equal length and by month."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis import _

from seglib.assess.thresholds import COMPARABLE
from seglib.collect.features.orders import days_before
from seglib.privacy.disclosure import rounded
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
    "recent",
    "earlier",
    "days",
    "apart",
)


def located(rows: ibis.Table, segments: ibis.Table) -> ibis.Table:
    """Say of every row which segment its customer is in; rows of customers in none are left out.

    Parameters
    ----------
    rows
        Any table with a customer.
    segments
        One row per customer: customer, segment.
    """
    own = segments.filter(_.segment.notnull()).select("customer", segment=_.segment.cast("int64"))
    return rows.inner_join(own, "customer")


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
    min_cell
        The fewest customers that a cell may stand for.

    Returns
    -------
    pandas.DataFrame
        One row per segment, none without transactions. customers_recent and customers_earlier
        (with an order in the span), new_recent and new_earlier (with their first order in it),
        rounded to twice `min_cell` and missing where they are fewer; new_earlier also where the
        data begin less than half a span before. value_recent and value_earlier (money ordered;
        missing where fewer bought). growth_customers and growth_value (recent / earlier − 1),
        missing where fewer than `COMPARABLE` of the segment ordered in the earlier span, as of
        new customers, or fewer than `min_cell` in either. recent and earlier (the spans in
        words), days (their length), apart (days between their starts).
    """
    none = pd.DataFrame(columns=list(COLUMNS))
    first = None if transactions is None else transactions.time.min().to_pandas()
    if first is None or pd.isna(first):
        return none
    reach = (as_of - first.date()).days
    days, apart = spans(reach)
    found = _sums(transactions, segments, as_of, days, apart)
    enough = found[["buyers_recent", "buyers_earlier"]].min(axis=1) >= min_cell
    known = enough & (found.buyers_earlier >= COMPARABLE * found.members) & (found.value_earlier > 0)
    made = _counted(found, min_cell)
    if reach < apart + days + days // 2:
        made["new_earlier"] = float("nan")
    made["growth_customers"] = found.buyers_recent / found.buyers_earlier.where(known) - 1
    made["growth_value"] = found.value_recent / found.value_earlier.where(known) - 1
    made["recent"], made["earlier"] = _words(as_of, days), _words(as_of - dt.timedelta(days=apart), days)
    return made.assign(days=days, apart=apart)[list(COLUMNS)]


def growth(moved: pd.DataFrame) -> pd.DataFrame | None:
    """Give the growth of value alone, one row per segment; nothing where nothing moved."""
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
    sums = {
        "members": located(segments.select("customer"), segments).group_by("segment").agg(members=_.count())
    }
    counted = placed.group_by("segment").agg(
        **{f"buyers_{name}": placed[f"in_{name}"].sum() for name in within},
        **{f"value_{name}": placed[f"value_{name}"].sum() for name in within},
        **{f"new_{name}": fresh.sum() for name, fresh in new.items()},
    )
    made = sums["members"].left_join(counted, "segment").drop("segment_right").to_pandas()
    return made.astype(float).fillna(0.0).astype({"segment": int}).sort_values("segment", ignore_index=True)


def _counted(found: pd.DataFrame, min_cell: int) -> pd.DataFrame:
    """Keep the numbers of customers and the values that may be shown."""
    made = found[["segment"]].copy()
    for name in ("recent", "earlier"):
        buyers = found[f"buyers_{name}"]
        made[f"customers_{name}"] = kept(buyers, min_cell)
        made[f"new_{name}"] = kept(found[f"new_{name}"], min_cell)
        made[f"value_{name}"] = found[f"value_{name}"].where((buyers == 0) | (buyers >= min_cell))
    return made


def kept(customers: pd.Series, min_cell: int) -> pd.Series:
    """Round numbers of customers so that no difference of two gives few away; nobody stays nobody.

    Examples
    --------
    >>> kept(pd.Series([487.0, 12.0, 3.0, 0.0]), 10).tolist(), kept(pd.Series([487.0, 3.0]), 1).tolist()
    ([480.0, 20.0, nan, 0.0], [487.0, 3.0])
    """
    return rounded(customers, min_cell).where(customers > 0, 0.0)


def _words(end: dt.date, days: int) -> str:
    """Say from when to when a span of so many days before a day reaches."""
    first, last = end - dt.timedelta(days=max(days, 1)), end - dt.timedelta(days=1)
    return f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"


def monthly(
    transactions: ibis.Table | None, segments: ibis.Table, as_of: dt.date, min_cell: int = 1
) -> pd.DataFrame:
    """Sum up what each segment ordered, month by month.

    Returns
    -------
    pandas.DataFrame
        One row per segment and month (a date, its first day) from the first order to the last
        whole month before as_of: customers (rounded to twice `min_cell`), value (money, of so
        many of the mean customer, so that the sales of the month less those of the other segments
        give nobody away). Both are missing where fewer than `min_cell` ordered; a month without
        an order has 0.
    """
    columns = ["segment", "month", "customers", "value"]
    if transactions is None:
        return pd.DataFrame(columns=columns)
    ends = dt.date(as_of.year, as_of.month, 1)
    rows = transactions.filter(transactions.time.date() < ends)
    own = rows.group_by("customer", month=rows.time.year() * 12 + rows.time.month() - 1).agg(
        value=rows.amount.sum()
    )
    sums = {"customers": _.count(), "value": _.value.sum()}
    found = located(own, segments).group_by("segment", "month").agg(**sums).to_pandas()
    if found.empty:
        return pd.DataFrame(columns=columns)
    months = range(int(found.month.min()), ends.year * 12 + ends.month - 1)
    square = found.astype(float).pivot(index="month", columns="segment").reindex(months).fillna(0.0)
    customers = square.customers.apply(kept, min_cell=min_cell)
    each = square.value / square.customers.where(square.customers > 0, 1.0)
    shown = {
        "customers": customers.stack(future_stack=True),
        "value": (each * customers).stack(future_stack=True),
    }
    made = pd.DataFrame(shown).reset_index()
    made["month"] = [pd.Timestamp(year=int(m) // 12, month=int(m) % 12 + 1, day=1) for m in made.month]
    return made.astype({"segment": int}).sort_values(["segment", "month"], ignore_index=True)[columns]
