"""What reaches a page: escaped, formatted, suppressed, and nothing that report did not make."""

from __future__ import annotations

import html
import re

import nbformat
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from projects import Project, make_shop, shop_params

from seglib import report, simulate
from seglib.catalogue import STAGES, Column, View, declaration
from seglib.catalogue import stage as record_of
from seglib.errors import RunError
from seglib.report import Context, page
from seglib.report.display import PAGE, figure, framed, provenance, say_text
from seglib.report.figures import FIGURES, theme
from seglib.report.figures.decision import bars
from seglib.report.figures.segments import density_map
from seglib.report.profiles import published
from seglib.report.tables import shown, table

EVIL = '<script>alert("x")</script>'
TEN = Context(min_cell=10, currency="GBP")


def test_sentences_escape_what_comes_from_data():
    assert EVIL not in say_text(f"**{EVIL}**")
    assert "<b>&lt;script&gt;" in say_text(f"**{EVIL}**")
    assert EVIL not in provenance({EVIL: EVIL})


def test_tables_escape_cells_heads_and_captions():
    frame = pd.DataFrame({EVIL: [EVIL, "b"], "n": [1.0, None]})
    got = shown(frame, View(EVIL, {EVIL: Column("text", EVIL), "n": Column("number")}, EVIL))
    assert EVIL not in got
    assert got.count("&lt;script&gt;") >= 3
    assert "–" in got


def test_tables_format_values_by_their_kind():
    frame = pd.DataFrame({"name": ["a"], "n": [1234.0], "part": [0.1234], "value": [98765.4], "yes": [True]})
    columns = {
        "name": Column("text"),
        "n": Column("count", "customers"),
        "part": Column("share", digits=1),
        "value": Column("money"),
        "yes": Column("flag"),
    }
    with report.under(TEN):
        got = shown(frame, View("c", columns, "name"))
    for text in ("1,234", "12.3%", "98,765", "value, GBP", ">customers<", ">yes<"):
        assert text in got


@pytest.mark.parametrize(
    "label", ["{{x}} <img src=y onerror=alert(1)>", r"a\d \1 C:\Users", "{{m^2}} x", "a & b"]
)
def test_labels_are_shown_as_they_are(label):
    got = shown(
        pd.DataFrame({"a": ["x"], "b": [1]}),
        View("c", {"a": Column("text"), "b": Column("count", label)}, "a"),
    )
    assert f">{html.escape(label)}</th>" in got
    assert "<img" not in framed(bars(pd.Series({label: 0.5}), ["red"]), title=label, caption="c", alt=label)


def test_a_fact_that_no_caption_names_is_refused():
    """A view given by keyword would show the usual view without a word."""
    plan = report.declared(pd.DataFrame({"segment": [1], "customers": [50]}), "budget")
    plays = report.declared(pd.DataFrame({"segment": [1], "customers": [50]}), "plays")
    with report.under(TEN):
        with pytest.raises(RunError, match=r"got view, .*report\.table\(frame, 'response'\)"):
            table(plan, view="response")
        with pytest.raises(RunError, match="got season"):
            report.cards(plays, season="autumn")


def test_a_table_shown_by_its_own_name_is_the_usual_one(finished_shop):
    shown_by_name = set()
    for stage in STAGES:
        for name in record_of(stage).tables:
            kept = finished_shop.store / "tables" / f"{name}.parquet"
            if name in declaration(name).views and kept.exists():
                frame = report.declared(finished_shop.table(name), name)
                caption = declaration(name).view(name).caption
                facts = {
                    fact: 10
                    for fact in ("resamples", "total", "objective", "margin", "unit")
                    if fact in caption
                }
                with report.under(Context(stage, "GBP", 10)):
                    assert str(table(frame, name, **facts)) == str(table(frame, **facts)), name
                shown_by_name.add(name)
    assert {"scorecard", "ranking", "candidates", "budget"} <= shown_by_name


@pytest.mark.parametrize("lacking", ["title", "caption", "alt"])
def test_a_figure_without_words_is_refused(lacking):
    words = {"title": "t", "caption": "c", "alt": "a"} | {lacking: " "}
    with pytest.raises(ValueError, match=f"a figure needs {lacking}"):
        figure(bars(pd.Series({"a": 0.5}), ["red"]), **words)


