"""Realistic customers without segments, in families: thirteen to tune on, ten held back to prove on.

Everything that real tables have is here but segments: levels of measurement, spikes, rounding,
outliers, missing answers, and columns that hang together because of something continuous.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm


@dataclass(frozen=True)
class Without:
    """One table without segments."""

    family: str
    rows: pd.DataFrame
    levels: dict[str, str]


Family = Callable[[int, np.random.Generator], tuple[pd.DataFrame, dict[str, str]]]


def _table(columns: dict[str, np.ndarray], level: str) -> tuple[pd.DataFrame, dict[str, str]]:
    return pd.DataFrame(columns), dict.fromkeys(columns, level)


def _levelled(latent: np.ndarray, levels: int, rng: np.random.Generator) -> np.ndarray:
    """Cut a latent answer into levels at uneven places."""
    shares = rng.dirichlet(np.full(levels, 4.0))
    return np.searchsorted(norm.ppf(np.cumsum(shares)[:-1]), latent).astype(float)


def _factor(n: int, columns: int, rng: np.random.Generator, least: float = 0.4) -> np.ndarray:
    """Draw standard normal columns that one factor drives."""
    loading = rng.uniform(least, 0.85, columns)
    return loading * rng.normal(size=(n, 1)) + np.sqrt(1 - loading**2) * rng.normal(size=(n, columns))


def _battery(
    latent: np.ndarray, levels: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, dict[str, str]]:
    answers = {f"item{j}": _levelled(column, levels, rng) for j, column in enumerate(latent.T)}
    return _table(answers, "binary" if levels == 2 else "ordinal")


# Ten families to tune on


def yes_no_one_factor(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Answers of yes and no that one attitude drives."""
    return _battery(_factor(n, int(rng.integers(6, 14)), rng), 2, rng)


