"""Page 04: what is said of criteria, differences and campaigns is what the tables hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from projects import make_shop, shop_params

from seglib import report
from seglib.assess import scorecard
from seglib.assess.campaigns import pooling
from seglib.assess.naming.profiles import profiles
from seglib.catalogue import declaration
from seglib.project.store import read_frame, write_frame
from seglib.report import Context, layouts, under

NAMES = {1: "Loyal", 2: "New", 3: "Quiet <b>", 4: "Tired"}


TERMS = Context("assess", "GBP", 10, NAMES)


def say(name: str, *tables: pd.DataFrame, terms: Context = TERMS) -> str:
    with under(terms):
        return report.text(name, *tables)


def show(table: pd.DataFrame, name: str, view: str = "", terms: Context = TERMS) -> str:
    with under(terms):
        return report.table(report.declared(table, name), view)


def ruled(card: pd.DataFrame) -> pd.DataFrame:
    with under(TERMS):
        return report.worded("scorecard", card)


def made_scorecard(n_segments: int = 2, first: int = 500) -> pd.DataFrame:
    rows = []
    for segment in range(1, n_segments + 1):
        n = first if segment == 1 else 200
        rows += [
            (segment, n, "measurable", 0.99, 0.7, True, False, ""),
            (segment, n, "substantial", 0.01 if segment == 1 else 0.6, 0.02, segment > 1, True, ""),
            (segment, n, "accessible", np.nan, 0.7, True, False, "no descriptors"),
            (segment, n, "differentiable", 4.0, 1.0, True, True, ""),
            (segment, n, "stable", np.nan if segment == 2 else 0.9, 0.6, segment != 2, True, ""),
            (segment, n, "actionable", float(segment > 1), 1.0, segment > 1, False, ""),
        ]
    return ruled(pd.DataFrame(rows, columns=list(scorecard.COLUMNS)))


def test_the_scorecard_says_who_is_removed_and_why_what_warns_and_what_is_missing():
    text = say("scorecard", made_scorecard())
    assert "**Loyal** is removed from targeting: not substantial (1%; required: at least 2%" in text
    assert "**New** is removed from targeting: not stable (not measured; required:" in text
    assert "at least 0.60" in text
    warned = text[text.index("Not actionable") :]
    assert warned.index("Loyal") < warned.index("Accessible: not measured")


@pytest.mark.parametrize("unmeasured", [[1], [2], [1, 3], [1, 2, 3]])
def test_the_scorecard_says_for_which_segments_a_criterion_is_not_measured(unmeasured):
    card = made_scorecard(3, 900)
    accessible = card.criterion == "accessible"
    card.loc[accessible, ["measured", "why"]] = [0.8, ""]
    card.loc[accessible & card.segment.isin(unmeasured), ["measured", "why"]] = [np.nan, "too few"]
    said = say("scorecard", ruled(card)).split("Accessible: not measured")[1].split("because")[0]
    named = [s for s in (1, 2, 3) if NAMES[s] in said]
    assert named == (unmeasured if len(unmeasured) < 3 else [])


def test_the_scorecard_says_so_when_every_criterion_is_met():
    clean = made_scorecard().assign(measured=0.9, passed=True, why="")
    assert "removed" not in say("scorecard", clean)
    assert "Every segment meets every criterion" in say("scorecard", clean)


def test_the_scorecard_shows_knock_outs_warnings_and_requirements():
    knock_outs, warnings = (
        show(made_scorecard(), "scorecard"),
        show(made_scorecard(), "scorecard", "warnings"),
    )
    for cell in ("fails</b> (1%)", "passes</b> (60%)", "passes</b> (4)", "fails</b> (not measured)"):
        assert cell in knock_outs
    assert "warns</b> (0)" in warnings
    assert "passes</b> (over 98%)" in warnings  # 5 of 500 are not known
    assert "not measured" in warnings
    rules = show(made_scorecard(), "scorecard", "requirements")
    assert rules.count("removed from targeting") == 3
    assert "at least 2% of customers" in rules


def test_cells_of_the_scorecard_are_suppressed_when_a_segment_is_small():
    made = show(made_scorecard(3, first=6), "scorecard")
    assert made.count(">suppressed<") == 2 * 3  # the small one, and one that would reveal it


def test_words_of_cells_have_their_colours():
    made = show(made_scorecard(), "scorecard")
    assert '<b class="tone bad">fails</b> (1%)' in made
    assert '<b class="tone good">passes</b> (60%)' in made


def differences(**rows: tuple) -> pd.DataFrame:
    columns = ["formed", "measure", "p_adjusted", "effect", "size", "matters", "compared", "why"]
    made = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("feature").reset_index()
    return made.assign(test="x", customers=100)


LABELS = {"orders": "Orders", "age": "Age", "town": "Town", "b2b": "BTB share", "club": "Club", "x": "X rays"}
LABELLED = Context("assess", "GBP", 10, NAMES, LABELS)


def test_differences_say_what_matters_what_is_negligible_and_what_is_not_significant():
    table = differences(
        orders=(True, "epsilon squared", np.nan, 0.5, "large", True, 3, ""),
        age=(False, "epsilon squared", 1e-9, 0.2, "large", True, 3, ""),
        town=(False, "Cramér's V", 1e-9, 0.05, "negligible", False, 3, ""),
        b2b=(False, "Cramér's V", 0.001, 0.15, "small", True, 3, ""),
        club=(False, "Cramér's V", 0.7, 0.3, "medium", False, 3, ""),
        x=(False, "Cramér's V", np.nan, np.nan, None, False, 3, "constant"),
    )
    text = say("differences", table, terms=LABELLED)
    assert "orders (large)" in text
    assert "Of 4 other features, 2 differ" in text
    assert "age (large) and BTB share (small)" in text
    assert "Town differs significantly, but" in text
    assert "1 feature shows no significant difference" in text
    shaped = layouts.LAYOUTS["differences"](table, LABELLED)
    assert shaped.label.tolist() == ["Orders", "Age", "Club", "BTB share", "Town", "X rays"]
    assert shaped.probability.tolist() == [
        "not tested: formed them",
        "under 0.001",
        "0.700",
        "0.001",
        "under 0.001",
        "not tested: does not vary",
    ]
    page = show(table, "differences", terms=LABELLED)
    assert page.count("<tr") == 1 + 6
    assert show(table.assign(customers=9), "differences", terms=LABELLED).count(">suppressed<") > 0


def test_differences_say_so_when_there_is_one_segment_or_nothing_else_is_known():
    alone = differences(orders=(True, "epsilon squared", np.nan, np.nan, None, False, 1, "one segment"))
    assert "no two segments" in say("differences", alone)
    formed = differences(orders=(True, "epsilon squared", np.nan, 0.5, "large", True, 2, ""))
    assert "No other feature is known" in say("differences", formed)


def test_value_is_true_in_the_table_and_bounded_on_the_page():
    value = pd.DataFrame(
        {
            "segment": [1, 2],
            "customers": [200, 300],
            "share": [0.4, 0.6],
            "margin": 0.3,
            "value": [1000.0, 500.0],
            "value_share": [2 / 3, 1 / 3],
            "value_per_customer": [5.0, 5 / 3],
            "at_risk": [0.01, 0.5],
            "risk_known": [200, 300],
            "growth": [-0.25, 1.5],
            "name": ["Loyal", "New"],
        }
    )
    page = show(value, "value")
    for text in ("under 5%", "50%", "67%", "−25%", "150%"):
        assert f">{text}<" in page
    assert ">1%<" not in page
    text = say("size_and_value", value)
    assert "**New**, with 60% of customers" in text
    assert "**Loyal** (67%)" in text
    assert "Loyal (£5.00)" in text
    assert "not meaningful" in say("size_and_value", value.assign(value_share=np.nan))
    small = value.assign(customers=[9, 491], risk_known=[9, 491])
    assert show(small, "value").count(">suppressed<") == 2 * 7
    assert "Loyal" not in say("size_and_value", small)


def test_descriptors_are_bounded_and_figures_end_where_they_may():
    features = pd.DataFrame({"club": ["Yes"] * 197 + ["No"] * 3 + ["Yes"] * 60 + ["No"] * 140})
    segments = pd.Series([1] * 200 + [2] * 200)
    catalogue = pd.DataFrame({"feature": ["club"], "level": ["binary"]})
    table = profiles(features, segments, catalogue, 0.3, 10).assign(
        label="Club", unit="", segmentation=False, words="club members"
    )
    page = show(table, "profiles", "besides")
    assert "over 95%" in page
    assert "98%" not in page
    assert "99%" not in page
    with under(TERMS):
        figure = report.figure("what_sets_apart", table.assign(segmentation=True))
    assert 'data-customers="10"' in figure
    empty = show(table.assign(stands_out=False), "profiles", "besides")
    assert "No descriptor" in empty


def test_declarations_of_the_page_are_complete():
    for name in ("profiles", "portraits", "protected", "value", "scorecard", "lifetime", "differences"):
        assert declaration(name).views


# A whole run


@pytest.fixture(scope="module")
def assessed(tmp_path_factory, shop_tables):
    """The small shop with two campaigns: weekend regulars answer to the first, nobody to the second."""
    folder = tmp_path_factory.mktemp("campaigns")
    project = make_shop(folder, shop_tables)
    rng = np.random.default_rng(5)
    people = shop_tables["truth"]
    parts = []
    for name, lift in (("Spring", 0.5), ("=Autumn <i>", 0.0)):
        held = rng.random(len(people)) < 0.4
        says = rng.random(len(people)) < 0.2 + lift * (people.segment == "weekend regulars") * ~held
        parts.append(
            pd.DataFrame(
                {
                    "who": people.customer_id,
                    "what": name,
                    "at": "2025-06-01",
                    "control": np.where(held, "yes", "no"),
                    "came": np.where(says, "yes", "no"),
                    "paid": says * rng.lognormal(3, 0.5, len(people)),
                }
            )
        )
    write_frame(pd.concat(parts, ignore_index=True), folder / "contacts.parquet")
    params = shop_params(folder)
    params["sources"]["campaigns"] = {
        "path": str(folder / "contacts.parquet"),
        "columns": {
            "customer": "who",
            "campaign": "what",
            "time": "at",
            "holdout": "control",
            "responded": "came",
            "revenue": "paid",
        },
    }
    params["bases"]["behavioural"] = "auto"
    params["segment"] |= {"k": 5}
    project.write(params)
    for stage in ("collect", "explore", "segment"):
        project.cells(stage)
    return project, project.cells("assess")


def test_the_run_finds_who_answers_to_what(assessed, shop_tables):
    project, _ = assessed
    effects, value = project.table("effects"), project.table("value")
    truth = project.table("segments").merge(project.table("ids"), on="customer")
    truth = truth.merge(shop_tables["truth"], left_on="key", right_on="customer_id")
    regulars = truth[truth.segment_y == "weekend regulars"].segment_x.mode()[0]
    spring = effects[
        effects.campaign.eq("Spring") & effects.outcome.eq("response") & effects.segment.notna()
    ].set_index("segment")
    assert spring.verdict[regulars] == "responds"
    sent = read_frame(project.folder / "contacts.parquet").merge(
        shop_tables["truth"], left_on="who", right_on="customer_id"
    )
    drawn = (
        sent[(sent.what == "Spring") & (sent.segment == "weekend regulars")]
        .came.eq("yes")
        .groupby(sent.control)
        .mean()
    )
    assert spring.effect[regulars] == pytest.approx(drawn["no"] - drawn["yes"], abs=0.05)
    assert (spring.drop(regulars).effect < 0.3).all()
    autumn = effects[effects.campaign.eq("=Autumn <i>") & effects.segment.notna()]
    assert not (autumn.verdict == "responds").any()
    assert set(effects.segment.dropna()) == set(value.segment)
    assert effects[effects.outcome == "value"].adjusted.notna().any()  # from orders before June
    assert effects[effects.campaign.isna()].verdict.eq("responds").any()


def test_the_response_counts_among_the_differences(assessed):
    project, _ = assessed
    table = project.table("differences").set_index("feature")
    assert table.matters["response to Spring"]
    assert not table.matters["response to =Autumn <i>"]
    assert table.formed.sum() == len(project.table("structure").variables[0])
    assert table[table.formed].p.isna().all()


def test_the_scorecard_of_the_run_holds_nine_criteria_a_segment(assessed):
    project, _ = assessed
    card = project.table("scorecard")
    assert tuple(card) == (*scorecard.COLUMNS, "rule")
    assert card.groupby("segment").criterion.apply(tuple).unique().tolist() == [scorecard.ORDER]


def test_what_the_page_says_is_what_the_tables_hold(assessed):
    project, left = assessed
    names = project.table("value").set_index("segment").name.to_dict()
    labels = project.table("catalogue").set_index("feature").label.to_dict()
    terms = Context("assess", "GBP", 10, names, labels)
    for table in ("scorecard", "differences", "lifetime", "calibration"):
        assert say(table, project.table(table), terms=terms) == say(table, left[table], terms=terms) != ""


def test_without_campaigns_the_page_says_what_would_allow_it(finished_shop):
    pd.testing.assert_frame_equal(finished_shop.table("effects"), pooling.NONE)
    page = (finished_shop.store / "04_assess.html").read_text(encoding="utf-8")
    assert "There are no past campaigns in the data" in page
    assert "Which segments respond to which campaign?" not in page
    card = finished_shop.table("scorecard")
    assert page.count('class="tone') == card.measured.notna().sum()
