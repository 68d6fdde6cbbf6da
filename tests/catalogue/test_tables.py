"""Declarations: whole, consistent, and held against what is written."""

from __future__ import annotations

import pandas as pd
import pytest

from seglib.catalogue import STAGES, check, declaration, declared, stage
from seglib.catalogue.checking import KINDS
from seglib.catalogue.tables import ACCESS
from seglib.errors import RunError

COHORTS = pd.DataFrame({"cohort": ["2024-01"], "age": [1], "customers": [12], "active": [0.5]})


def test_every_stage_has_a_record_with_a_question_and_tables():
    assert [stage(name).notebook[:2] for name in STAGES] == [f"{n:02d}" for n in range(1, len(STAGES) + 1)]
    assert all(stage(name).question and stage(name).tables for name in STAGES)


@pytest.mark.parametrize("table", declared(), ids=lambda t: t.name)
def test_a_declaration_is_whole(table):
    assert table.grain
    assert table.access in ACCESS
    assert all(c.kind in KINDS for c in table.columns.values())
    for name, view in table.views.items():
        assert view.caption, name
        assert all(c.kind in KINDS for c in view.columns.values()), name
        assert view.rows is None or view.rows in view.columns, name


def test_only_the_bridge_holds_ids_and_rows_of_customers_stay_private():
    assert [t.name for t in declared() if t.access == "ids"] == ["ids"]
    by_customer = {t.name for t in declared() if "customer" in t.columns} - {"ids"}
    assert all(declaration(name).access == "private" for name in by_customer)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"drop": "age"}, "table 'cohorts' has no column 'age', which its declaration names"),
        ({"extra": [1]}, "table 'cohorts' has a column 'extra' that is not declared"),
        ({"active": [1.5]}, r"column 'active' holds '?1.5'?; declared are numbers from 0 to 1"),
        ({"cohort": [3]}, "column 'cohort' holds '?3'?; declared are texts"),
        ({"customers": ["x"]}, "column 'customers' holds .*x.*; declared are whole numbers"),
    ],
)
def test_a_table_that_differs_from_its_declaration_is_refused(change, message):
    table = COHORTS.drop(columns=change["drop"]) if "drop" in change else COHORTS.assign(**change)
    with pytest.raises(RunError, match=message):
        check("cohorts", table)


def test_missing_values_are_no_difference():
    check("cohorts", COHORTS.assign(active=[None]))


def test_unknown_tables_and_views_name_the_nearest():
    with pytest.raises(RunError, match="there is no table 'cohort'; known tables: .*Did you mean 'cohorts'"):
        declaration("cohort")
    with pytest.raises(RunError, match="table 'cohorts' has no view 'cohort'; views: cohorts"):
        declaration("cohorts").view("cohort")
    with pytest.raises(RunError, match="there is no stage 'segmen'; stages: .*Did you mean 'segment'"):
        stage("segmen")
