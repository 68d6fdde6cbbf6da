"""What customers do without a contact: counted by hand in windows of so many days."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import ibis
import numpy as np
import pandas as pd
import pytest
import yaml

from seglib.project.schema.plays import PlayEntry
from seglib.target import baselines

AS_OF = dt.date(2025, 1, 1)


def found(rows: list[tuple[str, int, float]], segments: dict[str, int], *windows: int) -> pd.DataFrame:
    """Measure orders given as customer, days before as_of, amount."""
    orders = pd.DataFrame(rows, columns=["customer", "ago", "amount"])
    orders["time"] = pd.Timestamp(AS_OF) - pd.to_timedelta(orders.ago, unit="D")
    orders["order"] = np.arange(len(orders)).astype(str)
    members = pd.DataFrame({"customer": list(segments), "segment": list(segments.values())})
    tables = ibis.memtable(orders.drop(columns="ago")), ibis.memtable(members)
    return baselines.outcomes(*tables, AS_OF, windows)


def test_a_window_counts_only_those_who_were_customers_before_it():
    regulars = [(f"r{n}", 300, 10.0) for n in range(40)] + [(f"r{n}", 20, 30.0) for n in range(10)] * 2
    newcomers = [(f"n{n}", 20, 99.0) for n in range(40)] + [(f"n{n}", 5, 99.0) for n in range(40)]
    got = found(regulars + newcomers, {c: 1 if c[0] == "r" else 2 for c, *_ in regulars + newcomers}, 60)
    regular, newcomer = (got[got.segment == s].iloc[0] for s in (1, 2))
    assert (regular.behind, regular.orders, regular.spend) == (40, 0.5, 15.0)
    assert regular.ordered == pytest.approx(10.5 / 41)
    assert regular.orders_sd == pytest.approx(np.std([2.0] * 10 + [0.0] * 30))
    assert regular.spend_sd == pytest.approx(np.std([60.0] * 10 + [0.0] * 30))
    assert newcomer[["ordered", "orders", "spend", "again"]].isna().all()  # none was there 60 days ago


def test_a_second_order_counts_from_the_first_and_not_from_as_of():
    rows = [(f"c{n}", 200, 1.0) for n in range(40)] + [(f"c{n}", 170, 1.0) for n in range(10)]
    got = found([*rows, *[(f"c{n}", 10, 1.0) for n in range(40)]], {f"c{n}": 1 for n in range(40)}, 60).iloc[
        0
    ]
    assert got.again == pytest.approx(10.5 / 41) and got.ordered == pytest.approx(40.5 / 41)


def test_the_season_to_come_counts_where_more_of_a_segment_ordered_a_year_ago():
    rows = [(f"c{n}", 700, 1.0) for n in range(40)] + [(f"c{n}", 350, 5.0) for n in range(30)]
    got = found(rows, {f"c{n}": 1 for n in range(40)}, 60).iloc[0]
    assert got.ordered == pytest.approx(30.5 / 41) and got.spend == pytest.approx(3.75)


def test_without_orders_nothing_is_measured():
    members = ibis.memtable(pd.DataFrame({"customer": ["a"], "segment": [1]}))
    assert baselines.outcomes(None, members, AS_OF, [60]).empty


WINDOW = {"ordered": 0.2, "again": 0.3, "orders": 1.5, "orders_sd": 2.0, "spend": 40.0, "spend_sd": 60.0}


@pytest.mark.parametrize(
    ("outcome", "at_risk", "window", "held_out", "expected"),
    [
        ("ordered", 0.4, WINDOW, np.nan, ("share", 0.2, "orders")),
        ("again", 0.4, WINDOW, np.nan, ("share", 0.3, "orders")),
        ("orders", 0.4, WINDOW, np.nan, ("orders", 1.5, "orders")),
        ("spend", 0.4, WINDOW, np.nan, ("spend", 40.0, "orders")),
        ("active", 0.4, WINDOW, np.nan, ("share", 0.6, "risk")),
        ("active", np.nan, None, np.nan, ("share", None, "assumed")),
        ("ordered", 0.4, None, np.nan, ("share", None, "assumed")),
        ("orders", 0.4, None, np.nan, ("orders", None, "none")),
        ("", 0.4, WINDOW, np.nan, ("share", None, "assumed")),
        ("orders", 0.4, WINDOW, 0.07, ("share", 0.07, "campaigns")),
    ],
)
def test_the_baseline_is_that_of_the_measure(outcome, at_risk, window, held_out, expected):
    own = pd.Series({"at_risk": at_risk})
    got = baselines.baseline(SimpleNamespace(outcome=outcome), own, window, held_out)
    said = None if np.isnan(got["baseline"]) else got["baseline"]
    assert (got["outcome"], said, got["baseline_from"]) == expected
    assert (got["baseline_sd"] == got["baseline_sd"]) == (got["outcome"] != "share" and window is not None)


def test_the_outcome_of_a_shipped_play_is_what_its_measure_says(root):
    words = {
        "ordered": "share",
        "again": "share",
        "active": ("share", "renew"),
        "orders": ("orders", "bookings"),
    }
    for entry in yaml.safe_load((root / "params" / "plays.yaml").read_text(encoding="utf-8")):
        play = PlayEntry.model_validate(entry)
        wanted = (words | {"spend": "spending"}).get(play.outcome, "")
        said = [wanted] if isinstance(wanted, str) else wanted
        assert any(word in play.measure for word in said), (play.play, play.outcome, play.measure)
