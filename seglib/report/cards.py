"""Cards: one for each of a few things, what and which side by side, where a table would be too wide."""

from __future__ import annotations

import html

import pandas as pd

from seglib.report.display import Html, registered, say
from seglib.report.words import marked


def cards(
    frame: pd.DataFrame,
    *,
    caption: str,
    row_names: str,
    labels: dict[str, str] | None = None,
    customers: pd.Series | None = None,
    min_cell: int = 1,
) -> Html:
    """Show each row of a table as a card; texts that are empty are left out.

    Parameters
    ----------
    frame
        One row per card; its texts are escaped.
    caption
        What the cards show.
    row_names
        The column that names them.
    labels
        What each other column is called.
    customers, min_cell
        How many customers each card stands for, and how many it must.

    Examples
    --------
    >>> plays = pd.DataFrame({"segment": ["Loyal"], "play": ["Reward"], "offer": [""]})
    >>> "offer" in cards(plays, caption="What to do", row_names="segment")
    False
    """
    if not caption.strip():
        raise ValueError("cards need a caption")
    if frame.empty:
        return say(f"{caption}: there is nothing to list.")
    labels = labels or {}
    columns = [c for c in frame.columns if c != row_names]
    made = []
    for _, row in frame.iterrows():
        lines = "".join(
            f"<dt>{html.escape(labels.get(c, c.replace('_', ' ')))}</dt><dd>{marked(str(row[c]))}</dd>"
            for c in columns
            if pd.notna(row[c]) and str(row[c])
        )
        made.append(f"<section><h3>{html.escape(str(row[row_names]))}</h3><dl>{lines}</dl></section>")
    known = registered(customers, min_cell) if customers is not None else ""
    return Html(f'<div class="sheets"{known}><p class="question">{marked(caption)}</p>{"".join(made)}</div>')
