"""How sure the ranking is: under other weights, and with other customers.

Stochastic acceptability after Lahdelma, Hokkanen and Salminen (SMAA, European Journal of
Operational Research 106, 1998): the share of random draws in which a segment takes a place.
Weights are drawn around the given ones, as Butler, Jia and Dyer (the same journal, 103, 1997,
section 3) draw them around answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from seglib.assess import summary as assess
from seglib.assess.scorecard import knocked_out
from seglib.errors import DataError
from seglib.target import evaluation
from seglib.target import ranking as target
from seglib.target.thresholds import CONCENTRATION, SURE

#: A score that differs by less is the same.
_SAME = 1e-9
_LOW, _HIGH = 0.05, 0.95


def drawn_weights(weights: dict[str, float], n: int, concentration: float, seed: int) -> np.ndarray:
    """Draw weights from the Dirichlet distribution whose mean is the given ones.

    Parameters
    ----------
    weights
        Criterion to weight; those of no weight stay without.
    n
        Draws.
    concentration
        How closely; infinite gives the weights themselves.
    seed
        Of the draws.

    Returns
    -------
    numpy.ndarray
        One row per draw, one column per criterion; rows sum to 1.

    Examples
    --------
    >>> drawn_weights({"size": 1.0}, 2, 20.0, 0).tolist()
    [[1.0], [1.0]]
    """
    given = np.array([*weights.values()], dtype=float) / sum(weights.values())
    made = np.tile(given, (n, 1))
    some = given > 0
    if np.isfinite(concentration) and some.sum() > 1:
        made[:, some] = np.random.default_rng(seed).dirichlet(concentration * given[some], n)
    return made


def resampled_criteria(
    customers: pd.DataFrame, measure: Callable[[pd.DataFrame], pd.DataFrame], n: int = 200, seed: int = 0
) -> list[pd.DataFrame]:
    """Measure the criteria again on customers drawn with replacement (Efron, 1979).

    Parameters
    ----------
    customers
        One row per customer, with all that `measure` needs; the column `customer`, where there is
        one, is numbered anew, for a customer who is drawn twice counts as two.
    measure
        Makes a table of criteria, as `evaluation.criteria` does, from such rows.
    n
        Draws.
    seed
        Of the draws.

    Returns
    -------
    list of pandas.DataFrame
        One table of criteria per draw.
    """
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(n):
        drawn = customers.iloc[rng.integers(0, len(customers), len(customers))].reset_index(drop=True)
        if "customer" in drawn:
            drawn = drawn.assign(customer=np.arange(len(drawn)))
        made.append(measure(drawn))
    return made


def remeasured(
    features: pd.DataFrame,
    segments: pd.DataFrame,
    value: pd.DataFrame,
    recovery: pd.DataFrame,
    profiles: pd.DataFrame,
    asked: list[str],
    strengths: pd.DataFrame | None = None,
    *,
    value_feature: str | None = None,
    risk_feature: str | None = None,
    n: int = 100,
    seed: int = 0,
) -> list[pd.DataFrame]:
    """Measure size, value and risk of the segments on resampled customers; growth, recovery and strengths stay.

    Parameters
    ----------
    features, segments
        One row per customer.
    value, recovery, profiles, asked, strengths
        As `evaluation.criteria` takes them.
    value_feature, risk_feature
        As `assess.value` takes them.
    n, seed
        As `resampled_criteria` takes them.
    """
    needed = {value_feature or "net_value", risk_feature, "recency", "days_between_orders", "customer"}
    own = features[[c for c in features.columns if c in needed]]
    known = segments.merge(own, on="customer", validate="one_to_one")
    growth = value[["segment", "growth"]] if "growth" in value else None

    def measure(drawn: pd.DataFrame) -> pd.DataFrame:
        again = assess.value(drawn[own.columns], drawn[segments.columns], value_feature, risk_feature)
        return evaluation.criteria(assess.with_growth(again, growth), recovery, profiles, asked, strengths)

    return resampled_criteria(known, measure, n, seed)


def weightings(
    criteria: pd.DataFrame,
    weights: dict[str, float],
    scorecard: pd.DataFrame,
    most: int,
    structure: str,
    *,
    resampled: Sequence[pd.DataFrame] = (),
    n: int = 10_000,
    concentration: float = CONCENTRATION,
    seed: int = 0,
) -> pd.DataFrame:
    """Rank the segments under random weights and resampled criteria, by the rule of `target.ranking`.

    Segments that tie for a place share it.

    Parameters
    ----------
    criteria, weights, scorecard, most, structure
        As `target.ranking` takes them; knock-outs hold in every draw.
    resampled
        Tables of criteria of resampled customers, as `resampled_criteria` makes them, taken in turn; without
        any only the weights vary. Where a table lacks a segment, that segment is the lowest.
    n
        Draws.
    concentration
        As `drawn_weights` takes it.
    seed
        Of the draws.

    Returns
    -------
    pandas.DataFrame
        One row per segment, in the order of `target.ranking`: segment, score, rank, target,
        allowed (no knock-out), low and high (90 % of draws lie between), chance_target and
        chance_first (share of draws in which it is among the targets, or the best of those
        allowed), ahead (share in which it is better than the next in rank that is allowed; ties
        count half; missing where there is none), places (targets at the most), draws.

    Raises
    ------
    DataError
        If a criterion that has a weight is in none of the tables.
    """
    ranked = target.ranking(criteria, weights, scorecard, most, structure)
    order = ranked.segment
    allowed = ~order.isin(knocked_out(scorecard).segment).to_numpy()
    allowed &= not (structure == "none" and len(order) == 1)
    drawn = drawn_weights(weights, n, concentration, seed)
    score = _scores(list(resampled) or [criteria], list(weights), order, drawn)
    places = target.places(len(order), most)
    chance_target, chance_first = _chances(score, allowed, places)
    low, high = np.quantile(score, [_LOW, _HIGH], axis=0)
    return ranked[["segment", "score", "rank", "target"]].assign(
        allowed=allowed,
        low=low,
        high=high,
        chance_target=chance_target,
        chance_first=chance_first,
        ahead=_ahead(score, allowed),
        places=places,
        draws=n,
    )


def _scores(
    tables: list[pd.DataFrame], weighed: list[str], order: pd.Series, drawn: np.ndarray
) -> np.ndarray:
    """Weigh the criteria of every draw: one row per draw, one column per segment in order."""
    absent = set(weighed).difference(*tables)
    if absent:
        raise DataError(
            f"criterion '{min(absent)}' has a weight and was measured in no sample of customers; measure it in "
            "each, or take its weight away"
        )
    squares = [t.set_index("segment").reindex(index=order, columns=weighed) for t in tables]
    measured = evaluation.scaled(np.stack([t.to_numpy(dtype=float) for t in squares]))
    made = np.empty((len(drawn), len(order)))
    for at in range(len(tables)):
        own = slice(at, None, len(tables))
        made[own] = (drawn[own, None, :] * measured[at]).sum(axis=-1)
    return made


def _chances(score: np.ndarray, allowed: np.ndarray, places: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the share of draws in which each segment is among the targets, and the first."""
    near = target.near_the_first(score, allowed)
    of_allowed = np.where(allowed, score, -np.inf)
    chosen, first = np.zeros_like(score), np.zeros_like(score)
    for at in np.flatnonzero(allowed):
        own = of_allowed[:, [at]]
        above = (of_allowed > own + _SAME).sum(axis=1)
        alike = (np.abs(score - own) <= _SAME)[:, allowed].sum(axis=1)
        chosen[:, at] = np.clip((places - above) / alike, 0, 1) * near[:, at]
        first[:, at] = np.clip((1 - above) / alike, 0, 1)
    return chosen.mean(axis=0), first.mean(axis=0)


