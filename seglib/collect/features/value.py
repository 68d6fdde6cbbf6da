"""Value features: what customers have brought, net of what went back."""

from __future__ import annotations

import datetime as dt

import ibis

from seglib.collect.features.behavioural import as_given
from seglib.collect.features.catalogue import entries
from seglib.collect.features.derived import Derived, Settings
from seglib.collect.features.orders import days_before, money, placed
from seglib.collect.features.subscriptions import paid
from seglib.vocabulary import ONE_YEAR

FEATURES = tuple(entries("value").values())


def historic_value(summed: ibis.Table, returns: ibis.Table) -> ibis.Table:
    """Compute what each customer has brought.

    Parameters
    ----------
    summed
        One row per customer and order, as `orders` computes them.
    returns
        One row per product in a return; amounts are negative.

    Returns
    -------
    ibis.Table
        One row per customer with an order: net_value, order_value and, where costs are known,
        gross_margin, margin_share. Sums are made in money and become numbers at the end, so that
        they do not depend on the order in which rows were read. The cost of a return counts as
        saved, whatever its sign.
    """
    sums = {"gross": summed.amount.sum(), "n": summed.count()}
    back = {"back": returns.amount.sum()}
    with_cost = "margin" in summed.columns
    if with_cost:
        saved = money(returns.cost).abs()
        sums |= {"margin": summed.margin.sum(), "uncosted": summed.uncosted.sum()}
        back |= {
            "margin_back": (returns.amount + saved).sum(),
            "uncosted_back": returns.amount.sum(where=returns.cost.isnull()),
        }
    brought = summed.group_by("customer").agg(**sums)
    joined = brought.left_join(returns.group_by("customer").agg(**back), "customer")
    features = {
        "net_value": _net(joined.gross, joined.back),
        "order_value": joined.gross.cast("float64") / joined.n,
    }
    if with_cost:
        margin = _net(joined.margin, joined.margin_back)
        gross = joined.gross - _or_zero(joined.uncosted)
        costed = _net(gross, _or_zero(joined.back) - _or_zero(joined.uncosted_back))
        share = ibis.ifelse(costed > 0, margin / costed.nullif(0), ibis.null("float64"))
        features |= {"gross_margin": margin, "margin_share": share}
    return joined.select("customer", **features)


def _net(gross: ibis.Value, back: ibis.Value) -> ibis.Value:
    """Subtract what went back, in money, and make a number of it."""
    return (gross + _or_zero(back)).cast("float64")


def _or_zero(sum_: ibis.Value) -> ibis.Value:
    return sum_.fill_null(ibis.literal(0).cast(sum_.type()))


def share_of_wallet(
    summed: ibis.Table, returns: ibis.Table, customers: ibis.Table, as_of: dt.date
) -> ibis.Table:
    """Compute which part of a customer's spending on such things is spent here.

    Parameters
    ----------
    summed
        One row per customer and order.
    returns
        One row per product in a return; amounts are negative.
    customers
        One row per customer: customer and category_spend, money a year here and elsewhere.
    as_of
        The day before which the year ends.

    Returns
    -------
    ibis.Table
        One row per customer whose spending is known and above zero: share_of_wallet, 0 to 1. Who
        bought nothing here has 0 (Du, Kamakura and Mela, 2007, Journal of Marketing 71(2)).
    """
    rows = [
        t.filter(days_before(as_of, t.time) <= ONE_YEAR).select(
            "customer", amount=money(t.amount).cast("decimal(38, 4)")
        )
        for t in (summed, returns)
    ]
    year = rows[0].union(rows[1]).group_by("customer").agg(spent=lambda t: t.amount.sum())
    asked = customers.filter(customers.category_spend > 0).select("customer", "category_spend")
    joined = asked.left_join(year, "customer")
    share = joined.spent.cast("float64").fill_null(0) / joined.category_spend.cast("float64")
    return joined.select("customer", share_of_wallet=share.clip(lower=0, upper=1))


def _uncosted(summed: ibis.Table) -> list[str]:
    """Compute how much was sold at a cost that is not known."""
    sums = summed.agg(all=summed.amount.sum(), unknown=summed.uncosted.sum()).to_pandas().iloc[0]
    unknown = float(sums.unknown or 0) / float(sums["all"])
    if unknown < 0.0005:
        return []
    return [f"The cost of {unknown:.1%} of all sales is not known; gross margin leaves these sales out."]


def derive(tables: dict[str, ibis.Table], settings: Settings) -> Derived:
    """Derive what the sources allow: one row per customer."""
    frames: list[ibis.Table] = []
    remarks: list[str] = []
    if "transactions" in tables:
        summed, returns = placed(tables), tables["returns"]
        frames.append(historic_value(summed, returns))
        if "margin" in summed.columns:
            remarks += _uncosted(summed)
        customers = tables.get("customers")
        if customers is not None and "category_spend" in customers.columns:
            frames.append(share_of_wallet(summed, returns, customers, settings.as_of))
    elif "customers" in tables and "monetary" in tables["customers"].columns:
        frames += as_given(tables["customers"], {"monetary": "net_value"})
    elif "subscriptions" in tables and "fee" in tables["subscriptions"].columns:
        frames.append(paid(tables["subscriptions"], settings.as_of))
    return Derived(tuple(frames), FEATURES, tuple(remarks))
