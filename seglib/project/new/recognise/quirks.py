"""Habits of shops: cancellations by a letter, fees among the products, a currency, decimal commas."""

from __future__ import annotations

import re
from collections.abc import Collection

import ibis
import pandas as pd
from ibis import _

from seglib.collect.columns import numbers
from seglib.collect.sources import text_key
from seglib.errors import listing
from seglib.project.new.recognise.columns import Contents
from seglib.project.new.recognise.rows import quoted
from seglib.project.new.recognise.words import LISTS, folded, listed

_FEES = frozenset(listed(LISTS["fees"]))
MOST_FEES = 20
_CURRENCY = "curr|wahrung|devise|moneda|valuta|waluta"


def cancelled_prefix(table: Contents, roles: dict[str, str]) -> str | None:
    """Find the letters that begin the numbers of cancelled orders: few orders, nearly all of them below zero.

    Parameters
    ----------
    table
        Transactions.
    roles
        Role to column.
    """
    amounts = [roles[r] for r in ("quantity", "amount") if r in roles]
    if "order" not in roles or not amounts:
        return None
    rows = table.opened.table
    order = rows[roles["order"]].cast("string").strip()
    below = ibis.or_(*[(numbers(table.opened, a).value < 0).fill_null(False) for a in amounts])
    letters = order.re_extract(r"^([A-Za-z]+)[-_ ]?\d", 1)
    counted = (
        rows.select(letters=letters, below=below.cast("int64"))
        .group_by("letters")
        .agg(n=_.count(), below=_.below.sum())
        .order_by(ibis.desc("n"), "letters")
        .to_pandas()
    )
    lettered = counted[counted.letters != ""]
    few = lettered[(lettered.n < 0.5 * table.rows) & (lettered.below >= 0.9 * lettered.n)]
    others = counted[~counted.letters.isin(few.letters)]
    if few.empty or others.below.sum() > 0.5 * others.n.sum():
        return None
    prefix = str(few.letters.iloc[0])
    clashes = others.letters[others.letters.str.startswith(prefix)]
    return None if len(clashes) else prefix


def not_products(table: Contents, product: str) -> list[str]:
    """List codes of postage and fees: short, unlike the other codes, and named so.

    Parameters
    ----------
    table
        Transactions.
    product
        The column of product codes.
    """
    codes = _codes(table, product)
    coded = codes.regular.mean() > 0.5
    short = codes[~(codes.regular & coded) & (codes.code.str.len() <= 40)]
    words = short.code + " " + short.described if coded else short.code
    is_fee = words.map(lambda text: bool(_FEES & {*folded(text).split()})).astype(bool)
    return short.code[is_fee].head(MOST_FEES).tolist()


def _codes(table: Contents, product: str) -> pd.DataFrame:
    """List the product codes: one row each, with its commonest description and whether it has digits as most do."""
    rows = table.opened.table
    text = _description(table, product)
    described = rows[text].cast("string") if text else ibis.literal("")
    sold = rows.select(code=text_key(rows[product]), text=described).filter(_.code.notnull())
    counted = sold.group_by("code").agg(n=_.count(), described=_.text.mode()).order_by(ibis.desc("n"), "code")
    codes = counted.to_pandas().fillna({"described": ""})
    return codes.assign(regular=codes.code.str.contains(r"\d.*\d"))


def _description(table: Contents, product: str) -> str | None:
    """Find the column of long texts of which each product has few."""
    texts = [c for c in table.columns.values() if c.holds == "text" and c.name != product and c.distinct > 20]
    texts = [c for c in texts if c.values.str.contains(" ").mean() > 0.5 and c.values.str.len().mean() > 10]
    return max(texts, key=lambda c: c.distinct).name if texts else None


def currency(table: Contents) -> str | None:
    """Find the currency that a column names in all rows."""
    named = (c for c in table.columns.values() if re.search(_CURRENCY, folded(c.name)) and c.distinct == 1)
    codes = [code for column in named for code in column.answers if re.fullmatch("[A-Z]{3}", code)]
    return codes[0] if codes else None


def several_currencies(table: Contents, taken: Collection[str]) -> str:
    """Remark on amounts in several currencies, which would be added up; nothing if a column names one, or none does.

    Parameters
    ----------
    table
        Transactions.
    taken
        Columns that play a role.
    """
    for column in table.columns.values():
        codes = sorted(column.answers, key=lambda code: -column.answers[code])
        known = re.search(_CURRENCY, folded(column.name)) and column.name not in taken
        if known and len(codes) > 1 and all(re.fullmatch("[A-Z]{3}", code) for code in codes):
            example = f"where: {quoted(column.name)} = '{codes[0]}'"
            return (
                f"{column.name} holds {listing(codes, 5)}: amounts of several currencies would be added up; keep one, "
                f"as in {example}, or give amounts in one"
            )
    return ""


def comma_decimals(table: Contents) -> bool:
    """Tell whether texts are numbers with a comma, though the file was taken for one with points."""
    texts = [c for c in table.columns.values() if c.holds == "text" and table.opened.decimal == "."]
    with_point = any(c.holds == "number" and not c.whole for c in table.columns.values())
    pattern = r"[-+]?\d{1,3}(\.?\d{3})*,\d{1,2}"
    return not with_point and any(c.values.str.fullmatch(pattern).mean() > 0.9 for c in texts)
