"""How a budget is split over segments, and what the split may bring."""

from __future__ import annotations

import zlib

import numpy as np
import pandas as pd

from seglib.errors import DataError, ParamsError, listing
from seglib.statistics import ENDS
from seglib.target.allocation import (
    SHAPE,
    Number,
    checked,
    contacts_for,
    gains,
    in_proportion,
    optimum,
    reached,
)
from seglib.vocabulary import money

__all__ = [
    "SHAPE",
    "SPLITS",
    "compared",
    "curves",
    "everybody",
    "gains",
    "learned",
    "left_over",
    "next_amount",
    "split",
]

#: Ways to split that `compared` compares.
SPLITS = ("this split", "equal split", "in proportion to customers")
_N_DRAWS = 4000


def learned(
    prior_mean: Number, prior_sd: Number, measured: Number, measured_sd: Number
) -> tuple[Number, Number]:
    """Weigh what was believed and what was measured by their precision (normal prior, normal data).

    Parameters
    ----------
    prior_mean, prior_sd
        Of the effect as the play expects it; the sd is above zero.
    measured, measured_sd
        From campaigns, the sd above zero; where either is missing, the prior stays.

    Returns
    -------
    mean, sd
        Of the effect, given both (Gelman et al., Bayesian Data Analysis, 2013, section 2.5).

    Raises
    ------
    DataError
        If a standard deviation is not above zero: nothing is known for certain.

    Examples
    --------
    >>> mean, sd = learned(0.02, 0.01, 0.04, 0.01)
    >>> round(mean, 4), round(sd, 4)
    (0.03, 0.0071)
    """
    old, new = pd.Series(prior_sd, dtype="float64"), pd.Series(measured_sd, dtype="float64")
    if not (old > 0).all() or (new <= 0).any():
        raise DataError(
            "An effect has a standard deviation that is not above zero; give how far off it may be."
        )
    known = np.isfinite(measured) & np.isfinite(measured_sd)
    weight = np.where(known, 1 / np.square(np.where(known, measured_sd, 1.0)), 0.0)
    total = 1 / np.square(prior_sd) + weight
    mean = (prior_mean / np.square(prior_sd) + weight * np.where(known, measured, 0.0)) / total
    sd = 1 / np.sqrt(total)
    return (mean, sd) if isinstance(prior_mean, pd.Series) else (float(mean), float(sd))


def split(segments: pd.DataFrame, total: float, shape: float = SHAPE, seed: int = 0) -> pd.DataFrame:
    """Split a budget so that no other split is expected to earn more.

    Money goes where the next unit earns most, until all segments earn the same at the margin, or
    a further contact would cost more than it brings, or the budget is spent (water-filling; Boyd
    and Vandenberghe, Convex Optimization, 2004, section 5.5.3). Profit is linear in the effects:
    the best split under uncertainty is that of their means.

    Parameters
    ----------
    segments
        One row per segment: segment, customers, effect (incremental response rate if everybody
        is contacted) and sd (how far off it may be), margin (money a response), cost (money a
        contact), and as far as wanted minimum and maximum (money; missing is no bound), shape.
        A minimum is spent even at a loss.
    total
        The budget, money.
    shape
        Of `gains`, for segments without one of their own.
    seed
        Of the draws that the intervals come from: effects, normal and independent, and given them
        the number of responses, binomial. How much a response brings is taken as known.

    Returns
    -------
    pandas.DataFrame
        One row per segment: segment, budget (money), contacts, responses (incremental), profit
        (incremental, money, costs taken off), profit_low, profit_high (95 %). Contacts are not
        rounded.

    Raises
    ------
    DataError
        If a column or a number is missing, negative where it may not be, or a segment twice.
    ParamsError
        If budget, bounds or shape cannot be kept.

    Examples
    --------
    >>> segments = pd.DataFrame({"segment": ["Loyal", "New"], "customers": [1000, 1000], "sd": 0.01,
    ...                          "effect": [0.04, 0.02], "margin": 50.0, "cost": 1.0})
    >>> split(segments, 900.0, shape=2.0)[["segment", "budget", "responses", "profit"]].round(1).values.tolist()
    [['Loyal', 633.3, 34.6, 1097.8], ['New', 266.7, 9.2, 195.6]]
    """
    table = checked(segments, total, shape)
    return _outcome(table, optimum(table, total), seed)


def _effects(table: pd.DataFrame, seed: int) -> np.ndarray:
    """Draw the effect of each segment: one row per draw; by name, so that their order changes nothing."""
    drawn = [
        np.random.default_rng([seed, zlib.crc32(str(name).encode())]).standard_normal(_N_DRAWS)
        for name in table.segment
    ]
    return table.effect.to_numpy() + table.sd.to_numpy() * np.array(drawn).reshape(len(table), _N_DRAWS).T


def _expected(table: pd.DataFrame, budget: pd.Series, effects: np.ndarray) -> np.ndarray:
    """Give the profit of each segment if drawn effects held: one row per draw."""
    return (
        effects * (table.margin * reached(table, contacts_for(table, budget))).to_numpy() - budget.to_numpy()
    )


def _drawn(table: pd.DataFrame, budget: pd.Series, seed: int) -> np.ndarray:
    """Draw the profit of each segment, the chance in who answers included: one row per draw."""
    contacts, effects = contacts_for(table, budget), _effects(table, seed)
    ratio = (reached(table, contacts) / contacts.where(contacts > 0)).fillna(0.0).to_numpy()
    n = contacts.round().astype("int64").to_numpy()
    rates = np.clip(effects * ratio, -1.0, 1.0)
    drawn = [
        np.random.default_rng([seed, zlib.crc32(str(name).encode()), 1]).binomial(n[at], np.abs(rates[:, at]))
        for at, name in enumerate(table.segment)
    ]
    responses = np.sign(rates) * np.array(drawn).reshape(len(table), _N_DRAWS).T
    return responses * table.margin.to_numpy() - budget.to_numpy()


