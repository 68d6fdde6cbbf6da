"""What the decision page says of the run before."""

import datetime as dt

import pandas as pd

from seglib import monitor
from seglib.report import layouts
from seglib.report.context import Context, under
from seglib.report.decision.changes import changes


class Case:
    def __init__(self, **tables):
        self.tables, self.terms = tables, Context(min_cell=10)


def past(segments, day):
    return monitor.Past(dt.date.fromisoformat(day), {"segments": segments})


def tables(moved=40, fate="kept"):
    before = pd.DataFrame({"customer": range(300), "segment": [1] * 150 + [2] * 150})
    now = before.assign(segment=[2] * moved + [1] * (150 - moved) + [2] * 150)
    moves = monitor.movements(before, now).assign(at_risk=pd.NA)
    flows = monitor.migration(moves)
    found = pd.DataFrame(
        {
            "segment": [1, 2],
            "found": [1, 2],
            "fate": ["kept", fate],
            "name": ["Regulars", "Lapsing"],
            "sources": [[1], []],
            "becomes": [[], []],
        }
    )
    return {
        "runs": pd.DataFrame({"as_of": ["2025-08-01", "2025-09-01"]}),
        "refit": pd.DataFrame({"verdict": ["keep" if fate == "kept" else "rebuild"], "reasons": [[fate]]}),
        "identities": found,
        "moved": monitor.moved_overall(moves, flows, (), season=False),
        "path": monitor.path([past(before, "2025-08-01"), past(now, "2025-09-01")]),
        "alerts": pd.DataFrame({"found": ["13% of customers moved."], "severity": ["medium"]}),
    }


def test_it_says_who_moved_what_became_of_segments_and_the_alerts():
    with under(Context(min_cell=10)):
        said = changes(Case(**tables(fate="born")))
    assert "2025-08-01" in said["heading"]
    assert "13.3%" in said["text"] and "Lapsing" in said["text"] and "1 alert" in said["text"]
    assert said["alerts"] == ["13% of customers moved."]
    assert "<figure" in said["figure"]


def test_it_says_nothing_of_a_first_run_and_names_no_segment_that_was_kept():
    first = tables() | {"runs": pd.DataFrame({"as_of": ["2025-09-01"]})}
    with under(Context(min_cell=10)):
        assert changes(Case(**first)) is None
        assert changes(Case()) is None
        assert "Lapsing" not in changes(Case(**tables()))["text"]


def test_realised_value_of_few_buyers_is_not_shown():
    few = pd.DataFrame({"segment": [1, 2, 3], "customers": 900, "buyers": [3, 0, 40]}).assign(
        **dict.fromkeys(
            ("predicted", "predicted_low", "predicted_high", "expected", "realised", "ratio"), 1.0
        ),
        **{c: float("nan") for c in ("profit", "profit_low", "profit_high")},
        inside=pd.Series([True, False, True], dtype="boolean"),
    )
    shaped = layouts.LAYOUTS["since_first"](few, Context(min_cell=10))
    assert shaped.realised.isna().tolist() == [True, False, False]
    assert shaped.ratio.isna().tolist() == [True, False, False]
    assert shaped.word.isna().tolist() == [True, False, False]
