"""The tables of an industry, each drawn for one planted segment at a time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from seglib.simulate import draws
from seglib.simulate.sections import Attribute, Campaign, Number, Planted, Weights
from seglib.simulate.specification import Industry

_DAYS_A_YEAR, _DAYS_A_MONTH = 365.25, 30.44
#: Shares of customers who agreed to be contacted, and of those who were never asked.
_AGREED = {"may_email": 0.72, "may_call": 0.35, "may_post": 0.85, "may_push": 0.55}
_NEVER_ASKED = 0.04


@dataclass(frozen=True)
class Members:
    """The customers of one planted segment.

    Attributes
    ----------
    planted
        Their segment.
    ids
        Of each.
    tenure
        Days since they became customers, at as_of.
    gone
        Days since they left, at as_of; 0 while they are customers.
    bought
        Whether they have bought; prospects have not.
    given
        Their rows of the table of customers, once these are drawn.
    """

    planted: Planted
    ids: np.ndarray
    tenure: np.ndarray
    gone: np.ndarray
    bought: np.ndarray
    given: pd.DataFrame = field(default_factory=pd.DataFrame)

    def window(self, days: int, silent: np.ndarray | int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Return the days, of the last `days`, in which each is active: the first, and one after the last."""
        end = np.clip(days - np.maximum(self.gone, silent), 1, days)
        return np.clip(np.minimum(days - self.tenure, end - 1), 0, days - 1), end


def _before(as_of: dt.date, days: np.ndarray | pd.Series) -> pd.DatetimeIndex:
    return pd.Timestamp(as_of) - pd.to_timedelta(np.round(days), unit="D")


def _column(
    rng: np.random.Generator, attribute: Attribute, values: Number | Weights, n: int, as_of: dt.date
) -> pd.Series:
    if isinstance(values, Number):
        column = pd.Series(draws.numbers(rng, values, n))
    else:
        column = pd.Series(draws.answers(rng, values, n), dtype=object)
    if attribute.before == "years":
        column = (column + rng.random(n)) * _DAYS_A_YEAR
    if attribute.before:
        column = pd.Series(_before(as_of, column))
    return column.mask(rng.random(n) < attribute.missing)


def customers(rng: np.random.Generator, industry: Industry, members: Members) -> pd.DataFrame:
    """Draw the customers: one row each, roles and attributes."""
    n = len(members.ids)
    refused = rng.random(n) < industry.dirt.refused
    columns: dict[str, Any] = {
        "customer": members.ids,
        "consent": np.where(refused, "no", "yes"),
        "registered": _before(industry.as_of, members.tenure),
        "email": [f"customer.{i.lower()}@example.com" for i in members.ids],
        "phone": [f"+44 7700 900{number:03d}" for number in rng.integers(0, 1000, n)],
    }
    also = rng.spawn(1)[0]  # of its own, so that all other draws stay as they are
    for name, share in _AGREED.items():
        said = pd.Series(np.where(also.random(n) < share, "yes", "no"), dtype=object)
        columns[name] = said.mask(also.random(n) < _NEVER_ASKED, None)
    attributes = {
        name: _column(
            rng, attribute, members.planted.attributes.get(name, attribute.values), n, industry.as_of
        )
        for name, attribute in industry.attributes.items()
    }
    return pd.DataFrame(columns | attributes)


def transactions(rng: np.random.Generator, industry: Industry, members: Members) -> pd.DataFrame:
    """Draw the purchases: one row per product in an order, and one per product returned."""
    spec, n = members.planted.purchases, len(members.ids)
    if spec is None:
        return pd.DataFrame()
    first = industry.as_of - dt.timedelta(days=industry.days)
    start, end = members.window(industry.days, rng.uniform(*spec.silent, n))
    number = draws.counts(rng, spec.per_year * (end - start) / _DAYS_A_YEAR, spec.own, least=1)
    sums = draws.calendar(first, industry.days, spec.months, spec.weekend)
    who, day = draws.days(rng, sums, start, end, np.where(members.bought, number, 0), spec.regular)
    basket = spec.basket * np.exp(spec.own_basket * rng.standard_normal(n))
    lines = 1 + rng.poisson(spec.lines - 1, len(who))
    orders = pd.DataFrame(
        {
            "customer": members.ids[who],
            "time": draws.times(rng, first, day, spec.evening),
            "order": np.arange(len(who)),
            "sum": basket[who] * np.exp(0.25 * rng.standard_normal(len(who))) / lines,
            "channel": draws.answers(rng, spec.channels, len(who)),
            "payment": draws.answers(rng, spec.payments, len(who)),
            "discount": np.where(rng.random(len(who)) < spec.discount, 0.15, 0.0),
            "loyalty": np.where(rng.random(len(who)) < spec.loyalty, "yes", "no"),
        }
    )
    rows = orders.loc[np.repeat(orders.index, lines)]
    if spec.favourites:
        category = draws.favourites(rng, spec.categories, spec.favourites, np.repeat(who, lines))
    else:
        category = draws.answers(rng, spec.categories, len(rows))
    return _with_returns(rng, _products(rng, rows, category), spec.returned, industry.as_of)


