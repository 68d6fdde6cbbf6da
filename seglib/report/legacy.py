"""The former table and cards, for notebooks that still pass labels themselves; removed with the last of them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

import numpy as np
import pandas as pd
from great_tables import GT

from seglib.privacy.disclosure import TOTALS, hidden
from seglib.report.display import Html, registered, say_text
from seglib.report.words import SUPPRESSED as WITHHELD
from seglib.report.words import marked


def _formatted(
    made: GT,
    frame: pd.DataFrame,
    shares: set[str],
    money: set[str],
    currency: str | None,
    decimals: dict[str, int],
    out: pd.DataFrame,
) -> GT:
    for column in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[column]) or pd.api.types.is_bool_dtype(frame[column]):
            continue
        if column in shares:
            made = made.fmt_percent(column, decimals=decimals.get(column, 1))
        elif column in money:
            made = made.fmt_number(column, decimals=decimals.get(column, 0), use_seps=True)
        else:
            whole = (frame[column].dropna() % 1 == 0).all()
            made = made.fmt_number(column, decimals=decimals.get(column, 0 if whole else 2))
    for column in frame.columns[out.any()]:
        made = made.sub_missing(column, rows=np.flatnonzero(out[column]).tolist(), missing_text=WITHHELD)
        made = made.sub_missing(column, rows=np.flatnonzero(~out[column]).tolist(), missing_text="–")
    return made.sub_missing(list(frame.columns[~out.any()]), missing_text="–")


def _withheld(
    frame: pd.DataFrame,
    row_names: str | None,
    customers: pd.Series | pd.DataFrame | None,
    min_cell: int,
    totals: Iterable[str],
) -> pd.DataFrame:
    """Tell which cells of a table may not be shown; the names of rows always may."""
    out = pd.DataFrame(False, index=frame.index, columns=frame.columns)
    if customers is None:
        return out
    found = hidden(customers, min_cell, set(totals))
    for column in frame.columns if isinstance(found, pd.Series) else found.columns:
        if column != row_names:
            out[column] = (found if isinstance(found, pd.Series) else found[column]).to_numpy()
    return out


def _counted(frame: pd.DataFrame, customers: pd.Series | pd.DataFrame | None, out: pd.DataFrame) -> pd.Series:
    """Give the customers behind the cells that are shown."""
    if customers is None:
        return pd.Series(dtype=float)
    if isinstance(customers, pd.Series):
        return customers[~out.any(axis=1).to_numpy()]
    return pd.Series(customers.mask(out[customers.columns].to_numpy()).to_numpy(dtype=float).ravel())


def table(
    frame: pd.DataFrame,
    *,
    caption: str,
    labels: dict[str, str] | None = None,
    shares: Iterable[str] = (),
    money: Iterable[str] = (),
    currency: str | None = None,
    decimals: dict[str, int] | None = None,
    row_names: str | None = None,
    customers: pd.Series | pd.DataFrame | None = None,
    min_cell: int = 1,
    totals: Iterable[str] = TOTALS,
    tones: dict[str, str] | None = None,
) -> Html:
    """Show a table with its caption, right-aligned numbers, and units in the heads.

    Parameters
    ----------
    frame
        What to show; its texts are escaped.
    caption
        What it lists.
    labels
        Head per column.
    shares, money
        Columns that are shares (0 to 1), or amounts in `currency`.
    decimals
        Digits per column, where not the usual.
    row_names
        The column that names the rows.
    customers
        How many customers each row stands for, or each cell of some columns. Cells of too few are
        withheld, and so are those that would give them away (`disclosure.hidden`).
    min_cell, totals
        The fewest customers that a cell may stand for; sums of `customers` that a reader may know.
    tones
        Words with which cells begin, and the colour of each: good, fair or bad.
    """
    if not caption.strip():
        raise ValueError("a table needs a caption")
    if frame.empty:
        return say_text(f"{caption}: there is nothing to list.")
    shares, money, labels = set(shares), set(money), labels or {}
    heads = {
        c: f"{labels.get(c, str(c).replace('_', ' '))}{f', {currency}' if c in money and currency else ''}"
        for c in frame.columns
    }
    out = _withheld(frame, row_names, customers, min_cell, totals)
    known = registered(_counted(frame, customers, out), min_cell)
    shown = frame.mask(out) if out.to_numpy().any() else frame.copy()
    for column in shown.columns:
        if not pd.api.types.is_numeric_dtype(shown[column]):
            shown[column] = shown[column].astype(object).where(shown[column].notna(), None)
        if pd.api.types.is_bool_dtype(frame[column]):
            shown[column] = frame[column].map({True: "yes", False: "no"}).mask(out[column], None)
    made = GT(shown, rowname_col=row_names)
    made = _formatted(made, shown, shares, money, currency, decimals or {}, out)
    # Heads come from data and would be read as units notation: they are put in afterwards, escaped.
    tokens = {c: f"head-{n}-" for n, c in enumerate(heads)}
    made = made.cols_label(**{c: t for c, t in tokens.items() if c != row_names})
    if row_names:
        made = made.tab_stubhead(tokens[row_names])
    raw = made.as_raw_html()
    body = re.sub(r"<style>.*?</style>", "", raw, flags=re.S)
    body = re.search(r"<table.*</table>", body, flags=re.S)[0]
    body = re.sub(r' (id|headers|aria-labelledby|data-quarto-[a-z-]+|rowspan|colspan)="[^"]*"', "", body)
    for column, token in tokens.items():
        body = body.replace(f">{token}<", f">{html.escape(heads[column])}<")
    for word, tone in (tones or {}).items():
        body = re.sub(rf"(<td[^>]*>){re.escape(word)}\b", rf'\1<b class="tone {tone}">{word}</b>', body)
    body = body.replace(">", f"><caption>{marked(caption)}</caption>", 1)
    note = f'<p class="note">{_note(min_cell)}</p>' if out.to_numpy().any() else ""
    return Html(f'<div class="table"{known}>{body}{note}</div>')


def _note(min_cell: int) -> str:
    return f"{WITHHELD}: stands for fewer than {min_cell} customers, or would give such a cell away"


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
        return say_text(f"{caption}: there is nothing to list.")
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
