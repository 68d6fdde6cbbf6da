"""What a notebook shows: sentences, verdicts and figures that carry their captions."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import matplotlib as mpl
import matplotlib.text
import pandas as pd
from matplotlib.axes import Axes

from seglib.privacy.disclosure import smallest
from seglib.report import readings
from seglib.report.context import context
from seglib.report.figures import FIGURES, theme
from seglib.report.sentences import document, filled, sentence, words_of_figure
from seglib.report.words import marked

#: Colours of a figure that the page may replace, light or dark.
_THEMED = {
    theme.INK: "--ink",
    theme.SOFT: "--soft",
    theme.LINE: "--line",
    theme.MUTE: "--mute",
    theme.CARD: "--card",
}
#: The verdicts of the pages and their colours: good, fair or bad.
TAGS = {
    **dict.fromkeys(
        (
            "natural",
            "reproducible",
            "re-scored",
            "collected",
            "explored",
            "named",
            "clear",
            "assessed",
            "decided",
            "implemented",
            "keep",
        ),
        "good",
    ),
    **dict.fromkeys(("constructive", "caution", "too close to call", "refresh", "first run"), "fair"),
    **dict.fromkeys(("none", "no target", "rebuild"), "bad"),
}


#: Marks the outputs that may reach a page; all others stay in the executed notebook.
PAGE = "application/vnd.seglib.page+json"


class Html(str):
    """A piece of a page, which JupyterLab shows as well."""

    __slots__ = ()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return {"text/html": str(self), PAGE: {}}

    def __repr__(self) -> str:
        return "<shown on the page>"


def registered(customers: object, min_cell: int) -> str:
    """Register on a piece of a page the smallest group of customers that anything on it is based on.

    Raises
    ------
    ValueError
        If the group is too small: what it is based on should not have got here.
    """
    fewest = smallest(customers)
    if fewest is None:
        return ""
    if fewest < min_cell:
        raise ValueError(
            f"a cell to be shown is based on {fewest} customers; at least {min_cell} are required"
        )
    return f' data-customers="{fewest}" data-least="{min_cell}"'


def say_text(*sentences: str, customers: object = None, min_cell: int = 1) -> Html:
    """Show sentences as they are; **stars** make words bold.

    Examples
    --------
    >>> str(say_text("5 <segments>."))
    '<p class="say">5 &lt;segments&gt;.</p>'
    """
    text = marked(" ".join(s for s in sentences if s))
    return Html(f'<p class="say"{registered(customers, min_cell)}>{text}</p>' if text else "")


def said(name: str, *tables: Any, **facts: Any) -> str:
    """Fill the sentence of a name with what the reading of that name finds in tables, and with facts."""
    if tables and tables[0] is None:
        return ""
    reading = readings.READINGS.get(name)
    found = reading(*tables, context()) if reading and tables else {}
    return sentence(name, found | facts) if found is not None else ""


def written(name: str, *tables: Any, **facts: Any) -> str:
    """Fill a text of several lines, to be written to a file, with what its reading finds in tables."""
    return document(name, readings.READINGS[name](*tables, context()) | facts)


def say(name: str, *tables: Any, **facts: Any) -> Html:
    """Show a sentence of this page: its words from the page's templates, its numbers from tables.

    Parameters
    ----------
    name
        Of the sentence, and of the reading that finds its facts in the tables.
    tables
        Of the run, as the reading takes them; nothing is said of a first one that is missing.
    facts
        Numbers that are passed as they are.
    """
    return say_text(said(name, *tables, **facts))


def verdict(word: str, name: str, *tables: Any, tone: str | None = None, **facts: Any) -> Html:
    """Show a verdict: a word in a colour, and a sentence of this page."""
    return verdict_text(word, said(name, *tables, **facts), tone)


def verdict_text(word: str, text: str, tone: str | None = None) -> Html:
    """Show a verdict with a sentence as it is."""
    tone = tone or TAGS.get(word, "fair")
    tag = f'<span class="tag {tone}">{html.escape(word)}</span>'
    return Html(f'<p class="verdict">{tag} <span>{marked(text)}</span></p>')


def provenance(facts: dict[str, str]) -> Html:
    """Show what a page is about."""
    parts = [f"<span>{html.escape(k)} <b>{html.escape(str(v))}</b></span>" for k, v in facts.items()]
    return Html(f'<p class="provenance">{" · ".join(parts)}</p>')


def svg(ax: Axes, alt: str) -> str:
    """Write a figure as SVG that follows the page's colours, and close it."""
    import matplotlib.pyplot as plt

    figure: Any = ax.get_figure(root=True)
    figure.set_gid(None)  # noted what is drawn; two figures would have the same
    for written in figure.findobj(mpl.text.Text):
        if mpl.colors.same_color(written.get_color(), "black"):  # written without a colour of its own
            written.set_color(theme.INK)
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
    wide = round(float(width[1]) * 4 / 3) if width else 0
    size = f' style="--w:{wide}px;width:{wide}px"' if width else ""
    return text.replace("<svg ", f'<svg role="img" aria-label="{label}"{size} ', 1)


def figure(
    drawing: str | Axes,
    *tables: Any,
    title: str = "",
    caption: str = "",
    alt: str = "",
    customers: object = None,
    min_cell: int = 1,
    **facts: Any,
) -> Html:
    """Show a figure with the question that it answers, what to see, and the same in words.

    Parameters
    ----------
    drawing
        The name of a figure of this page, drawn from the tables, its words from the page's
        templates; or any Axes of a figure of your own, with title, caption, alt and customers.
    tables
        Of the run, as the figure takes them; nothing is drawn of a first one that is missing or empty.
    title, caption, alt
        Of a figure of your own: its question, what to see, and the same for those who do not see it.
    customers
        Of a figure of your own: how many customers each thing drawn is based on.
    facts
        What the words name.

    Raises
    ------
    ValueError
        If one of the texts is empty, or something drawn is based on too few customers.
    """
    if not isinstance(drawing, str):
        return framed(drawing, title, caption, alt, customers)
    known = words_of_figure(drawing)
    if not tables or tables[0] is None or len(tables[0]) == 0:
        return say_text(known.get("empty", ""))
    ax = FIGURES[drawing](*tables, context())
    if ax is None:
        return say_text(known.get("empty", ""))
    name = known.get("alt", drawing)
    reading = readings.READINGS.get(name)
    found = (reading(*tables, context()) or {} if reading else {}) | facts
    heading, below = (filled(known[key], found, context()) for key in ("title", "caption"))
    return framed(ax, heading, below, sentence(name, found), customers)


def framed(ax: Axes, title: str, caption: str, alt: str, customers: object = None) -> Html:
    """Frame a figure with its title, caption and text for those who do not see it.

    Raises
    ------
    ValueError
        If one of the texts is empty, or something drawn is based on too few customers.
    """
    for name, text in (("title", title), ("caption", caption), ("alt", alt)):
        if not text.strip():
            raise ValueError(f"a figure needs {name}")
    drawn = [n for n in (theme.behind(ax), smallest(customers)) if n is not None]
    known = registered(pd.Series(drawn, dtype=float), context().min_cell)
    region = f'class="drawing" tabindex="0" role="region" aria-label="{html.escape(title, quote=True)}"'
    return Html(
        f'<figure{known}><p class="question">{marked(title)}</p><div {region}>{svg(ax, alt.replace("**", ""))}</div>'
        f"<figcaption>{marked(caption)}</figcaption></figure>"
    )
