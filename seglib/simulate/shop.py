"""Generated customers with segments planted in them, for the demo and for planning a study."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

#: The shop's two years; as_of is the day after the last.
FIRST, AS_OF = dt.date(2023, 9, 1), dt.date(2025, 9, 1)
_DAYS = (AS_OF - FIRST).days
CATEGORIES = (
    "kitchen",
    "garden",
    "toys",
    "books",
    "lighting",
    "textiles",
    "office",
    "bath",
    "decoration",
    "storage",
    "outdoor",
    "pets",
)
_REGIONS = ("north", "east", "south", "west", "capital")
_CHANNELS = ("search", "social", "friend", "advert")


@dataclass(frozen=True)
class Planted:
    """How the customers of one planted segment behave.

    Attributes
    ----------
    share
        Of all customers.
    tenure
        Days from the first order to as_of: least and most.
    gap
        Mean days between two orders; 0 for `orders` orders at random days.
    orders
        Least and most orders, where there is no rhythm.
    basket
        Median amount of an order.
    weekend, evening, discount, returned, mobile
        Shares of orders, of value returned, of visits.
    categories
        Categories that a customer buys from.
    visits
        Mean visits in 90 days.
    months
        Months in which they order; all if empty.
    satisfaction, price_matters
        Mean answers, 0 to 10 and 1 to 5.
    """

    share: float
    tenure: tuple[int, int]
    gap: float
    orders: tuple[int, int]
    basket: float
    weekend: float
    evening: float
    discount: float
    returned: float
    mobile: float
    categories: int
    visits: float
    months: tuple[int, ...] = ()
    satisfaction: float = 7.0
    price_matters: float = 3.0


SHOP: dict[str, Planted] = {
    "weekend regulars": Planted(
        0.15,
        (240, 700),
        21,
        (6, 40),
        95,
        0.82,
        0.25,
        0.08,
        0.03,
        0.45,
        7,
        14,
        satisfaction=8.6,
        price_matters=2.2,
    ),
    "gift season": Planted(
        0.18,
        (640, 720),
        0,
        (3, 6),
        150,
        0.30,
        0.45,
        0.10,
        0.04,
        0.30,
        3,
        1.5,
        (11, 12),
        satisfaction=7.6,
        price_matters=2.6,
    ),
    "new and curious": Planted(
        0.17,
        (8, 75),
        0,
        (1, 2),
        48,
        0.35,
        0.60,
        0.25,
        0.05,
        0.88,
        2,
        26,
        satisfaction=7.2,
        price_matters=3.0,
    ),
    "bargain hunters": Planted(
        0.20,
        (260, 700),
        45,
        (4, 18),
        34,
        0.25,
        0.35,
        0.85,
        0.34,
        0.60,
        4,
        9,
        satisfaction=5.8,
        price_matters=4.5,
    ),
    "lapsed": Planted(
        0.30,
        (380, 720),
        0,
        (1, 3),
        58,
        0.28,
        0.30,
        0.25,
        0.05,
        0.35,
        2,
        0.3,
        satisfaction=6.1,
        price_matters=3.4,
    ),
}


def shop(n_customers: int = 20_000, seed: int = 0) -> dict[str, pd.DataFrame]:
    """Generate a shop of two years with five planted segments.

    Parameters
    ----------
    n_customers
        Customers in all; two in a hundred have not ordered yet.
    seed
        Of all draws; the same seed gives the same tables.

    Returns
    -------
    dict of pandas.DataFrame
        customers (one row each, with consent and an e-mail address under example.com),
        transactions (one row per product in an order, with cancellations, a few duplicate rows
        and rows without a customer), events (one row per visit), responses (one row per customer
        and survey item), truth (customer_id and the planted segment).
    """
    rng = np.random.default_rng(seed)
    names = list(SHOP)
    planted = rng.choice(len(names), n_customers, p=[SHOP[n].share for n in names])
    ids = np.array([f"C{n:06d}" for n in rng.permutation(n_customers) + 100_000])
    prospects = rng.random(n_customers) < 0.02
    orders = pd.concat(
        [
            _orders(rng, SHOP[name], np.flatnonzero((planted == s) & ~prospects))
            for s, name in enumerate(names)
        ],
        ignore_index=True,
    )
    made = {"customers": _customers(rng, ids)}
    made["transactions"] = _transactions(rng, orders, ids, [SHOP[n] for n in names], planted)
    specs = [SHOP[n] for n in names]
    made["events"] = _events(rng, specs, planted, ids)
    made["responses"] = _responses(rng, specs, planted, ids)
    segment = np.where(prospects, "prospect", np.array(names)[planted])
    made["truth"] = pd.DataFrame({"customer_id": ids, "segment": segment})
    return made


def _orders(rng: np.random.Generator, spec: Planted, members: np.ndarray) -> pd.DataFrame:
    """Draw the days of orders: who, and days since FIRST."""
    tenure = rng.uniform(*spec.tenure, len(members))
    start = _DAYS - tenure
    if spec.gap:
        own = spec.gap * rng.lognormal(0, 0.25, len(members))
        n = np.clip((tenure / own).astype(int), *spec.orders)
    else:
        n = rng.integers(spec.orders[0], spec.orders[1] + 1, len(members))
    who = np.repeat(np.arange(len(members)), n)
    place = np.arange(len(who)) - np.repeat(np.cumsum(n) - n, n)
    if spec.gap:
        step = np.repeat(tenure / n, n)
        day = np.repeat(start, n) + (place + rng.uniform(0.1, 0.9, len(who))) * step
    elif spec.months:
        season = np.flatnonzero(np.isin(pd.date_range(FIRST, AS_OF, inclusive="left").month, spec.months))
        day = rng.choice(season, len(who)) + 0.5
    else:
        last = np.minimum(tenure - 1, 150 if spec.tenure[0] > 100 else tenure - 1)
        day = np.repeat(start, n) + rng.random(len(who)) * np.repeat(last, n) * (place > 0)
    return pd.DataFrame({"member": members[who], "day": np.clip(day, 0, _DAYS - 1).astype(int)})


def _transactions(
    rng: np.random.Generator, orders: pd.DataFrame, ids: np.ndarray, specs: list[Planted], planted: np.ndarray
) -> pd.DataFrame:
    of = planted[orders.member]
    pick = {
        f: np.array([getattr(s, f) for s in specs])[of]
        for f in ("weekend", "evening", "discount", "returned", "basket", "categories")
    }
    date = pd.Timestamp(FIRST) + pd.to_timedelta(orders.day, unit="D")
    wish = np.where(
        rng.random(len(date)) < pick["weekend"], rng.integers(5, 7, len(date)), rng.integers(0, 5, len(date))
    )
    shift = wish - date.dt.weekday
    day = np.clip(orders.day + shift, 0, _DAYS - 1)
    hour = np.where(
        rng.random(len(date)) < pick["evening"],
        rng.integers(18, 24, len(date)),
        rng.integers(8, 18, len(date)),
    )
    time = pd.Timestamp(FIRST) + pd.to_timedelta(
        day * 1440 + hour * 60 + rng.integers(0, 60, len(date)), unit="min"
    )
    number = rng.permutation(len(orders)) + 500_000
    amount = pick["basket"] * rng.lognormal(0, 0.30, len(orders))
    discounted = rng.random(len(orders)) < pick["discount"]
    lines = 1 + rng.poisson(1.2, len(orders))
    order = np.repeat(np.arange(len(orders)), lines)
    favourite = rng.integers(0, len(CATEGORIES), len(ids))[orders.member.to_numpy()[order]]
    category = (favourite + rng.integers(0, 99, len(order)) % pick["categories"][order]) % len(CATEGORIES)
    quantity = 1 + rng.poisson(0.6, len(order))
    price = np.round(np.maximum(amount[order] / lines[order] / quantity, 0.5), 2)
    made = pd.DataFrame(
        {
            "order_no": number[order].astype(str),
            "customer_id": ids[orders.member.to_numpy()[order]],
            "time": time.to_numpy()[order],
            "product": [
                f"{CATEGORIES[c]}-{n:02d}"
                for c, n in zip(category, rng.integers(0, 35, len(order)), strict=True)
            ],
            "category": np.array(CATEGORIES)[category],
            "quantity": quantity,
            "price": price,
            "discount": np.where(discounted[order], 0.2, 0.0),
        }
    )
    back = made[rng.random(len(made)) < pick["returned"][order]]
    later = back.time + pd.to_timedelta(rng.integers(2, 15, len(back)), unit="D")
    back = back.assign(
        order_no="R" + back.order_no,
        quantity=-back.quantity,
        time=later.clip(upper=pd.Timestamp(AS_OF) - pd.Timedelta(hours=1)),
    )
    twice = made.sample(frac=0.002, random_state=int(rng.integers(2**31)))
    made = pd.concat([made, back, twice], ignore_index=True)
    made.loc[rng.random(len(made)) < 0.008, "customer_id"] = None
    made.loc[rng.random(len(made)) < 0.0005, "price"] = 0.0
    return made.sort_values(["time", "order_no"], ignore_index=True, kind="stable")


def _customers(rng: np.random.Generator, ids: np.ndarray) -> pd.DataFrame:
    n = len(ids)
    age = np.clip(rng.normal(44, 14, n), 18, 92).round()
    made = pd.DataFrame(
        {
            "customer_id": ids,
            "email": [f"{i.lower()}@example.com" for i in ids],
            "age": np.where(rng.random(n) < 0.06, np.nan, age),
            "region": rng.choice(_REGIONS, n, p=[0.18, 0.14, 0.25, 0.20, 0.23]),
            "acquired_through": rng.choice(_CHANNELS, n, p=[0.45, 0.25, 0.18, 0.12]),
            "may_profile": np.where(rng.random(n) < 0.96, "yes", "no"),
        }
    )
    return made.sort_values("customer_id", ignore_index=True)


def _events(
    rng: np.random.Generator, specs: list[Planted], planted: np.ndarray, ids: np.ndarray
) -> pd.DataFrame:
    """Draw the visits of the last half year."""
    mean = 2 * np.array([s.visits for s in specs])[planted] * rng.lognormal(0, 0.3, len(ids))
    who = np.repeat(np.arange(len(ids)), rng.poisson(mean))
    mobile = rng.random(len(who)) < np.array([s.mobile for s in specs])[planted][who]
    minutes = rng.integers(0, 180 * 1440, len(who))
    made = pd.DataFrame(
        {
            "customer_id": ids[who],
            "time": pd.Timestamp(AS_OF) - pd.to_timedelta(minutes + 1, unit="min"),
            "type": rng.choice(["visit", "search", "basket"], len(who), p=[0.7, 0.2, 0.1]),
            "device": np.where(mobile, "mobile", "desktop"),
        }
    )
    return made.sort_values(["time", "customer_id"], ignore_index=True, kind="stable")


def _responses(
    rng: np.random.Generator, specs: list[Planted], planted: np.ndarray, ids: np.ndarray
) -> pd.DataFrame:
    asked = np.flatnonzero(rng.random(len(ids)) < 0.3)
    means = {
        "satisfaction": [s.satisfaction for s in specs],
        "price_matters": [s.price_matters for s in specs],
    }
    bounds = {"satisfaction": (0, 10), "price_matters": (1, 5)}
    parts = [
        pd.DataFrame(
            {
                "customer_id": ids[asked],
                "item": item,
                "score": np.clip(rng.normal(np.array(mean)[planted[asked]], 1.2), *bounds[item]).round(),
                "time": pd.Timestamp(AS_OF) - pd.to_timedelta(rng.integers(1, 120, len(asked)), unit="D"),
            }
        )
        for item, mean in means.items()
    ]
    return pd.concat(parts, ignore_index=True)
