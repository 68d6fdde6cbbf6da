"""Price: how much segments buy at a discount, and how their purchases differed with its depth."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy import stats

from seglib.assess.behaviour.beside import BESIDE, means
from seglib.assess.behaviour.movement import located
from seglib.assess.contrasts import holm
from seglib.assess.thresholds import (
    BY_PRODUCT,
    DEPTHS,
    FEWEST_PRODUCTS,
    MOSTLY,
    REDUCED,
    SIGNIFICANT,
    USUAL,
    VARIED,
)
from seglib.statistics import ENDS, beta_prior

DISCOUNTS = ("segment", "customers", "bought", "share", "low", "high", "depth", *BESIDE)
RESPONSE = (
    *("segment", "deeper", "up_to", "products", "weeks", "customers", "ratio", "low", "high"),
    *("everyone", "p", "differs"),
)
#: Why discounts are not known: no transactions, no column that would tell, products without a usual price, or
#: prices that never varied.
REASONS = ("no transactions", "no price", "no usual price", "constant")
#: Why it is not known how purchases differ: prices did not vary by product and week, or of too few products.
UNKNOWN = ("no products", "by order", "few products")


@dataclass(frozen=True)
class Price:
    """Discounts, and how purchases differed with them.

    Attributes
    ----------
    discounts
        The table `discounts_taken`: one row per segment, and one for all customers.
    response
        The table `price_response`: one row per segment and depth, and per depth for all customers.
    known_from
        discount (a column of the transactions) or variation (prices of a product below its usual one).
    reason
        Why discounts are not known, of `REASONS`; empty if they are.
    unknown
        Why it is not known how purchases differed, of `UNKNOWN`; empty if it is.
    """

    discounts: pd.DataFrame
    response: pd.DataFrame
    known_from: str = ""
    reason: str = ""
    unknown: str = ""


def price(transactions: ibis.Table | None, segments: ibis.Table) -> Price:
    """Measure how much segments buy at a discount, and how their purchases of a product differ with its depth.

    The depth of a row is its discount as a share of the full price; without a column of discounts, what its
    price lies below the usual one of the product in that quarter, from `REDUCED` on. A price is usual that was
    asked in at least half of the weeks.

    Parameters
    ----------
    transactions
        One row per product in an order: customer, time, and discount (in money or as a share; amount with
        it), or product and price; or nothing.
    segments
        One row per customer: customer, segment.
    """
    empty = pd.DataFrame(columns=list(DISCOUNTS)), pd.DataFrame(columns=list(RESPONSE))
    if transactions is None:
        return Price(*empty, reason=REASONS[0])
    known_from = "discount" if "discount" in transactions.columns else "variation"
    if known_from == "variation" and not {"product", "price"} <= set(transactions.columns):
        return Price(*empty, reason=REASONS[1])
    rows = with_depth(transactions)
    known = (
        rows.agg(known=_.depth.notnull().mean(), reduced=(_.depth > 0).cast("float64").mean())
        .to_pandas()
        .iloc[0]
    )
    if not known.known >= USUAL:
        return Price(*empty, known_from, reason=REASONS[2])
    if not known.reduced >= VARIED:
        return Price(*empty, known_from, reason=REASONS[3])
    rows = rows.filter(_.depth.notnull())
    discounts = _discounts(rows, segments)
    if "product" not in transactions.columns:
        return Price(discounts, empty[1], known_from, unknown=UNKNOWN[0])
    weeks = _weeks(rows)
    if 1 / (1 + beta_prior(weeks.off, weeks.rows)[1]) < BY_PRODUCT:
        return Price(discounts, empty[1], known_from, unknown=UNKNOWN[1])
    cells, people = _product_weeks(rows, segments, weeks)
    known = cells.deeper.notna().groupby(cells["product"])
    both = known.any() & ~known.all()
    if both.sum() < FEWEST_PRODUCTS:
        return Price(discounts, empty[1], known_from, unknown=UNKNOWN[2])
    response = responses(cells[cells["product"].isin(both.index[both])], people)
    return Price(discounts, response, known_from, unknown="" if len(response) else UNKNOWN[2])


def with_depth(transactions: ibis.Table) -> ibis.Table:
    """Add to the rows of transactions how deep their discount is.

    Returns
    -------
    ibis.Table
        One row per product in an order: customer, day, items, depth (0 to 1; missing where a product has no
        usual price), and product where known.
    """
    names = set(transactions.columns)
    items = transactions.quantity.cast("float64") if "quantity" in names else ibis.literal(1.0)
    named = {"product": transactions["product"].cast("string")} if "product" in names else {}
    base = {"customer": transactions.customer, "day": transactions.time.date(), "items": items} | named
    if "discount" in names:
        off = transactions.discount.cast("float64").fill_null(0.0)
        most = transactions.discount.max().to_pandas()
        if pd.notna(most) and most > 1 and "amount" in names:  # in money
            paid = transactions.amount.cast("float64")
            off = ibis.ifelse(paid + off > 0, off / (paid + off), 0.0)
        return transactions.select(**base, depth=off.clip(0.0, 1.0)).filter(_["items"] > 0)
    rows = transactions.select(
        **base, price=transactions.price.cast("float64"), quarter=transactions.time.truncate("Q")
    ).filter(_["items"] > 0, _.price > 0)
    weekly = rows.group_by("product", "quarter", "price", week=_.day.truncate("W")).agg(n=_.count())
    most = ibis.window(group_by=["product", "week", "quarter"], order_by=[ibis.desc("n"), ibis.desc("price")])
    asked = weekly.mutate(place=ibis.row_number().over(most)).filter(_.place == 0)
    weeks = asked.group_by("product", "quarter", "price").agg(n=_.count())
    every = ibis.window(group_by=["product", "quarter"])
    usual = weeks.mutate(part=_.n / _.n.sum().over(every)).filter(_.part >= USUAL)
    usual = usual.group_by("product", "quarter").agg(usual=_.price.max())
    joined = rows.left_join(usual, ["product", "quarter"])
    below = 1 - joined.price / joined.usual
    return joined.select(
        *base, depth=ibis.ifelse((below < REDUCED) & (below > -1), 0.0, below).clip(0.0, 1.0)
    )


def _discounts(rows: ibis.Table, segments: ibis.Table) -> pd.DataFrame:
    """Measure the share of what customers buy that is discounted: the mean of their own shares; and its depth."""
    own = rows.group_by("customer").agg(n=_.count(), x=(_.depth > 0).cast("int64").sum())
    shares = located(own.mutate(share=_.x / _.n), segments)
    sums = shares.group_by("segment").agg(
        customers=_.count(),
        bought=(_.x > 0).cast("int64").sum(),
        # sums of many threads differ in their last digits
        total=_.share.sum().round(9),
        squares=(_.share * _.share).sum().round(9),
    )
    table = means(sums.to_pandas().sort_values("segment").assign(key=0), ["key"])
    given = located(rows.filter(_.depth > 0), segments)
    depth = given.group_by("segment").agg(depth=_.depth.median()).to_pandas().set_index("segment").depth
    everyone = given.agg(depth=_.depth.median()).to_pandas().depth.iloc[0]
    return table.assign(depth=table.segment.map(depth).where(table.segment.notna(), everyone))[
        list(DISCOUNTS)
    ]


def _weeks(rows: ibis.Table) -> pd.DataFrame:
    """Measure which share of a product's rows was at a discount in each week, and how deep these were."""
    weekly = rows.mutate(week=_.day.truncate("W"), quarter=_.day.truncate("Q"))
    return (
        weekly.group_by("product", "week")
        .agg(
            quarter=_.quarter.min(),
            rows=_.count(),
            off=(_.depth > 0).cast("float64").mean(),
            depth=_.depth.median(where=_.depth > 0),
        )
        .to_pandas()
    )


