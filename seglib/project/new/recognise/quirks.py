"""Habits of shops: cancellations by a letter, fees among the products, ids that are written in two ways."""

from __future__ import annotations

import re

import ibis
import pandas as pd
from ibis import _

from seglib.collect.sources import text_key
from seglib.project.new.recognise.columns import Contents, as_number
from seglib.project.new.recognise.words import LISTS, folded, listed

_FEES = frozenset(listed(LISTS["fees"]))
MOST_FEES = 20


def cancelled_prefix(found: Contents, roles: dict[str, str]) -> str | None:
    """Find the letters that begin the numbers of cancelled orders: few orders, nearly all of them below zero.

    Parameters
    ----------
    found
        Transactions.
    roles
        Role to column.
    """
    amounts = [roles[r] for r in ("quantity", "amount") if r in roles]
    if "order" not in roles or not amounts:
        return None
    table = found.opened.table
    order = table[roles["order"]].cast("string").strip()
    below = ibis.or_(*[(_number(found, a) < 0).fill_null(False) for a in amounts])
    letters = order.re_extract(r"^([A-Za-z]+)[-_ ]?\d", 1)
    counted = (
        table.select(letters=letters, below=below.cast("int64"))
        .group_by("letters")
        .agg(n=_.count(), below=_.below.sum())
        .order_by(ibis.desc("n"), "letters")
        .to_pandas()
    )
    few = counted[
        (counted.letters != "") & (counted.n < 0.5 * found.rows) & (counted.below >= 0.9 * counted.n)
    ]
    others = counted[~counted.letters.isin(few.letters)]
    if few.empty or others.below.sum() > 0.5 * others.n.sum():
        return None
    prefix = str(few.letters.iloc[0])
    clashes = others.letters[others.letters.str.startswith(prefix)]
    return None if len(clashes) else prefix


def _number(found: Contents, column: str) -> ibis.Value:
    value = found.opened.table[column]
    if not value.type().is_string():
        return value.cast("float64")
    text = value.strip()
    if found.opened.decimal == ",":
        text = text.replace(".", "").replace(",", ".")
    return text.try_cast("float64")


def not_products(found: Contents, product: str) -> list[str]:
    """List codes that stand for postage and fees: short, unlike the other codes, and named so.

    Parameters
    ----------
    found
        Transactions.
    product
        The column of product codes.
    """
    codes = _codes(found, product)
    odd = codes[~codes.regular] if codes.regular.mean() > 0.5 else codes
    coded = codes.regular.mean() > 0.5
    kept = [
        row.code
        for row in odd.itertuples()
        if len(row.code) <= 40
        and (set(folded(row.code).split()) | set(folded(row.described).split())) & _FEES
        and (coded or set(folded(row.code).split()) & _FEES)
    ]
    return kept[:MOST_FEES]


def _codes(found: Contents, product: str) -> pd.DataFrame:
    """List the product codes: one row each, with its commonest description and whether it is shaped as most are."""
    table = found.opened.table
    text = _description(found, product)
    described = table[text].cast("string") if text else ibis.literal("")
    made = table.select(code=text_key(table[product]), text=described).filter(_.code.notnull())
    counted = made.group_by("code").agg(n=_.count(), described=_.text.mode()).order_by(ibis.desc("n"), "code")
    codes = counted.to_pandas().fillna({"described": ""})
    return codes.assign(regular=codes.code.str.contains(r"\d.*\d"))


def _description(found: Contents, product: str) -> str | None:
    """Find the column of long texts of which each product has few."""
    texts = [c for c in found.columns.values() if c.holds == "text" and c.name != product and c.distinct > 20]
    texts = [c for c in texts if c.values.str.contains(" ").mean() > 0.5 and c.values.str.len().mean() > 10]
    return max(texts, key=lambda c: c.distinct).name if texts else None


def written_otherwise(ids: pd.Series, others: pd.Series) -> str | None:
    """Say how ids of two tables differ that would meet without their letters or zeros in front, or nothing.

    Examples
    --------
    >>> written_otherwise(pd.Series(["K001", "K002"]), pd.Series(["1", "2"]))
    'one table writes a prefix or zeros in front'
    """
    if set(ids) & set(others) or ids.empty or others.empty:
        return None
    plain, bare = ({re.sub(r"^[A-Za-z]*[-_ ]?0*(?=\d)", "", i) for i in side} for side in (ids, others))
    same = len(plain & bare) / len(bare)
    return "one table writes a prefix or zeros in front" if same >= 0.5 else None


def currency(found: Contents) -> str | None:
    """Find the currency that a column names in all rows."""
    for column in found.columns.values():
        if column.distinct == 1 and re.search(
            "curr|wahrung|devise|moneda|valuta|waluta", folded(column.name)
        ):
            said = next(iter(column.answers), "")
            return said if re.fullmatch(r"[A-Z]{3}", said) else None
    return None


def comma_decimals(found: Contents) -> bool:
    """Tell whether texts are numbers with a comma, though the file was taken for one with points."""
    texts = [c for c in found.columns.values() if c.holds == "text" and found.opened.decimal == "."]
    with_point = any(c.holds == "number" and not c.whole for c in found.columns.values())
    commas = [c for c in texts if c.values.str.fullmatch(r"[-+]?\d{1,3}(\.?\d{3})*,\d{1,2}").mean() > 0.9]
    return (
        bool(commas) and not with_point and all(as_number(c.values, ",").notna().mean() > 0.9 for c in commas)
    )
