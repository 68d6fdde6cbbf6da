"""Tables and cards of a page, shown as their declarations say."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pandas as pd
from great_tables import GT

from seglib.catalogue import Column, View, declaration
from seglib.errors import RunError, listing
from seglib.report import layouts
from seglib.report.context import Context, context
from seglib.report.display import Html, registered, say_text
from seglib.report.sentences import filled
from seglib.report.suppression import Suppressed, suppressed
from seglib.report.words import SUPPRESSED, coarse_share, count, jaccard, marked, named

#: Characters of a text in a cell; longer ones are cut after a word.
_LONGEST = 2000
_NUMERIC = {"count", "number", "score", "share", "effect", "money"}


def declared(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Mark a frame as (a part of) a declared table, so that it can be shown.

    Examples
    --------
    >>> declared(pd.DataFrame({"segment": [1]}), "value").attrs
    {'table': 'value'}
    """
    marked_frame = frame.copy(deep=False)
    marked_frame.attrs["table"] = name
    return marked_frame


def table(
    frame: pd.DataFrame | None, *views: str, caption: str = "", customers: str = "", **facts: Any
) -> Html:
    """Show a table of the run as its declaration says: captions, heads, units, what is suppressed.

    Parameters
    ----------
    frame
        A table that the run wrote or read, or rows of it; nothing is shown of none.
    views
        Which of its declared views, one below the other; the usual one if absent.
    caption, customers
        Of a frame of your own, which no declaration knows: what it lists, and the column that
        counts the customers behind each row. Rows of too few are suppressed.
    facts
        What the caption names.

    Raises
    ------
    RunError
        If the frame is neither declared nor comes with a caption and the customers behind its rows,
        or a fact is given that no caption names.
    """
    if frame is None:
        return Html("")
    _all_named(frame, views, facts)
    return Html("".join(_one(frame, view, caption, customers, facts) for view in views or ("",)))


def _all_named(frame: pd.DataFrame, views: tuple[str, ...], facts: dict[str, Any]) -> None:
    """Refuse facts that no caption names: a view given as `view=…` would otherwise be passed over."""
    if not facts:
        return
    name = frame.attrs.get("table")
    captions = " ".join(declaration(name).view(v).caption for v in views or ("",)) if name else ""
    unnamed = [fact for fact in facts if not re.search(rf"\b{re.escape(fact)}\b", captions)]
    if unnamed:
        raise RunError(
            f"report.table({name or 'a frame of your own'}) got {listing(unnamed)}, which its caption does not "
            "name; leave it out. A view is named by position: report.table(frame, 'response')"
        )


def _one(frame: pd.DataFrame, view: str, caption: str, customers: str, facts: dict[str, Any]) -> Html:
    terms = context()
    rows, words = _shaped(frame, view, caption, customers, terms)
    if rows is None or rows.empty:
        return say_text(words.empty) if words.empty else Html("")
    return _table(rows, words, terms, facts)


def cards(frame: pd.DataFrame | None, view: str = "", **facts: Any) -> Html:
    """Show each row of a declared table as a card; texts that are empty are left out."""
    terms = context()
    if frame is None:
        return Html("")
    _all_named(frame, (view,), facts)
    rows, words = _shaped(frame, view, "", "", terms)
    if rows is None or rows.empty:
        return say_text(words.empty) if words.empty else Html("")
    cells, out = _cells(rows, words, terms)
    pieces = []
    for at, row in cells.iterrows():
        lines = "".join(
            f"<dt>{html.escape(_head(c, words.columns[c], terms))}</dt><dd>{marked(row[c])}</dd>"
            for c in cells.columns
            if c != words.rows and row[c] and row[c] != "–"
        )
        pieces.append(f"<section><h3>{html.escape(cells.loc[at, words.rows])}</h3><dl>{lines}</dl></section>")
    known = registered(out.behind.to_numpy().ravel(), terms.min_cell)
    heading = marked(filled(words.caption, facts, terms))
    return Html(f'<div class="sheets"{known}><p class="question">{heading}</p>{"".join(pieces)}</div>')


def _shaped(
    frame: pd.DataFrame, view: str, caption: str, customers: str, terms: Context
) -> tuple[pd.DataFrame | None, View]:
    """Shape a frame for a reader, and find how it is shown."""
    name = frame.attrs.get("table")
    if name is None:
        return frame, _own_view(frame, caption, customers)
    words = declaration(name).view(view)
    shape: Callable | None = layouts.LAYOUTS.get(name if view in ("", name) else f"{name}_{view}")
    return (shape(frame, terms) if shape and len(frame) else frame), words


def _own_view(frame: pd.DataFrame, caption: str, customers: str) -> View:
    if not caption or customers not in frame.columns:
        raise RunError(
            "report.table got a frame that no declaration knows; show a table of the run, or say "
            "caption=… and customers=…, the column that counts the customers behind each row "
            f"(columns: {listing(map(str, frame.columns))})"
        )
    kinds = {
        str(c): "flag"
        if pd.api.types.is_bool_dtype(frame[c])
        else "number"
        if pd.api.types.is_numeric_dtype(frame[c])
        else "text"
        for c in frame.columns
    }
    return View(caption, {c: Column(kind) for c, kind in kinds.items()}, next(iter(kinds)), customers)


def shown(frame: pd.DataFrame, view: View) -> Html:
    """Show a frame by a view that no declaration holds, as the decision page does."""
    return _table(frame, view, context(), {}) if len(frame) else Html("")


