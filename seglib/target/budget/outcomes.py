"""What a split of a budget over segments brings, and what other splits would."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pandas as pd

from seglib.errors import ParamsError
from seglib.statistics import ENDS
from seglib.target.budget.allocation import SHAPE, checked, contacts_for, in_proportion, optimum, reached

#: Ways to split that `compared` compares.
SPLITS = ("this split", "equal split", "in proportion to customers")
_N_DRAWS = 4000


def split(segments: pd.DataFrame, total: float, shape: float = SHAPE, seed: int = 0) -> pd.DataFrame:
    """Split a budget so that no other split is expected to earn more.

    Money goes where the next unit earns most, until all segments earn the same at the margin, or
    a further contact would cost more than it brings, or the budget is spent (water-filling; Boyd
    and Vandenberghe, Convex Optimization, 2004, section 5.5.3). Profit is linear in the effects:
    the best split under uncertainty is that of their means.

    Parameters
    ----------
    segments
        One row per segment: segment, customers, effect (incremental response rate if all customers
        are contacted) and sd (its standard deviation), margin (money per response), cost (money per
        contact), and as far as wanted minimum and maximum (money; missing is no bound), shape.
        A minimum is spent even at a loss.
    total
        The budget, money.
    shape
        Of `gains`, for segments without one of their own.
    seed
        Of the draws that the intervals come from: effects, normal and independent, and given them
        the number of responses, binomial. What a response brings is taken as fixed.

    Returns
    -------
    pandas.DataFrame
        One row per segment: segment, budget (money), contacts, responses (incremental), profit
        (incremental, money, costs subtracted), profit_low, profit_high (95 %). Contacts are not
        rounded.

    Raises
    ------
    DataError, ParamsError
        As `checked`.

    Examples
    --------
    >>> segments = pd.DataFrame({"segment": ["Loyal", "New"], "customers": [1000, 1000], "sd": 0.01,
    ...                          "effect": [0.04, 0.02], "margin": 50.0, "cost": 1.0})
    >>> split(segments, 900.0, shape=2.0)[["segment", "budget", "responses", "profit"]].round(1).values.tolist()
    [['Loyal', 633.3, 34.6, 1097.8], ['New', 266.7, 9.2, 195.6]]
    """
    table = checked(segments, total, shape)
    return _outcome(table, optimum(table, total), seed)


def everybody(segments: pd.DataFrame, shape: float = SHAPE, seed: int = 0) -> pd.DataFrame:
    """Compute what contacting every customer once would cost and bring: as `split`, without bounds."""
    table = _unbounded(segments, shape)
    return _outcome(table, table.customers * table.cost, seed)


def curves(segments: pd.DataFrame, most: float, shape: float = SHAPE, steps: int = 60) -> pd.DataFrame:
    """Follow the expected profit of each segment as more is spent on it.

    Returns
    -------
    pandas.DataFrame
        One row per segment and step: segment, budget (money, up to `most` or to what contacting all
        customers costs), profit (expected, money).
    """
    table = _unbounded(segments, shape)
    ends = (table.customers * table.cost).clip(upper=most)
    lines = []
    for part in np.linspace(0, 1, steps):
        spent = ends * part
        profit = table.margin * table.effect * reached(table, contacts_for(table, spent)) - spent
        lines.append(pd.DataFrame({"segment": table.segment, "budget": spent, "profit": profit}))
    return pd.concat(lines).sort_values(["segment", "budget"], kind="stable", ignore_index=True)


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
        expected = _expected(table, budget, effects).sum(axis=1)
        low, high = np.quantile(_drawn(table, budget, seed).sum(axis=1), ENDS)
        profit = _outcome(table, budget, seed).profit.sum()
        ahead = np.nan if name == SPLITS[0] else float((own > expected).mean())
        rows.append((name, budget.sum(), profit, low, high, ahead))
    return pd.DataFrame(rows, columns=["split", "budget", "profit", "profit_low", "profit_high", "ahead"])


def next_amount(
    segments: pd.DataFrame, total: float, amount: float = 1000.0, shape: float = SHAPE, seed: int = 0
) -> pd.DataFrame:
    """Compute where more money would go and what it would bring.

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
    """
    if not amount >= 0:
        raise ParamsError(f"The next amount is {amount}; allowed is an amount from 0 up.")
    now, then = (split(segments, t, shape, seed) for t in (total, total + amount))
    columns = ["budget", "contacts", "responses", "profit"]
    return pd.concat([now.segment, (then[columns] - now[columns])], axis=1)


def left_over(segments: pd.DataFrame, total: float, shape: float = SHAPE) -> dict[str, Any]:
    """Compute how much of the budget is not spent, and why.

    Returns
    -------
    dict
        rest, total (money), why (bounded, unprofitable, complete or costly) and segments (those that
        a maximum bounds); empty if all is spent.

    Examples
    --------
    >>> segments = pd.DataFrame({"segment": ["New"], "customers": [100], "sd": [0.01], "effect": [0.02],
    ...                          "margin": [50.0], "cost": [1.0]})
    >>> left_over(segments, 80.0, shape=2.0)
    {'rest': 30.0, 'total': 80.0, 'why': 'costly', 'segments': []}
    """
    table = checked(segments, total, shape)
    budget = optimum(table, total)
    rest = float(total - budget.sum())
    if round(rest, 2) <= 0:
        return {}
    whole = table.customers * table.cost
    held = table.segment[optimum(table.assign(upper=whole), np.inf) > budget + 0.005]
    worth = table.margin * table.effect * table["shape"] > table.cost
    if len(held):
        why = "bounded"
    elif not worth.any():
        why = "unprofitable"
    else:
        why = "complete" if (budget >= whole)[worth].all() else "costly"
    return {"rest": rest, "total": total, "why": why, "segments": list(held)}


def _unbounded(segments: pd.DataFrame, shape: float) -> pd.DataFrame:
    return checked(segments.drop(columns=["minimum", "maximum"], errors="ignore"), 0.0, shape)


def _rng(seed: int, name: object, *more: int) -> np.random.Generator:
    """Start the draws of a segment by its name, so that the order of segments changes nothing."""
    return np.random.default_rng([seed, zlib.crc32(str(name).encode()), *more])


def _effects(table: pd.DataFrame, seed: int) -> np.ndarray:
    """Draw the effect of each segment: one row per draw."""
    drawn = np.array([_rng(seed, name).standard_normal(_N_DRAWS) for name in table.segment])
    return table.effect.to_numpy() + table.sd.to_numpy() * drawn.reshape(len(table), _N_DRAWS).T


def _expected(table: pd.DataFrame, budget: pd.Series, effects: np.ndarray) -> np.ndarray:
    """Compute the profit of each segment if drawn effects held: one row per draw."""
    gained = (table.margin * reached(table, contacts_for(table, budget))).to_numpy()
    return effects * gained - budget.to_numpy()


def _drawn(table: pd.DataFrame, budget: pd.Series, seed: int) -> np.ndarray:
    """Draw the profit of each segment, the chance in who responds included: one row per draw."""
    contacts, effects = contacts_for(table, budget), _effects(table, seed)
    ratio = (reached(table, contacts) / contacts.where(contacts > 0)).fillna(0.0).to_numpy()
    n = contacts.round().astype("int64").to_numpy()
    rates = np.clip(effects * ratio, -1.0, 1.0)
    drawn = np.array(
        [_rng(seed, name, 1).binomial(n[at], np.abs(rates[:, at])) for at, name in enumerate(table.segment)]
    )
    responses = np.sign(rates) * drawn.reshape(len(table), _N_DRAWS).T
    return responses * table.margin.to_numpy() - budget.to_numpy()


def _outcome(table: pd.DataFrame, budget: pd.Series, seed: int) -> pd.DataFrame:
    contacts = contacts_for(table, budget)
    responses = table.effect * reached(table, contacts)
    low, high = np.quantile(_drawn(table, budget, seed), ENDS, axis=0)
    spent = table[["segment"]].assign(budget=budget, contacts=contacts, responses=responses)
    return spent.assign(profit=table.margin * responses - budget, profit_low=low, profit_high=high)
