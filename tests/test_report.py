"""What pages show: escaped, captioned, in the page's colours, asking nothing of any server."""

from __future__ import annotations

import html
import re

import nbformat
import pandas as pd
import pytest

from seglib import plots, report
from seglib.report import page
from seglib.report.display import figure, provenance, say, table, verdict

EVIL = '<script>alert("x")</script>'


def test_sentences_escape_what_comes_from_data():
    assert EVIL not in say(f"**{EVIL}**")
    assert "<b>&lt;script&gt;" in say(f"**{EVIL}**")
    assert EVIL not in verdict(EVIL, EVIL)
    assert EVIL not in provenance({EVIL: EVIL})


def test_tables_escape_cells_heads_and_captions():
    got = table(pd.DataFrame({EVIL: [EVIL, "b"], "n": [1.0, None]}), caption=EVIL, row_names=EVIL)
    assert EVIL not in got
    assert got.count("&lt;script&gt;") == 3
    assert "–" in got


def test_tables_format_numbers_by_what_they_are():
    frame = pd.DataFrame({"name": ["a"], "n": [1234.0], "share": [0.1234], "value": [98765.4], "yes": [True]})
    got = table(
        frame, caption="c", shares=["share"], money=["value"], currency="GBP", labels={"n": "customers"}
    )
    for text in ("1,234", "12.3%", "98,765", "value, GBP", ">customers<", ">yes<"):
        assert text in got


@pytest.mark.parametrize(
    "label", ["{{x}} <img src=y onerror=alert(1)>", r"a\d \1 C:\Users", "{{m^2}} x", "a & b"]
)
def test_labels_are_shown_as_they_are(label):
    got = table(pd.DataFrame({"a": ["x"], "b": [1]}), caption="c", labels={"b": label})
    assert f">{html.escape(label)}</th>" in got
    ax = plots.bars(pd.Series({label: 0.5}), ["red"])
    assert "<img" not in figure(ax, title=label, caption="c", alt=label)


def test_an_empty_table_says_so():
    assert "there is nothing to list" in table(pd.DataFrame({"a": []}), caption="Things")


@pytest.mark.parametrize("lacking", ["title", "caption", "alt"])
def test_a_figure_without_words_is_refused(lacking):
    words = {"title": "t", "caption": "c", "alt": "a"} | {lacking: " "}
    ax = plots.bars(pd.Series({"a": 0.5}), ["red"])
    with pytest.raises(ValueError, match=f"a figure needs {lacking}"):
        figure(ax, **words)


def test_a_table_without_a_caption_is_refused():
    with pytest.raises(ValueError, match="a table needs a caption"):
        table(pd.DataFrame({"a": [1]}), caption="")


def test_a_figure_is_the_same_every_time_and_follows_the_page():
    def drawn() -> str:
        ax = plots.bars(pd.Series({EVIL: 0.5, "b$x$": 0.25}), ["#0072B2", plots.MUTE], 0.3, "gate")
        return figure(ax, title="t", caption="c", alt=EVIL)

    one = drawn()
    assert one == drawn()
    assert EVIL not in one
    assert "var(--ink,#1d1d1b)" in one
    assert "b$x$" in one.replace("&#36;", "$")
    assert not re.search(r'(?:href|src)="https?:', one)


def test_numbers_in_a_figure_follow_the_page_too():
    ax = plots.bars(pd.Series({"a": 0.37}), ["#0072B2"])
    shown = re.search(r"<text[^>]*>37%</text>", figure(ax, title="t", caption="c", alt="a"))[0]
    assert "var(--ink,#1d1d1b)" in shown


def notebook(*cells) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=list(cells))


def code(source: str, *outputs) -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(source, outputs=list(outputs))


FACTS = {"project": EVIL, "objective": "retention"}


def test_a_page_is_whole_by_itself():
    shown = nbformat.v4.new_output("display_data", {"text/html": str(say("5 segments")), "text/plain": "x"})
    made = page.render(
        notebook(nbformat.v4.new_markdown_cell("# A title\n\nWhy."), nbformat.v4.new_markdown_cell("## One\n\nText."), code("x = 1", shown)),
        "collect", FACTS, {"collect": "01_collect.html", "explore": "02_explore.html"},
    )  # fmt: skip
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", made)
    assert "MathJax" not in made
    assert "require" not in made.split("</style>")[1]
    assert EVIL not in made
    assert '<a href="#s1">One</a>' in made
    assert '<section class="prose" id="s1">' in made
    assert '<a href="02_explore.html">2 Explore</a>' in made
    assert "<details" in made
    assert '<p class="say">5 segments</p>' in made
    assert "prefers-color-scheme:dark" in made
    assert "@media print" in made


def test_a_failed_page_marks_the_cell():
    error = nbformat.v4.new_output(
        "error", ename="DataError", evalue=f"no {EVIL}", traceback=["\x1b[31mline\x1b[0m"]
    )
    made = page.render(
        notebook(nbformat.v4.new_markdown_cell("# T"), code("boom()", error)), "collect", FACTS, {}
    )
    assert "This stage failed." in made
    assert 'id="failed"' in made
    assert EVIL not in made
    assert "\x1b" not in made


@pytest.mark.parametrize("style", ["style.css", "decision.css"])
def test_styles_ask_nothing_of_a_server(style):
    text = page.style(style)
    assert "url(" not in text
    assert "@import" not in text


def test_words():
    assert report.listed([]) == ""
    assert report.listed(["a"]) == "a"
    assert report.money(float("nan")) == "unknown"
    assert report.share(float("nan")) == "unknown"
    assert report.money(1234567, "CHF") == "1.23 m CHF"
    assert report.plural(1, "customer") == "1 customer"
