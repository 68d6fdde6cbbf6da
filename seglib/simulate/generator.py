"""Customers of an industry: the tables of all its segments, with the truth beside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from seglib.errors import ParamsError
from seglib.simulate.dirt import soiled
from seglib.simulate.specification import Industry
from seglib.simulate.specification import industry as specified
from seglib.simulate.tables import TABLES, Members, leaving

#: Customers who have not bought yet, in the truth.
PROSPECT = "prospect"
#: Fewest customers that can be generated, so that each segment has some.
LEAST = 100
_FIRST_ID, _FIRST_ORDER = 100_000, 1_000_000


def generate(industry: Industry, n_customers: int = 0, seed: int = 0) -> dict[str, pd.DataFrame]:
    """Generate the tables of an industry.

    Parameters
    ----------
    industry
        Its specification.
    n_customers
        Customers in all; 0 for the number in the specification.
    seed
        Of all draws; the same seed gives the same tables, and no table depends on which others
        are drawn.

    Returns
    -------
    dict of pandas.DataFrame
        By kind of source, under the industry's own names of columns: customers (one row each),
        transactions (one row per product in an order or a return), events (one row each),
        responses (one row per customer and item), campaigns (one row per customer and contact),
        subscriptions (one row per contract), as far as the industry has them; and truth (one row
        per customer): customer_id and the planted segment, or 'prospect'.

    Raises
    ------
    ParamsError
        If fewer than `LEAST` customers are asked for.
    """
    return drawn(industry, members(industry, n_customers, seed), seed)


def drawn(
    industry: Industry, groups: dict[str, Members], seed: int, first_order: int = _FIRST_ORDER
) -> dict[str, pd.DataFrame]:
    """Draw the tables of customers who are known, by planted segment; orders are numbered from `first_order` on."""
    names, those = list(groups), list(groups.values())
    tables = {}
    for place, kind in enumerate(TABLES, start=1):
        if kind in industry.columns:
            rng = np.random.default_rng([seed, place])
            parts = [TABLES[kind](rng, industry, of) for of in those]
            if kind == "customers":
                those = [replace(of, given=given) for of, given in zip(those, parts, strict=True)]
            table = _numbered(rng, parts, industry.return_prefix, first_order)
            tables[kind] = _written(rng, kind, table, industry)
    return tables | {"truth": _truth(names, those)}


def shop(n_customers: int = 0, seed: int = 0) -> dict[str, pd.DataFrame]:
    """Generate the demo shop: customers, transactions, events, responses and truth, as `generate` does."""
    return generate(specified("demo"), n_customers, seed)


def members(industry: Industry, n_customers: int, seed: int) -> dict[str, Members]:
    """Divide the customers among the segments, as many to each as its share says."""
    n = n_customers or industry.customers
    if n < LEAST:
        raise ParamsError(f"customers: found {n:,}; allowed: {LEAST} and more")
    rng = np.random.default_rng([seed, 0])
    bounds = np.round(np.cumsum([0.0, *industry.shares]) * n).astype(int)
    ids = np.array([f"{industry.prefix}{number}" for number in rng.permutation(n) + _FIRST_ID], dtype=object)
    groups = {}
    for (name, planted), low, high in zip(industry.segments.items(), bounds[:-1], bounds[1:], strict=True):
        tenure = np.round(rng.uniform(*planted.tenure, high - low))
        bought = rng.random(high - low) >= industry.dirt.prospects
        groups[name] = Members(planted, ids[low:high], tenure, leaving(rng, planted, tenure), bought)
    return groups


def _numbered(
    rng: np.random.Generator, parts: list[pd.DataFrame], return_prefix: str, first: int
) -> pd.DataFrame:
    """Concatenate the segments; orders get numbers that follow neither segment nor time."""
    parts = [part for part in parts if len(part)]
    table = pd.concat(parts, ignore_index=True)
    if "order" not in table.columns:
        return table
    ends = np.cumsum([part.order.max() + 1 for part in parts])
    place = np.concatenate([part.order + end for part, end in zip(parts, np.r_[0, ends[:-1]], strict=True)])
    number = pd.Series((rng.permutation(ends[-1]) + first)[place]).astype(str)
    return table.assign(order=number.mask(table.quantity < 0, return_prefix + number))


def _written(rng: np.random.Generator, kind: str, table: pd.DataFrame, industry: Industry) -> pd.DataFrame:
    """Write a table as the industry would: its own names of columns, sorted by time or id, not clean."""
    names = industry.columns[kind]
    given = list(industry.attributes) if kind == "customers" else []
    order = ["time", "customer"] if "time" in table.columns else ["customer"]
    table = soiled(rng, kind, table, industry).sort_values(order, ignore_index=True, kind="stable")
    return table[[*names, *given]].rename(columns=names)


def _truth(names: list[str], members: list[Members]) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"customer_id": of.ids, "segment": np.where(of.bought, name, PROSPECT)})
        for name, of in zip(names, members, strict=True)
    ]
    return pd.concat(parts).sort_values("customer_id", ignore_index=True)
