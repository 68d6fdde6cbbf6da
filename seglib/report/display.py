"""What a notebook shows: sentences, tables and figures that carry their captions."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterable

import matplotlib as mpl
import matplotlib.text
import pandas as pd
from great_tables import GT
from matplotlib.axes import Axes

from seglib import plots
from seglib.report.words import marked

#: Colours of a figure that the page may replace, light or dark.
_THEMED = {
    plots.INK: "--ink", plots.SOFT: "--soft", plots.LINE: "--line", plots.MUTE: "--mute",
    plots.CARD: "--card",
}  # fmt: skip
#: The verdicts of the pages and their colours: good, fair or bad.
TAGS = {"natural": "good", "reproducible": "good", "constructive": "fair", "none": "bad"}


class Html(str):
    """A piece of a page, which JupyterLab shows as well."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(self)

    def __repr__(self) -> str:
        return "<shown on the page>"


def say(*sentences: str) -> Html:
    """Show sentences that were made from results; **stars** make words bold.

    Whatever comes from data is escaped.

    Examples
    --------
    >>> str(say("5 <segments>."))
    '<p class="say">5 &lt;segments&gt;.</p>'
    """
    return Html(f'<p class="say">{marked(" ".join(sentences))}</p>')


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
    for text in figure.findobj(mpl.text.Text):
        if mpl.colors.same_color(text.get_color(), "black"):  # written without a colour of its own
            text.set_color(plots.INK)
    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": alt[:80]}):
        figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True,
                       bbox_inches="tight", pad_inches=0.04)  # fmt: skip
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


def figure(ax: Axes, *, title: str, caption: str, alt: str) -> Html:
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

    Raises
    ------
    ValueError
        If one of them is empty.
    """
    for name, text in (("title", title), ("caption", caption), ("alt", alt)):
        if not text.strip():
            raise ValueError(f"a figure needs {name}")
    return Html(
        f'<figure><p class="question">{marked(title)}</p>{svg(ax, alt)}'
        f"<figcaption>{marked(caption)}</figcaption></figure>"
    )


def _formatted(made: GT, frame: pd.DataFrame, shares: set[str], money: set[str], currency: str | None,
               decimals: dict[str, int]) -> GT:  # fmt: skip
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
    return made.sub_missing(missing_text="–")


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
    shown = frame.copy()
    for column in shown.columns:
        if not pd.api.types.is_numeric_dtype(shown[column]):
            shown[column] = shown[column].astype(object).where(shown[column].notna(), None)
        if pd.api.types.is_bool_dtype(frame[column]):
            shown[column] = frame[column].map({True: "yes", False: "no"})
    made = GT(shown, rowname_col=row_names)
    made = _formatted(made, shown, shares, money, currency, decimals or {})
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
    body = body.replace(">", f"><caption>{marked(caption)}</caption>", 1)
    return Html(f'<div class="table">{body}</div>')
