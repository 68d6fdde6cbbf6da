"""What pages show: escaped, captioned, in the page's colours, asking nothing of any server."""

from __future__ import annotations

import html
import re

import nbformat
import numpy as np
import pandas as pd
import pytest
from projects import Project, make_shop, shop_params

from seglib import report, simulate
from seglib.report import figures as plots
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
        notebook(
            nbformat.v4.new_markdown_cell("# A title\n\nWhy."),
            nbformat.v4.new_markdown_cell("## One\n\nText."),
            code("x = 1", shown),
        ),
        "collect",
        FACTS,
        {"collect": "01_collect.html", "explore": "02_explore.html"},
    )
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


# Small cells


TOWNS = pd.DataFrame(
    {"town": ["Bath", "Leeds", "York"], "customers": [40, 12, 3], "share": [0.727, 0.218, 0.055]}
)


def cells(shown: str) -> list[str]:
    return [html.unescape(cell) for cell in re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", shown)]


def test_small_cells_of_a_table_are_withheld_with_the_one_that_would_give_them_away():
    got = table(
        TOWNS, caption="c", shares=["share"], row_names="town", customers=TOWNS.customers, min_cell=10
    )
    assert cells(got)[3:] == [
        "Bath",
        "40",
        "72.7%",
        "Leeds",
        "withheld",
        "withheld",
        "York",
        "withheld",
        "withheld",
    ]
    assert "withheld: stands for fewer than 10 customers, or would give such a cell away" in got
    assert got.startswith('<div class="table" data-customers="40" data-least="10">')


def test_without_a_total_the_small_cell_alone_is_withheld_and_what_is_not_known_is_a_dash():
    frame = TOWNS.assign(share=[0.7, None, 0.1], big=[True, False, False])
    got = table(
        frame,
        caption="c",
        shares=["share"],
        row_names="town",
        customers=frame[["customers"]],
        min_cell=10,
        totals=(),
    )
    assert cells(got)[4:] == [
        "Bath",
        "40",
        "70.0%",
        "yes",
        "Leeds",
        "12",
        "–",
        "no",
        "York",
        "withheld",
        "10.0%",
        "no",
    ]
    assert 'data-customers="12"' in got


def test_a_table_whose_cells_are_all_large_has_no_note():
    got = table(TOWNS, caption="c", customers=TOWNS.customers, min_cell=3)
    assert "withheld" not in got
    assert 'data-customers="3" data-least="3"' in got


def test_a_figure_or_sentence_of_too_few_customers_is_refused():
    ax = plots.bars(pd.Series({"a": 0.5}), ["red"])
    with pytest.raises(
        ValueError, match="a cell to be shown stands for 9 customers; at least 10 are required"
    ):
        figure(ax, title="t", caption="c", alt="a", customers=pd.Series([9, 40]), min_cell=10)
    with pytest.raises(ValueError, match="stands for 4 customers"):
        say("4 customers", customers=4, min_cell=5)
    assert 'data-customers="5"' in say("5 customers", customers=5, min_cell=5)


def test_what_a_figure_draws_is_registered_by_itself():
    rng = np.random.default_rng(0)
    points = pd.DataFrame(rng.normal(size=(400, 2)), columns=["first", "second"])
    drawn = figure(plots.density_map(points, 10), title="t", caption="c", alt="a", min_cell=10)
    assert int(re.search(r'<figure data-customers="(\d+)" data-least="10">', drawn)[1]) >= 10
    features = pd.DataFrame({"x": rng.exponential(size=300), "g": ["a"] * 150 + ["b"] * 145 + ["c"] * 5})
    bars = plots.distributions(features, {"g": "Group"}, 10)
    shown = [t.get_text() for t in bars.figure.axes[1].get_xticklabels()]
    assert shown == ["a"]  # b goes with c, or c would be all the others
    assert plots.behind(bars) >= 10


def shown_page(*pieces: str) -> str:
    outputs = [
        nbformat.v4.new_output("display_data", {"text/html": str(p)}) for p in (provenance(FACTS), *pieces)
    ]
    return page.render(
        notebook(nbformat.v4.new_markdown_cell("# T"), *(code("x", o) for o in outputs)), "collect", FACTS, {}
    )


def test_a_page_states_the_smallest_cell_that_is_on_it():
    one = table(TOWNS, caption="c", customers=TOWNS.customers, min_cell=10, totals=())
    two = figure(
        plots.bars(pd.Series({"a": 0.5}), ["red"]), title="t", caption="c", alt="a", customers=27, min_cell=10
    )
    assert "The smallest published cell stands for 12 customers; at least 10 are required." in shown_page(
        one, two
    )
    assert "The smallest published cell stands for 27 customers; at least 10 are required." in shown_page(two)
    assert "smallest published cell" not in shown_page(say("Nothing of customers."))


def test_text_from_data_cannot_pose_as_a_register():
    forged = say('<p data-customers="1" data-least="1">', 'a data-customers="1" data-least="1"')
    assert "smallest published cell" not in shown_page(forged)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Project:
    """Three hundred customers in as many as eight segments: cells are small everywhere."""
    tables = simulate.shop(300, seed=3)
    folder = tmp_path_factory.mktemp("tiny")
    project = make_shop(folder, tables)
    params = shop_params(folder)
    params["segment"] |= {"k": {"min": 2, "max": 8}, "min_share": 0.01}
    project.write(params)
    done = project.run(timeout=900)
    assert done.returncode == 0, done.stderr
    return project


def numbers(page_: str, head: str) -> list[float]:
    """Read a column of every table of a page that has it; what is withheld or not known is left out."""
    found = []
    for shown in re.findall(r"<table.*?</table>", page_, re.S):
        rows = [
            re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)
            for row in re.findall(r"<tr.*?</tr>", shown, re.S)
        ]
        if head in rows[0]:
            texts = [row[rows[0].index(head)] for row in rows[1:]]
            found += [float(t.replace(",", "").replace("%", "")) for t in texts if re.match(r"[\d,.]+%?$", t)]
    return found