def _ahead(score: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Give the share of draws in which each segment is better than the next that is allowed."""
    made = np.full(len(allowed), np.nan)
    there = np.flatnonzero(allowed)
    for own, following in pairwise(there):
        beyond = score[:, own] - score[:, following]
        made[own] = (beyond > _SAME).mean() + (np.abs(beyond) <= _SAME).mean() / 2
    return made


def too_close(
    table: pd.DataFrame, names: dict[int, str] | None = None, sure: float = SURE
) -> tuple[str, str]:
    """Say whether the line between the last target and the first other segment can be called.

    The line is sure if the last target is ahead of the first other segment (or, where places are
    left, that one stays under a third of the highest score), and if the last target is among the
    targets at all: each in a stated share of the draws.

    Parameters
    ----------
    table
        From `weightings`.
    names
        Of segments.
    sure
        Share of draws in which the line must hold.

    Returns
    -------
    str
        clear, too close to call, or nothing to call (there is no target).
    str
        A sentence that gives the numbers.
    """
    called = {s: (names or {}).get(s, f"segment {s}") for s in table.segment}
    inside, outside = table[table.target], table[table.allowed & ~table.target]
    if inside.empty:
        return "nothing to call", "There is no target, and so no line between targets and others."
    last = inside.iloc[-1]
    own = called[last.segment]
    lines = [(last.chance_target, f"Whether {own} is a target", f"{own} is among the targets")]
    if len(outside):
        first = outside.iloc[0]
        other = called[first.segment]
        lines.insert(
            0,
            (
                last.ahead,
                f"Whether {own} or {other} is the last target",
                f"{own} is ahead of {other}",
            )
            if len(inside) == last.places
            else (
                1 - first.chance_target,
                f"Whether {other} is a target",
                f"{other} stays under a third of the highest score",
            ),
        )
    holds, question, line = next((found for found in lines if found[0] < sure), lines[0])
    numbers = f"{line} in {_share(holds, sure)} of {last.draws:,} draws, and {_share(sure)} are asked."
    if holds >= sure:
        return "clear", f"{numbers[:1].upper()}{numbers[1:]}"
    return "too close to call", f"{question} is too close to call: {numbers}"


def _share(holds: float, asked: float = 1.0) -> str:
    """Write a share so that it does not seem to be all, or what is asked, when it is less."""
    seems = round(holds, 2)
    least = min(b for b in (asked, 1.0, np.inf) if holds < b)
    return f"{np.floor(holds * 100 + 1e-6):.0f}%" if seems >= least else f"{seems:.0%}"
