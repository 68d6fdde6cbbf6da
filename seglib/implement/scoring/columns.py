"""The preparation of features as SQL: from the features table to the numbers and codes that a model compares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlglot import exp

from seglib.errors import RunError
from seglib.estimators import RareLevels, ZeroOne
from seglib.estimators.scales import Censored, Ipsatised, NormalScores, ShrunkShare, SpikeScaler
from seglib.implement.scoring.dialects import (
    LARGEST,
    Dialect,
    case,
    column,
    greatest,
    known,
    least,
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
        raw, typed, averaged, filled and prepared; the first reads the features table, the second has the columns
        `refused`, why a customer cannot be scored, and `noted`, what was guessed; both NULL for most.
    columns
        What the model takes, in its order.
    """

    layers: dict[str, Layer] = field(
        default_factory=lambda: {n: {} for n in ("raw", "typed", "averaged", "filled", "prepared")}
    )
    columns: list[Prepared] = field(default_factory=list)


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
        self.fine: list[exp.Expr] = []
        self.refusals: list[tuple[exp.Expr, str]] = []
        self.remarks: list[tuple[exp.Expr, str]] = []

    def raw(self, name: str) -> exp.Expr:
        """Read a column of the features table, once."""
        if name not in self.aliases:
            alias = self.aliases[name] = f"r{len(self.aliases) + 1}"
            given = exp.column(name, quoted=True)
            if name in self.numeric:
                self.result.layers["raw"][alias] = exp.cast(given, "double")
                self.fine.append(self.usable(name))
                infinite = exp.GT(this=exp.Abs(this=self.clean(name)), expression=number(LARGEST))
                self.refusals.append((infinite, not_finite(name)))
            else:
                self.result.layers["raw"][alias] = self.dialect.as_text(given)
        return column(self.aliases[name])

    def clean(self, name: str) -> exp.Expr:
        """Return the column without not-a-number."""
        return self.dialect.without_nan(self.raw(name)) if name in self.numeric else self.raw(name)

    def usable(self, name: str) -> exp.Expr:
        """Tell whether a number can be computed with; not true where it is missing."""
        return exp.LTE(this=exp.Abs(this=self.raw(name)), expression=number(LARGEST))

    def typed(self, name: str, inline: bool = False) -> exp.Expr:
        """Return a number that can be computed with, or NULL; as a column of its own unless `inline`."""
        alias = "x" + self.raw(name).name[1:]
        if inline:
            return case((self.usable(name), self.raw(name)))
        self.result.layers["typed"][alias] = case((self.usable(name), self.raw(name)))
        return column(alias)

    def add(self, name: str, transformer: Any, columns: list[str]) -> None:
        """Write one feature."""
        at = len(self.result.columns) + 1
        steps = [step for _, step in getattr(transformer, "steps", [("", transformer)])]
        if isinstance(steps[0], RareLevels):
            self._category(at, name, steps[0].levels_[name])
            return
        filled, prepared = f"f{at}", f"z{at}"
        self.result.columns.append(Prepared(name, prepared))
        by = next(number(step.statistics_[0]) for step in steps if hasattr(step, "statistics_"))
        average = next((step for step in steps if isinstance(step, Ipsatised)), None)
        if average is not None:
            value: exp.Expr = exp.Coalesce(this=self._less_mean(steps[0], average, columns), expressions=[by])
        elif isinstance(steps[0], ZeroOne):
            own = self._zero_one(name, steps[0].levels_[name])
            value = exp.Coalesce(this=own, expressions=[by])
        elif isinstance(steps[0], ShrunkShare):
            share = case((self._in_range(name, steps), self.typed(name)))
            own = _shrunk(steps[0], share, self.typed(columns[1]))
            value = exp.Coalesce(this=own, expressions=[by])
        else:
            value = case((self._in_range(name, steps), self.raw(name)), otherwise=by)
        self.result.layers["filled"][filled] = value
        after = column(filled)
        for step in steps:
            if not (isinstance(step, ZeroOne | ShrunkShare | Ipsatised) or hasattr(step, "statistics_")):
                after = _scaled(step, after)
        self.result.layers["prepared"][prepared] = after

    def _less_mean(self, first: Any, step: Ipsatised, columns: list[str]) -> exp.Expr:
        """Write an item less the mean of the known items of its battery, of which there is one."""
        aliases = []
        for name, lowest, range_ in zip(columns, step.lowest_, step.range_, strict=True):
            alias = "s" + self.raw(name).name[1:]
            if alias not in self.result.layers["typed"]:
                zero_one = isinstance(first, ZeroOne)
                own = self._zero_one(name, first.levels_[name]) if zero_one else self.typed(name, inline=True)
                self.result.layers["typed"][alias] = over(minus(own, number(lowest)), number(range_))
            aliases.append(alias)
        if "battery" not in self.result.layers["averaged"]:
            sums = [exp.Coalesce(this=column(a), expressions=[number(0)]) for a in aliases]
            there = [case((known(column(a)), whole(1)), otherwise=whole(0)) for a in aliases]
            n = exp.Nullif(this=total(there), expression=whole(0))
            self.result.layers["averaged"]["battery"] = over(exp.paren(total(sums)), n)
        return minus(column(aliases[0]), column("battery"))

    def _in_range(self, name: str, steps: list) -> exp.Expr:
        """Tell whether a number can be computed with, and has a logarithm where one is taken."""
        usable = self.usable(name)
        if not any(getattr(step, "func", None) is np.log1p for step in steps):
            return usable
        above = exp.GT(this=self.raw(name), expression=number(-1))
        self.fine.append(above)
        low = exp.LTE(this=self.raw(name), expression=number(-1))
        self.refusals.append((low, no_logarithm(name)))
        return exp.and_(usable, above.copy())

    def _zero_one(self, name: str, levels: list) -> exp.Expr:
        is_number = name in self.numeric
        written = [number(float(v)) if is_number else self.dialect.text(str(v)) for v in levels]
        self.fine.append(exp.In(this=self.raw(name), expressions=[v.copy() for v in written]))
        strange = [exp.NEQ(this=self.clean(name), expression=level) for level in written]
        self.remarks.append((exp.and_(*strange), unknown_level(name)))
        is_last = exp.EQ(this=self.raw(name), expression=written[-1].copy())
        return case((is_last, number(1)), (known(self.clean(name)), number(0)))

    def _category(self, at: int, name: str, levels: list[str]) -> None:
        """Write a category as the position among its levels, the rest as that of the last."""
        is_number = name in self.numeric
        self.fine.append(known(self.raw(name)))
        same = [
            exp.EQ(this=self.raw(name), expression=number(float(v)) if is_number else self.dialect.text(v))
            for v in levels
        ]
        codes = [(condition, whole(i)) for i, condition in enumerate(same)]
        value = case((missing(self.clean(name)), exp.null()), *codes, otherwise=whole(len(levels)))
        self.result.layers["prepared"][f"z{at}"] = value
        self.result.columns.append(Prepared(name, f"z{at}", (*levels, OTHER)))

    def finish(self, counted: list[str], least_known: float) -> Preparation:
        """Write why a customer cannot be scored, and what was guessed; most customers are fine and looked at once."""
        refusals = list(self.refusals)
        if counted:
            there = [case((known(self.clean(name)), whole(1)), otherwise=whole(0)) for name in counted]
            few = exp.LT(this=exp.paren(total(there)), expression=number(least_known * len(counted)))
            refusals.append((few, TOO_LITTLE))
        fine = exp.and_(*self.fine)
        for alias, reasons in (("refused", refusals), ("noted", self.remarks)):
            written = [(condition, self.dialect.text(words)) for condition, words in reasons]
            nothing = exp.cast(exp.null(), "text")
            value = case((fine.copy(), exp.null()), *written, otherwise=nothing) if written else nothing
            self.result.layers["typed"][alias] = value
        return self.result


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
    if isinstance(step, Censored):
        low, high = step.bounds_[:, 0]
        value = value if np.isinf(low) else greatest([value, number(low)])
        return value if np.isinf(high) else least([value, number(high)])
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
    return writer.finish([name for name, _, _ in steps], least_known)


def three_numbers(names: Iterable[str], dialect: Dialect) -> Preparation:
    """Write the columns that rules take, as they are."""
    names = list(names)
    writer = _Writer(names, dialect)
    writer.result.columns = [Prepared(name, writer.typed(name).name) for name in names]
    return writer.finish([], 0)
