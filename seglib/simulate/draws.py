"""Random draws for the tables: numbers, answers, times."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from seglib.simulate.sections import Number, Weights

#: First hour with orders and events, first hour of the evening, and the hour after the last.
_OPENS, _EVENING, _CLOSES = 8, 18, 24


def numbers(rng: np.random.Generator, of: Number, n: int) -> np.ndarray:
    """Draw numbers.

    Examples
    --------
    >>> of = Number(typical=5, spread=99, low=4, high=6)
    >>> numbers(np.random.default_rng(0), of, 4).tolist()
    [6.0, 4.0, 6.0, 6.0]
    """
    noise = of.spread * rng.standard_normal(n)
    values = of.typical * np.exp(noise) if of.skewed else of.typical + noise
    return np.round(np.clip(values, of.low, of.high), of.decimals)


def answers(rng: np.random.Generator, of: Weights, n: int) -> np.ndarray:
    """Draw answers by their weights; missing where there are none.

    Examples
    --------
    >>> answers(np.random.default_rng(0), {"yes": 3, "no": 0}, 2).tolist()
    ['yes', 'yes']
    """
    if not of:
        return np.full(n, None, dtype=object)
    weights = np.array(list(of.values()), dtype=float)
    return np.array(list(of), dtype=object)[rng.choice(len(of), n, p=weights / weights.sum())]


def favourites(rng: np.random.Generator, of: Weights, each: int, who: np.ndarray) -> np.ndarray:
    """Draw answers of customers who each give only a few, drawn by their weights.

    Parameters
    ----------
    of
        Answers and their weights.
    each
        Number of answers that a customer gives.
    who
        Position of the customer, for each draw.

    Examples
    --------
    >>> who = np.array([0, 0, 0, 1, 1, 1])
    >>> favourites(np.random.default_rng(0), {"tea": 1, "rum": 1, "gin": 0}, 1, who).tolist()
    ['rum', 'rum', 'rum', 'tea', 'tea', 'tea']
    """
    weights = np.array(list(of.values()), dtype=float)
    # The largest of log weight + Gumbel noise are a weighted sample without replacement.
    keys = np.log(np.maximum(weights, 1e-300)) + rng.gumbel(size=(who.max(initial=-1) + 1, len(of)))
    own = np.argsort(-keys, axis=1)[:, :each]
    return np.array(list(of), dtype=object)[own[who, rng.integers(0, own.shape[1], len(who))]]


def counts(rng: np.random.Generator, mean: np.ndarray, own: float, least: int = 0) -> np.ndarray:
    """Draw how often each customer does something, with individual rates."""
    rate = mean * np.exp(own * rng.standard_normal(len(mean)) - own**2 / 2)
    return np.maximum(rng.poisson(rate), least)


def calendar(first: dt.date, days: int, months: tuple[float, ...], weekend: float) -> np.ndarray:
    """Add up the weight of each day: `days` + 1 sums, from 0."""
    dates = pd.date_range(first, periods=days)
    by_month = np.array(months or (1.0,) * 12)[dates.month - 1]
    by_day = np.where(dates.weekday >= 5, weekend / 2, (1 - weekend) / 5)
    return np.append(0.0, np.cumsum(by_month * by_day))


def days(
    rng: np.random.Generator,
    sums: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    n: np.ndarray,
    regular: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw days of a calendar, for each customer within a window.

    Parameters
    ----------
    sums
        From `calendar`.
    start, end
        First day of each customer's window, and the one after its last.
    n
        Days to draw for each customer.
    regular
        Evenly spaced.

    Returns
    -------
    who, day
        Position of the customer, and day; customers in whose window no day has weight have none.
    """
    start, end = start.astype(int), end.astype(int)
    n = np.where(sums[end] > sums[start], n, 0)
    who = np.repeat(np.arange(len(n)), n)
    place = rng.random(len(who))
    if regular:
        place = (np.arange(len(who)) - np.repeat(np.cumsum(n) - n, n) + 0.3 + 0.4 * place) / n[who]
    sought = sums[start][who] + place * (sums[end] - sums[start])[who]
    return who, np.clip(np.searchsorted(sums, sought, side="right") - 1, start[who], end[who] - 1)


def times(rng: np.random.Generator, first: dt.date, day: np.ndarray, evening: float) -> pd.DatetimeIndex:
    """Draw a time of each day: `evening` is the share from 18 o'clock on."""
    late = rng.random(len(day)) < evening
    hour = np.where(late, rng.integers(_EVENING, _CLOSES, len(day)), rng.integers(_OPENS, _EVENING, len(day)))
    minutes = day * 1440 + hour * 60 + rng.integers(0, 60, len(day))
    return pd.Timestamp(first) + pd.to_timedelta(minutes, unit="min")