@pytest.mark.parametrize("words", [{}, {"caption": "c"}, {"caption": "c", "customers": "m"}])
def test_a_frame_of_ones_own_needs_a_caption_and_the_customers_behind_its_rows(words):
    with pytest.raises(
        RunError, match=r"frame that no declaration knows; .*caption=… and customers=….*\(columns: a, n\)"
    ):
        table(pd.DataFrame({"a": ["x"], "n": [30]}), **words)


def test_rows_of_too_few_customers_of_ones_own_frame_are_suppressed():
    own = pd.DataFrame({"band": ["young", "old"], "customers": [40, 4], "spend": [10.5, 99.5]})
    with report.under(TEN):
        got = table(own, caption="Spend by band", customers="customers")
    assert "10.5" in got and "99.5" not in got and ">4<" not in got


def test_a_figure_is_the_same_every_time_and_follows_the_page():
    def drawn() -> str:
        ax = bars(pd.Series({EVIL: 0.5, "b$x$": 0.25}), ["#0072B2", theme.MUTE], 0.3, "gate")
        return figure(ax, title="t", caption="c", alt=EVIL)

    one = drawn()
    assert one == drawn()
    assert EVIL not in one
    assert "var(--ink,#1d1d1b)" in one
    assert "b$x$" in one.replace("&#36;", "$")
    assert not re.search(r'(?:href|src)="https?:', one)


def notebook(*cells) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=list(cells))


def code(source: str, *outputs, tags: tuple[str, ...] = ()) -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def piece(text: str) -> nbformat.NotebookNode:
    """What a cell gives that ends with a piece of a page."""
    return nbformat.v4.new_output("execute_result", {"text/html": str(text), PAGE: {}}, execution_count=1)


FACTS = {"project": EVIL, "objective": "retention"}


def test_a_page_is_whole_by_itself():
    made = page.render(
        notebook(
            nbformat.v4.new_markdown_cell("# A title\n\nWhy."),
            nbformat.v4.new_markdown_cell("## One\n\nText."),
            code("x = 1", piece(say_text("5 segments"))),
        ),
        "collect",
        FACTS,
        {"collect": "01_collect.html", "explore": "02_explore.html"},
    )
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", made)
    assert "MathJax" not in made
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


#: What a cell of an analyst may give: a frame, a print, a figure of another library, a warning, a progress bar.
OWN = {
    "frame": nbformat.v4.new_output(
        "execute_result",
        {"text/html": "<table><td>K100084</td></table>", "text/plain": "K100084"},
        execution_count=1,
    ),
    "display": nbformat.v4.new_output("display_data", {"text/html": "<td>K100084</td>"}),
    "print": nbformat.v4.new_output("stream", name="stdout", text="K100084"),
    "plotly": nbformat.v4.new_output(
        "display_data",
        {"application/vnd.plotly.v1+json": {"data": ["K100084"]}, "text/html": "<div>K100084</div>"},
    ),
    "picture": nbformat.v4.new_output("display_data", {"image/png": "K100084", "text/plain": "K100084"}),
}
WARNINGS = {
    "warning": nbformat.v4.new_output("stream", name="stderr", text="/opt/x.py: UserWarning: K100084"),
    "bar": nbformat.v4.new_output("stream", name="stderr", text="\rK100084: 10%"),
}


@pytest.mark.parametrize("name", [*OWN, *WARNINGS])
def test_only_what_report_made_reaches_a_page(name):
    cells = notebook(
        nbformat.v4.new_markdown_cell("# T"),
        code("own", (OWN | WARNINGS)[name]),
        code("x", piece("<p>ours</p>")),
    )
    made = page.render(cells, "explore", FACTS, {})
    assert "K100084" not in made
    assert "<p>ours</p>" in made
    assert ("The output of this cell stays in the executed notebook" in made) is (name in OWN)
    assert page.strange(cells) == ([1] if name in OWN else [])


def test_a_cell_that_is_meant_for_the_notebook_leaves_no_trace():
    cells = notebook(nbformat.v4.new_markdown_cell("# T"), code("frame", OWN["frame"], tags=("notebook",)))
    made = page.render(cells, "explore", FACTS, {})
    assert "K100084" not in made
    assert "stays in the executed notebook" not in made
    assert page.strange(cells) == []