def _product_weeks(
    rows: ibis.Table, segments: ibis.Table, weeks: pd.DataFrame
) -> tuple[pd.DataFrame, pd.Series]:
    """Sum up pieces by product, week and segment, in weeks in which a product was mostly reduced, or hardly.

    Returns
    -------
    pandas.DataFrame
        One row per product, week and segment, those without a piece included: deeper, up_to (the depth in
        that week; both 0 at the full price), quarter, items.
    pandas.Series
        Customers who bought, by segment and deeper.
    """
    state = weeks[(weeks.off >= MOSTLY) | (weeks.off <= 1 - MOSTLY)]
    bounds = [0.0, *DEPTHS, 1.0]
    place = pd.cut(state.depth.astype(float), bounds, labels=False)
    full = state.off < MOSTLY
    state = state.assign(
        deeper=place.map(dict(enumerate(bounds[:-1]))).where(~full),
        up_to=place.map(dict(enumerate(bounds[1:]))).where(~full, 0.0),
    )[["product", "week", "quarter", "deeper", "up_to"]]
    bought = located(rows.select("customer", "product", "items", week=_.day.truncate("W")), segments)
    joined = bought.inner_join(ibis.memtable(state[["product", "week", "up_to"]]), ["product", "week"])
    people = joined.group_by("segment", "up_to").agg(n=_.customer.nunique()).to_pandas()
    counts = joined.group_by("product", "week", "segment").agg(items=_["items"].sum()).to_pandas()
    everyone = pd.DataFrame({"segment": sorted(counts.segment.unique())})
    grid = state.merge(everyone, how="cross").merge(counts, on=["product", "week", "segment"], how="left")
    return grid.fillna({"items": 0.0}), people.set_index(["segment", "up_to"]).n


