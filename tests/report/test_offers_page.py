"""What segments need and answer to, from all sources together, on the page and for the cards."""

from __future__ import annotations

import datetime as dt
import html
import re

import ibis
import numpy as np
import pandas as pd
import pytest
from projects import LIGHT, Project, make_shop, shop_params

from seglib.catalogue import stage_of
from seglib.collect.features import Settings
from seglib.report import layouts, readings
from seglib.report.words import named
from seglib.target import offers

AS_OF = dt.date(2025, 9, 1)
NAMES = {1: "Early", 2: "Late"}
NEEDS = {"next_day": {"importance": "fast", "met": "was fast"}}
NOT_PRODUCTS = ("POSTAGE",)
TOLD = ("lifts", "seasons", "channels", "discounts", "next_products", "hit_rates", "unmet")


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
def told() -> offers.Measured:
    tables, segments = planted()
    return offers.measured(tables, segments, SETTINGS)


def test_planted_needs_and_offers_are_found(told):
    assert told.lacking == {}
    cards = readings.offer_cards(told.tables, [1, 2]).set_index("segment")
    assert re.match(
        r"“wool \d”, \d\.\d times as often as others \(at least [1-9]\.\d\); “wool", cards.buys_more[1]
    )
    assert "category “drinks”" in cards.buys_more[2]
    assert cards.when[1].startswith("more than all customers in April (8")
    assert cards.when[2].startswith("more than all customers in October (8")
    assert re.match(r"order most through “web” \((79|80|81)% of orders; all ", cards.through[1])
    assert re.match(r"order most through “shop” \((79|80|81)% of orders; all ", cards.through[2])
    assert "answer best through “mail” (60% of contacts; all 43%)" in cards.through[2]
    assert cards.discount[1] == "on 0% of their orders (all 40%)"
    assert re.match(r"on (79|80|81)% of their orders \(all 40%\); median discount 20%", cards.discount[2])
    assert cards.missing.to_dict() == {
        1: "“next day” (importance 1.00, met 0.25 of 1)",
        2: "no important need is surely met less than it matters",
    }
    assert not told.tables["lifts"]["item"].eq("POSTAGE").any()


def test_sentences_on_the_page_agree_with_the_tables(told):
    channels, discounts = told.tables["channels"], told.tables["discounts"]
    said = readings.occasions(channels, discounts, NAMES)
    web = channels.set_index(["what", "segment", "channel"]).share["orders", 1, "web"]
    assert f"order through surely more than all customers: **Early** “web” ({100 * web:.0f}%; all " in said
    assert "answer surely more than all customers: **Late** “mail” (60%; all 43%)." in said
    assert (
        f"**Late** orders most often at a discount: {100 * discounts.share[1]:.0f}% of its orders; all"
        in said
    )
    top = told.tables["lifts"].sort_values("lower").iloc[-1]
    assert (
        f"buys {'category ' * (top.kind == 'category')}“{top['item']}”, {top.lift:.1f} times as often"
        in readings.bought_more(told.tables["lifts"], NAMES)
    )


def test_tables_on_the_page_are_short(told):
    shapes = [
        layouts.bought_more(told.tables["lifts"], NAMES),
        layouts.next_products(told.tables["next_products"], NAMES),
        layouts.occasions(told.tables["channels"], told.tables["discounts"], NAMES),
        layouts.hit_rates(told.tables["hit_rates"], NAMES),
        layouts.unmet(told.tables["unmet"], NAMES),
    ]
    assert [len(shape) for shape in shapes] == [6, 4, 2, 2, 1]


def test_renumbered_segments_differ_in_their_number_alone(told):
    tables, segments = planted()
    swapped = offers.measured(tables, segments.replace({"segment": {1: 9, 2: 4}}), SETTINGS)
    for name in TOLD:
        back = (
            swapped.tables[name]
            .replace({"segment": {9: 1, 4: 2}})
            .sort_values("segment", kind="stable", ignore_index=True)
        )
        first = told.tables[name].sort_values("segment", kind="stable", ignore_index=True)
        pd.testing.assert_frame_equal(back, first)
    one, other = readings.offer_cards(told.tables, [1, 2]), readings.offer_cards(swapped.tables, [9, 4])
    pd.testing.assert_frame_equal(one.drop(columns="segment"), other.drop(columns="segment"))


def test_what_is_not_there_is_said_in_one_sentence_and_its_tables_have_their_columns(told):
    _, segments = planted()
    found = offers.measured({}, segments, SETTINGS)
    said = readings.not_known(found.lacking)
    assert said == (
        "Not known: what they buy more than others, when they order, through which channel they order, at what discount "
        "they order and what they are likely to buy next (sources.transactions would tell); through which channel they "
        "answer (sources.campaigns would tell); which of their needs are not met (needs, and answers to them in "
        "sources.responses, would tell)."
    )
    for name in TOLD:
        assert found.tables[name].empty
        assert list(found.tables[name]) == list(told.tables[name])
    assert readings.offer_cards(found.tables, [1, 2]).drop(columns="segment").eq("").all(axis=None)


def test_one_segment_is_compared_with_nobody_and_still_told_of():
    tables, segments = planted()
    found = offers.measured(tables, segments.assign(segment=1), SETTINGS)
    assert found.lacking == {"products": "two segments whose product is known"}
    assert not found.tables["seasons"].more.any()
    card = readings.offer_cards(found.tables, [1]).iloc[0]
    assert card.buys_more == ""
    assert card.when == "no month stands out"
    assert "“next day”" in card.missing


def test_without_any_name_of_what_was_bought_the_columns_are_named():
    tables, segments = planted()
    bare = {"transactions": tables["transactions"].drop("product", "category", "channel", "discount")}
    lacking = offers.measured(bare, segments, SETTINGS).lacking
    assert lacking["products"] == "columns.product or category of sources.transactions"
    assert {"channels", "discounts", "next_products", "answers", "needs", "products"} == set(lacking)
    by_category = offers.measured(
        {"transactions": tables["transactions"].drop("product")}, segments, SETTINGS
    )
    assert set(by_category.tables["lifts"].kind) == {"category"}
    assert "products" not in by_category.lacking


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
    for name in (*TOLD, "offers"):
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
    assert "The sources tell all that is asked here." in section(hostile)


def test_nothing_on_the_page_stands_for_too_few(hostile):
    counted = [int(n) for n in re.findall(r' data-customers="(\d+)"', section(hostile))]
    assert len(counted) >= 3
    assert min(counted) >= 10
    assert (hostile.table("lifts").customers >= 10).all()
    for name in ("seasons", "channels", "discounts"):
        table = hostile.table(name)
        behind = table.behind if "behind" in table else table.customers
        assert ((behind >= 10) | (behind == 0) | behind.isna())[table.share.notna()].all(), name
