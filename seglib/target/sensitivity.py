"""How robust the ranking is: under other weights, and with resampled customers.

Stochastic acceptability after Lahdelma, Hokkanen and Salminen (SMAA, European Journal of
Operational Research 106, 1998): the share of random draws in which a segment takes a place.
Weights are drawn around the given ones, as Butler, Jia and Dyer (the same journal, 103, 1997,
section 3) draw them around answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from seglib.assess import summary
from seglib.errors import DataError
from seglib.target.anchors import points
from seglib.target.criteria import Evidence
from seglib.target.scoring import Rules
from seglib.target.thresholds import CONCENTRATION, REQUIRED

#: Simulations, and samples of customers that they take in turn.
SIMULATIONS, SAMPLES = 10_000, 100
#: Scores that differ by less are equal.
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
    drawn = np.tile(given, (n, 1))
    some = given > 0
    if np.isfinite(concentration) and some.sum() > 1:
        drawn[:, some] = np.random.default_rng(seed).dirichlet(concentration * given[some], n)
    return drawn


def resampled(
    customers: pd.DataFrame, measure: Callable[[pd.DataFrame], pd.DataFrame], n: int = 200, seed: int = 0
) -> list[pd.DataFrame]:
    """Measure criteria on customers drawn with replacement (Efron, 1979): one table of criteria per draw.

    Parameters
    ----------
    customers
        One row per customer, with all that `measure` needs; the column `customer`, where there is
        one, is renumbered, because a customer who is drawn twice counts as two.
    measure
        Makes a table of criteria, as `Evidence.criteria` does, from such rows.
    n
        Draws.
    seed
        Of the draws.
    """
    rng = np.random.default_rng(seed)
    tables = []
    for _ in range(n):
        drawn = customers.iloc[rng.integers(0, len(customers), len(customers))].reset_index(drop=True)
        if "customer" in drawn:
            drawn = drawn.assign(customer=np.arange(len(drawn)))
        tables.append(measure(drawn))
    return tables


def resampled_criteria(
    evidence: Evidence,
    features: pd.DataFrame,
    segments: pd.DataFrame,
    *,
    value_feature: str | None = None,
    risk_feature: str | None = None,
    n: int = SAMPLES,
    seed: int = 0,
) -> list[pd.DataFrame]:
    """Score size, value and risk of resampled customers; growth, stability and capability stay.

    Parameters
    ----------
    evidence
        What is known of the segments.
    features, segments
        One row per customer.
    value_feature, risk_feature
        Features that hold what a customer has brought, and whether they are at risk.
    n, seed
        As `resampled` takes them.
    """
    needed = {value_feature or "net_value", risk_feature, "recency", "days_between_orders", "customer"}
    own = features[[c for c in features.columns if c in needed]]
    joined = segments.merge(own, on="customer", validate="one_to_one")
    growth = evidence.value[["segment", "growth"]] if "growth" in evidence.value else None

    def measure(drawn: pd.DataFrame) -> pd.DataFrame:
        value = summary.value(drawn[own.columns], drawn[segments.columns], value_feature, risk_feature)
        criteria = evidence.criteria(summary.with_growth(value, growth))
        sizes = value.set_index("segment").customers
        return points(criteria, criteria.segment.map(sizes))

    return resampled(joined, measure, n, seed)


def drawn_profits(
    ranked: pd.DataFrame, best: pd.DataFrame, n: int = SIMULATIONS, seed: int = 0
) -> np.ndarray:
    """Draw the profit of every segment's best play; what plays assume of one response is off by the same everywhere.

    Parameters
    ----------
    ranked
        From `ranking`, its scores in money.
    best
        From `best_plays`: play, and learned_from where its response was measured.
    n, seed
        Simulations, and the seed of the draws.

    Returns
    -------
    numpy.ndarray
        One row per simulation, one column per segment in the order of the ranking; missing where not known.
    """
    own = best.set_index("segment").reindex(ranked.segment)
    keys = [
        f"assumed: {r.play}" if r.learned_from == "" else f"segment {at}"
        for at, r in enumerate(own.itertuples())
    ]
    codes, unique = pd.factorize(pd.Series(keys))
    draws = np.random.default_rng(seed).standard_normal((n, len(unique)))
    return ranked.score.to_numpy(float) + ranked.sd.to_numpy(float) * draws[:, codes]


def drawn_points(
    ranked: pd.DataFrame, tables: Sequence[pd.DataFrame], weights: dict[str, float], n: int, seed: int
) -> np.ndarray:
    """Draw the weighted points of every segment, under other weights and of resampled customers.

    Parameters
    ----------
    ranked
        From `ranking`.
    tables
        Points of resampled customers, taken in turn; where a table lacks a segment, it counts as all customers.
    weights
        Criterion to weight.
    n, seed
        Simulations, and the seed of the draws.

    Raises
    ------
    DataError
        If a criterion that has a weight is in none of the tables.
    """
    absent = set(weights).difference(*tables)
    if absent:
        raise DataError(
            f"criterion '{min(absent)}' has a weight and was measured in no sample of customers; measure it in "
            "each, or remove its weight"
        )
    drawn = drawn_weights(weights, n, CONCENTRATION, seed)
    squares = [t.set_index("segment").reindex(index=ranked.segment, columns=list(weights)) for t in tables]
    measured = np.nan_to_num(np.stack([t.to_numpy(dtype=float) for t in squares]))
    scores = np.empty((n, len(ranked)))
    for at in range(len(tables)):
        own = slice(at, None, len(tables))
        scores[own] = (drawn[own, None, :] * measured[at]).sum(axis=-1)
    return scores


def drawn_scores(
    ranked: pd.DataFrame,
    basis: str,
    best: pd.DataFrame,
    tables: Sequence[pd.DataFrame] = (),
    weights: dict[str, float] | None = None,
    n: int = SIMULATIONS,
    seed: int = 0,
) -> np.ndarray:
    """Draw the scores by what decides: as `drawn_points` where weights do, else as `drawn_profits`."""
    if basis == "points":
        return drawn_points(ranked, tables, weights or {}, n, seed)
    return drawn_profits(ranked, best, n, seed)


def simulations(ranked: pd.DataFrame, rules: Rules, drawn: np.ndarray) -> pd.DataFrame:
    """Choose targets in every simulation, by the rules of `ranking`; segments that tie for a place share it.

    Parameters
    ----------
    ranked
        From `ranking`.
    rules
        How scores become targets; knock-outs hold in every simulation.
    drawn
        Scores: one row per simulation, one column per segment in the order of the ranking.

    Returns
    -------
    pandas.DataFrame
        One row per segment, in the order of the ranking: segment, score, rank, target, allowed (no
        knock-out), low and high (90 % of simulations lie between), chance_target and chance_first
        (share of simulations in which it is among the targets, or the best of those allowed), ahead
        (share in which it is better than the next in rank that is allowed; ties count half; missing
        where there is none), places (targets at most), draws (simulations). Where nothing is ranked,
        nothing is simulated.
    """
    allowed, n = rules.allowed(ranked.segment) & np.isfinite(ranked.score.to_numpy(float)), len(drawn)
    if rules.basis in ("profit", "return"):  # what does not pay with the asked chance takes no place
        allowed &= ranked.decision.isin(["chosen", "outranked"]).to_numpy()
    empty = np.full(len(ranked), np.nan)
    chance_target, chance_first, low, high, ahead = (empty.copy() for _ in range(5))
    if rules.basis in ("profit", "return", "points"):
        chance_target, chance_first = _chances(drawn, allowed, rules.places(len(ranked)))
        low, high = np.quantile(drawn, [_LOW, _HIGH], axis=0)
        ahead = _ahead(drawn, allowed)
    return ranked[["segment", "score", "rank", "target"]].assign(
        allowed=allowed,
        low=low,
        high=high,
        chance_target=chance_target,
        chance_first=chance_first,
        ahead=ahead,
        places=ranked.places,
        draws=n,
    )


def _chances(score: np.ndarray, allowed: np.ndarray, places: int) -> tuple[np.ndarray, np.ndarray]:
    """Compute the share of simulations in which each segment is among the targets, and the first."""
    of_allowed = np.where(allowed, score, -np.inf)
    chosen, first = np.zeros_like(score), np.zeros_like(score)
    for at in np.flatnonzero(allowed):
        own = of_allowed[:, [at]]
        above = (of_allowed > own + _SAME).sum(axis=1)
        alike = (np.abs(score - own) <= _SAME)[:, allowed].sum(axis=1)
        chosen[:, at] = np.clip((places - above) / alike, 0, 1) * (own[:, 0] > 0)
        first[:, at] = np.clip((1 - above) / alike, 0, 1)
    return chosen.mean(axis=0), first.mean(axis=0)


def _ahead(score: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Compute the share of simulations in which each segment is better than the next that is allowed."""
    ahead = np.full(len(allowed), np.nan)
    for own, following in pairwise(np.flatnonzero(allowed)):
        beyond = score[:, own] - score[:, following]
        ahead[own] = (beyond > _SAME).mean() + (np.abs(beyond) <= _SAME).mean() / 2
    return ahead