def _table(frame: pd.DataFrame, words: View, terms: Context, facts: dict[str, Any]) -> Html:
    cells, out = _cells(frame, words, terms)
    heads = {c: _head(c, words.columns[c], terms) for c in cells.columns}
    made = GT(cells, rowname_col=words.rows if words.rows in cells else None)
    numeric = [c for c in cells.columns if words.columns[c].kind in _NUMERIC and c != words.rows]
    made = made.cols_align("right", numeric) if numeric else made
    others = [c for c in cells.columns if c not in numeric and c != words.rows]
    made = made.cols_align("left", others) if others else made
    # Heads come from data and would be read as units notation: they are put in afterwards, escaped.
    tokens = {c: f"head-{n}-" for n, c in enumerate(heads)}
    made = made.cols_label({c: t for c, t in tokens.items() if c != words.rows})
    if words.rows in cells:
        made = made.tab_stubhead(tokens[words.rows])
    body = re.sub(r"<style>.*?</style>", "", made.as_raw_html(), flags=re.S)
    body = re.search(r"<table.*</table>", body, flags=re.S)[0]  # type: ignore[index]
    body = re.sub(r' (id|headers|aria-labelledby|data-quarto-[a-z-]+|rowspan|colspan)="[^"]*"', "", body)
    for column, token in tokens.items():
        body = body.replace(f">{token}<", f">{html.escape(heads[column])}<")
    for word, tone in words.tones.items():
        body = re.sub(rf"(<td[^>]*>){re.escape(word)}\b", rf'\1<b class="tone {tone}">{word}</b>', body)
    caption = marked(filled(words.caption, facts, terms))
    body = body.replace(">", f"><caption>{caption}</caption>", 1)
    note = f'<p class="note">{_note(terms.min_cell)}</p>' if out.cells.to_numpy().any() else ""
    known = registered(out.behind.to_numpy().ravel(), terms.min_cell)
    label = html.escape(re.sub("<.*?>", "", caption), quote=True)
    region = f'class="table" tabindex="0" role="region" aria-label="{label}"{known}'
    return Html(f"<div {region}>{body}{note}</div>")


def _note(min_cell: int) -> str:
    return f"{SUPPRESSED}: fewer than {min_cell} customers, or would reveal such a cell"


def _head(name: str, column: Column, terms: Context) -> str:
    label = column.label or name.replace("_", " ")
    unit = terms.currency if column.kind == "money" else column.unit
    return f"{label}, {unit}" if unit else label


def _cells(frame: pd.DataFrame, words: View, terms: Context) -> tuple[pd.DataFrame, Suppressed]:
    """Write the cells of a table as texts; columns that are missing throughout are left out."""
    columns = {c: w for c, w in words.columns.items() if c in frame.columns and frame[c].notna().any()}
    frame = frame.reset_index(drop=True)
    out = suppressed(frame, columns, words.rows, words.customers, words.totals, terms.min_cell)
    cells = pd.DataFrame(index=frame.index)
    for name, column in columns.items():
        counted = column.customers or words.customers
        base = frame[counted] if column.part and counted in frame else None
        texts = written(frame[name], column, terms, base)
        cells[name] = texts.mask(out.cells[name], SUPPRESSED)
    return cells, out


def written(values: pd.Series, column: Column, terms: Context, base: pd.Series | None = None) -> pd.Series:
    """Write the values of a column for a reader: one text per entry, a dash where there is none.

    Examples
    --------
    >>> written(pd.Series([0.25, None]), Column("share"), Context()).tolist()
    ['25%', '–']
    """
    write = _writer(values, column, terms)
    if base is not None:
        pairs = zip(values, base, strict=True)
        digits = column.digits or 0
        texts = ["–" if pd.isna(v) else coarse_share(v, n, terms.min_cell, digits) for v, n in pairs]
    else:
        texts = ["–" if _missing(v) else write(v) for v in values]
    return pd.Series(texts, index=values.index, dtype=object)


def _missing(value: Any) -> bool:
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))


def _writer(values: pd.Series, column: Column, terms: Context) -> Callable[[Any], str]:
    if column.kind == "segment":
        return lambda v: terms.segment(v)
    if column.kind == "feature":
        return lambda v: terms.feature(v)
    if column.kind == "flag":
        return lambda v: "yes" if v else "no"
    if column.kind == "time":
        return lambda v: f"{v:%Y-%m-%d}"
    if column.kind == "list":
        return lambda v: ", ".join(map(str, v))
    if column.kind in _NUMERIC:
        return _number_writer(values, column)
    return lambda v: named(v, _LONGEST)


def _number_writer(values: pd.Series, column: Column) -> Callable[[Any], str]:
    if column.kind == "share":
        return lambda v: coarse_share(v, float("nan"), 1, column.digits if column.digits is not None else 0)
    if column.kind == "effect":
        return lambda v: f"{100 * v:.{column.digits or 0}f}%".replace("-", "−")
    if column.kind == "count":
        return lambda v: count(v)
    known = pd.to_numeric(values).dropna()
    if column.kind == "money":
        small = len(known) and known.abs().max() < 100
        digits = column.digits if column.digits is not None else 2 if small else 0
    else:
        whole = bool((known % 1 == 0).all())
        digits = column.digits if column.digits is not None else 0 if whole else 2
    if column.kind == "score" and digits == 2:
        return jaccard  # never 1.00 for what is not
    return lambda v: f"{v:,.{digits}f}".replace("-", "−")
