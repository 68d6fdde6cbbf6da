"""Data sets whose truth is known: segments planted, or none at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import norm

KINDS = ("numeric", "binary", "mixed")
#: Distance of the two nearest segments' centres, in standard deviations along their line.
OVERLAPS = {"least": 6.0, "middle": 4.5, "most": 3.5}
SHAPES = ("round", "correlated", "heavy-tailed", "skewed")
SIZES = ("even", "1:10")
NULLS = ("uniform", "one Gaussian", "correlated Gaussian", "independent categories", "skewed amounts")


@dataclass(frozen=True)
class Planted:
    """One data set and what was planted in it."""

    kind: str
    overlap: str
    shape: str
    sizes: str
    k: int
    rows: pd.DataFrame
    truth: np.ndarray


def shares(k: int, sizes: str) -> np.ndarray:
    """Give the shares of the segments: all equal, or falling evenly to a tenth of the largest."""
    weights = np.ones(k) if sizes == "even" else np.geomspace(1, 0.1, k)
    return weights / weights.sum()


def noise(n: int, columns: int, shape: str, rng: np.random.Generator) -> np.ndarray:
    """Draw rows around 0 whose columns have a standard deviation of 1."""
    if shape == "heavy-tailed":
        return rng.standard_t(4, (n, columns)) / np.sqrt(2)
    if shape == "skewed":
        return (rng.gamma(2.0, 1.0, (n, columns)) - 2) / np.sqrt(2) * rng.choice((-1, 1), columns)
    drawn = rng.normal(size=(n, columns))
    if shape == "correlated":
        loading = rng.uniform(0.5, 0.85, columns) * rng.choice((-1, 1), columns)
        drawn = loading * rng.normal(size=(n, 1)) + np.sqrt(1 - loading**2) * drawn
    return drawn


def apart(k: int, columns: int, distance: float, rng: np.random.Generator) -> np.ndarray:
    """Draw centres of which the two nearest lie exactly so far apart."""
    centres = rng.normal(size=(k, columns))
    gaps = np.linalg.norm(centres[:, None] - centres[None], axis=2)[np.triu_indices(k, 1)]
    return centres * distance / gaps.min()


def patterns(k: int, columns: int, least: int, rng: np.random.Generator) -> np.ndarray:
    """Draw yes/no patterns of which any two differ in at least so many columns."""
    while True:
        drawn = rng.random((k, columns)) < 0.5
        differ = (drawn[:, None] != drawn[None]).sum(2)[np.triu_indices(k, 1)]
        if differ.min() >= least:
            return drawn


def _around(centres: np.ndarray, truth: np.ndarray, shape: str, rng: np.random.Generator) -> np.ndarray:
    rows = np.empty((len(truth), centres.shape[1]))
    for segment, centre in enumerate(centres):
        own = truth == segment
        rows[own] = centre + noise(own.sum(), len(centre), shape, rng)
    return rows


def _yes(
    pattern: np.ndarray,
    truth: np.ndarray,
    distance: float,
    differing: int,
    shape: str,
    rng: np.random.Generator,
) -> np.ndarray:
    """Answer by threshold on a latent row, so that answers inside a segment hang together as it does."""
    half = distance / np.sqrt(differing) / 2  # (p − q) / (2 √(p q)), solved for p
    likely = 0.5 + half / np.sqrt(1 + half**2) / 2
    latent = np.empty((len(truth), pattern.shape[1]))
    for segment in range(len(pattern)):
        own = truth == segment
        drawn = noise(own.sum(), pattern.shape[1], shape, rng)
        latent[own] = norm.ppf((drawn.argsort(0).argsort(0) + 0.5) / own.sum())
    return latent < norm.ppf(np.where(pattern, likely, 1 - likely))[truth]


def planted(kind: str, overlap: str, shape: str, sizes: str, k: int, seed: int) -> Planted:
    """Plant k segments."""
    rng = np.random.default_rng(seed)
    n, distance = int(rng.integers(600, 2400)), OVERLAPS[overlap]
    truth = rng.choice(k, n, p=shares(k, sizes))
    made: dict[str, object] = {}
    if kind == "binary":
        answers = _yes(patterns(k, 12, 5, rng), truth, distance, 5, shape, rng)
        made = {f"yes{j}": column.astype(float) for j, column in enumerate(answers.T)}
    else:
        columns = 6 if kind == "numeric" else 4
        part = distance if kind == "numeric" else distance / np.sqrt(2)
        numbers = _around(apart(k, columns, part, rng), truth, shape, rng)
        made = {f"x{j}": column for j, column in enumerate(numbers.T)}
    if kind == "mixed":
        answers = _yes(patterns(k, 8, 3, rng), truth, distance / np.sqrt(2), 3, shape, rng)
        pairs = answers[:, 0::2] * 2 + answers[:, 1::2]
        made |= {
            f"c{j}": pd.Categorical(np.array(list("abcd"))[column]) for j, column in enumerate(pairs[:, :2].T)
        }
        made |= {
            f"yes{j}": pd.Categorical(np.where(column, "yes", "no"))
            for j, column in enumerate(answers[:, 4:].T)
        }
    return Planted(kind, overlap, shape, sizes, k, pd.DataFrame(made), truth)


def all_planted(n: int = 120, seed: int = 0) -> Iterator[Planted]:
    """Go through the conditions evenly."""
    every = list(product(range(2, 7), SIZES, SHAPES, KINDS))
    order = np.random.default_rng(seed).permutation(len(every))
    for i in range(n):
        k, sizes, shape, kind = every[order[(i // 3) % len(every)]]
        yield planted(kind, list(OVERLAPS)[i % 3], shape, sizes, k, seed * 100_000 + i)


#: Kinds of columns that real tables mix, planted for k = 2 … 8 among 150 to 20,000 customers.
LEVELS = ("ordinal", "zero-inflated", "mixed levels")
#: Most and fewest customers, and the fewest that the smallest segment is expected to have.
_CUSTOMERS, _FEWEST = (150, 20_000), 15


def _answers(column: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cut a column into five answers at uneven places."""
    return np.searchsorted(np.quantile(column, np.cumsum(rng.dirichlet(np.full(5, 6.0)))[:-1]), column)


