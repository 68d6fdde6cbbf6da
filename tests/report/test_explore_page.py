"""Page 02: facts of its sentences, and small cells suppressed where they are shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib import explore, report
from seglib.catalogue import declaration, stage
from seglib.report import Context, declared, under
from seglib.report.figures import FIGURES
from seglib.report.figures.theme import behind
from seglib.report.readings import explore as readings

LEAST = 10
TERMS = Context("explore", currency="GBP", min_cell=LEAST, labels={"x": "Orders", "y": "Visits"})


def text(name: str, *tables: object) -> str:
    with under(TERMS):
        return report.text(name, *tables)


def test_every_table_of_the_stage_is_declared_completely():
    for name in stage("explore").tables:
        assert declaration(name).grain.startswith("one row"), name


def calendar(months: int, years: int, **columns: object) -> pd.DataFrame:
    month = pd.period_range("2022-01", periods=months, freq="M").strftime("%Y-%m")
    base = {"month": month, "orders": 90.0, "customers": 50, "value": 100.0, "whole": True, "years": years}
    return pd.DataFrame(base | columns)


@pytest.mark.parametrize(
    ("months", "years", "words"),
    [
        (24, 2, ["two whole years"]),
        (23, 1, ["11 months of the year were seen more than once", "one only once"]),
        (12, 1, ["only once"]),
        (2, 0, ["too few complete months"]),
    ],
)
def test_the_calendar_says_how_often_each_month_was_seen(months, years, words):
    said = text("calendar", calendar(months, years))
    assert all(word in said for word in words), said


def test_a_month_of_few_customers_is_neither_drawn_nor_named():
    table = calendar(12, 1, customers=[4] + [50] * 11, value=[9999.0] + [100.0] * 10 + [200.0])
    assert "2022-01" not in text("calendar", table) and "2022-12" in text("calendar", table)
    ax = FIGURES["calendar"](table, TERMS)
    assert sum(bar.get_height() > 0 for bar in ax.patches) < 12
    assert behind(ax) >= LEAST


def test_cohort_cells_keep_true_shares_and_are_not_shown_when_few_are_behind_them():
    table = pd.DataFrame(
        {
            "cohort": ["2024-01"] * 3 + ["2024-02"] * 2 + ["2024-03"],
            "age": [0, 1, 2, 0, 1, 0],
            "customers": [100] * 3 + [60] * 2 + [5],
            "active": [1.0, 0.03, 0.4, 1.0, 0.5, 1.0],
        }
    )
    cells = readings.shown_cohorts(table, TERMS)[["cohort", "age"]].to_numpy().tolist()
    assert cells == [["2024-01", 0], ["2024-01", 2], ["2024-02", 0], ["2024-02", 1]]
    assert table.active[1] == 0.03
    drawn = [t.get_text() for t in FIGURES["cohorts"](table, TERMS).texts]
    assert sorted(drawn) == ["40%", "50%"]
    few = table[table.cohort == "2024-03"]
    with under(TERMS):
        assert "several months" in report.figure("cohorts", declared(few, "cohorts"))


def test_an_association_that_rests_on_few_customers_is_neither_named_nor_drawn():
    table = pd.DataFrame(
        {
            "a": ["x", "x"],
            "b": ["y", "z"],
            "measure": "rank correlation",
            "strength": [0.99, 0.41],
            "customers": 500,
            "behind": [4, 300],
        }
    )
    said = text("associations", table)
    assert "0.41" in said and "0.99" not in said and "orders" in said
    assert [t.get_text() for t in FIGURES["associations"](table, TERMS).texts] == ["0.4", "0.4"]


def test_associations_count_the_customers_behind_them():
    rare = np.r_[np.zeros(296), np.ones(4)]
    frame = pd.DataFrame({"x": rare, "y": np.arange(300.0)})
    got = explore.associations(frame, {"x": "ratio", "y": "ratio"})
    assert got.behind.tolist() == [4] and got.customers.tolist() == [300]


def test_the_top_of_the_curve_is_at_least_as_many_customers_as_may_be_shown():
    curve = explore.concentration(pd.Series(np.arange(1.0, 21.0)))
    facts = readings.concentration(curve, TERMS)
    assert facts["top"] == 0.5 and facts["value"] == pytest.approx(155 / 210)
    ax = FIGURES["concentration"](curve, TERMS)
    assert behind(ax) >= LEAST
    assert "50%" in text("concentration", curve) and "74%" in text("concentration", curve)


def test_bars_of_few_customers_are_not_drawn_nor_those_that_would_reveal_them():
    features = pd.DataFrame({"town": ["york"] * 60 + ["bath"] * 40 + ["hull"] * 3})
    ax = FIGURES["distributions"](features, TERMS)
    assert [bar.get_height() for bar in ax.patches] == [60]
    assert behind(ax) == 60


def test_outliers_of_few_customers_are_suppressed():
    rows = {"feature": ["x", "y"], "lower": -9.0, "upper": 99.0, "outside": [3, 40], "share": [0.003, 0.04]}
    with under(TERMS):
        html = report.table(declared(pd.DataFrame(rows), "outliers"))
        nothing = report.table(declared(pd.DataFrame(rows).head(0), "outliers"))
    assert "Orders" in html and "suppressed" in html and "4.0%" in html and "0.3%" not in html
    assert "No feature" in nothing


def test_nothing_is_said_or_drawn_without_transactions():
    with under(TERMS):
        assert report.say("cohorts", None) == report.say("concentration", None) == ""
        assert "no transactions" in report.figure("calendar", None)
