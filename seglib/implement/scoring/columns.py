"""The preparation of features as SQL: from the features table to the numbers and codes that a model compares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlglot import exp

from seglib.errors import RunError
from seglib.estimators import RareLevels, ZeroOne
from seglib.estimators.scales import NormalScores, ShrunkShare, SpikeScaler
from seglib.implement.scoring.dialects import (
    LARGEST,
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
from seglib.vocabulary import OTHER

#: A layer of a query: what each of its columns is, in terms of the layer below.
Layer = dict[str, exp.Expr]


@dataclass(frozen=True)
class Prepared:
    """A prepared column.

    Attributes
    ----------
    name
        Of the feature.
    alias
        Of the column in the query.
    levels
        What its codes 0, 1, … mean; empty for a number.
    """

    name: str
    alias: str
    levels: tuple[str, ...] = ()


@dataclass
class Preparation:
    """Layers of a query that prepare features.

    Attributes
    ----------
    layers
        raw, typed, filled and prepared; the first reads the features table.
    columns
        What the model takes, in its order.
    refusals
        Per reason why a customer cannot be scored: the condition, and its words.
    remarks
        Per guess about a customer who is scored all the same: the condition, and its words.
    """

    layers: dict[str, Layer] = field(
        default_factory=lambda: {n: {} for n in ("raw", "typed", "filled", "prepared")}
    )
    columns: list[Prepared] = field(default_factory=list)
    refusals: list[tuple[exp.Expr, str]] = field(default_factory=list)
    remarks: list[tuple[exp.Expr, str]] = field(default_factory=list)


def not_finite(name: str) -> str:
    """Say why a customer with an infinite value cannot be scored."""
    return f"{name} is infinite"


def no_logarithm(name: str) -> str:
    """Say why a customer with a value of minus one or less cannot be scored."""
    return f"{name} is -1 or less, and was never below 0"


def unknown_level(name: str) -> str:
    """Say that a yes or no was neither."""
    return f"{name} holds an unknown level, taken as the first"


#: Why a customer of whom little is known cannot be scored.
TOO_LITTLE = "too little is known"


class _Writer:
    """Writes the layers of one feature after the other."""

    def __init__(self, numeric: Iterable[str], dialect: Dialect) -> None:
        self.numeric, self.dialect = set(numeric), dialect
        self.result = Preparation()
        self.aliases: dict[str, str] = {}

    def raw(self, name: str) -> str:
        """Read a column of the features table, once."""
        if name not in self.aliases:
            self.aliases[name] = f"r{len(self.aliases) + 1}"
            given = exp.column(name, quoted=True)
            is_number = name in self.numeric
            value = self.dialect.as_double(given) if is_number else self.dialect.as_text(given)
            self.result.layers["raw"][self.aliases[name]] = value
            if is_number:
                infinite = exp.GT(this=exp.Abs(this=column(self.aliases[name])), expression=number(LARGEST))
                self.result.refusals.append((infinite, not_finite(name)))
        return self.aliases[name]

    def finite(self, name: str, above: float | None = None) -> str:
        """Type a column as a number that can be computed with, or NULL."""
        raw = self.raw(name)
        alias = "x" + raw[1:]
        usable: exp.Expr = exp.LTE(this=exp.Abs(this=column(raw)), expression=number(LARGEST))
        if above is not None:
            usable = exp.and_(usable, exp.GT(this=column(raw), expression=number(above)))
            low = exp.LTE(this=column(raw), expression=number(above))
            self.result.refusals.append((low, no_logarithm(name)))
        if alias not in self.result.layers["typed"] or above is not None:
            self.result.layers["typed"][alias] = case((usable, column(raw)))
        return alias

    def add(self, name: str, transformer: Any, columns: list[str]) -> None:
        """Write one feature."""
        at = len(self.result.columns) + 1
        steps = [step for _, step in getattr(transformer, "steps", [("", transformer)])]
        if isinstance(steps[0], RareLevels):
            self._category(at, name, steps[0].levels_[name])
            return
        if isinstance(steps[0], ZeroOne):
            value: exp.Expr = self._zero_one(name, steps[0].levels_[name])
        else:
            logs = any(getattr(step, "func", None) is np.log1p for step in steps)
            value = column(self.finite(name, above=-1.0 if logs else None))
        filled, prepared = f"f{at}", f"z{at}"
        self.result.columns.append(Prepared(name, prepared))
        after = column(filled)
        for step in steps:
            if isinstance(step, ShrunkShare):
                value = _shrunk(step, value, column(self.finite(columns[1])))
            elif hasattr(step, "statistics_"):
                value = exp.Coalesce(this=value, expressions=[number(step.statistics_[0])])
                self.result.layers["filled"][filled] = value
            elif not isinstance(step, ZeroOne):
                after = _scaled(step, after)
        self.result.layers["prepared"][prepared] = after

    def _zero_one(self, name: str, levels: list) -> exp.Expr:
        raw = column(self.raw(name))
        is_number = name in self.numeric
        written = [number(float(v)) if is_number else self.dialect.text(str(v)) for v in levels]
        strange = [exp.NEQ(this=raw.copy(), expression=level) for level in written]
        self.result.remarks.append((exp.and_(*strange), unknown_level(name)))
        is_last = exp.EQ(this=raw.copy(), expression=written[-1].copy())
        return case((is_last, number(1)), (known(raw.copy()), number(0)))

    def _category(self, at: int, name: str, levels: list[str]) -> None:
        """Write a category as the position among its levels, the rest as that of the last."""
        raw, alias = column(self.raw(name)), f"z{at}"
        is_number = name in self.numeric
        same = [
            exp.EQ(this=raw.copy(), expression=number(float(v)) if is_number else self.dialect.text(v))
            for v in levels
        ]
        codes = [(condition, whole(i)) for i, condition in enumerate(same)]
        value = case((missing(raw.copy()), exp.null()), *codes, otherwise=whole(len(levels)))
        self.result.layers["prepared"][alias] = value
        self.result.columns.append(Prepared(name, alias, (*levels, OTHER)))


def _shrunk(step: ShrunkShare, share: exp.Expr, of: exp.Expr) -> exp.Expr:
    """Shrink a share as `ShrunkShare` does."""
    mean = number(step.mean_)
    if np.isinf(step.weight_):
        own: exp.Expr = case((missing(of), number(1)), otherwise=number(0))
    else:
        divisor = exp.Nullif(this=total([of.copy(), number(step.weight_)]), expression=number(0))
        own = exp.Coalesce(this=over(of, divisor), expressions=[number(1)])
    return total([mean, times(own, minus(share, mean.copy()))])


def _scaled(step: Any, value: exp.Expr) -> exp.Expr:
    """Apply a step that takes one number to another."""
    if isinstance(step, SpikeScaler):
        return over(minus(value, number(step.mean_[0])), number(step.scale_[0]))
    if isinstance(step, NormalScores):
        return _interpolated(value, *step.knots_[0])
    if getattr(step, "func", None) is np.log1p:
        return exp.Ln(this=total([number(1), value]))
    raise RunError(f"the model prepares a column by {type(step).__name__}, which cannot be written in SQL")


def _interpolated(value: exp.Expr, knots: np.ndarray, scores: np.ndarray) -> exp.Expr:
    """Interpolate between knots, found by halving; beyond the ends the score is that of the end."""
    if len(knots) == 1:
        return number(scores[0])

    def between(low: int, high: int) -> exp.Expr:
        """Interpolate between knots `low` and `high`, of which there are more between."""
        if high - low == 1:
            slope = (scores[high] - scores[low]) / (knots[high] - knots[low])
            away = times(number(slope), minus(value.copy(), number(knots[low])))
            return total([away, number(scores[low])])
        middle = (low + high) // 2
        left = exp.LT(this=value.copy(), expression=number(knots[middle]))
        return case((left, between(low, middle)), otherwise=between(middle, high))

    below = exp.LTE(this=value.copy(), expression=number(knots[0]))
    above = exp.GTE(this=value.copy(), expression=number(knots[-1]))
    ends = ((below, number(scores[0])), (above, number(scores[-1])))
    return case(*ends, otherwise=between(0, len(knots) - 1))


def prepared_columns(
    preparation: Any, numeric: Iterable[str], least_known: float, dialect: Dialect
) -> Preparation:
    """Write a fitted preparation as layers of a query.

    Parameters
    ----------
    preparation
        The fitted `sklearn.compose.ColumnTransformer` of `seglib.estimators.preparation`.
    numeric
        The columns of the features table that hold numbers; all others hold texts.
    least_known
        Share of the features, 0 to 1, that must be known of a customer who is scored.
    dialect
        Of the query.
    """
    writer = _Writer(numeric, dialect)
    steps = [step for step in preparation.transformers_ if step[1] != "drop"]
    for name, transformer, columns in steps:
        writer.add(name, transformer, list(columns))
    there = [case((known(column(writer.raw(name))), whole(1)), otherwise=whole(0)) for name, _, _ in steps]
    enough = number(least_known * len(steps))
    too_little = exp.LT(this=exp.paren(total(there)), expression=enough)
    writer.result.refusals.append((too_little, TOO_LITTLE))
    return writer.result


def three_numbers(names: Iterable[str], dialect: Dialect) -> Preparation:
    """Write the columns that rules take, as they are."""
    names = list(names)
    writer = _Writer(names, dialect)
    writer.result.columns = [Prepared(name, writer.finite(name)) for name in names]
    return writer.result