def _outcome(table: pd.DataFrame, budget: pd.Series, seed: int) -> pd.DataFrame:
    contacts = contacts_for(table, budget)
    responses = table.effect * reached(table, contacts)
    low, high = np.quantile(_drawn(table, budget, seed), ENDS, axis=0)
    return pd.DataFrame(
        {
            "segment": table.segment,
            "budget": budget,
            "contacts": contacts,
            "responses": responses,
            "profit": table.margin * responses - budget,
            "profit_low": low,
            "profit_high": high,
        }
    )


def everybody(segments: pd.DataFrame, shape: float = SHAPE, seed: int = 0) -> pd.DataFrame:
    """Say what contacting every customer once would cost and bring: as `split`, bounds left aside."""
    table = checked(segments.drop(columns=["minimum", "maximum"], errors="ignore"), 0.0, shape)
    return _outcome(table, table.customers * table.cost, seed)


def curves(segments: pd.DataFrame, most: float, shape: float = SHAPE, steps: int = 60) -> pd.DataFrame:
    """Follow the expected profit of each segment as more is spent on it.

    Returns
    -------
    pandas.DataFrame
        One row per segment and step: segment, budget (money, up to `most` or to what contacting
        everybody costs), profit (expected, money).
    """
    table = checked(segments.drop(columns=["minimum", "maximum"], errors="ignore"), 0.0, shape)
    ends = (table.customers * table.cost).clip(upper=most)
    made = []
    for share in np.linspace(0, 1, steps):
        profit = (
            table.margin * table.effect * reached(table, contacts_for(table, ends * share)) - ends * share
        )
        made.append(pd.DataFrame({"segment": table.segment, "budget": ends * share, "profit": profit}))
    return pd.concat(made).sort_values(["segment", "budget"], kind="stable", ignore_index=True)


def compared(segments: pd.DataFrame, total: float, shape: float = SHAPE, seed: int = 0) -> pd.DataFrame:
    """Compare the split with an equal one and one in proportion to customers.

    Parameters
    ----------
    segments, total, shape, seed
        As `split` takes them; all splits are judged by the same draws.

    Returns
    -------
    pandas.DataFrame
        One row per split: split, budget (spent, money), profit with its 95 % interval (profit_low,
        profit_high), ahead (share of draws of the effects in which this split is expected to earn
        more; missing for itself).

    Raises
    ------
    DataError, ParamsError
        As `split`.
    """
    table = checked(segments, total, shape)
    budgets = (
        optimum(table, total),
        in_proportion(table, table.customers * 0 + 1, total),
        in_proportion(table, table.customers, total),
    )
    effects = _effects(table, seed)
    own = _expected(table, budgets[0], effects).sum(axis=1)
    rows = []
    for name, budget in zip(SPLITS, budgets, strict=True):
        made, expected = _outcome(table, budget, seed), _expected(table, budget, effects).sum(axis=1)
        low, high = np.quantile(_drawn(table, budget, seed).sum(axis=1), ENDS)
        rows.append(
            {
                "split": name,
                "budget": budget.sum(),
                "profit": made.profit.sum(),
                "profit_low": low,
                "profit_high": high,
                "ahead": np.nan if name == SPLITS[0] else float((own > expected).mean()),
            }
        )
    return pd.DataFrame(rows)


def next_amount(
    segments: pd.DataFrame, total: float, amount: float = 1000.0, shape: float = SHAPE, seed: int = 0
) -> pd.DataFrame:
    """Say where more money would go and what it would bring.

    Parameters
    ----------
    segments, total, shape, seed
        As `split` takes them.
    amount
        On top of the budget, money.

    Returns
    -------
    pandas.DataFrame
        One row per segment: segment, and what is added to budget, contacts, responses and profit;
        all 0 where no further contact pays.

    Raises
    ------
    DataError, ParamsError
        As `split`; or if the amount is below 0.
    """
    if not amount >= 0:
        raise ParamsError(f"The next amount is {amount}; allowed is an amount from 0 up.")
    now, then = (split(segments, t, shape, seed) for t in (total, total + amount))
    columns = ["budget", "contacts", "responses", "profit"]
    return pd.concat([now.segment, (then[columns] - now[columns])], axis=1)


def left_over(segments: pd.DataFrame, total: float, shape: float = SHAPE, currency: str | None = None) -> str:
    """Say how much of the budget is not spent, and why; nothing if all is.

    Examples
    --------
    >>> segments = pd.DataFrame({"segment": ["New"], "customers": [100], "sd": [0.01], "effect": [0.02],
    ...                          "margin": [50.0], "cost": [1.0]})
    >>> left_over(segments, 80.0, shape=2.0, currency="GBP")
    '£30.00 of £80.00 are left over: a further contact would cost more than it brings.'
    """
    table = checked(segments, total, shape)
    budget = optimum(table, total)
    rest = total - budget.sum()
    if round(rest, 2) <= 0:
        return ""
    whole = table.customers * table.cost
    held = table.segment[optimum(table.assign(upper=whole), np.inf) > budget + 0.005]
    worth = table.margin * table.effect * table["shape"] > table.cost
    if len(held):
        why = f"{listing(held)} could use more than the maximum allows"
    elif not worth.any():
        why = "no contact brings what it costs"
    elif (budget >= whole)[worth].all():
        why = "everybody who is worth a contact is contacted"
    else:
        why = "a further contact would cost more than it brings"
    return f"{money(rest, currency)} of {money(total, currency)} are left over: {why}."
