"""What segments need and respond to, from all sources together, on the page and for the cards."""

from __future__ import annotations

import datetime as dt
import html
import re

import ibis
import nbformat
import numpy as np
import pandas as pd
import pytest
from projects import LIGHT, ROOT, Project, make_shop, shop_params

from seglib.catalogue import declaration, stage, stage_of
from seglib.collect.features import Settings
from seglib.report import declared, layouts, worded
from seglib.report.context import Context, under
from seglib.report.display import said
from seglib.report.tables import table as shown
from seglib.report.words import named
from seglib.target.offers import overview

AS_OF = dt.date(2025, 9, 1)
NAMES = {1: "Early", 2: "Late"}
NEEDS = {"next_day": {"importance": "fast", "met": "was fast"}}
NOT_PRODUCTS = ("POSTAGE",)
OFFER_TABLES = ("lifts", "seasons", "channels", "discounts", "next_products", "hit_rates", "unmet")


PAGE = Context("target", min_cell=10, names=NAMES)


def page(name: str, *tables: object) -> str:
    """What the page says."""
    with under(PAGE):
        return said(name, *tables)


def cards_of(tables: dict[str, pd.DataFrame], segments: list[int]) -> pd.DataFrame:
    """What the cards say."""
    with under(PAGE):
        return worded("offers", tables, pd.Series(segments))


