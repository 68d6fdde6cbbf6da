"""Customers of many rows or much money: a guest account, a till, a house account."""

from __future__ import annotations

import ibis
import pandas as pd
from ibis import _

from seglib.collect.sources import text_key
from seglib.errors import listing
from seglib.privacy import personal
from seglib.project.new.recognise.columns import Contents
from seglib.project.new.recognise.rows import NoSales, clause, held, quoted, value_of
from seglib.project.new.recognise.words import folded

_GUESTS = frozenset(
    [
        "0",
        "-1",
        "guest",
        "guests",
        "gast",
        "invite",
        "anonymous",
        "anonym",
        "unknown",
        "na",
        "none",
        "till",
        "cash",
        "walkin",
        "house",
        "default",
        "test",
        "99999",
        "999999",
    ]
)


def customers_of_many(table: Contents, roles: dict[str, str]) -> tuple[str, list[NoSales]]:
    """Find the customers who have a large share of all rows: a guest account, a till, a house account.

    Returns
    -------
    tuple
        A remark on them, or nothing; and of transactions the ids that are called so, with what they are worth.
    """
    if "customer" not in roles:
        return "", []
    key = text_key(table.opened.table[roles["customer"]])
    value = value_of(table, roles) if table.kind == "transactions" else ibis.literal(0.0)
    each = (
        table.opened.table.select(key=key, value=value)
        .filter(_.key.notnull())
        .group_by("key")
        .agg(n=_.count(), value=_.value.sum())
    )
    total = (
        each.agg(
            n=_.n.sum(),
            value=_.value.sum(),
            ids=_.count(),
            usual=_.n.quantile(0.9),
            usual_value=_.value.quantile(0.9),
        )
        .to_pandas()
        .iloc[0]
    )
    if not total.n or total.ids < 20:
        return "", []
    most = [each.order_by(ibis.desc(by)).limit(3).to_pandas() for by in ("n", "value")]
    odd, guests, holds = {}, [], held(table, roles["customer"])
    for row in pd.concat(most).drop_duplicates("key").itertuples():
        share, guest = row.n / total.n, folded(row.key) in _GUESTS
        worth = float(row.value) if pd.notna(row.value) else float("nan")
        of_value = worth / total.value if total.value and total.value > 0 and worth == worth else 0.0
        many = share >= 0.02 and row.n > 10 * max(1.0, total.usual)
        rich = of_value >= 0.05 and worth > 10 * total.usual_value
        if many or rich or (guest and share >= 0.005 and row.n > 3 * max(1.0, total.usual)):
            odd[row.key] = f"'{row.key}' has {share:.0%} of the rows"
            odd[row.key] += f" and {of_value:.0%} of the value" if of_value else ""
            if guest and table.kind == "transactions":
                words_ = "are of a guest account, a till or a house account"
                guests.append(
                    NoSales(roles["customer"], (row.key,), int(row.n), worth, words=words_, holds=holds)
                )
    asked = {key: words_ for key, words_ in odd.items() if key not in {g.answers[0] for g in guests}}
    if not asked:
        return "", guests
    who = clause([NoSales(roles["customer"], tuple(asked), 0, 0.0, holds=holds)])
    if len(personal.find(pd.DataFrame({roles["customer"]: table.columns[roles["customer"]].values}))):
        asked = {key: words_.replace(f"'{key}'", "one id") for key, words_ in asked.items()}
        who = f"{quoted(roles['customer'])} <> 'ID'"
    remark = f"{listing(asked.values())}: a guest account, a till or a house account? to leave it out, where: {who}"
    return remark, guests