@pytest.mark.parametrize("name", ["02_explore", "03_segment", "04_assess", "05_target", "index"])
def test_what_a_page_states_of_its_smallest_cell_is_true(tiny, name):
    text = (tiny.store / f"{name}.html").read_text(encoding="utf-8")
    stated = re.findall(
        r"The smallest published cell stands for (\d+) customers; at least (\d+) are required", text
    )
    assert len(stated) == 1
    fewest, least = map(int, stated[0])
    counted = [int(n) for n in re.findall(r'<(?:p|div|figure)\b[^<>]* data-customers="(\d+)"', text)]
    listed = [n for head in ("customers", "Customers", "size", "outside") for n in numbers(text, head)]
    assert least == 10
    assert fewest >= least
    assert not listed or fewest <= min(listed)
    if name != "index":
        assert fewest == min(counted)


def test_shares_of_a_segment_stand_for_nobody_or_for_enough(tiny):
    sizes = tiny.table("value").set_index("name").customers
    text = (tiny.store / "04_assess.html").read_text(encoding="utf-8")
    shares = numbers(text, "at risk")
    assert shares
    for part, size in zip(shares, sizes, strict=False):
        behind = [part / 100 * size, (1 - part / 100) * size]
        assert all(n < 0.5 or n > 9.9 for n in behind)
    assert (tiny.table("flow")[["customers", "whole"]].stack() >= 10).all()
    assert (tiny.table("segments").segment.value_counts() >= 10).all()
    profile = tiny.table("profiles")
    assert (profile.behind[profile.distance.notna()] >= 10).all()


def test_the_smallest_of_too_many_segments_is_withheld(tiny):
    candidates = tiny.table("candidates")
    small = (candidates.smallest * len(tiny.table("segments"))).round() < 10
    text = (tiny.store / "03_segment.html").read_text(encoding="utf-8")
    assert small.any()
    assert len(numbers(text, "smallest")) == (~small).sum()
    assert text.count(">withheld</td>") >= small.sum()