def _products(rng: np.random.Generator, rows: pd.DataFrame, category: np.ndarray) -> pd.DataFrame:
    """Draw a product, a quantity and a price for each row."""
    quantity = 1 + rng.poisson(0.2, len(rows))
    price = np.round(
        np.maximum(rows["sum"] * np.exp(0.2 * rng.standard_normal(len(rows))) / quantity, 0.5), 2
    )
    return rows.drop(columns="sum").assign(
        product=[f"{c} {n}" for c, n in zip(category, rng.integers(1, 13, len(rows)), strict=True)],
        category=category,
        quantity=quantity,
        price=price,
        amount=np.round(quantity * price, 2),
    )


def _with_returns(
    rng: np.random.Generator, rows: pd.DataFrame, returned: float, as_of: dt.date
) -> pd.DataFrame:
    """Append a row for each product that is returned, within two weeks and before as_of."""
    back = rows[rng.random(len(rows)) < returned]
    time = back.time + pd.to_timedelta(rng.integers(1, 15, len(back)), unit="D")
    back = back.assign(
        quantity=-back.quantity,
        amount=-back.amount,
        time=time.clip(upper=pd.Timestamp(as_of) - pd.Timedelta(hours=1)),
    )
    return pd.concat([rows, back], ignore_index=True)


