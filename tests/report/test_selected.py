"""What the decision page says targets earn from whom stage 06 selected, and when it says nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from seglib.report.context import Context, under
from seglib.report.decision.case import Case
from seglib.report.sentences import sentence


def case(contacted: int = 800, removed: int = 200, profit: float | None = 400.0, **changes) -> Case:
    """A case of one target that stage 06 has selected customers for."""
    arms = pd.DataFrame(
        {
            "segment": [1],
            "play": ["Win-back"],
            "contacted": contacted,
            "held_out": 100,
            "universal": 0,
            "profit": profit,
        }
    )
    funnel = pd.DataFrame(
        {"segment": [1], "step": ["consent"], "removed": removed, "reason": ["did not agree"], "left": 900}
    )
    tables = {
        "arms": arms,
        "funnel": funnel,
        "structure": pd.DataFrame({"structure": ["natural"]}),
        "terms": pd.DataFrame({"margin_from": ["params"]}),
    }
    return Case({}, tables | changes, Context(min_cell=10, strict=True))


TARGET = pd.Series({"segment": 1, "play": "Win-back", "profit": 500.0})


def test_what_is_earned_from_those_who_are_selected_is_theirs():
    assert case().from_selected(TARGET) == 400.0


@pytest.mark.parametrize(("contacted", "removed"), [(5, 200), (800, 5)])
def test_a_number_that_reveals_few_hides_what_would_follow_from_it(contacted, removed):
    assert case(contacted, removed).handed_over(TARGET)["hidden"]
    assert case(contacted, removed).from_selected(TARGET) is None


def test_nothing_is_said_before_the_stage_has_run_or_where_no_profit_is_expected():
    assert case(arms=None).from_selected(TARGET) is None
    assert case(profit=None).from_selected(TARGET) is None
    older = case().tables["arms"].drop(columns="profit")
    assert case(arms=older).from_selected(TARGET) is None


@pytest.mark.parametrize(("selected", "told"), [(400.0, True), (499.0, False), (None, False)])
def test_the_sentence_is_there_where_it_makes_a_difference(selected, told):
    facts = {
        "margin": True,
        "profit": 500.0,
        "profit_low": 100.0,
        "profit_high": 900.0,
        "from_selected": selected,
    }
    with under(Context(min_cell=10)):
        said = sentence("tile_profit", facts, "decision")
    assert ("400 of it from those who may be contacted" in said) == told
