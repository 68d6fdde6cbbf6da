"""What transactions add up to by month, as read and after each rule, for a comparison with the books."""

from __future__ import annotations

import ibis
import pandas as pd
from ibis import _

from seglib.collect.quality import Rows

#: The step before all rules, and the one after them; between them are the rules by name.
READ, KEPT = "read", "kept"
#: What stands in place of a month for the whole period, and for rows without a time.
WHOLE, UNDATED = "all", "undated"


def books(rows: Rows) -> pd.DataFrame:
    """Add up transactions by month, as read, taken by each rule, and kept.

    Every row is taken by one rule or kept, so that in each month the values of all steps but `read` add up to that
    of `read`. Cancellations and returns have values below zero.

    Parameters
    ----------
    rows
        Transactions, from `quality.rows_of_source`.

    Returns
    -------
    pandas.DataFrame
        One row per month and step: month (2024-03; all; undated), step (read, the name of a rule that takes rows,
        kept), rows, orders, customers, value. Steps without rows are left out.
    """
    table = rows.table
    drops = [check for check in rows.checks if check.drops]
    step = ibis.cases(*((check.bad, check.rule.name) for check in drops), else_=KEPT)
    keyless = table.key.isnull()
    columns = {
        "month": table.time.strftime("%Y-%m").fill_null(UNDATED),
        "key": table.key,
        "order": table.order,
        "value": table.amount.fill_null(0).cast("decimal(38, 4)"),
    }
    taken = table.select(**columns, step=step, n=keyless.ifelse(table.copies, 1).cast("int64"))
    copies = table.filter(table.copies > 1, ~keyless).select(
        **columns, step=ibis.literal("duplicate_row"), n=(table.copies - 1).cast("int64")
    )
    both = taken.union(copies).mutate(value=(_.value * _.n).cast("decimal(38, 4)"))
    sums = {
        "rows": _.n.sum(),
        "orders": _.order.nunique(),
        "customers": _.key.nunique(),
        "value": _.value.sum(),
    }
    parts = []
    for by_month in (True, False):
        for by_step in (True, False):
            own = both.mutate(
                month=_.month if by_month else ibis.literal(WHOLE),
                step=_.step if by_step else ibis.literal(READ),
            )
            parts.append(own.group_by(["month", "step"]).agg(**sums).to_pandas())
    found = pd.concat(parts, ignore_index=True).astype(
        {"value": "float64", "rows": "int64", "orders": "int64", "customers": "int64"}
    )
    steps = {
        name: n for n, name in enumerate([READ, *(c.rule.name for c in rows.checks), "duplicate_row", KEPT])
    }
    order = found.assign(first=found.month != WHOLE, place=found.step.map(steps))
    return found.loc[order.sort_values(["first", "month", "place"]).index].reset_index(drop=True)
