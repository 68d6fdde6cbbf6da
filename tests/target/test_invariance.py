"""What must not change a decision: the unit of money, a descriptor that says nothing, the numbers and the order of rows.

That several files are read as one table is held in tests/collect/sources/test_files.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import ibis
import numpy as np
import pandas as pd
import pytest
from projects import ROOT

from seglib import simulate, target
from seglib.project import params

AS_OF = simulate.AS_OF


@dataclass(frozen=True)
class Case:
    """What a decision is made from, as the finished shop has it."""

    features: pd.DataFrame
    segments: pd.DataFrame
    profiles: pd.DataFrame
    value: pd.DataFrame
    orders: pd.DataFrame
    effects: pd.DataFrame
    cost: float = 0.1

    def decided(self) -> pd.DataFrame:
        """Return what is decided for each segment, called by its name."""
        plays = params.load_plays(params.plays_file(ROOT))
        library = target.library(plays, [], self.profiles, "shop")
        per_segment = target.economics(self.features, self.segments, self.value, target.Money(0.4))
        stakes = target.stakes(per_segment, "retention")
        fitting = target.candidates(self.profiles, self.value, library, "retention", sources=["transactions"])
        windows = target.outcomes(
            ibis.memtable(self.orders), ibis.memtable(self.segments), AS_OF, fitting.days.unique()
        )
        terms = {"cost_per_contact": self.cost, "currency": "GBP"}
        options = target.options(fitting, per_segment, terms, self.effects, windows)
        best = target.best_plays(options, self.value.segment, 0.8)
        power = target.tests(best, self.value)
        points = self.value[["segment"]].assign(
            attractiveness=np.nan, strength=np.nan, points=0.0, points_sd=0.0
        )
        basis = target.basis(best, stakes, weighted=False, objective="retention")
        empty = pd.DataFrame(
            {"segment": [], "criterion": [], "measured": [], "asked": [], "passed": [], "knock_out": []}
        )
        rules = target.rules(basis, empty.astype({"passed": bool, "knock_out": bool}), 3, "natural", 0.8)
        ranked = target.ranking(target.scored(basis, self.value, best, power, stakes, points), rules)
        sized = power.drop(
            columns=["segment", "play", "customers", "baseline", "baseline_sd", "effect", "visible"]
        )
        made = ranked.merge(sized.assign(segment=power.segment), on="segment")
        columns = ["name", "play", "rank", "tied", "target", "decision", "chance", *sized.columns]
        return made[columns].set_index("name").sort_index()


@pytest.fixture(scope="module")
def case(finished_shop) -> Case:
    read = finished_shop.table
    names = ("features", "segments", "profiles", "value", "transactions", "effects")
    return Case(*map(read, names))


@pytest.fixture(scope="module")
def decided(case) -> pd.DataFrame:
    made = case.decided()
    assert made.target.any() and made.outcome.nunique() > 1
    return made


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other, rtol=1e-6, check_dtype=False)


@pytest.mark.parametrize("unit", [0.001, 100.0])
def test_the_unit_of_money_decides_nothing(case, decided, unit):
    def scaled(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
        return table.assign(**{c: table[c].astype(float) * unit for c in columns})

    other = replace(
        case,
        features=scaled(case.features, "net_value", "order_value"),
        value=scaled(case.value, "value", "value_per_customer"),
        orders=scaled(case.orders, "price", "amount"),
        cost=case.cost * unit,
    )
    same(other.decided(), decided)


def test_a_descriptor_that_says_nothing_decides_nothing(case, decided):
    noise = np.random.default_rng(5).normal(size=len(case.features))
    rows = case.profiles[case.profiles.feature == "age"].assign(
        feature="shoe_size", label="Shoe size", distance=0.02, stands_out=False
    )
    other = replace(
        case, features=case.features.assign(shoe_size=noise), profiles=pd.concat([case.profiles, rows])
    )
    same(other.decided(), decided)


def test_the_numbers_of_segments_decide_nothing(case, decided):
    segments = sorted(case.value.segment)
    turned = dict(zip(segments, reversed(segments), strict=True))

    def numbered(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(segment=table.segment.map(turned)).sort_values("segment", ignore_index=True)

    other = replace(case, **{t: numbered(getattr(case, t)) for t in ("segments", "profiles", "value")})
    same(other.decided(), decided)


def test_the_order_of_rows_decides_nothing(case, decided):
    def shuffled(table: pd.DataFrame) -> pd.DataFrame:
        return table.sample(frac=1, random_state=3).reset_index(drop=True)

    tables = ("features", "segments", "profiles", "orders")
    same(replace(case, **{t: shuffled(getattr(case, t)) for t in tables}).decided(), decided)