def events(rng: np.random.Generator, industry: Industry, members: Members) -> pd.DataFrame:
    """Draw visits, calls and use: one row each."""
    spec = members.planted.visits
    if spec is None:
        return pd.DataFrame()
    first = industry.as_of - dt.timedelta(days=industry.event_days)
    start, end = members.window(industry.event_days)
    sums = draws.calendar(first, industry.event_days, (), 2 / 7)
    there = members.gone < industry.event_days
    parts = []
    for kind, mean in spec.per_quarter.items():
        number = draws.counts(rng, mean * (end - start) / 90, spec.own)
        who, day = draws.days(rng, sums, start, end, np.where(there, number, 0))
        parts.append(
            pd.DataFrame(
                {
                    "customer": members.ids[who],
                    "time": draws.times(rng, first, day, spec.evening),
                    "type": kind,
                    "channel": draws.answers(rng, spec.channels, len(who)),
                    "device": draws.answers(rng, spec.devices, len(who)),
                    "feature": draws.answers(rng, spec.features, len(who)),
                    "seconds": draws.numbers(rng, spec.seconds, len(who)),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def responses(rng: np.random.Generator, industry: Industry, members: Members) -> pd.DataFrame:
    """Draw answers to the survey: one row per customer and item of which the segment has a mean."""
    planted, dirt = members.planted, industry.dirt
    items = {name: item for name, item in industry.items.items() if item.trait in planted.answers}
    asked = members.ids[rng.random(len(members.ids)) < planted.answered]
    n, traits = len(asked), {t: rng.standard_normal(len(asked)) for t in planted.answers}
    kind = rng.choice(
        ["careful", "straight", "hurried"],
        n,
        p=[1 - dirt.straight - dirt.hurried, dirt.straight, dirt.hurried],
    )
    same, when = rng.random(n), _before(industry.as_of, rng.integers(1, industry.survey_days, n))
    parts: list[pd.DataFrame] = []
    for name, item in items.items():
        span, own = item.high - item.low, industry.agreement
        noise = np.sqrt(own) * traits[item.trait] + np.sqrt(1 - own) * rng.standard_normal(n)
        meant = planted.answers[item.trait] + 0.2 * span * noise
        meant = item.low + item.high - meant if item.reverse else meant
        careless = item.low + span * np.where(kind == "straight", same, rng.random(n))
        score = np.clip(np.round(np.where(kind == "careful", meant, careless)), item.low, item.high)
        seconds = np.round(
            np.where(kind == "hurried", rng.uniform(0.3, 1.2, n), rng.lognormal(1.7, 0.4, n)), 1
        )
        part = pd.DataFrame(
            {"customer": asked, "item": name, "score": score, "time": when, "seconds": seconds}
        )
        part["comment"] = _comments(planted, n) if not parts else None
        parts.append(part[rng.random(n) >= dirt.skipped])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _comments(planted: Planted, n: int) -> np.ndarray:
    """Draw comments by draws of their own, so that no other answer depends on them."""
    return draws.answers(np.random.default_rng([n, 1]), planted.says, n)


def campaigns(rng: np.random.Generator, industry: Industry, members: Members) -> pd.DataFrame:
    """Draw contacts of campaigns, and customers held out of them: one row each."""
    parts = [
        _contacts(rng, name, campaign, industry.as_of, members)
        for name, campaign in industry.campaigns.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _contacts(
    rng: np.random.Generator, name: str, campaign: Campaign, as_of: dt.date, members: Members
) -> pd.DataFrame:
    there = (members.tenure > campaign.days_before) & (members.gone < campaign.days_before)
    ids = members.ids[there & (rng.random(len(there)) < campaign.reach)]
    n, (contacted, anyway) = len(ids), members.planted.responds.get(name, (0.0, 0.0))
    held = rng.random(n) < campaign.holdout
    responded = rng.random(n) < np.where(held, anyway, contacted)
    revenue = np.where(responded, campaign.revenue * rng.lognormal(-0.125, 0.5, n), 0)
    return pd.DataFrame(
        {
            "customer": ids,
            "campaign": name,
            "time": pd.Timestamp(as_of) - pd.Timedelta(days=campaign.days_before),
            "channel": campaign.channel,
            "holdout": np.where(held, "yes", "no"),
            "responded": np.where(responded, "yes", "no"),
            "cost": np.where(held, 0.0, campaign.cost),
            "revenue": np.round(revenue, 2),
        }
    )


def subscriptions(rng: np.random.Generator, industry: Industry, members: Members) -> pd.DataFrame:
    """Draw contracts: one row each; a customer's first began with their tenure."""
    spec, n = members.planted.contracts, len(members.ids)
    if spec is None:
        return pd.DataFrame()
    number = np.where(members.bought, 1 + rng.poisson(spec.more, n), 0)
    who = np.repeat(np.arange(n), number)
    first = np.r_[True, who[1:] != who[:-1]] if len(who) else np.zeros(0, dtype=bool)
    gone, tenure = members.gone[who], members.tenure[who]
    age = np.where(first, tenure, gone + 1 + rng.random(len(who)) * np.maximum(tenure - gone - 1, 0))
    plan = draws.answers(rng, spec.plans, len(who))
    units = members.given[spec.units].fillna(1).to_numpy()[who] if spec.units else 1
    start, end = _before(industry.as_of, age), pd.Series(_before(industry.as_of, gone))
    fee = pd.Series(plan).map(industry.plans).to_numpy(dtype=float) * np.where(first, units, 1)
    return pd.DataFrame(
        {
            "customer": members.ids[who],
            "start": start,
            "end": end.mask(gone == 0),
            "plan": plan,
            "fee": np.round(fee, 2),
            "renewals": ((age - gone) / (_DAYS_A_MONTH * industry.term)).astype(int),
        }
    )


def leaving(rng: np.random.Generator, planted: Planted, tenure: np.ndarray) -> np.ndarray:
    """Draw the days from leaving to as_of, by the monthly churn; 0 for those who are customers still."""
    if planted.contracts is None or planted.contracts.churn <= 0:
        return np.zeros(len(tenure))
    stayed = rng.geometric(planted.contracts.churn, len(tenure)) * _DAYS_A_MONTH
    return np.where(stayed < tenure, np.round(tenure - stayed), 0)


#: By kind of source, the function that draws it.
TABLES = {
    draw.__name__: draw for draw in (customers, transactions, events, responses, campaigns, subscriptions)
}
