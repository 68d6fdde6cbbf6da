"""What generated tables tell of each customer, in the terms of their specification."""

from __future__ import annotations

import pandas as pd

from seglib.simulate.generator import PROSPECT
from seglib.simulate.industry import Industry

_EVENING, _SATURDAY = 18, 5
#: A trait that a smaller share of customers were asked for is left out.
_LEAST_ANSWERED = 0.7


def summary(industry: Industry, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Sum generated tables up to what was planted: one row per customer who has bought.

    Parameters
    ----------
    industry
        The specification.
    tables
        From `generate`.

    Returns
    -------
    pandas.DataFrame
        Indexed by id. Columns: attributes that a segment overrides (dates as years before
        as_of); purchases a year, mean amount (money), shares of purchases; events a quarter by
        type; mean answers by trait; contracts and fee (money a month). What no two segments
        differ in is left out, and so are traits that few were asked for.
    """
    truth = tables["truth"].set_index("customer_id").segment
    bought = truth.index[truth != PROSPECT]
    named = {kind: _named(industry, kind, table) for kind, table in tables.items() if kind != "truth"}
    parts = [_attributes(industry, named["customers"])]
    if "transactions" in named:
        parts.append(_purchases(industry, named["transactions"]))
    if "events" in named:
        parts.append(_events(industry, named["events"]))
    if "responses" in named:
        parts.append(_answers(industry, named["responses"]))
    if "subscriptions" in named:
        parts.append(_contracts(named["subscriptions"]))
    made = pd.concat([part.reindex(bought) for part in parts], axis=1)
    return made.loc[:, made.nunique() > 1]


def _named(industry: Industry, kind: str, table: pd.DataFrame) -> pd.DataFrame:
    """Give the columns the names of their roles, and take the dirt out."""
    made = table.rename(columns={column: role for role, column in industry.columns[kind].items()})
    made = made.assign(customer=made.customer.str.strip()).dropna(subset="customer").drop_duplicates()
    if "time" in made.columns:
        made = made[made.time < pd.Timestamp(industry.as_of)]
    return made


def _years(times: pd.Series, industry: Industry) -> pd.Series:
    return (pd.Timestamp(industry.as_of) - times).dt.days / 365.25


def _attributes(industry: Industry, customers: pd.DataFrame) -> pd.DataFrame:
    planted = {name for of in industry.segments.values() for name in of.attributes}
    made = customers.set_index("customer")[[name for name in industry.attributes if name in planted]]
    for name, attribute in industry.attributes.items():
        if name in planted and attribute.before:
            made = made.assign(**{name: _years(made[name], industry)})
        elif name in planted and attribute.impossible is not None:
            made = made.assign(**{name: made[name].mask(made[name] == attribute.impossible)})
    return made


def _differ(industry: Industry, part: str, field: str) -> bool:
    return len({str(getattr(getattr(of, part), field, None)) for of in industry.segments.values()}) > 1


def _purchases(industry: Industry, rows: pd.DataFrame) -> pd.DataFrame:
    amount = rows.amount if "amount" in rows.columns else rows.quantity * rows.price
    orders = (
        rows.assign(amount=amount)[amount > 0]
        .groupby(["customer", "order"])
        .agg(
            time=("time", "min"),
            amount=("amount", "sum"),
            **{name: (name, "first") for name in ("discount", "loyalty") if name in rows.columns},
        )
    )
    shares = {"weekend": orders.time.dt.weekday >= _SATURDAY, "evening": orders.time.dt.hour >= _EVENING}
    shares |= {"discount": orders.discount > 0} if "discount" in orders.columns else {}
    shares |= {"loyalty": orders.loyalty == "yes"} if "loyalty" in orders.columns else {}
    by = orders.groupby("customer")
    made = {"purchases_a_year": by.size() / industry.days * 365.25, "amount": by.amount.mean()}
    made |= {
        f"{name}_share": share.groupby("customer").mean()
        for name, share in shares.items()
        if _differ(industry, "purchases", name)
    }
    return pd.DataFrame(made)


def _events(industry: Industry, rows: pd.DataFrame) -> pd.DataFrame:
    counted = rows.groupby(["customer", "type"]).size().unstack(fill_value=0) * 90 / industry.event_days
    return counted.add_suffix("_a_quarter")


def _answers(industry: Industry, rows: pd.DataFrame) -> pd.DataFrame:
    items = industry.items
    turned = rows.item.map({name: item.low + item.high for name, item in items.items() if item.reverse})
    made = rows.assign(
        trait=rows.item.map({name: item.trait for name, item in items.items()}),
        score=(turned - rows.score).fillna(rows.score),
    )
    means = made.groupby(["customer", "trait"]).score.mean().unstack()
    least = min(of.answered for of in industry.segments.values())
    return means if least >= _LEAST_ANSWERED else means.iloc[:, :0]


def _contracts(rows: pd.DataFrame) -> pd.DataFrame:
    by = rows.groupby("customer")
    return pd.DataFrame({"contracts": by.size(), "fee": by.fee.sum()})
