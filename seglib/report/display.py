"""What a notebook shows: sentences, tables and figures that carry their captions."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterable

import matplotlib as mpl
import matplotlib.text
import numpy as np
import pandas as pd
from great_tables import GT
from matplotlib.axes import Axes

from seglib.privacy.disclosure import TOTALS, hidden, smallest
from seglib.report import figures as plots
from seglib.report.words import marked

#: Colours of a figure that the page may replace, light or dark.
_THEMED = {
    plots.INK: "--ink",
    plots.SOFT: "--soft",
    plots.LINE: "--line",
    plots.MUTE: "--mute",
    plots.CARD: "--card",
}
#: The verdicts of the pages and their colours: good, fair or bad.
TAGS = {"natural": "good", "reproducible": "good", "constructive": "fair", "none": "bad"}


class Html(str):
    """A piece of a page, which JupyterLab shows as well."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(self)

    def __repr__(self) -> str:
        return "<shown on the page>"


#: What stands in the place of a cell that may not be shown.
WITHHELD = "withheld"


def registered(customers: object, min_cell: int) -> str:
    """Register on a piece of a page the smallest group of customers that anything on it stands for.

    Raises
    ------
    ValueError
        If the group is too small: what it stands for should not have got here.
    """
    fewest = smallest(customers)
    if fewest is None:
        return ""
    if fewest < min_cell:
        raise ValueError(
            f"a cell to be shown stands for {fewest} customers; at least {min_cell} are required"
        )
    return f' data-customers="{fewest}" data-least="{min_cell}"'


def say(*sentences: str, customers: object = None, min_cell: int = 1) -> Html:
    """Show sentences that were made from results; **stars** make words bold.

    Whatever comes from data is escaped.

    Parameters
    ----------
    sentences
        What is said.
    customers, min_cell
        How many customers each of its numbers stands for, if some do, and how many it must.

    Examples
    --------
    >>> str(say("5 <segments>."))
    '<p class="say">5 &lt;segments&gt;.</p>'
    """
    return Html(f'<p class="say"{registered(customers, min_cell)}>{marked(" ".join(sentences))}</p>')


def verdict(word: str, sentence: str, tone: str | None = None) -> Html:
    """Show a verdict as a word in a colour and a sentence."""
    tone = tone or TAGS.get(word, "fair")
    return Html(
        f'<p class="verdict"><span class="tag {tone}">{html.escape(word)}</span> '
        f"<span>{marked(sentence)}</span></p>"
    )


def provenance(facts: dict[str, str]) -> Html:
    """Show what a page is about."""
    parts = [f"<span>{html.escape(k)} <b>{html.escape(str(v))}</b></span>" for k, v in facts.items()]
    return Html(f'<p class="provenance">{" · ".join(parts)}</p>')


def svg(ax: Axes, alt: str) -> str:
    """Write a figure as SVG that follows the page's colours, and close it."""
    import matplotlib.pyplot as plt

    figure = ax.figure
    figure.set_gid(None)  # noted what is drawn; two figures would have the same
    for text in figure.findobj(mpl.text.Text):
        if mpl.colors.same_color(text.get_color(), "black"):  # written without a colour of its own
            text.set_color(plots.INK)
    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": alt[:80]}):
        figure.savefig(
            buffer,
            format="svg",
            metadata={"Date": None},
            transparent=True,
            bbox_inches="tight",
            pad_inches=0.04,
        )
    plt.close(figure)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
    for hexadecimal, variable in _THEMED.items():
        text = re.sub(rf"{hexadecimal}\b", f"var({variable},{hexadecimal})", text, flags=re.I)
    label = html.escape(alt, quote=True)
    width = re.search(r'width="([\d.]+)pt"', text)
    size = f' style="width:{float(width[1]) * 4 / 3:.0f}px;max-width:100%;height:auto"' if width else ""
    return text.replace("<svg ", f'<svg role="img" aria-label="{label}"{size} ', 1)


def figure(
    ax: Axes, *, title: str, caption: str, alt: str, customers: object = None, min_cell: int = 1
) -> Html:
    """Show a figure with the question that it answers, what to see, and the same in words.

    Parameters
    ----------
    ax
        Any Axes of the figure; the figure is closed.
    title
        The question.
    caption
        What to see.
    alt
        What the figure shows, for those who do not see it.
    customers, min_cell
        How many customers each thing drawn stands for, where the figure itself does not know; and
        how many it must.

    Raises
    ------
    ValueError
        If one of the texts is empty, or something drawn stands for too few customers.
    """
    for name, text in (("title", title), ("caption", caption), ("alt", alt)):
        if not text.strip():
            raise ValueError(f"a figure needs {name}")
    drawn = [n for n in (plots.behind(ax), smallest(customers)) if n is not None]
    known = registered(pd.Series(drawn, dtype=float), min_cell)
    return Html(
        f'<figure{known}><p class="question">{marked(title)}</p>{svg(ax, alt)}'
        f"<figcaption>{marked(caption)}</figcaption></figure>"
    )


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
        return say(f"{caption}: there is nothing to list.")
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
