"""All that is measured of what segments need and respond to, from the sources that are there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import ibis
import pandas as pd
from ibis import _

from seglib.collect.features.derived import Settings
from seglib.collect.features.orders import orders
from seglib.target.offers.channel_shares import answers, channels
from seglib.target.offers.discount_shares import discounts
from seglib.target.offers.finding import Finding, without_rows
from seglib.target.offers.lifts import bought_more
from seglib.target.offers.recommend import NextProducts, next_products
from seglib.target.offers.seasons import months
from seglib.target.offers.unmet import answered, unmet_needs

#: What can be bought more than by others.
KINDS = ("product", "category")
_NO_ORDERS = {"customer": "int64", "order": "string", "time": "datetime64[us]", "amount": "float64"}
_NO_CONTACTS = {"customer": "int64"}


@dataclass(frozen=True)
class Measured:
    """What segments need and respond to.

    Attributes
    ----------
    tables
        `lifts`, `seasons`, `channels`, `discounts`, `next_products`, `hit_rates` and `unmet`, by name,
        each with its columns even where nothing is known.
    remarks
        By part (products, months, channels, answers, discounts, next_products, needs), what bounds the
        reading: a `code` each, with its numbers.
    missing
        By part that is not known, the source or column that would be needed.
    """

    tables: dict[str, pd.DataFrame]
    remarks: dict[str, tuple[dict[str, Any], ...]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def measured_offers(
    tables: dict[str, ibis.Table], segments: pd.DataFrame, settings: Settings, seed: int = 0
) -> Measured:
    """Measure what segments buy, when, through which channel and at what discount, what is next, what is unmet.

    Parameters
    ----------
    tables
        By kind, those that are there of transactions, campaigns and responses.
    segments
        One row per customer: customer, segment.
    settings
        Of which as_of, not_products, needs and scales are used.
    seed
        Of the draw of customers, where there are many.
    """
    bought = tables.get("transactions", ibis.memtable(without_rows(_NO_ORDERS)))
    contacts = tables.get("campaigns", ibis.memtable(without_rows(_NO_CONTACTS)))
    placed = orders(bought).cache()
    findings: dict[str, Finding | NextProducts] = {
        "products": _lifts(bought, segments, settings),
        "months": months(placed, segments, settings.as_of),
        "channels": channels(placed, segments),
        "answers": answers(contacts, segments),
        "discounts": discounts(placed, bought, segments),
        "next_products": next_products(bought, segments, settings.not_products, seed),
        "needs": _unmet(tables.get("responses"), segments, settings),
    }
    missing = {part: _source(part, tables) or one.missing for part, one in findings.items() if one.missing}
    names = product_names(bought)
    return Measured(
        _under_names(_tables(findings), names), {part: one.remarks for part, one in findings.items()}, missing
    )


def product_names(transactions: ibis.Table) -> dict[str, str]:
    """Find what each product is called: its commonest name, with its code where two share one.

    Returns
    -------
    dict
        Name by code; empty where no source has product names.
    """
    if not {"product", "product_name"} <= set(transactions.columns):
        return {}
    rows = transactions.select("product", name=_.product_name).filter(_.product.notnull() & _.name.notnull())
    counted = rows.group_by("product", "name").agg(n=_.count())
    order = [ibis.desc("n"), ibis.asc("name")]
    first = counted.mutate(place=ibis.row_number().over(group_by="product", order_by=order))
    named = first.filter(_.place == 0).to_pandas()
    twice = named.name.duplicated(keep=False)
    named["name"] = named.name.where(~twice, named.name + " (" + named["product"].astype(str) + ")")
    return dict(zip(named["product"], named.name, strict=True))


def _under_names(tables: dict[str, pd.DataFrame], names: dict[str, str]) -> dict[str, pd.DataFrame]:
    """Show products by their names."""
    if not names:
        return tables
    lifts, following = tables["lifts"], tables["next_products"]
    item = lifts["item"].where(
        lifts["kind"] != "product", lifts["item"].map(lambda code: names.get(code, code))
    )
    product = following["product"].map(lambda code: names.get(code, code)).astype("string")
    return tables | {
        "lifts": lifts.assign(item=item.astype("string")),
        "next_products": following.assign(product=product),
    }


def _source(part: str, tables: dict[str, ibis.Table]) -> str:
    """Name the source of a part if it is not there at all."""
    kind = "campaigns" if part == "answers" else "transactions"
    return "" if part == "needs" or kind in tables else kind


def _lifts(bought: ibis.Table, segments: pd.DataFrame, settings: Settings) -> Finding:
    """Compare products and, where they are named, categories."""
    named = [by for by in KINDS if by in bought.columns] or list(KINDS[:1])
    parts = {by: bought_more(bought, segments, by, settings.not_products) for by in named}
    tables = [one.table.rename(columns={by: "item"}) for by, one in parts.items()]
    for by, table in zip(parts, tables, strict=True):
        table.insert(1, "kind", pd.Series(by, index=table.index, dtype="string"))
    rows = [table for table in tables if len(table)] or tables[:1]
    remarks = tuple(remark for one in parts.values() for remark in one.remarks)
    missing = "" if any(not one.missing for one in parts.values()) else next(iter(parts.values())).missing
    if not set(KINDS) & set(bought.columns):
        missing = "transactions.product"
    return Finding(pd.concat(rows, ignore_index=True), remarks, missing)


def _unmet(responses: ibis.Table | None, segments: pd.DataFrame, settings: Settings) -> Finding:
    scores = without_rows(_NO_CONTACTS) if responses is None else answered(responses, settings.needs)
    return unmet_needs(scores, settings.needs, settings.scales, segments)


def _tables(findings: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Return the tables by their names; orders and answers share one of channels."""
    used = [
        findings[part].table.assign(what=pd.Series(what, findings[part].table.index, dtype="string"))
        for part, what in (("channels", "orders"), ("answers", "answers"))
    ]
    both = pd.concat([table for table in used if len(table)] or used[:1], ignore_index=True)
    return {
        "lifts": findings["products"].table,
        "seasons": findings["months"].table,
        "channels": both[["segment", "what", *both.columns.drop(["segment", "what"])]],
        "discounts": findings["discounts"].table,
        "next_products": findings["next_products"].products,
        "hit_rates": findings["next_products"].hit_rates,
        "unmet": findings["needs"].table,
    }
