"""Fitted models as SQL: from prepared columns to the distance or probability of each segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sqlglot import exp

from seglib.errors import RunError
from seglib.estimators import Density, Hierarchical, Joined, KModes, KPrototypes, NichesApart
from seglib.implement.scoring.columns import Layer, Prepared
from seglib.implement.scoring.dialects import (
    Dialect,
    case,
    column,
    first_equal,
    known,
    least,
    minus,
    missing,
    number,
    over,
    square,
    times,
    total,
    whole,
)


@dataclass(frozen=True)
class Compared:
    """What a model says of each row.

    Attributes
    ----------
    layers
        Of the query, above that of the prepared columns.
    label
        The column that holds the model's own number of the segment.
    measures
        One column per segment: its distance, or its probability.
    probable
        Whether the measures are probabilities.
    density
        The column that holds the logarithm of a mixture's density; empty where there is none.
    nearest
        Whether the label is always that of the nearest measure; not so after segments are joined, or niches
        set apart.
    """

    layers: list[Layer]
    label: str
    measures: list[str]
    probable: bool = False
    density: str = ""
    nearest: bool = False


@singledispatch
def compared(model: Any, columns: list[Prepared], dialect: Dialect) -> Compared:
    """Write a fitted model as layers of a query.

    Parameters
    ----------
    model
        Fitted to rows with these columns.
    columns
        The prepared columns.
    dialect
        Of the query.

    Raises
    ------
    RunError
        If the method has no rule for new customers that can be written in SQL, with the reason.
    """
    raise RunError(
        f"segments of {type(model).__name__} cannot be scored elsewhere: it has no scoring rule in SQL"
    )


@compared.register
def _(model: Density, columns: list[Prepared], dialect: Dialect) -> Compared:
    raise RunError(
        "segments of hdbscan cannot be scored elsewhere: a customer belongs to the segment of the nearest "
        "of all customers who were fitted, whose rows must not leave the run. Choose another method in "
        "segment.methods, or use the typing tool"
    )


def of_distances(values: Sequence[exp.Expr], before: list[Layer], prefix: str) -> Compared:
    """Take the nearest of distances, the first of several."""
    names = [f"{prefix}{i}" for i in range(len(values))]
    nearest = {f"{prefix}least": least([column(n) for n in names])}
    label = {f"{prefix}label": first_equal(names, f"{prefix}least")}
    measured = dict(zip(names, values, strict=True))
    return Compared([*before, measured, nearest, label], f"{prefix}label", names, nearest=True)


def squared_distance(columns: list[Prepared], centre: np.ndarray) -> exp.Expr:
    """Write the squared Euclidean distance of numbers from a centre."""
    return total([square(minus(column(c.alias), number(m))) for c, m in zip(columns, centre, strict=True)])


def euclidean(columns: list[Prepared], centres: np.ndarray) -> list[exp.Expr]:
    """Write the distance of numbers from each centre."""
    return [exp.Sqrt(this=squared_distance(columns, centre)) for centre in centres]


@compared.register
def _(model: KMeans, columns: list[Prepared], dialect: Dialect) -> Compared:
    return of_distances(euclidean(columns, model.cluster_centers_), [], "d")


@compared.register
def _(model: Hierarchical, columns: list[Prepared], dialect: Dialect) -> Compared:
    if model.linkage == "gower":
        raise RunError(
            "segments of gower cannot be scored elsewhere: each customer is compared with all customers who "
            "were fitted, whose rows must not leave the run. Choose another method in segment.methods, or "
            "use the typing tool"
        )
    return of_distances(euclidean(columns, model.cluster_centers_), [], "d")


def _differs(of: Prepared, code: int) -> exp.Expr:
    """Return 1 where a category is not the one of this code; of a code that no row has, always."""
    same = exp.EQ(this=column(of.alias), expression=whole(code))
    return case((same, whole(0)), otherwise=whole(1))


@compared.register
def _(model: KModes, columns: list[Prepared], dialect: Dialect) -> Compared:
    """Count the categories that differ; a missing cell is a category of its own."""
    distances = []
    for mode in model.cluster_centers_:
        differ = []
        for of, value in zip(columns, mode, strict=True):
            is_text = isinstance(value, str)
            gone = case((missing(column(of.alias)), whole(0)), otherwise=whole(1))
            differ.append(_differs(of, of.levels.index(value)) if is_text else gone)
        distances.append(exp.cast(exp.paren(total(differ)), "double"))
    return of_distances(distances, [], "d")


@compared.register
def _(model: KPrototypes, columns: list[Prepared], dialect: Dialect) -> Compared:
    encoding, (means, modes) = model._encoding, model.cluster_centers_
    numbers = [columns[i] for i, used in zip(encoding.numeric, encoding.used, strict=True) if used]
    shifts = encoding.shift[encoding.used]
    scaled = (np.asarray(means)[:, encoding.used] - shifts) / encoding.scale
    encoded: Layer = {}
    for of, shift in zip(numbers, shifts, strict=True):
        encoded[f"e{of.alias[1:]}"] = over(minus(column(of.alias), number(shift)), number(encoding.scale))
    units = [Prepared(of.name, f"e{of.alias[1:]}") for of in numbers]
    categories = [columns[i] for i in encoding.categorical]
    used = [j for j, levels in enumerate(encoding.levels) if levels]
    if used:
        there = [case((known(column(categories[j].alias)), whole(1)), otherwise=whole(0)) for j in used]
        weight = over(number(model.gamma_ * len(used)), exp.Nullif(this=total(there), expression=whole(0)))
        encoded["weight"] = exp.Coalesce(this=weight, expressions=[number(0)])
    distances = []
    for mean, mode in zip(scaled, modes, strict=True):
        terms = [times(number(encoding.scale**2), squared_distance(units, mean))] if units else []
        if used:
            differ = [_category_differs(categories[j], encoding.levels[j], int(mode[j])) for j in used]
            terms.append(times(column("weight"), exp.paren(total(differ))))
        distances.append(total(terms))
    return of_distances(distances, [encoded], "d")


def _category_differs(of: Prepared, levels: list, mode: int) -> exp.Expr:
    """Return 1 where a category differs from the mode; missing differs from nothing."""
    same: list[tuple[exp.Expr, exp.Expr]] = [(missing(column(of.alias)), whole(0))]
    if mode >= 0:
        code = of.levels.index(levels[mode])
        same.append((exp.EQ(this=column(of.alias), expression=whole(code)), whole(0)))
    return case(*same, otherwise=whole(1))


@compared.register
def _(model: Joined, columns: list[Prepared], dialect: Dialect) -> Compared:
    inner = compared(model.model, columns, dialect)
    into = np.asarray(model.into)
    names = [f"j{i}" for i in range(into.max() + 1)]
    layer: Layer = {}
    for i, name in enumerate(names):
        members = [column(m) for m, to in zip(inner.measures, into, strict=True) if to == i]
        layer[name] = total(members) if inner.probable else least(members)
    layer["jlabel"] = _looked_up(inner.label, [whole(i) for i in into])
    return Compared([*inner.layers, layer], "jlabel", names, inner.probable, inner.density)


def _looked_up(label: str, values: Sequence[exp.Expr]) -> exp.Expr:
    """Return the value of each label, from 0 on."""
    branches = [(exp.EQ(this=column(label), expression=whole(i)), value) for i, value in enumerate(values)]
    return case(*branches)


def _from_coded(columns: list[Prepared], centre: np.ndarray) -> exp.Expr:
    """Write the distance from a centre of rows as `seglib.estimators.coded` writes them."""
    numbers = [c for c in columns if not c.levels]
    terms = [square(minus(column(c.alias), number(m))) for c, m in zip(numbers, centre, strict=False)]
    at = len(numbers)
    for of in (c for c in columns if c.levels):
        own = centre[at : at + len(of.levels)]
        at += len(of.levels)
        unit = np.sqrt(0.5) * np.eye(len(of.levels))
        away = ((unit - own) ** 2).sum(axis=1)
        terms.append(
            exp.Coalesce(
                this=_looked_up(of.alias, [number(a) for a in away]), expressions=[number((own**2).sum())]
            )
        )
    return exp.Sqrt(this=total(terms))


@compared.register
def _(model: NichesApart, columns: list[Prepared], dialect: Dialect) -> Compared:
    inner = compared(model.model, columns, dialect)
    k, n = len(model.segments), len(model.niches)
    niches = [f"n{i}" for i in range(n)]
    centres = [f"c{i}" for i in range(k)]
    away = {name: _from_coded(columns, centre) for name, centre in zip(niches, model.niches, strict=True)}
    away |= {name: _from_coded(columns, centre) for name, centre in zip(centres, model.segments, strict=True)}
    nearest = {
        "nleast": least([column(n) for n in niches]),
        "own": _looked_up(inner.label, [column(c) for c in centres]),
    }
    place = {"nlabel": first_equal(niches, "nleast")}
    reach = _looked_up("nlabel", [number(r) for r in model.reach])
    within = exp.LTE(this=column("nleast"), expression=reach)
    apart = exp.and_(within, exp.LT(this=column("nleast"), expression=column("own")))
    label = case((apart, exp.Add(this=whole(k), expression=column("nlabel"))), otherwise=column(inner.label))
    final: Layer = {"alabel": label}
    measures = [*inner.measures, *niches]
    layers = [*inner.layers, away, nearest, place, final]
    if inner.probable:
        layers.append(_certain(inner.measures, k, n))
        measures = [f"a{i}" for i in range(k + n)]
    return Compared(layers, "alabel", measures, inner.probable, inner.density)


def _certain(probabilities: list[str], k: int, n: int) -> Layer:
    """Return probabilities of which that of a niche is 1 for a row in one."""
    in_one = exp.GTE(this=column("alabel"), expression=whole(k))
    own: Layer = {
        f"a{i}": case((in_one.copy(), number(0)), otherwise=column(p)) for i, p in enumerate(probabilities)
    }
    apart: Layer = {
        f"a{k + i}": case(
            (exp.EQ(this=column("alabel"), expression=whole(k + i)), number(1)), otherwise=number(0)
        )
        for i in range(n)
    }
    return own | apart
