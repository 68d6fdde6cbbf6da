"""All that is measured of what segments need and answer to, from the sources that are there."""

from __future__ import annotations

from dataclasses import dataclass, field

import ibis
import pandas as pd

from seglib.collect.features.derived import Settings
from seglib.collect.features.orders import orders
from seglib.target.offers.channel_shares import answers, channels
from seglib.target.offers.discount_shares import discounts
from seglib.target.offers.found import Found, without_rows
from seglib.target.offers.lifts import bought_more
from seglib.target.offers.recommend import NextProducts, next_products
from seglib.target.offers.seasons import months
from seglib.target.offers.unmet import answered, unmet_needs

#: What is bought more than by others.
KINDS = ("product", "category")
_NO_ORDERS = {"customer": "int64", "order": "string", "time": "datetime64[us]", "amount": "float64"}
_NO_CONTACTS = {"customer": "int64"}


@dataclass(frozen=True)
class Measured:
    """What segments need and answer to.

    Attributes
    ----------
    tables
        By name, each with its columns even where nothing is known: `lifts` (one row per segment, kind
        and item; kind is product or category), `seasons` (segment and month), `channels` (segment,
        what and channel; what is orders or answers), `discounts` (segment), `next_products`
        (segment and place), `hit_rates` (segment, method and length of the list), `unmet` (segment
        and need). The functions that make them say the rest.
    remarks
        By part (products, months, channels, answers, discounts, next_products, needs), sentences for
        the page: what bounds the reading.
    lacking
        By part that is not known, the source or column that would tell.
    """

    tables: dict[str, pd.DataFrame]
    remarks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lacking: dict[str, str] = field(default_factory=dict)


def measured(
    tables: dict[str, ibis.Table], segments: pd.DataFrame, settings: Settings, seed: int = 0
) -> Measured:
    """Measure what segments buy, when, through what and at what discount, what comes next, and what is missing.

    Parameters
    ----------
    tables
        By kind, those that are there of transactions, campaigns and responses.
    segments
        One row per customer: customer, segment.
    settings
        as_of, min_cell, not_products, needs and scales are looked at.
    seed
        Of the draw of customers, where there are many.
    """
    bought = tables.get("transactions", ibis.memtable(without_rows(_NO_ORDERS)))
    contacts = tables.get("campaigns", ibis.memtable(without_rows(_NO_CONTACTS)))
    placed = orders(bought).cache()
    found = {
        "products": _lifts(bought, segments, settings),
        "months": months(placed, segments, settings.as_of, settings.min_cell),
        "channels": channels(placed, segments, settings.min_cell),
        "answers": answers(contacts, segments, settings.min_cell),
        "discounts": discounts(placed, bought, segments, settings.min_cell),
        "next_products": next_products(bought, segments, settings.min_cell, settings.not_products, seed),
        "needs": _unmet(tables.get("responses"), segments, settings),
    }
    lacking = {part: _source(part, tables) or one.lacking for part, one in found.items() if one.lacking}
    return Measured(_tables(found), {part: one.remarks for part, one in found.items()}, lacking)


def _source(part: str, tables: dict[str, ibis.Table]) -> str:
    """Name the source that would tell, if it is not there at all."""
    if part == "needs":
        return ""
    kind = "campaigns" if part == "answers" else "transactions"
    return "" if kind in tables else f"sources.{kind}"


def _lifts(bought: ibis.Table, segments: pd.DataFrame, settings: Settings) -> Found:
    """Compare products and, where they are named, categories."""
    named = [by for by in KINDS if by in bought.columns] or list(KINDS[:1])
    parts = {by: bought_more(bought, segments, settings.min_cell, by, settings.not_products) for by in named}
    made = [one.table.rename(columns={by: "item"}) for by, one in parts.items()]
    for by, table in zip(parts, made, strict=True):
        table.insert(1, "kind", pd.Series(by, index=table.index, dtype="string"))
    rows = [table for table in made if len(table)] or made[:1]
    remarks = tuple(dict.fromkeys(said for one in parts.values() for said in one.remarks))
    lacking = "" if any(not one.lacking for one in parts.values()) else next(iter(parts.values())).lacking
    if not set(KINDS) & set(bought.columns):
        lacking = "columns.product or category of sources.transactions"
    return Found(pd.concat(rows, ignore_index=True), remarks, lacking)


def _unmet(responses: ibis.Table | None, segments: pd.DataFrame, settings: Settings) -> Found:
    scores = without_rows(_NO_CONTACTS) if responses is None else answered(responses, settings.needs)
    return unmet_needs(scores, settings.needs, settings.scales, segments, settings.min_cell)


def _tables(found: dict[str, Found | NextProducts]) -> dict[str, pd.DataFrame]:
    """Give the tables by their names; orders and answers share one of channels."""
    used = [
        found[part].table.assign(what=what) for part, what in (("channels", "orders"), ("answers", "answers"))
    ]
    both = pd.concat([table for table in used if len(table)] or used[:1], ignore_index=True)
    return {
        "lifts": found["products"].table,
        "seasons": found["months"].table,
        "channels": both.astype({"what": "string"})[
            ["segment", "what", *both.columns.drop(["segment", "what"])]
        ],
        "discounts": found["discounts"].table,
        "next_products": found["next_products"].products,
        "hit_rates": found["next_products"].hit_rates,
        "unmet": found["needs"].table,
    }
