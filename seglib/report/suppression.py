"""What is suppressed in a table when it is shown: cells of too few customers, and those that would reveal them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seglib.catalogue import Column
from seglib.privacy.disclosure import hidden


@dataclass(frozen=True)
class Suppressed:
    """Which cells of a table are not shown, and how few customers the smallest of the others is based on.

    Attributes
    ----------
    cells
        One flag per cell: True where nothing is shown.
    behind
        The customers behind each cell that is shown or bounded; missing where no customers are.
    """

    cells: pd.DataFrame
    behind: pd.DataFrame


def suppressed(
    frame: pd.DataFrame,
    columns: dict[str, Column],
    rows: str | None,
    customers: str | None,
    totals: Iterable[str],
    min_cell: int,
) -> Suppressed:
    """Find the cells that are not shown.

    Parameters
    ----------
    frame
        One row per row to be shown, with the columns that count customers.
    columns
        What is shown, by name.
    rows
        The column that names the rows, which is always shown.
    customers
        The column that counts the customers behind each row.
    totals
        Sums of these counts that a reader may know.
    min_cell
        The fewest customers that a cell may be based on.
    """
    shown = [c for c in columns if c in frame.columns]
    cells = pd.DataFrame(False, index=frame.index, columns=shown)
    behind = pd.DataFrame(np.nan, index=frame.index, columns=shown)
    if customers is not None and customers in frame.columns:
        counts = pd.to_numeric(frame[customers])
        out = hidden(counts, min_cell, set(totals))
        for column in shown:
            if column != rows:
                cells[column] = out.to_numpy()
                behind[column] = counts.to_numpy(dtype=float)
    for name in shown:
        words = columns[name]
        own = words.customers if words.customers in frame.columns else None
        if own is None and not words.part:
            continue
        counts = pd.to_numeric(frame[own or customers]).astype(float)
        if words.part:
            few = counts < 2 * min_cell
            values = pd.to_numeric(frame[name]).astype(float)
            yes, no = (values * counts).round(), ((1 - values) * counts).round()
            reveals = ((yes > 0) & (yes < min_cell)) | ((no > 0) & (no < min_cell))
            cells[name] |= (few & reveals).to_numpy() | ((counts > 0) & (counts < min_cell)).to_numpy()
            behind[name] = np.where(
                reveals, min_cell, np.minimum(yes.where(yes > 0, no), no.where(no > 0, yes))
            )
        else:
            cells[name] |= ((counts > 0) & (counts < min_cell)).to_numpy()
            behind[name] = counts.to_numpy()
    return Suppressed(cells, behind.mask(cells))
