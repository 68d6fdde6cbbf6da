"""Profiles as they may be shown: cells that would reveal few customers are bounded or left empty."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seglib.privacy.disclosure import coded, hidden
from seglib.report.context import Context
from seglib.report.words import coarse_share, money, number, share

#: Units that are written beside a number; what others count, the label of the feature says.
UNITS = {"days": "day", "months": "month", "years": "year", "km": "km"}


def published(profiles: pd.DataFrame, min_cell: int) -> pd.DataFrame:
    """Bound or empty the cells of a profile that would reveal fewer customers than may be shown.

    A share of two answers is kept off its ends by so many customers, and what that adds or takes is
    made up in another segment (`disclosure.coded`). Of more answers, and of numbers, small cells are
    emptied with those that would reveal them (`disclosure.hidden`).

    Parameters
    ----------
    profiles
        The table `profiles`, of all segments.
    min_cell
        The fewest customers that a cell may be based on.

    Returns
    -------
    pandas.DataFrame
        The same rows with typical, distance and behind as they may be shown.
    """
    if profiles.empty:
        return profiles
    parts = [_of_feature(own, min_cell) for _, own in profiles.groupby("feature", sort=False)]
    return pd.concat(parts).reindex(profiles.index)


def _of_feature(own: pd.DataFrame, min_cell: int) -> pd.DataFrame:
    if own.answer.isna().all():
        return _emptied(own, hidden(own.known, min_cell).to_numpy())
    levels = own.answer.nunique()
    last = own[own.answer == own.answer.iloc[-1]].set_index("segment")
    sums = (own.typical * own.known).groupby(own.segment).sum()
    if own.other.notna().any() or (levels == 2 and np.allclose(sums, last.known.reindex(sums.index))):
        return _of_two(own, last, min_cell)
    return _of_several(own, min_cell)


def _of_two(own: pd.DataFrame, last: pd.DataFrame, min_cell: int) -> pd.DataFrame:
    """Bound the shares of two answers so that their total stays true."""
    yes, known = (last.typical * last.known).round(), last.known
    if min(yes.sum(), (known - yes).sum()) < min_cell:
        return _emptied(own, np.ones(len(own), dtype=bool))
    kept = coded(yes, known, min_cell)
    share_of = own.segment.map(kept / known.where(known > 0)).astype(float)
    typical = share_of.where(own.answer == own.answer.iloc[-1], 1 - share_of)
    spread = np.sqrt(own.overall * (1 - own.overall)).replace(0, 1.0)
    counts = pd.DataFrame({"yes": kept, "no": known - kept})
    fewest = own.segment.map(counts.where(counts > 0).min(axis=1))
    changed = own.assign(typical=typical, distance=(typical - own.overall) / spread, behind=fewest)
    return _emptied(changed, own.segment.map(hidden(known, min_cell)).to_numpy() | typical.isna().to_numpy())


def _of_several(own: pd.DataFrame, min_cell: int) -> pd.DataFrame:
    """Empty the small cells of several answers; those of the answers left out follow from the rest."""
    counts = (own.typical * own.known).round().fillna(0)
    square = counts.set_axis(pd.MultiIndex.from_frame(own[["segment", "answer"]])).unstack(fill_value=0)
    rest = own.groupby("segment").known.first().reindex(square.index) - square.sum(axis=1)
    whole = np.column_stack([square, rest.clip(lower=0)])
    rare = hidden(pd.Series(whole.sum(axis=0)), min_cell).to_numpy()
    kept = np.column_stack([whole[:, ~rare], whole[:, rare].sum(axis=1)])
    out = np.ones(whole.shape, dtype=bool)
    out[:, ~rare] = hidden(pd.DataFrame(kept), min_cell).to_numpy()[:, :-1]
    places = square.index.get_indexer(own.segment), square.columns.get_indexer(own.answer)
    return _emptied(own, out[places])


def _emptied(own: pd.DataFrame, out: np.ndarray) -> pd.DataFrame:
    numbers = {name: own[name].mask(out) for name in ("typical", "distance")}
    return own.assign(**numbers, behind=own.behind.mask(out, 0))


def everyone(profiles: pd.DataFrame) -> pd.Series:
    """Count the customers of whom the feature of each row is known, over all segments."""
    known = profiles.drop_duplicates(["segment", "feature"]).groupby("feature").known.sum()
    return profiles.feature.map(known)


def figure_of(value: float, row: Any, customers: float, currency: str | None, min_cell: int) -> str:
    """Write what is typical with its unit; a share that would reveal few customers is bounded.

    Parameters
    ----------
    value
        Typical of the segment, or of all customers.
    row
        Of the profile, or of a portrait's evidence: answer and unit.
    customers
        How many it is of.
    currency, min_cell
        Of the project.
    """
    if pd.isna(value):
        return "unknown"
    if pd.notna(row.answer):
        return coarse_share(value, customers, min_cell)
    if row.unit == "share":
        return share(value)
    if row.unit and row.unit == currency:
        return money(value, row.unit)
    text = number(value)
    return f"{text} {UNITS[row.unit] if text == '1' else row.unit}" if row.unit in UNITS else text


def figures_of(row: Any, terms: Context) -> tuple[str, str]:
    """Write what is typical of the segment and of all customers; ordered answers as answers.

    Parameters
    ----------
    row
        Of the profile, or of a portrait's evidence, with known and everyone: the customers behind both.
    terms
        Of the page.
    """
    sides = []
    for side, customers in (("typical", row.known), ("overall", row.everyone)):
        answer = getattr(row, f"{side}_answer", None)
        number = figure_of(getattr(row, side), row, customers, terms.currency, terms.min_cell)
        sides.append(answer if isinstance(answer, str) and pd.notna(getattr(row, side)) else number)
    return sides[0], sides[1]
