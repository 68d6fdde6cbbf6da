"""How a budget is allocated to segments so that it earns most, by how they respond to contacts."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pandas as pd

from seglib.errors import DataError, ParamsError, listing
from seglib.target.thresholds import SHAPE

_SHAPES = (1, 100)
NUMBERS = ("customers", "effect", "sd", "margin", "cost")
Number = TypeVar("Number", float, pd.Series)


def gains(share: Number, shape: float | pd.Series = SHAPE) -> Number:
    """Return the share of a segment's incremental responses that its best share of customers brings.

    Customers differ, and are contacted in the order of their predicted response:
    contacts beyond the best bring less. The curve, 1 - (1 - share) ** shape, is the Lorenz curve
    (Lorenz, 1905) p ** shape of their effects, read from its upper end: concave, as marketing
    effort mostly is (Hanssens, Parsons and Schultz, 2001, chapter 3), and all of the measured
    effect once all customers are contacted. Single effects then go from none to `shape` times the
    mean; their Gini coefficient is (shape - 1) / (shape + 1).

    Parameters
    ----------
    share
        Of the segment's customers contacted, 0 to 1.
    shape
        From 1: all customers are alike, or are contacted in any order. With 2 single effects lie
        evenly between none and twice the mean, and the better half brings three quarters.

    Examples
    --------
    >>> gains(0.5, shape=2.0), gains(0.5, shape=1.0), gains(1.0, shape=5.0)
    (0.75, 0.5, 1.0)
    """
    return 1 - (1 - share) ** shape


def optimum(table: pd.DataFrame, total: float) -> pd.Series:
    """Find the budget of each segment at which no other split is expected to earn more.

    Parameters
    ----------
    table
        From `checked`: one row per segment.
    total
        Money, at least the sum of the minimums.
    """
    n = {c: table[c].to_numpy(dtype="float64") for c in ("customers", "cost", "minimum", "upper", "shape")}
    n["first"] = (table.margin * table.effect * table["shape"]).to_numpy()
    most = _spent(n, 1.0)
    if most.sum() <= total:
        return pd.Series(most, index=table.index)
    paid = n["cost"] > 0
    low, high = 1.0, 2 * float((n["first"][paid] / n["cost"][paid]).max())
    for _ in range(60):  # halve the distance, on a scale of ratios, to the price of money
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if _spent(n, middle).sum() > total else (low, middle)
    less, more = _spent(n, high), _spent(n, low)
    # where all customers are alike, a segment gets all or nothing at one price: those in between share
    part = (total - less.sum()) / max((more - less).sum(), np.finfo(float).tiny)
    return pd.Series(less + (more - less) * min(part, 1.0), index=table.index)


def _spent(n: dict[str, np.ndarray], price: float) -> np.ndarray:
    """Compute what each segment spends until another unit of money brings no more than `price`."""
    price_of, steep = price * n["cost"], n["shape"] - 1
    ratio = price_of / np.maximum(np.maximum(n["first"], price_of), np.finfo(float).tiny)
    left = np.where(steep > 0, ratio ** (1 / np.where(steep > 0, steep, 1.0)), ratio >= 1)
    return np.clip((1 - left) * n["customers"] * n["cost"], n["minimum"], n["upper"])


def in_proportion(table: pd.DataFrame, weights: pd.Series, total: float) -> pd.Series:
    """Split what the minimums leave by weights; what a bound cuts off is not given to others."""
    rest = total - table.minimum.sum()
    return (table.minimum + rest * weights / max(weights.sum(), 1.0)).clip(upper=table.upper)


def contacts_for(table: pd.DataFrame, budget: pd.Series) -> pd.Series:
    """Count the contacts that a budget pays for; where they are free, all customers or none."""
    free = table.customers.where(table.effect * table.margin > 0, 0.0)
    return (budget / table.cost.where(table.cost > 0)).fillna(free).clip(upper=table.customers)


def reached(table: pd.DataFrame, contacts: pd.Series) -> pd.Series:
    """Count the customers of mean effect who would bring what these contacts bring."""
    return table.customers * gains(
        contacts / table.customers.where(table.customers > 0), table["shape"]
    ).fillna(0)


def checked(segments: pd.DataFrame, total: float, shape: float) -> pd.DataFrame:
    """Complete the table by bounds and shape where they are not given; refuse what cannot be split.

    Raises
    ------
    DataError
        If a column or a number is missing, negative where it may not be, or a segment twice.
    ParamsError
        If budget, bounds or shape cannot be kept.
    """
    missing = {"segment", *NUMBERS} - set(segments.columns)
    if missing:
        raise DataError(
            f"The budget's segments have no column {listing(missing)}; "
            f"needed are {listing(['segment', *NUMBERS])}."
        )
    if segments.segment.isna().any() or segments.segment.duplicated().any():
        raise DataError(
            "The budget's segments have a segment twice or without a name; allowed is a row for each."
        )
    read = {c: pd.to_numeric(segments[c], errors="coerce").astype("float64") for c in NUMBERS}
    for column, values in read.items():
        signed = column in ("effect", "margin")
        bad = ~np.isfinite(values) | ((values < 0) & (not signed))
        if bad.any():
            allowed = "finite numbers" if signed else "numbers from 0 up"
            raise DataError(
                f"{column} of {listing(segments.segment[bad])} is missing or out of range; allowed are "
                f"{allowed}. Set it in the segment's play."
            )
    given = segments.assign(**read, **_bounds(segments, shape))
    return _possible(given.assign(upper=given.maximum.clip(upper=given.customers * given.cost)), total)


def _bounds(segments: pd.DataFrame, shape: float) -> dict[str, pd.Series]:
    """Read the bounds and the shape, as far as they are given; the rest is not bounded."""
    otherwise = pd.DataFrame({"minimum": 0.0, "maximum": np.inf, "shape": shape}, index=segments.index)
    wanted = segments.reindex(columns=otherwise.columns)
    if pd.to_numeric(wanted.stack(), errors="coerce").isna().any():
        raise ParamsError(
            "minimum, maximum or shape of a segment is not a number; leave out what is not wanted."
        )
    return dict(wanted.astype("float64").fillna(otherwise).items())


def _possible(table: pd.DataFrame, total: float) -> pd.DataFrame:
    if not (np.isfinite(total) and total >= 0):
        raise ParamsError(f"The budget is {total}; allowed is an amount from 0 up.")
    shapes = table["shape"]
    if not shapes.between(*_SHAPES).all():
        raise ParamsError(
            f"shape is {listing(shapes[~shapes.between(*_SHAPES)])}; allowed is {_SHAPES[0]} (customers "
            f"of a segment are alike) to {_SHAPES[1]}."
        )
    if (table.minimum < 0).any() or (table.maximum < 0).any():
        raise ParamsError(
            "A minimum or maximum of a segment's budget is below 0; allowed are amounts from 0 up."
        )
    over = table.minimum > table.upper
    if over.any():
        raise ParamsError(
            f"The minimum of {listing(table.segment[over])} is above its maximum, or above what "
            "contacting all its customers costs; lower it."
        )
    if table.minimum.sum() > total:
        raise ParamsError(
            f"The segments' minimums come to {table.minimum.sum():,.2f}, the budget is {total:,.2f}; "
            "raise it, or lower them."
        )
    return table
