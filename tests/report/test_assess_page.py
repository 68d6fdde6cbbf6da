"""Page 04: what is said of criteria, differences and campaigns is what the tables hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from projects import make_shop, shop_params

from seglib import report
from seglib.assess import scorecard
from seglib.assess.campaigns import pooling
from seglib.project.store import read_frame, write_frame
from seglib.report import layouts, readings

NAMES = {1: "Loyal", 2: "New", 3: "Quiet <b>", 4: "Tired"}


def made_scorecard(n_segments: int = 2) -> pd.DataFrame:
    rows = []
    for segment in range(1, n_segments + 1):
        rows += [
            (
                segment,
                "substantial",
                0.01 if segment == 1 else 0.6,
                0.02,
                segment > 1,
                True,
                "at least 2% of customers",
            ),
            (segment, "accessible", np.nan, 0.7, True, False, "not measured: there are no descriptors"),
            (
                segment,
                "differentiable",
                4.0,
                1.0,
                True,
                True,
                "differs from all others in at least one feature",
            ),
            (
                segment,
                "stable",
                np.nan if segment == 2 else 0.9,
                0.6,
                segment != 2,
                True,
                "comes back to at least 60%",
            ),
            (
                segment,
                "actionable",
                float(segment > 1),
                1.0,
                segment > 1,
                False,
                "meets the conditions of at least one play",
            ),
        ]
    return pd.DataFrame(rows, columns=list(scorecard.COLUMNS))


def test_the_scorecard_says_who_is_removed_and_why_what_warns_and_what_is_missing():
    assert readings.scorecard(made_scorecard(), NAMES) == [
        "**Loyal** is removed from targeting: not substantial (1%; asked: at least 2% of customers).",
        "**New** is removed from targeting: not stable (not measured; asked: comes back to at least 60%).",
        "Not actionable (asked: meets the conditions of at least one play): Loyal.",
        "Accessible: not measured: there are no descriptors.",
    ]


def test_a_clean_scorecard_says_so_in_one_sentence():
    clean = made_scorecard().assign(measured=0.9, passed=True)
    assert readings.scorecard(clean, NAMES) == ["Every segment meets every criterion that was measured."]


def test_criteria_stand_down_the_side_until_segments_are_more():
    down = layouts.scorecard(made_scorecard(), NAMES)
    assert down.columns.tolist() == ["criterion", "asked", "Loyal", "New"]
    assert down.Loyal.tolist() == ["fails (1%)", "not measured", "passes (4)", "passes (90%)", "warns (0)"]
    assert down.New.tolist() == [
        "passes (60%)",
        "not measured",
        "passes (4)",
        "fails (not measured)",
        "passes (1)",
    ]
    assert down.asked[0] == "at least 2% of customers (or is removed)"
    names = {n: f"Segment {n}" for n in range(1, 7)}
    across = layouts.scorecard(made_scorecard(6), names)
    assert across.columns[0] == "segment"
    assert len(across) == 6
    assert across.columns[1].startswith("substantial: at least 2% of customers")


@pytest.mark.parametrize("n_segments", [2, 6])
def test_cells_of_the_scorecard_stand_for_their_segment(n_segments):
    names = {n: f"Segment {n}" for n in range(1, n_segments + 1)}
    shaped = layouts.scorecard(made_scorecard(n_segments), names)
    sizes = pd.Series([500.0, 6, 200, 200, 200, 200][:n_segments], index=list(names.values()))
    made = report.table(
        shaped,
        caption="Criteria",
        row_names=shaped.columns[0],
        tones=layouts.TONES,
        customers=layouts.scored(shaped, sizes),
        min_cell=10,
        totals=layouts.totals(shaped),
    )
    assert made.count(">withheld<") == 2 * 5  # the small one, and one that would give it away


def test_words_of_cells_have_their_colours_and_names_do_not():
    frame = pd.DataFrame({"criterion": ["fails early"], "A": ["fails (1%)"], "B": ["passes (2%)"]})
    made = report.table(frame, caption="x", row_names="criterion", tones=layouts.TONES)
    assert '<b class="tone bad">fails</b> (1%)' in made
    assert '<b class="tone good">passes</b> (2%)' in made
    assert ">fails early<" in made


def differences(**rows: tuple) -> pd.DataFrame:
    columns = ["formed", "measure", "p_adjusted", "effect", "size", "matters", "compared", "why"]
    made = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("feature").reset_index()
    return made.assign(test="x", customers=100)


LABELS = pd.Series(
    {"orders": "Orders", "age": "Age", "town": "Town", "b2b": "BTB share", "club": "Club", "x": "X rays"}
)


def test_what_matters_what_is_a_trifle_and_what_is_chance_are_told_apart():
    table = differences(
        orders=(True, "epsilon squared", np.nan, 0.5, "large", True, 3, ""),
        age=(False, "epsilon squared", 1e-9, 0.2, "large", True, 3, ""),
        town=(False, "Cramér's V", 1e-9, 0.05, "trifling", False, 3, ""),
        b2b=(False, "Cramér's V", 0.001, 0.15, "small", True, 3, ""),
        club=(False, "Cramér's V", 0.7, 0.3, "medium", False, 3, ""),
        x=(False, "Cramér's V", np.nan, np.nan, None, False, 3, "does not vary"),
    )
    assert readings.differences(table, LABELS) == [
        "By what formed them the segments differ most in orders (large).",
        "Of 4 features that did not form them 2 matter: age (large) and BTB share (small).",
        "In town they differ surely, but by a trifle.",
        "In 1 of them no difference can be told from chance.",
    ]
    shaped = layouts.differences(table, LABELS)
    assert shaped.feature.tolist() == ["Orders", "Age", "Club", "BTB share", "Town", "X rays"]
    assert shaped.p.tolist() == [
        "not tested: formed them",
        "under 0.001",
        "0.700",
        "0.001",
        "under 0.001",
        "not tested: does not vary",
    ]


def test_one_segment_and_nothing_besides_are_said_in_a_sentence():
    alone = differences(
        orders=(True, "epsilon squared", np.nan, np.nan, None, False, 1, "known in fewer than two segments")
    )
    assert readings.differences(alone, LABELS) == ["There are no two segments to compare."]
    formed = differences(orders=(True, "epsilon squared", np.nan, 0.5, "large", True, 2, ""))
    assert readings.differences(formed, LABELS)[1].startswith("Nothing else is known of customers")


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
    assert tuple(card) == scorecard.COLUMNS
    assert card.groupby("segment").criterion.apply(tuple).unique().tolist() == [scorecard.ORDER]


def test_what_the_page_says_is_what_the_tables_hold(assessed):
    project, left = assessed
    names = project.table("value").set_index("segment").name.to_dict()
    assert readings.scorecard(project.table("scorecard"), names) == readings.scorecard(left["judged"], names)
    labels = left["labels"]
    assert readings.differences(project.table("differences"), labels) == readings.differences(
        left["differences"], labels
    )


def test_without_campaigns_the_page_says_what_would_allow_it(finished_shop):
    pd.testing.assert_frame_equal(finished_shop.table("effects"), pooling.NONE)
    page = (finished_shop.store / "04_assess.html").read_text(encoding="utf-8")
    assert "There are no past campaigns in the data" in page
    assert "Which segments respond to which campaign?" not in page
    card = finished_shop.table("scorecard")
    assert page.count('class="tone') == card.measured.notna().sum()
