"""Audiences of a movement: who moved, entered, became at risk or recovered since the run before."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from seglib.errors import ParamsError
from seglib.implement.moving import of_movements
from seglib.project.schema.selection import Movement

NAMES = {1: "Regulars", 2: "Lapsing", 3: "New"}
MOVED = pd.DataFrame(
    {
        "customer": [1, 2, 3, 4, 5],
        "source": pd.array([1, 2, pd.NA, 1, 3], "Int64"),
        "destination": pd.array([2, 2, 2, pd.NA, 2], "Int64"),
        "movement": ["moved", "stayed", "entered", "left", "moved"],
        "at_risk": pd.array(["became", "still", pd.NA, pd.NA, "recovered"], "string"),
    }
)
MEMBERS = pd.DataFrame({"customer": [1, 2, 3, 5, 6], "play": ["Win-back"] * 4 + ["Welcome"]})


def left(moved=MOVED, **wanted):
    settings = {"movements": {"Win-back": Movement(**wanted).model_dump()}}
    table = of_movements(MEMBERS, moved, settings, NAMES)
    assert (table.step.isin(["", "movement"]) & ((table.reason == "") == (table.step == ""))).all()
    return table.customer[table.step == ""].tolist()


@pytest.mark.parametrize(
    ("wanted", "customers"),
    [
        ({}, [1, 5]),
        ({"before": "Regulars"}, [1]),
        ({"before": 1, "now": "2"}, [1]),
        ({"before": "Regulars", "now": "New"}, []),
        ({"what": "entered"}, [3]),
        ({"what": "became at risk"}, [1]),
        ({"what": "recovered", "now": "Lapsing"}, [5]),
    ],
)
def test_an_audience_holds_who_made_the_movement_and_other_plays_all_their_customers(wanted, customers):
    assert left(**wanted) == [*customers, 6]


def test_of_a_first_run_no_movement_is_known():
    assert left(moved=None) == [6]


def test_every_movement_of_random_months_is_that_of_its_own_flow():
    rng = np.random.default_rng(0)
    source, now = (pd.array(rng.integers(1, 4, 300), "Int64") for _ in range(2))
    moved = pd.DataFrame({"customer": range(300), "source": source, "destination": now, "at_risk": pd.NA})
    moved["movement"] = np.where(moved.source == moved.destination, "stayed", "moved")
    members = pd.DataFrame({"customer": range(300), "play": "Win-back"})
    found = []
    for before in NAMES.values():
        for after in NAMES.values():
            wanted = {"movements": {"Win-back": {"what": "moved", "before": before, "now": after}}}
            table = of_movements(members, moved, wanted, NAMES)
            found += table.customer[table.step == ""].tolist()
    assert sorted(found) == moved.customer[moved.movement == "moved"].tolist()  # each once


def test_a_segment_a_play_and_a_movement_that_there_is_not_are_refused_in_one_line():
    with pytest.raises(
        ParamsError, match=r"movements.Win-back.before names 'Reglars'.*Did you mean 'Regulars'"
    ):
        left(before="Reglars")
    with pytest.raises(ParamsError, match=r"implement.movements names 'Winback'.*Did you mean 'Win-back'"):
        of_movements(MEMBERS, MOVED, {"movements": {"Winback": Movement().model_dump()}}, NAMES)
    with pytest.raises(ValidationError, match="became at risk"):
        Movement(what="left")
    with pytest.raises(ValidationError, match="who entered was in none"):
        Movement(what="entered", before="New")