def _amounts(column: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Turn a column into amounts, of which the lowest are zero."""
    return np.where(column < np.quantile(column, rng.uniform(0.2, 0.5)), 0, np.exp(3 + 0.5 * column).round(2))


def with_levels(kind: str, overlap: str, shape: str, sizes: str, k: int, seed: int) -> tuple[Planted, dict]:
    """Plant k segments in ordered answers, in amounts that are often zero, or in columns of every level.

    Returns
    -------
    planted : Planted
    levels : dict
        Level of measurement per column.
    """
    rng = np.random.default_rng(seed)
    share = shares(k, sizes)
    fewest = max(_CUSTOMERS[0], _FEWEST / share.min())
    n = int(np.exp(rng.uniform(np.log(fewest), np.log(_CUSTOMERS[1]))))
    truth = rng.choice(k, n, p=share)
    columns = 8
    latent = _around(apart(k, columns, OVERLAPS[overlap], rng), truth, shape, rng)
    answers = {"ordinal": range(columns), "zero-inflated": range(0), "mixed levels": range(2, 5)}[kind]
    amounts = {"ordinal": range(0), "zero-inflated": range(columns), "mixed levels": range(5, 7)}[kind]
    made, levels = {}, {}
    for j, column in enumerate(latent.T):
        name, level, values = f"x{j}", "interval", column
        if j in answers:
            name, level, values = f"item{j}", "ordinal", _answers(column, rng).astype(float)
        elif j in amounts:
            name, level, values = f"amount{j}", "ratio", _amounts(column, rng)
        elif j == columns - 1:
            name, level = "group", "nominal"
            values = np.array(list("abc"))[np.searchsorted(np.quantile(column, (0.3, 0.7)), column)]
        made[name], levels[name] = values, level
    return Planted(kind, overlap, shape, sizes, k, pd.DataFrame(made), truth), levels


def all_with_levels(n: int, seed: int) -> Iterator[tuple[Planted, dict]]:
    """Go through the conditions evenly."""
    every = list(product(range(2, 9), SIZES, SHAPES, LEVELS))
    order = np.random.default_rng(seed).permutation(len(every))
    for i in range(n):
        k, sizes, shape, kind = every[order[(i // 3) % len(every)]]
        yield with_levels(kind, list(OVERLAPS)[i % 3], shape, sizes, k, seed * 100_000 + i)


def with_niches(seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Plant six segments and two niches of 15 and 43 among 4,000 customers."""
    rng = np.random.default_rng(seed)
    sizes = np.append(rng.multinomial(3942, rng.dirichlet(np.full(6, 20.0))), (15, 43))
    truth = rng.permutation(np.repeat(np.arange(8), sizes))
    rows = apart(8, 6, 7.0, rng)[truth] + noise(4000, 6, "round", rng)
    return pd.DataFrame(rows, columns=[f"x{j}" for j in range(6)]), truth


def without(kind: str, seed: int) -> pd.DataFrame:
    """Draw a data set that holds no segments."""
    rng = np.random.default_rng(seed)
    n, columns = int(rng.integers(300, 3000)), int(rng.integers(3, 9))
    if kind == "independent categories":
        return pd.DataFrame(
            {
                f"c{j}": pd.Categorical(
                    rng.choice(list("abcde")[:levels], n, p=rng.dirichlet(np.full(levels, 5.0)))
                )
                for j, levels in enumerate(rng.integers(2, 6, columns))
            }
        )
    drawn = rng.normal(size=(n, columns))
    if kind == "uniform":
        drawn = rng.random((n, columns))
    if kind == "correlated Gaussian":
        drawn = drawn @ rng.normal(size=(columns, columns)) * rng.uniform(0.5, 2, columns)
    if kind == "skewed amounts":
        drawn = np.exp(drawn * rng.uniform(0.5, 1.2, columns))
    return pd.DataFrame(drawn, columns=[f"x{j}" for j in range(columns)])


def all_without(n: int = 100, seed: int = 0) -> Iterator[tuple[str, pd.DataFrame]]:
    """Go through the kinds of nothing evenly."""
    for i in range(n):
        yield NULLS[i % 5], without(NULLS[i % 5], seed * 100_000 + i)
