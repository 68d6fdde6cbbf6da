"""The usual rules as SQL: RFM and the purchase cycle."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlglot import exp

from seglib.estimators import PurchaseCycle, RFMSegments
from seglib.implement.scoring.columns import Layer, Prepared
from seglib.implement.scoring.dialects import (
    Dialect,
    case,
    column,
    known,
    minus,
    missing,
    number,
    over,
    times,
    total,
    whole,
)
from seglib.implement.scoring.models import Compared, compared
from seglib.vocabulary import OTHERS


def names_of(model: RFMSegments | PurchaseCycle) -> list[str]:
    """List the names that rules give, in the order of their labels from 0 on."""
    if isinstance(model, PurchaseCycle):
        return ["prospect", "first-time", "repeat", "lapsing", "lapsed"]
    return [*dict.fromkeys(rule[0] for rule in model.rules), OTHERS]


@compared.register
def _(model: RFMSegments, columns: list[Prepared], dialect: Dialect) -> Compared:
    scores: Layer = {}
    for of, name, bounds in zip(columns, ("s1", "s2", "s3"), model.bounds_.values(), strict=True):
        lowest = len(bounds)
        own = range(lowest, -1, -1) if name == "s1" else range(lowest + 1)
        value = column(of.alias)
        below = [
            (exp.LT(this=value.copy(), expression=number(b)), whole(1 + s))
            for b, s in zip(bounds, own, strict=False)
        ]
        scores[name] = case((missing(value.copy()), whole(1)), *below, otherwise=whole(1 + own[-1]))
    labels = {name: i for i, name in enumerate(names_of(model))}
    branches = [(exp.and_(*_within(scores, bounds)), whole(labels[name])) for name, *bounds in model.rules]
    return Compared([scores, {"rlabel": case(*branches, otherwise=whole(labels[OTHERS]))}], "rlabel", [])


def _within(scores: Layer, bounds: Sequence[tuple[int, int]]) -> list[exp.Expr]:
    return [
        exp.Between(this=column(name), low=whole(low), high=whole(high))
        for name, (low, high) in zip(scores, bounds, strict=True)
    ]


@compared.register
def _(model: PurchaseCycle, columns: list[Prepared], dialect: Dialect) -> Compared:
    recency, orders, gap = (column(c.alias) for c in columns)
    several = exp.GTE(this=orders, expression=number(2))
    own = exp.and_(several, known(gap.copy()))
    at_least_one = case((exp.GT(this=gap.copy(), expression=number(1)), gap.copy()), otherwise=number(1))
    gaps: Layer = {
        "gaps": case((own, minus(orders.copy(), number(1))), otherwise=number(0)),
        "gap": case((own.copy(), at_least_one), otherwise=number(0)),
    }
    usual = number(model.typical_gap_)
    weight = total([column("gaps"), number(model.prior_gaps)])
    expected = total([times(column("gaps"), column("gap")), number(model.prior_gaps * model.typical_gap_)])
    rhythm = exp.Coalesce(
        this=over(expected, exp.Nullif(this=weight, expression=number(0))), expressions=[usual]
    )
    placed = exp.GTE(this=orders.copy(), expression=number(1))
    silence: Layer = {"silence": case((placed, over(recency, rhythm)))}
    lapsed, lapsing = (
        exp.GT(this=column("silence"), expression=number(model.thresholds_[state]))
        for state in ("lapsed", "lapsing")
    )
    first = exp.LT(this=orders.copy(), expression=number(2))
    labels = {name: whole(i) for i, name in enumerate(names_of(model))}
    states = [(missing(column("silence")), labels["prospect"]), (lapsed, labels["lapsed"])]
    states += [(lapsing, labels["lapsing"]), (first, labels["first-time"])]
    return Compared([gaps, silence, {"clabel": case(*states, otherwise=labels["repeat"])}], "clabel", [])


def labels_of(model: RFMSegments | PurchaseCycle, names: np.ndarray) -> np.ndarray:
    """Return the numbers of names that rules gave, as `names_of` lists them."""
    place = {name: i for i, name in enumerate(names_of(model))}
    return np.array([place[name] for name in names], dtype="int64")