def planted(seed: int = 0) -> tuple[dict[str, ibis.Table], pd.DataFrame]:
    """Two hundred customers a segment: wool in spring through the web, beer in autumn in the shop, at a discount."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(400):
        late = customer >= 200
        for n in range(6):
            own = rng.random() < 0.8
            rows.append(
                {
                    "customer": customer,
                    "order": f"{customer}-{n}",
                    "product": f"{'beer' if late == own else 'wool'} {rng.integers(5)}",
                    "category": "drinks" if late == own else "yarn",
                    "amount": 10.0,
                    "time": pd.Timestamp(
                        2023 + n % 2, (10 if late else 4) if own else 1 + rng.integers(12), 5
                    ),
                    "channel": "shop" if late == own else "web",
                    "discount": 0.2 if late and own else 0.0,
                }
            )
    rows.append(rows[0] | {"time": pd.Timestamp(2025, 8, 30), "product": "POSTAGE"})
    transactions = pd.DataFrame(rows)
    campaigns = pd.DataFrame(
        {"customer": np.arange(400), "channel": "mail", "responded": np.arange(400) % 200 < 50}
    )
    campaigns["responded"] |= campaigns.customer.between(200, 320)
    answers = pd.DataFrame(
        {"customer": np.tile(np.arange(400), 2), "item": np.repeat(["fast", "was fast"], 400)}
    )
    answers["score"] = np.where(answers.item == "fast", 5.0, np.where(answers.customer < 200, 2.0, 5.0))
    made = {"transactions": transactions, "campaigns": campaigns, "responses": answers}
    segments = pd.DataFrame({"customer": np.arange(400), "segment": np.where(np.arange(400) < 200, 1, 2)})
    return {kind: ibis.memtable(table) for kind, table in made.items()}, segments


SCALES = {"five": {"items": ["fast", "was fast"], "range": [1, 5]}}
SETTINGS = Settings(AS_OF, min_cell=10, not_products=NOT_PRODUCTS, needs=NEEDS, scales=SCALES)


@pytest.fixture(scope="module")
def measured() -> overview.Measured:
    tables, segments = planted()
    return overview.measured_offers(tables, segments, SETTINGS)


def test_planted_needs_and_offers_are_found(measured):
    assert measured.missing == {}
    cards = cards_of(measured.tables, [1, 2]).set_index("segment")
    assert re.match(
        r"“wool \d”, \d\.\d times as often as others \(at least [1-9]\.\d\); “wool", cards.buys_more[1]
    )
    assert "category “drinks”" in cards.buys_more[2]
    assert "April (8" in cards.when[1] and "October (8" in cards.when[2]
    assert re.search(r"“web” \((79|80|81)% of orders", cards.through[1])
    assert re.search(r"“shop” \((79|80|81)% of orders", cards.through[2])
    assert "“mail” (60% of contacts; all customers 43%)" in cards.through[2]
    assert cards.discount[1] == "on 0% of their orders (all customers 40%)"
    assert re.match(r"on (79|80|81)% of their orders", cards.discount[2]) and "20%" in cards.discount[2]
    for fact in ("“next day”", "1.00", "0.25"):
        assert fact in cards.missing[1]
    assert cards.missing[2].startswith("no important need")
    assert not measured.tables["lifts"]["item"].eq("POSTAGE").any()


def test_sentences_on_the_page_agree_with_the_tables(measured):
    channels, discounts = measured.tables["channels"], measured.tables["discounts"]
    text = page("channels", channels)
    web = channels.set_index(["what", "segment", "channel"]).share["orders", 1, "web"]
    assert f"**Early** “web” ({100 * web:.0f}%; all customers " in text
    assert "**Late** “mail” (60%; all customers 43%)" in text
    assert f"**Late** orders most often at a discount: {100 * discounts.share[1]:.0f}%" in page(
        "discounts", discounts
    )
    lifts = measured.tables["lifts"]
    top = lifts[lifts.more].sort_values("lower").iloc[-1]
    text = page("bought_more", lifts)
    assert f"“{top['item']}”" in text and f"{top.lift:.1f} times as often" in text


@pytest.mark.parametrize(
    ("name", "rows"), [("lifts", 6), ("next_products", 4), ("channels", 2), ("hit_rates", 2), ("unmet", 1)]
)
def test_tables_on_the_page_are_short(measured, name, rows):
    assert len(layouts.LAYOUTS[name](measured.tables[name], PAGE)) == rows
    with under(PAGE):
        assert str(shown(declared(measured.tables[name], name))).count("<tr") == rows + 1


def test_renumbered_segments_differ_in_their_number_alone(measured):
    tables, segments = planted()
    swapped = overview.measured_offers(tables, segments.replace({"segment": {1: 9, 2: 4}}), SETTINGS)
    for name in OFFER_TABLES:
        back = (
            swapped.tables[name]
            .replace({"segment": {9: 1, 4: 2}})
            .sort_values("segment", kind="stable", ignore_index=True)
        )
        first = measured.tables[name].sort_values("segment", kind="stable", ignore_index=True)
        pd.testing.assert_frame_equal(back, first)
    one, other = cards_of(measured.tables, [1, 2]), cards_of(swapped.tables, [4, 9]).iloc[::-1]
    assert (
        one.drop(columns="segment").to_numpy().tolist() == other.drop(columns="segment").to_numpy().tolist()
    )


def test_what_is_not_there_is_said_in_one_sentence_and_its_tables_have_their_columns(measured):
    _, segments = planted()
    found = overview.measured_offers({}, segments, SETTINGS)
    text = page("not_known", found.missing)
    for source in ("sources.transactions", "sources.campaigns", "sources.responses"):
        assert text.count(source) == 1
    assert page("not_known", {"channels": "transactions.channel"}).count("columns.channel") == 1
    for name in OFFER_TABLES:
        assert found.tables[name].empty
        assert list(found.tables[name]) == list(measured.tables[name])
        with under(PAGE):
            assert name in ("seasons",) or str(shown(declared(found.tables[name], name))) == ""
    assert cards_of(found.tables, [1, 2]).drop(columns="segment").eq("").all(axis=None)


def test_one_segment_has_no_comparison_and_still_its_offers():
    tables, segments = planted()
    found = overview.measured_offers(tables, segments.assign(segment=1), SETTINGS)
    assert found.missing == {"products": "two_segments"}
    assert not found.tables["seasons"].more.any()
    card = cards_of(found.tables, [1]).iloc[0]
    assert card.buys_more == ""
    assert card.when == "no month stands out"
    assert "“next day”" in card.missing


def test_without_any_name_of_what_was_bought_the_columns_are_named():
    tables, segments = planted()
    bare = {"transactions": tables["transactions"].drop("product", "category", "channel", "discount")}
    missing = overview.measured_offers(bare, segments, SETTINGS).missing
    assert missing["products"] == "transactions.product"
    assert {"channels", "discounts", "next_products", "answers", "needs", "products"} == set(missing)
    by_category = overview.measured_offers(
        {"transactions": tables["transactions"].drop("product")}, segments, SETTINGS
    )
    assert set(by_category.tables["lifts"].kind) == {"category"}
    assert "products" not in by_category.missing


def test_every_table_of_the_stage_is_published():
    assert {declaration(name).access for name in stage("target").tables} == {"published"}


# Whole runs

BAD = ("<img src=x onerror=alert(1)>", "**not** bold", "=HYPERLINK(1)", "\u202etxt.exe", "y" * 400, "a\nb")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, shop_tables) -> Project:
    """The small shop, its products called badly, and with channels, contacts and needs."""
    bought = shop_tables["transactions"].copy()
    bought["product"] = np.array(BAD)[pd.factorize(bought["product"])[0] % len(BAD)]
    rng = np.random.default_rng(0)
    bought["channel"] = rng.choice(["<b>web</b>", "**shop**"], len(bought))
    people = shop_tables["customers"].customer_id
    contacts = pd.DataFrame(
        {
            "customer_id": people,
            "campaign": "May",
            "channel": "mail",
            "responded": rng.random(len(people)) < 0.3,
        }
    )
    project = make_shop(
        tmp_path_factory.mktemp("hostile"), shop_tables | {"transactions": bought, "campaigns": contacts}
    )
    params = shop_params(project.folder)
    params["sources"]["transactions"]["columns"]["channel"] = "channel"
    params["sources"]["transactions"]["not_products"] = [BAD[0]]
    params["sources"]["campaigns"] = {
        "path": str(project.folder / "campaigns.parquet"),
        "columns": {
            c: "customer_id" if c == "customer" else c
            for c in ("customer", "campaign", "channel", "responded")
        },
    }
    params["needs"] = {"price <i>": {"importance": "price_matters", "met": "satisfaction"}}
    done = project.write(params).run(*(word for change in LIGHT for word in ("--set", change)))
    assert done.returncode == 0, done.stderr
    return project


def section(project: Project) -> str:
    text = (project.store / "05_target.html").read_text(encoding="utf-8")
    return text[text.rindex(">What they need, and what to offer</h2>") : text.rindex(">What to do</h2>")]


def test_a_whole_run_shows_names_from_data_as_text(hostile):
    lifts = hostile.table("lifts")
    assert set(lifts["item"][lifts.kind == "product"]) == set(BAD[1:])
    page = re.sub(r"<details.*?</details>", "", section(hostile), flags=re.S)
    for bad in ("<img", "<b>web", "<b>not", "<b>shop", "<i>", "\u202e", "y" * 61):
        assert bad not in page
    shown = html.unescape(re.sub(r"<[^>]+>", "", page))
    assert "<b>web</b>" in shown or named("**shop**") in shown
    assert any(named(bad) in shown for bad in BAD[1:])
    assert BAD[0] not in shown


def test_a_whole_run_writes_every_table_of_its_offers(hostile):
    for name in (*OFFER_TABLES, "offers"):
        assert stage_of()[name] == "target"
        assert (hostile.store / "tables" / f"{name}.parquet").is_file()
    cards = hostile.table("offers")
    assert set(cards.segment) == set(hostile.table("value").segment)
    assert list(cards) == [
        "segment",
        "buys_more",
        "when",
        "through",
        "discount",
        "next_products",
        "next_because",
        "missing",
    ]
    assert cards.through.str.contains("“<b>web</b>”|“\\*\u2060\\*shop").all()
    assert (cards.discount != "").all()
    assert "Not known" not in section(hostile)


def test_nothing_on_the_page_stands_for_too_few(hostile):
    counted = [int(n) for n in re.findall(r' data-customers="(\d+)"', section(hostile))]
    assert len(counted) >= 3
    assert min(counted) >= 10


def test_the_tables_of_a_run_hold_true_shares(hostile):
    seasons = hostile.table("seasons")
    assert seasons.share.notna().all()
    assert seasons.groupby("segment").share.sum().tolist() == pytest.approx([1] * seasons.segment.nunique())


def test_any_cell_of_the_notebook_can_run_twice(hostile):
    notebook = nbformat.read(ROOT / "notebooks" / "05_target.ipynb", as_version=4)
    names: dict[str, object] = {}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        for _ in range(2):
            exec(compile(cell.source, cell.id, "exec"), names)
        if "parameters" in cell.metadata.get("tags", []):
            names |= {
                "params": str(hostile.file),
                "overrides": ";".join(LIGHT),
                "reports": str(hostile.reports),
                "trial": "twice",
            }
    assert names["ranking"].decision.notna().all()