def decisive(table: pd.DataFrame, required: float = REQUIRED) -> dict[str, Any]:
    """Check whether the line between the last target and the first other segment holds.

    It holds if the last target is ahead of the first other segment (or, where places are left, if
    that one is not above 0), and if the last target is among the targets at all: each in a stated
    share of the simulations.

    Parameters
    ----------
    table
        From `simulations`.
    required
        Share of simulations in which the line must hold.

    Returns
    -------
    dict
        call (clear, too close to call, or nothing to call: there is no target), and the line that
        decides it: line (ahead, below or among), inside (the last target), outside (the first other
        segment), holds (share of simulations, never rounded up to what is required), required, draws.
    """
    inside, outside = table[table.target], table[table.allowed & ~table.target]
    if inside.empty:
        return {"call": "nothing to call"}
    last, first = inside.iloc[-1], outside.iloc[0] if len(outside) else None
    lines = [("among", last.chance_target)]
    if first is not None:
        full = len(inside) == last.places
        lines.insert(0, ("ahead", last.ahead) if full else ("below", 1 - first.chance_target))
    line, holds = next((one for one in lines if one[1] < required), lines[0])
    return {
        "call": "clear" if holds >= required else "too close to call",
        "line": line,
        "inside": last.segment,
        "outside": None if first is None else first.segment,
        "holds": _rounded_down(holds, required),
        "required": required,
        "draws": int(last.draws),
    }


def _rounded_down(holds: float, required: float) -> float:
    """Round a share that would otherwise look like all, or like what is required, while it is less."""
    bound = min((b for b in (required, 1.0) if holds < b), default=np.inf)
    return float(np.floor(holds * 100 + 1e-6) / 100) if round(holds, 2) >= bound else float(holds)
