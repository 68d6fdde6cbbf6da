"""The look of all figures, and the axes that they are drawn on."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from seglib.privacy.disclosure import smallest

#: The look of all figures, colours of segments among it.
STYLE: Any = mpl.rc_params_from_file(
    Path(__file__).parents[1] / "templates" / "figures.mplstyle", use_default_template=False
)
#: Colours that a page replaces by its own, light or dark.
INK, SOFT, LINE, MUTE, CARD = "#1d1d1b", "#5c5a54", "#dddad2", "#b4b1a8", "#ffffff"
PALETTE: list[str] = STYLE["axes.prop_cycle"].by_key()["color"]
GOOD, BAD, BLUE = "#00735a", "#b3261e", "#0072B2"


def colour(place: int) -> str:
    """Give the colour of the n-th segment, from 0; after the palette's end it turns grey."""
    return PALETTE[place] if place < len(PALETTE) else MUTE


def wrapped(text: str, width: int = 28) -> str:
    """Break a label into lines, and keep matplotlib from reading dollars as formulas."""
    return "\n".join(textwrap.wrap(str(text).replace("$", r"\$"), width)) or " "


def short_number(x: float) -> str:
    """Write a number for an axis.

    Examples
    --------
    >>> [short_number(v) for v in (0, 950, 12_500, 3_200_000, 0.25)]
    ['0', '950', '12.5k', '3.2m', '0.25']
    """
    for size, letter in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(x) >= size:
            return f"{x / size:.3g}{letter}"
    return f"{x:.3g}"


def axes(width: float = 7.4, height: float = 3.2) -> Axes:
    """Make the axes of a figure, in inches."""
    with mpl.rc_context(STYLE):
        _, ax = plt.subplots(figsize=(width, height))
    ax.tick_params(length=0)
    return ax


def grid(n: int, columns: int, width: float, height: float) -> np.ndarray:
    """Make the axes of `n` small figures side by side; `height` is that of a row, in inches."""
    rows = int(np.ceil(n / columns))
    with mpl.rc_context(STYLE):
        _, axes = plt.subplots(rows, columns, figsize=(width, height * rows), squeeze=False)
    for ax in axes.flat:
        ax.tick_params(length=0)
    for ax in axes.flat[n:]:
        ax.set_visible(False)
    return axes.flat[:n]


def sequential() -> LinearSegmentedColormap:
    """Give the colours from little to much."""
    return LinearSegmentedColormap.from_list("seglib", ["#dbe9f4", "#6aa5cf", BLUE, "#003f66"])


def heatmap(table: pd.DataFrame, ax: Axes, labelsize: float = 8, **how: Any) -> None:
    """Draw a table as coloured cells with upright labels; `how` as `seaborn.heatmap` takes it."""
    with mpl.rc_context(STYLE):
        sns.heatmap(
            table.astype(float), ax=ax, **{"cmap": sequential(), "linewidths": 1, "linecolor": CARD} | how
        )
    ax.tick_params(rotation=0, labelsize=labelsize)
    if ax.texts:
        drawn = ax.collections[0]
        hidden = np.ma.getmaskarray(np.ma.asanyarray(drawn.get_array())).ravel()
        cells = np.asarray(drawn.get_facecolor())[~hidden]
        for written, cell in zip(ax.texts, cells, strict=True):
            written.set_color(_readable_on(cell))


def _readable_on(cell: np.ndarray) -> str:
    """Choose the colour of a text on a cell, which a page in dark does not replace."""
    linear = np.where(cell[:3] <= 0.04045, cell[:3] / 12.92, ((cell[:3] + 0.055) / 1.055) ** 2.4)
    light = float(linear @ (0.2126, 0.7152, 0.0722))
    return "#fefefe" if light < 0.18 else "#010101"  # where both contrasts are equal (WCAG 2.2)


def share_axis(axis: Axis, decimals: int | None = 0) -> None:
    """Write the numbers of an axis in per cent."""
    axis.set_major_formatter(PercentFormatter(1, decimals))


def short_axis(axis: Axis, most: int | None = None) -> None:
    """Write the numbers of an axis short, at most so many."""
    axis.set_major_formatter(FuncFormatter(lambda x, _: short_number(x)))
    if most:
        axis.set_major_locator(MaxNLocator(most))


def above(ax: Axes, columns: int, *entries: Any) -> None:
    """Put the legend above a figure, of what is labelled on it or of these handles and labels."""
    place: dict[str, Any] = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0)}
    ax.legend(*entries, **place, ncols=columns, fontsize=8.5, frameon=False)


def note(ax: Axes, text: str, at: tuple[float, float], off: tuple[float, float], **how: Any) -> None:
    """Write beside a point, so many points away from it."""
    ax.annotate(text, at, off, textcoords="offset points", **how)


def beside(ax: Axes, **how: Any) -> None:
    """Put the legend to the right of a figure."""
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, **how)


def based_on(ax: Axes, customers: pd.Series | np.ndarray) -> None:
    """Note on a figure the smallest number of customers that anything drawn on it is based on."""
    drawn = [n for n in (behind(ax), smallest(customers)) if n is not None]
    ax.figure.set_gid(f"customers-{min(drawn)}" if drawn else None)


def behind(ax: Axes) -> int | None:
    """Give the smallest number of customers that was noted; nothing if none was."""
    noted = ax.figure.get_gid()
    return int(noted.removeprefix("customers-")) if noted else None
