"""Customers of transactions who are not in the table of customers, where the params let them stay."""

from __future__ import annotations

import ibis
import pandas as pd
from ibis import _

from seglib.collect import joining
from seglib.collect.customers import Customers, Eligibility, without_forgotten
from seglib.collect.joining import Join
from seglib.collect.ledger import Entry
from seglib.collect.sources import Opened


def unmatched(
    people: Opened, own: str, sold: Opened, theirs: str, join: Join, eligibility: Eligibility
) -> tuple[pd.DataFrame, list[Entry]]:
    """List the customers of transactions of whom the table of customers has no row.

    Parameters
    ----------
    people, own
        The table of customers before any row of it is left out, and its id: who was left out of it is not let in
        by way of their transactions.
    sold, theirs
        Transactions, and the id in them.
    join
        How ids are compared.
    eligibility
        Who has asked to be forgotten.

    Returns
    -------
    customers : pandas.DataFrame
        One row per customer: key, as it is written, and compared, as it is compared.
    entries : list of Entry
        On those who are left out.
    """
    there, found = joining.ids(people, own), joining.ids(sold, theirs)
    there = there.select(compared=join.key(there.key)).distinct()
    found = found.mutate(compared=join.key(found.key)).group_by("compared").agg(key=_.key.min())
    others = found.anti_join(there, "compared").order_by("key").to_pandas()
    return without_forgotten(others, eligibility=eligibility)


def with_buyers(
    customers: Customers, others: pd.DataFrame, sold: ibis.Table
) -> tuple[Customers, list[Entry]]:
    """Add those who have bought to the customers: of them only their transactions are known.

    Parameters
    ----------
    customers
        From `read_customers`.
    others
        From `unmatched`.
    sold
        The transactions that are kept, with `key` as ids are compared.
    """
    wanted = ibis.memtable(others[["compared"]].astype(object), schema={"compared": "string"})
    each = sold.group_by("key").agg(n=_.count())
    there = each.semi_join(wanted.rename(key="compared"), "key").to_pandas()
    added = others.loc[others.compared.isin(set(there.key)), ["key"]].reset_index(drop=True)
    if added.empty:
        return customers, []
    rows = int(there.n.sum())
    why = f"{len(added):,} customers without a row in the table of customers stay: customers is optional"
    entries = [Entry("transactions", "not in the table of customers", rows, warned=rows, why=why)]
    given, roles = (
        pd.concat([frame, added], ignore_index=True) for frame in (customers.given, customers.roles)
    )
    return Customers(given, roles, customers.entries), entries