def responses(cells: pd.DataFrame, people: pd.Series) -> pd.DataFrame:
    """Compare purchases of a product in weeks at a discount with those at its full price, depth by depth.

    The ratio of Mantel and Haenszel (Greenland and Robins, 1985, Biometrics 41) of pieces a week, within
    product and quarter, so that neither popular products nor seasons make a difference; its error counts
    products, whose weeks are alike. Weeks in which nothing of a product was sold have no price and do not
    count, which draws the ratio to 1.

    Parameters
    ----------
    cells
        One row per product, week and segment: deeper (missing at the full price), up_to, quarter, items.
    people
        Customers who bought, by segment and up_to (0 at the full price).

    Returns
    -------
    pandas.DataFrame
        The table `price_response`; depths of fewer than `FEWEST_PRODUCTS` products are left out.
    """
    keys = ["product", "week", "quarter", "deeper", "up_to"]

    def summed(part: pd.DataFrame) -> pd.DataFrame:
        return part.groupby(keys, as_index=False, dropna=False)["items"].sum()

    rows: list[dict[str, float]] = []
    bands = cells[["deeper", "up_to"]].dropna().drop_duplicates().sort_values("deeper")
    for deeper, up_to in bands.to_numpy():
        sides = people.unstack(fill_value=0).reindex(columns=[0.0, up_to], fill_value=0)
        band = {"deeper": deeper, "up_to": up_to}
        whole = _ratio(summed(cells), deeper)
        if whole is None:
            continue
        rows.append(band | {"segment": np.nan, "customers": float(sides.sum().min())} | whole)
        for segment, own in cells.groupby("segment"):
            one = _ratio(own, deeper)
            if one is not None:
                others = _ratio(summed(cells[cells.segment != segment]), deeper)
                facts = {"segment": segment, "everyone": whole["ratio"], "p": _p(one, others)}
                rows.append(band | facts | {"customers": float(sides.loc[segment].min())} | one)
    table = pd.DataFrame(rows, columns=[*RESPONSE, "log_sd"])
    p = holm(table.p)
    return table.assign(p=p, differs=p < SIGNIFICANT)[list(RESPONSE)]


def _ratio(cells: pd.DataFrame, deeper: float) -> dict[str, float] | None:
    """Compute the ratio of one depth with its interval; nothing where too few products are behind it."""
    here = cells[(cells.deeper == deeper) | cells.deeper.isna()]
    off = here.deeper.notna()
    parts = here.assign(a=here["items"].where(off, 0.0), b=here["items"].where(~off, 0.0), t=off, f=~off)
    strata = parts.groupby(["product", "quarter"])[["a", "b", "t", "f"]].sum()
    strata = strata[(strata.t > 0) & (strata.f > 0) & (strata.a + strata.b > 0)]
    weeks = strata.t + strata.f
    over, under = strata.a * strata.f / weeks, strata.b * strata.t / weeks
    products = strata.index.get_level_values("product").nunique()
    if products < FEWEST_PRODUCTS or not (over.sum() > 0 and under.sum() > 0):
        return None
    ratio = over.sum() / under.sum()
    pulls = (over - ratio * under).groupby("product").sum()
    log_sd = float(np.sqrt((pulls**2).sum() * products / (products - 1)) / over.sum())
    reach = np.exp(stats.t.ppf(ENDS[1], products - 1) * log_sd)
    return {
        "products": products,
        "weeks": int(strata.t.sum()),
        "ratio": ratio,
        "low": ratio / reach,
        "high": ratio * reach,
        "log_sd": log_sd,
    }


def _p(one: dict[str, float], others: dict[str, float] | None) -> float:
    if others is None:
        return np.nan
    gap = np.log(one["ratio"] / others["ratio"]) / np.hypot(one["log_sd"], others["log_sd"])
    return float(2 * stats.norm.sf(abs(gap)))
