"""Planted segments that differ less than they were said to."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

from seglib.simulate.industry import Industry
from seglib.simulate.specification import Number

_PARTS = ("tenure", "attributes", "purchases", "visits", "contracts", "answers", "responds")
#: Mappings whose numbers are rates and means; those of all others are weights of answers.
_RATES = ("per_quarter", "answers")


def milder(industry: Industry, by: float) -> Industry:
    """Move the planted segments towards each other.

    Parameters
    ----------
    industry
        The specification.
    by
        0 leaves it as it is; at 1 all segments are alike.

    Returns
    -------
    Industry
        Typical values, rates, shares and weights are moved by that much of their way to the
        mean of all segments (the geometric one, where all are above 0); sizes and spreads stay.

    Raises
    ------
    ValueError
        If `by` lies outside of 0 to 1.
    """
    if not 0 <= by <= 1:
        raise ValueError(f"by: found {by:g}; allowed: 0 to 1")
    segments = list(industry.segments.values())
    moved = {
        part: _between([getattr(of, part) for of in segments], industry.shares, by, part) for part in _PARTS
    }
    made = [replace(of, **{part: moved[part][place] for part in _PARTS}) for place, of in enumerate(segments)]
    return replace(industry, segments=dict(zip(industry.segments, made, strict=True)))


def _numbers(values: list[float], shares: list[float], by: float, ratio: bool) -> list[float]:
    to, back = (np.log, np.exp) if ratio else (np.asarray, np.asarray)
    scaled = to(np.array(values, dtype=float))
    return [float(v) for v in back((1 - by) * scaled + by * np.average(scaled, weights=shares))]


def _between(values: list[Any], shares: list[float], by: float, name: str = "") -> list[Any]:
    """Move what the segments say of one thing; where they cannot be compared, all stay."""
    first = values[0]
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return _numbers(values, shares, by, ratio=min(values) > 0)
    if all(isinstance(v, Number) for v in values):
        typical = _numbers([v.typical for v in values], shares, by, ratio=all(v.skewed for v in values))
        return [replace(v, typical=t) for v, t in zip(values, typical, strict=True)]
    if all(isinstance(v, tuple) for v in values):
        return _tuples(values, shares, by)
    if all(isinstance(v, dict) for v in values):
        return _mappings(values, shares, by, name)
    if is_dataclass(first) and all(type(v) is type(first) for v in values):
        moved = {
            f.name: _between([getattr(v, f.name) for v in values], shares, by, f.name) for f in fields(first)
        }
        return [replace(v, **{key: of[place] for key, of in moved.items()}) for place, v in enumerate(values)]
    return values


def _tuples(values: list[tuple], shares: list[float], by: float) -> list[tuple]:
    longest = max(map(len, values))
    values = [v or (1.0,) * longest for v in values]  # no weights of months: all alike
    columns = [_between(list(column), shares, by) for column in zip(*values, strict=True)]
    return list(zip(*columns, strict=True)) if columns else values


def _mappings(values: list[dict], shares: list[float], by: float, name: str) -> list[dict]:
    numbers = all(isinstance(n, int | float) for v in values for n in v.values())
    if numbers and name not in _RATES:
        return _weights(values, shares, by)
    common = [key for key in values[0] if all(key in v for v in values)]
    moved = {key: _between([v[key] for v in values], shares, by) for key in common}
    return [v | {key: of[place] for key, of in moved.items()} for place, v in enumerate(values)]


def _weights(values: list[dict], shares: list[float], by: float) -> list[dict]:
    """Mix weights of answers: an answer that a segment does not give has none."""
    if not all(values):
        return values
    answers = list(dict.fromkeys(answer for v in values for answer in v))
    table = np.array([[v.get(answer, 0.0) for answer in answers] for v in values])
    table = table / table.sum(axis=1, keepdims=True)
    table = (1 - by) * table + by * np.average(table, axis=0, weights=shares)
    return [{a: float(w) for a, w in zip(answers, row, strict=True) if w > 0} for row in table]