@pytest.mark.parametrize("style", ["style.css", "decision.css"])
def test_styles_ask_nothing_of_a_server(style):
    text = page.style(style)
    assert "url(" not in text
    assert "@import" not in text


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1])
@pytest.mark.parametrize("text", ["ink", "soft", "good", "fair", "bad", "link"])
def test_texts_contrast_with_what_is_behind_them(scheme, text):
    root = re.findall(r":root\{(.*?)\}", page.style())[scheme]
    colours = {
        n: c if len(c) == 7 else f"#{''.join(2 * d for d in c[1:])}"
        for n, c in re.findall(r"--(\w+):(#\w{3,6})\b", root)
    }
    for behind in ("bg", "card"):
        light, dark = sorted((_luminance(colours[text]), _luminance(colours[behind])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, behind)


def test_numbers_in_heat_maps_contrast_with_their_cells_light_and_dark():
    shares = pd.DataFrame(np.linspace(0, 1, 60).reshape(6, 10)).mask(np.eye(6, 10, dtype=bool))
    for look in ({}, {"cmap": "coolwarm", "vmin": -1, "vmax": 1}):
        ax = theme.axes()
        theme.heatmap(shares, ax, annot=True, fmt=".2f", **look)
        cells = ax.collections[0].get_facecolor()[shares.notna().to_numpy().ravel()]
        assert len(ax.texts) == len(cells) == 54
        for written, cell in zip(ax.texts, cells, strict=True):
            ink, paper = _luminance(written.get_color()), _luminance(to_hex(cell))
            assert (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05) >= 4.5
            # a page in dark replaces these colours, and a cell keeps its own
            assert written.get_color() not in (theme.INK, theme.SOFT, theme.LINE, theme.MUTE, theme.CARD)


def test_words():
    assert report.listed([]) == ""
    assert report.listed(["a"]) == "a"
    assert report.money(float("nan")) == "unknown"
    assert report.share(float("nan")) == "unknown"
    assert report.money(1234567, "CHF") == "1.23 m CHF"
    assert report.plural(1, "customer") == "1 customer"


# Small cells


TOWNS = pd.DataFrame(
    {"town": ["Bath", "Leeds", "York"], "customers": [40, 12, 3], "part": [0.727, 0.218, 0.055]}
)
COLUMNS = {"town": Column("text"), "customers": Column("count"), "part": Column("share", digits=1)}


def cells(text: str) -> list[str]:
    return [html.unescape(cell) for cell in re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", text)]


def test_small_cells_are_suppressed_with_the_one_that_would_reveal_them():
    with report.under(TEN):
        got = shown(TOWNS, View("c", COLUMNS, "town", "customers", ("rows", "columns", "all")))
    assert cells(got)[3:] == [
        "Bath",
        "40",
        "72.7%",
        "Leeds",
        "suppressed",
        "suppressed",
        "York",
        "suppressed",
        "suppressed",
    ]
    assert "suppressed: fewer than 10 customers, or would reveal such a cell" in got
    assert 'data-customers="40" data-least="10"' in got


def test_without_a_total_the_small_cell_alone_is_suppressed_and_what_is_unknown_is_a_dash():
    with report.under(TEN):
        got = shown(TOWNS.assign(part=[0.7, None, 0.1]), View("c", COLUMNS, "town", "customers"))
    assert cells(got)[3:] == ["Bath", "40", "70.0%", "Leeds", "12", "–", "York", "suppressed", "suppressed"]
    assert 'data-customers="12"' in got


@pytest.mark.parametrize(
    ("part", "customers", "text"),
    [
        (1 / 29, 29, "under 35%"),
        (0.966, 500, "97%"),
        (0.995, 500, "over 98%"),
        (0.0, 29, "0%"),
        (0.3, 12, "suppressed"),
    ],
)
def test_a_share_that_would_reveal_few_customers_is_coarse(part, customers, text):
    frame = pd.DataFrame({"segment": [1], "customers": [customers], "part": [part]})
    columns = {"segment": Column("segment"), "part": Column("share", part=True, customers="customers")}
    with report.under(TEN):
        assert cells(shown(frame, View("c", columns, "segment", "customers")))[-1] == text


def test_a_table_whose_cells_are_all_large_has_no_note():
    with report.under(Context(min_cell=3)):
        got = shown(TOWNS, View("c", COLUMNS, "town", "customers"))
    assert "suppressed" not in got
    assert 'data-customers="3" data-least="3"' in got


def test_a_figure_of_too_few_customers_is_refused():
    ax = bars(pd.Series({"a": 0.5}), ["red"])
    with (
        report.under(TEN),
        pytest.raises(
            ValueError, match="a cell to be shown is based on 9 customers; at least 10 are required"
        ),
    ):
        figure(ax, title="t", caption="c", alt="a", customers=pd.Series([9, 40]))


def test_what_a_figure_draws_is_registered_by_itself():
    rng = np.random.default_rng(0)
    points = pd.DataFrame(rng.normal(size=(400, 2)), columns=["first", "second"])
    with report.under(TEN):
        drawn = figure(density_map(points, 10), title="t", caption="c", alt="a")
    assert int(re.search(r'<figure data-customers="(\d+)" data-least="10">', drawn)[1]) >= 10
    features = pd.DataFrame({"x": rng.exponential(size=300), "g": ["a"] * 150 + ["b"] * 145 + ["c"] * 5})
    drawn_bars = FIGURES["distributions"](features, Context(min_cell=10, labels={"g": "Group"}))
    ticks = [t.get_text() for t in drawn_bars.figure.axes[1].get_xticklabels()]
    assert ticks == ["a"]  # b goes with c, or c would be all the others
    assert theme.behind(drawn_bars) >= 10


def shown_page(*pieces: str) -> str:
    outputs = [piece(p) for p in (provenance(FACTS), *pieces)]
    return page.render(
        notebook(nbformat.v4.new_markdown_cell("# T"), *(code("x", o) for o in outputs)), "collect", FACTS, {}
    )


def test_a_page_states_the_smallest_cell_that_is_on_it():
    with report.under(TEN):
        one = shown(TOWNS, View("c", COLUMNS, "town", "customers"))
        two = figure(bars(pd.Series({"a": 0.5}), ["red"]), title="t", caption="c", alt="a", customers=27)
    assert "The smallest published cell is based on 12 customers; at least 10 are required." in shown_page(
        one, two
    )
    assert "The smallest published cell is based on 27 customers; at least 10 are required." in shown_page(
        two
    )
    assert "smallest published cell" not in shown_page(say_text("Nothing of customers."))


def test_text_from_data_cannot_pose_as_a_register():
    forged = say_text('<p data-customers="1" data-least="1">', 'a data-customers="1" data-least="1"')
    assert "smallest published cell" not in shown_page(forged)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Project:
    """Three hundred customers in as many as sixteen segments: cells are small everywhere."""
    tables = simulate.shop(300, seed=3)
    folder = tmp_path_factory.mktemp("tiny")
    project = make_shop(folder, tables)
    params = shop_params(folder)
    params["segment"] |= {"k": {"min": 2, "max": 16}, "min_share": 0.01}
    project.write(params)
    done = project.run(timeout=900)
    assert done.returncode == 0, done.stderr
    return project


def numbers(page_: str, head: str) -> list[float]:
    """Read a column of every table of a page that has it; what is suppressed or not known is left out."""
    found = []
    for found_table in re.findall(r"<table.*?</table>", page_, re.S):
        rows = [
            re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)
            for row in re.findall(r"<tr.*?</tr>", found_table, re.S)
        ]
        if head in rows[0]:
            texts = [row[rows[0].index(head)] for row in rows[1:]]
            found += [float(t.replace(",", "").replace("%", "")) for t in texts if re.match(r"[\d,.]+%?$", t)]
    return found


@pytest.mark.parametrize("name", ["02_explore", "03_segment", "04_assess", "05_target", "index"])
def test_what_a_page_states_of_its_smallest_cell_is_true(tiny, name):
    text = (tiny.store / f"{name}.html").read_text(encoding="utf-8")
    stated = re.findall(
        r"The smallest published cell is based on (\d+) customers; at least (\d+) are required", text
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
    streams = FIGURES["flow"](tiny.table("flow"), tiny.table("candidates"), TEN)
    assert theme.behind(streams) >= TEN.min_cell
    assert (tiny.table("segments").segment.value_counts() >= 10).all()
    profile = published(tiny.table("profiles"), TEN.min_cell)
    assert profile.distance.notna().any()
    assert (profile.behind[profile.distance.notna()] >= 10).all()


def test_the_smallest_of_too_many_segments_is_suppressed(tiny):
    candidates = tiny.table("candidates")
    small = (candidates.smallest * len(tiny.table("segments"))).round() < 10
    text = (tiny.store / "03_segment.html").read_text(encoding="utf-8")
    assert small.any()
    assert len(numbers(text, "smallest segment")) == (~small).sum()
    assert text.count(">suppressed</td>") >= small.sum()