def yes_no_independent(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Answers of yes and no that nothing connects."""
    return _battery(rng.normal(size=(n, int(rng.integers(6, 14)))), 2, rng)


def five_points_one_factor(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """A five-point battery that measures one thing."""
    return _battery(_factor(n, int(rng.integers(5, 12)), rng), 5, rng)


def five_points_independent(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Five-point items that nothing connects."""
    return _battery(rng.normal(size=(n, int(rng.integers(5, 12)))), 5, rng)


def mixed_one_factor(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Numbers and categories that one factor drives."""
    latent = _factor(n, 7, rng)
    rows = {f"x{j}": latent[:, j] if j else np.exp(latent[:, j]).round(2) for j in range(4)}
    rows |= {f"c{j}": np.array(list("pqrst"))[_levelled(latent[:, j], 4, rng).astype(int)] for j in (4, 5)}
    rows["member"] = _levelled(latent[:, 6], 2, rng)
    levels = {"x0": "ratio"} | dict.fromkeys(("x1", "x2", "x3"), "interval")
    return pd.DataFrame(rows), levels | {"c4": "nominal", "c5": "nominal", "member": "binary"}


def one_intensity(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Orders, value, recency and visits that follow one intensity."""
    rate = rng.gamma(rng.uniform(0.6, 2), rng.uniform(2, 6), n) + 0.05
    orders = 1 + rng.poisson(rate)
    value = np.array([rng.lognormal(3, 0.6, k).sum() for k in orders]).round(2)
    recency = np.floor(365 * rng.beta(1, orders)) + 1
    visits = rng.poisson(2.5 * rate)
    return _table({"orders": orders, "value": value, "recency": recency, "visits": visits}, "ratio")


def zero_inflated(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Counts of which each is often zero."""
    columns = int(rng.integers(4, 8))
    some = rng.random((n, columns)) > rng.uniform(0.1, 0.6, columns)
    counts = rng.negative_binomial(1.5, 0.2, (n, columns)) * some
    return _table({f"n{j}": c for j, c in enumerate(counts.T)}, "ratio")


def rounded_amounts(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Amounts that people state in round numbers."""
    columns = int(rng.integers(3, 7))
    amounts = np.exp(rng.normal(5, 1, (n, columns)))
    round_to = rng.choice([1, 5, 10, 50], (n, columns), p=[0.2, 0.2, 0.3, 0.3])
    return _table(
        {f"amount{j}": c for j, c in enumerate((np.ceil(amounts / round_to) * round_to).T)}, "ratio"
    )


def outliers(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Correlated numbers, and some rows far away in every direction."""
    rows = rng.normal(size=(n, 5)) @ rng.normal(size=(5, 5))
    far = rng.random(n) < 0.02
    rows[far] += rng.standard_t(2, (far.sum(), 5)) * 6
    return _table({f"x{j}": c for j, c in enumerate(rows.T)}, "interval")


def two_factors(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Seven-point items of two attitudes."""
    latent = np.column_stack([_factor(n, 5, rng), _factor(n, 4, rng)])
    return _battery(latent, 7, rng)


# Families held back, and three that were and then were tuned on


def growing_with_tenure(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Totals that grow with the time since the first order, at rates that differ by customer."""
    tenure = rng.uniform(1, rng.uniform(30, 72), n)
    orders = 1 + rng.poisson(tenure * rng.lognormal(-2, 0.5, n))
    spend = orders * rng.lognormal(3.5, 0.5, n)
    returns = rng.binomial(orders, 0.1)
    return _table(
        {"tenure": tenure.round(1), "orders": orders, "spend": spend.round(2), "returns": returns}, "ratio"
    )


def over_a_life(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Income, savings, spending and working hours, which rise and fall with age."""
    age = rng.integers(18, 85, n)
    income = np.exp(10 + 0.9 * np.sin((age - 18) / 67 * np.pi) + rng.normal(0, 0.4, n))
    savings = np.exp(6 + 0.05 * age + rng.normal(0, 1, n))
    spending = income * rng.beta(6, 3, n)
    hours = np.clip(42 - 0.012 * (age - 42) ** 2 + rng.normal(0, 6, n), 0, 60)
    rows = {
        "age": age,
        "income": income.round(-2),
        "savings": savings.round(-2),
        "spending": spending.round(-1),
    }
    return _table(rows | {"hours": hours.round()}, "ratio")


def funnel(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Visits, baskets, orders and pieces, each a part of the one before."""
    visits = 1 + rng.negative_binomial(0.8, 0.05, n)
    baskets = rng.binomial(visits, rng.beta(2, 5, n))
    orders = rng.binomial(baskets, rng.beta(3, 3, n))
    pieces = orders + rng.poisson(1.2 * orders)
    return _table({"visits": visits, "baskets": baskets, "orders": orders, "pieces": pieces}, "ratio")


def heavy_tails(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Numbers whose extremes come together."""
    columns = int(rng.integers(3, 7))
    rows = _factor(n, columns, rng) / np.sqrt(rng.chisquare(4, (n, 1)) / 4)
    return _table({f"x{j}": c for j, c in enumerate(rows.T)}, "interval")


def parts_of_a_whole(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Shares of spending on four to six categories, which add up to one."""
    parts = int(rng.integers(4, 7))
    shares = rng.dirichlet(rng.uniform(1.2, 5, parts), n)
    return _table({f"share{j}": c for j, c in enumerate(shares.T)}, "ratio")


def agreeing_style(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Five-point items of two attitudes, and a habit of agreeing with everything."""
    latent = np.column_stack([_factor(n, 4, rng), _factor(n, 4, rng)]) + 0.7 * rng.normal(size=(n, 1))
    return _battery(latent / latent.std(0), 5, rng)


def on_a_map(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Where people live, evenly over a region, with what they spend and a channel."""
    east, north = rng.uniform(0, 100, n), rng.uniform(0, 60, n)
    spend = np.exp(4 - 0.01 * np.hypot(east - 50, north - 30) + rng.normal(0, 0.7, n))
    channel = np.where(
        rng.random(n) < 0.3 + 0.004 * east, "web", np.where(rng.random(n) < 0.5, "shop", "phone")
    )
    rows = {"east": east.round(1), "north": north.round(1), "spend": spend.round(2), "channel": channel}
    levels = {"east": "interval", "north": "interval", "spend": "ratio", "channel": "nominal"}
    return pd.DataFrame(rows), levels


def some_missing(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Mixed answers that one factor drives, of which a sixth was not given."""
    rows, levels = mixed_one_factor(n, rng)
    return rows.mask(rng.random(rows.shape) < 1 / 6), levels


def ranked_answers(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Three reasons picked out of eight: who picks one has one fewer left for the others."""
    liking = rng.normal(size=(n, 8)) + rng.normal(0, 0.8, 8)
    picked = (liking.argsort(1).argsort(1) >= 5).astype(float)
    return _table({f"reason{j}": c for j, c in enumerate(picked.T)}, "binary")


def usage_in_bands(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Calls, data and bill of a contract: amounts in bands, an age band and a plan that follow usage."""
    latent = _factor(n, 5, rng, least=0.5)
    rows = {
        "calls": np.exp(4 + 0.8 * latent[:, 0]).round(),
        "data": np.where(latent[:, 1] < -0.5, 0, np.exp(1.2 * latent[:, 1]).round(1)),
        "bill": np.ceil(np.exp(3 + 0.4 * latent[:, 2]) / 5) * 5,
        "age_band": _levelled(latent[:, 3], 6, rng),
        "plan": np.array(["basic", "plus", "pro"])[_levelled(latent[:, 4], 3, rng).astype(int)],
    }
    levels = dict.fromkeys(("calls", "data", "bill"), "ratio")
    return pd.DataFrame(rows), levels | {"age_band": "ordinal", "plan": "nominal"}


# Divisions that one column makes: rules, and no segmentations


def one_spike(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Amounts of which one to three are zero together, for some customers."""
    columns = int(rng.integers(4, 7))
    amounts = np.exp(_factor(n, columns, rng, least=0.1) * rng.uniform(0.5, 1, columns) + 4).round(2)
    amounts[rng.random(n) < rng.uniform(0.1, 0.4), : rng.integers(1, 4)] = 0
    return _table({f"amount{j}": c for j, c in enumerate(amounts.T)}, "ratio")


def two_units(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """A quantity that some customers have in other units, beside what they spend and how often."""
    factor = rng.choice([12, 100, 1000])
    orders = 1 + rng.poisson(4, n)
    quantity = orders * rng.lognormal(1, 0.5, n) * np.where(rng.random(n) < rng.uniform(0.15, 0.5), factor, 1)
    rows = {
        "quantity": quantity.round(3),
        "orders": orders,
        "spend": (orders * rng.lognormal(3, 0.6, n)).round(2),
    }
    return _table(rows | {"recency": np.floor(rng.uniform(1, 365, n)), "visits": rng.poisson(6, n)}, "ratio")


def single_orders(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """One order each, at a random time: its weekday, hour and season, and what it was worth."""
    chances = {
        "weekend": 2 / 7,
        "evening": rng.uniform(0.2, 0.5),
        "season": 1 / 6,
        "discount": rng.uniform(0.1, 0.4),
    }
    rows = {name: (rng.random(n) < chance).astype(float) for name, chance in chances.items()}
    rows |= {"recency": np.floor(rng.uniform(1, 365, n)), "value": rng.lognormal(3.5, 0.8, n).round(2)}
    return _table(rows | {"items": 1 + rng.poisson(1.5, n)}, "ratio")


def sparse_baskets(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Orders by category, where people differ smoothly in how much they buy and in what."""
    columns = int(rng.integers(5, 9))
    much = rng.gamma(1.2, 4, (n, 1))
    liking = np.exp(rng.normal(0, 0.6, (n, columns)) + rng.normal(0, 0.5, columns))
    return _table({f"n{j}": c for j, c in enumerate(rng.poisson(much * liking / columns).T)}, "ratio")


def falling_usage(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Usage that falls with the age of a contract, complaints, a satisfaction and whether they pay on time."""
    months = np.floor(rng.exponential(20, n)) + 1
    usage = np.exp(4 - 0.02 * months + rng.normal(0, 0.6, n))
    complaints = rng.poisson(0.3 + 0.01 * months)
    pleased = np.clip(np.round(7 + 0.5 * np.log(usage) - complaints + rng.normal(0, 1.5, n)), 0, 10)
    rows = {"months": months, "usage": usage.round(1), "complaints": complaints, "pleased": pleased}
    levels = dict.fromkeys(("months", "usage", "complaints"), "ratio") | {
        "pleased": "ordinal",
        "on_time": "binary",
    }
    return pd.DataFrame(rows | {"on_time": (rng.random(n) < 0.85).astype(float)}), levels


def points_balance(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str]]:
    """Points collected and redeemed, the balance that is left, and the nights that they came from."""
    nights = 1 + rng.negative_binomial(1, 0.08, n)
    earned = (nights * rng.lognormal(4.5, 0.4, n)).round(-1)
    redeemed = np.where(rng.random(n) < 0.4, np.floor(earned * rng.beta(2, 2, n) / 500) * 500, 0)
    rows = {"nights": nights, "earned": earned, "redeemed": redeemed, "balance": earned - redeemed}
    return _table(rows | {"lead_days": np.floor(rng.lognormal(2.5, 1, n))}, "ratio")


TUNING: tuple[Family, ...] = (
    yes_no_one_factor,
    yes_no_independent,
    five_points_one_factor,
    five_points_independent,
    mixed_one_factor,
    one_intensity,
    zero_inflated,
    rounded_amounts,
    outliers,
    two_factors,
    over_a_life,
    heavy_tails,
    parts_of_a_whole,
)
HELD_BACK: tuple[Family, ...] = (
    growing_with_tenure,
    funnel,
    agreeing_style,
    on_a_map,
    some_missing,
    ranked_answers,
    usage_in_bands,
    sparse_baskets,
    falling_usage,
    points_balance,
)

RULES: tuple[Family, ...] = (one_spike, two_units, single_orders)


def all_without(families: tuple[Family, ...], each: int, seed: int) -> Iterator[Without]:
    """Draw so many tables of each family, of 300 to 3,000 customers."""
    for i in range(each):
        for place, family in enumerate(families):
            rng = np.random.default_rng([seed, place, i])
            rows, levels = family(int(rng.integers(300, 3000)), rng)
            yield Without(family.__name__, rows, levels)
