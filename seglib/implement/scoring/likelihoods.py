"""Fitted mixtures as SQL: from prepared columns to the probability of each segment and the density."""

from __future__ import annotations

import numpy as np
from sklearn.mixture import GaussianMixture
from sqlglot import exp

from seglib.estimators import LatentClasses, MergedMixture
from seglib.implement.scoring.columns import Layer, Prepared
from seglib.implement.scoring.dialects import (
    LEAST_LOG,
    Dialect,
    case,
    column,
    first_equal,
    greatest,
    known,
    minus,
    number,
    over,
    square,
    times,
    total,
)
from seglib.implement.scoring.models import Compared, compared


def of_logarithms(
    before: list[Layer],
    joint: list[exp.Expr],
    segment_of: np.ndarray,
    units: exp.Expr | None = None,
) -> Compared:
    """Take the likeliest segment, the first of several.

    Parameters
    ----------
    before
        Layers below.
    joint
        Per component the logarithm of its share times its density.
    segment_of
        The segment 0, 1, … of each component.
    units
        What is taken off the logarithm of the density, so that it is in the columns' own units.
    """
    logs, shares = ([f"{letter}{i}" for i in range(len(joint))] for letter in "ls")
    segments = [f"p{i}" for i in range(segment_of.max() + 1)]
    away = [minus(column(name), column("top")) for name in logs]
    least_log = number(LEAST_LOG)
    raised = [
        case((exp.GT(this=a, expression=least_log), exp.Exp(this=a.copy())), otherwise=number(0))
        for a in away
    ]
    density = total([column("top"), exp.Ln(this=column("mass"))])
    posterior: Layer = {}
    for i, name in enumerate(segments):
        members = [column(s) for s, to in zip(shares, segment_of, strict=True) if to == i]
        posterior[name] = over(exp.paren(total(members)), column("mass"))
    posterior["density"] = density if units is None else minus(density, units)
    layers: list[Layer] = [
        dict(zip(logs, joint, strict=True)),
        {"top": greatest([column(name) for name in logs])},
        dict(zip(shares, raised, strict=True)),
        {"mass": total([column(s) for s in shares])},
        posterior,
        {"most": greatest([column(p) for p in segments])},
        {"plabel": first_equal(segments, "most")},
    ]
    return Compared([*before, *layers], "plabel", segments, probable=True, density="density", nearest=True)


def _gaussians(
    mixture: GaussianMixture, columns: list[Prepared], segment_of: np.ndarray, before: list[Layer]
) -> Compared:
    """Write Gaussian components with full or diagonal covariances."""
    k, d = mixture.means_.shape
    whitened: Layer = {}
    logs = []
    for c in range(k):
        factor = mixture.precisions_cholesky_[c]
        factor = np.diag(factor) if factor.ndim == 1 else factor
        for j in range(d):
            rows = np.flatnonzero(factor[:, j])
            away = [
                (minus(column(columns[i].alias), number(mixture.means_[c, i])), factor[i, j]) for i in rows
            ]
            whitened[f"w{c}_{j}"] = total([times(a, number(f)) for a, f in away])
        constant = np.log(mixture.weights_[c]) - d / 2 * np.log(2 * np.pi) + np.log(np.diag(factor)).sum()
        squares = exp.paren(total([square(column(f"w{c}_{j}")) for j in range(d)]))
        logs.append(minus(number(constant), times(number(0.5), squares)))
    return of_logarithms([*before, whitened], logs, segment_of)


@compared.register
def _(model: GaussianMixture, columns: list[Prepared], dialect: Dialect) -> Compared:
    return _gaussians(model, columns, np.arange(model.n_components), [])


@compared.register
def _(model: LatentClasses, columns: list[Prepared], dialect: Dialect) -> Compared:
    return _classes(model, columns, np.arange(model.n_clusters))


@compared.register
def _(model: MergedMixture, columns: list[Prepared], dialect: Dialect) -> Compared:
    mixture, segment_of = model._mixture, np.asarray(model.segment_of_)
    if not model._continuous:
        return _classes(mixture, columns, segment_of)
    units: Layer = {}
    for of, center, scale in zip(columns, model._center, model._scale, strict=True):
        units[f"u{of.alias[1:]}"] = over(minus(column(of.alias), number(center)), number(scale))
    standardised = [Prepared(of.name, f"u{of.alias[1:]}") for of in columns]
    return _gaussians(mixture, standardised, segment_of, [units])


def _classes(model: LatentClasses, columns: list[Prepared], segment_of: np.ndarray) -> Compared:
    """Write latent classes; what is missing or unknown is left out of a row's likelihood."""
    numbers = [c for c in columns if not c.levels]
    categories = [c for c in columns if c.levels]
    gaussian = [numbers[i] for i in model._gaussian]
    units: Layer = {}
    for of, center, scale in zip(gaussian, model.center_, model.scale_, strict=True):
        units[f"u{of.alias[1:]}"] = over(minus(column(of.alias), number(center)), number(scale))
    joint = []
    for c in range(model.n_clusters):
        terms = [number(np.log(model.weights_[c]))]
        for j, of in enumerate(gaussian):
            values = model.parameters_["numbers"]
            mean, variance = values["means"][c][j], values["covariances"][c][j]
            away = square(minus(column(f"u{of.alias[1:]}"), number(mean)))
            log = minus(number(-0.5 * np.log(2 * np.pi * variance)), times(number(0.5 / variance), away))
            terms.append(exp.Coalesce(this=log, expressions=[number(0)]))
        terms += _answers(model, numbers, categories, c)
        joint.append(total(terms))
    taken_off = None
    if gaussian:
        parts = [
            case((known(column(of.alias)), number(np.log(scale))), otherwise=number(0))
            for of, scale in zip(gaussian, model.scale_, strict=True)
        ]
        taken_off = exp.paren(total(parts))
    return of_logarithms([units] if units else [], joint, segment_of, taken_off)


def _answers(
    model: LatentClasses, numbers: list[Prepared], categories: list[Prepared], c: int
) -> list[exp.Expr]:
    """Write the logarithms of a class's probabilities of answers and levels."""
    terms = []
    two = [*(numbers[i] for i in model._binary), *(categories[j] for j in model._coded.get(2, []))]
    for at, of in enumerate(two):
        share = np.clip(model.parameters_["two levels"]["pis"][c][at], 1e-15, 1 - 1e-15)
        codes = _codes_of(model, categories, of) if of.levels else [0, 1]
        terms.append(_one_of(of, codes, [np.log(1 - share), np.log(share)]))
    for n, columns in model._coded.items():
        if n > 2:
            shares = np.clip(model.parameters_[f"{n} levels"]["pis"][c], 1e-15, 1 - 1e-15)
            for at, j in enumerate(columns):
                logs = np.log(shares[at * n : (at + 1) * n])
                terms.append(_one_of(categories[j], _codes_of(model, categories, categories[j]), logs))
    return terms


def _codes_of(model: LatentClasses, categories: list[Prepared], of: Prepared) -> list[int]:
    """List the codes, as prepared, of the levels that the model was fitted on."""
    return [of.levels.index(level) for level in model.categories_[categories.index(of)]]


def _one_of(of: Prepared, codes: list[int], logs: list[float] | np.ndarray) -> exp.Expr:
    """Return the logarithm that belongs to a code, and 0 for all others."""
    same = [exp.EQ(this=column(of.alias), expression=number(code)) for code in codes]
    return case(*((s, number(log)) for s, log in zip(same, logs, strict=True)), otherwise=number(0))
