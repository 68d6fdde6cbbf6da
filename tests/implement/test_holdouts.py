"""Holdouts: the same bucket everywhere, arms that stay, arms that are independent."""

from __future__ import annotations

import datetime as dt
import hashlib

import duckdb
import numpy as np
import pandas as pd
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from postgres import running

from seglib.errors import DataError
from seglib.implement import holdouts
from seglib.implement.vocabulary import HOLDOUT, TREATMENT

#: Ids as sources write them: numbers, letters, signs of SQL, other alphabets, blanks inside.
STRANGE = ["1", "C-17", "o'neill", "ü", "名前", "a:b", "a b", "%", '"', "\\", "0012", "x" * 300]


def numbered(n: int, start: int = 0) -> pd.DataFrame:
    return pd.DataFrame({"id": [f"C{i}" for i in range(start, start + n)]})


def test_bucket_is_the_first_eight_digits_of_sha256_modulo_ten_thousand():
    for key in STRANGE:
        digits = hashlib.sha256(f"acme/win-back:{key}".encode()).hexdigest()[:8]
        assert holdouts.buckets(pd.Series([key]), "acme/win-back")[0] == int(digits, 16) % 10_000


def test_bucket_is_equal_in_python_and_duckdb_for_a_million_ids():
    ids = pd.DataFrame({"id": [*STRANGE, *(f"C{i}" for i in range(1_000_000 - len(STRANGE)))]})
    own = holdouts.buckets(ids.id, "a'b/win-back")
    sql = holdouts.bucket_sql("id", "a'b/win-back", "duckdb")
    found = duckdb.sql(f"select {sql} as bucket from ids").df().bucket.to_numpy()
    assert len(own) == 1_000_000
    assert (own == found).all()


def test_bucket_is_equal_in_postgresql_for_a_million_ids():
    with running() as server, psycopg.connect(server.address()) as connection:
        sql = holdouts.bucket_sql("'C' || i", "acme/win-back", "postgres")
        rows = connection.execute(f"select {sql} from generate_series(0, 999999) as i order by i").fetchall()
        own = holdouts.buckets(numbered(1_000_000).id, "acme/win-back")
        assert (own == np.array(rows).ravel()).all()
        for key in STRANGE:
            one = holdouts.bucket_sql("%s::text", "a'b/c", "postgres").replace(" % 10000", " %% 10000")
            (bucket,) = connection.execute(f"select {one}", (key,)).fetchone()
            assert bucket == holdouts.buckets(pd.Series([key]), "a'b/c")[0]


def test_bucket_in_another_dialect_is_refused():
    with pytest.raises(DataError, match="mysql"):
        holdouts.bucket_sql("id", "s", "mysql")


def test_buckets_are_uniform_and_campaigns_are_independent():
    ids = numbered(1_000_000).id
    names = ["universal", "win-back", "loyalty-reward", "seasonal-reminder"]
    held = {name: holdouts.buckets(ids, f"acme/{name}") < 1000 for name in names}
    for one in names:
        assert held[one].mean() == pytest.approx(0.1, abs=0.001)
        for other in names:
            if one < other:
                assert abs(np.corrcoef(held[one], held[other])[0, 1]) < 0.01


def assigned(
    ids: pd.DataFrame, frozen: pd.DataFrame, threshold: int = 1000, until: dt.date | None = None
) -> pd.DataFrame:
    arms = holdouts.arms(ids, "win-back", "acme/win-back", threshold, frozen)
    return ids.join(arms).assign(campaign="win-back", segment=1, play="Win-back", until=until)


def test_no_one_changes_arm_over_three_monthly_runs_with_newcomers_another_order_and_another_share():
    frozen = holdouts.no_holdouts()
    seen: dict[str, str] = {}
    rng = np.random.default_rng(0)
    for month, (n, threshold) in enumerate([(2000, 1000), (3000, 3000), (3500, 500)], 1):
        ids = numbered(n).sample(frac=1, random_state=int(rng.integers(1e6))).reset_index(drop=True)
        rows = assigned(ids, frozen, threshold)
        for key, arm in zip(rows.id, rows.arm, strict=True):
            assert seen.setdefault(key, arm) == arm
        frozen = holdouts.with_newcomers(frozen, rows, dt.date(2025, month, 1))
    assert len(frozen) == 3500
    assert frozen.id.is_unique
    assert frozen.first_assigned.dt.month.value_counts().sort_index().tolist() == [2000, 1000, 500]


@settings(deadline=None, max_examples=50)
@given(
    ids=st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=30, unique=True),
    more=st.lists(st.text(min_size=1, max_size=12), max_size=10, unique=True),
    threshold=st.integers(0, 10_000),
    later=st.integers(0, 10_000),
)
def test_arms_stay_whatever_is_added_and_however_it_is_ordered(ids, more, threshold, later):
    first = assigned(pd.DataFrame({"id": ids}), holdouts.no_holdouts(), threshold)
    frozen = holdouts.with_newcomers(holdouts.no_holdouts(), first, dt.date(2025, 1, 1))
    everybody = pd.DataFrame({"id": sorted({*ids, *more}, reverse=True)})
    second = assigned(everybody, frozen, later).set_index("id").arm
    assert (second[ids].to_numpy() == first.arm.to_numpy()).all()
    fresh = [i for i in more if i not in ids]
    own = holdouts.buckets(pd.Series(fresh, dtype=object), "acme/win-back")
    assert second[fresh].tolist() == [HOLDOUT if b < later else TREATMENT for b in own]


def test_universal_holdout_ends_on_its_day():
    rows = assigned(numbered(100), holdouts.no_holdouts(), 10_000, dt.date(2025, 6, 30))
    rows = rows.assign(campaign="universal")
    frozen = holdouts.with_newcomers(holdouts.no_holdouts(), rows, dt.date(2025, 1, 1))
    assert len(holdouts.held_everywhere(frozen, "universal", dt.date(2025, 6, 30))) == 100
    assert len(holdouts.held_everywhere(frozen, "universal", dt.date(2025, 7, 1))) == 0


def test_sample_ratio_is_that_of_the_chi_squared_distribution():
    # (120 − 100)² / 100 + (880 − 900)² / 900 = 4.444; P(χ²₁ > 4.444) = 0.0350
    assert holdouts.sample_ratio(120, 1000, 100.0) == pytest.approx(0.0350, abs=5e-4)
    assert np.isnan(holdouts.sample_ratio(0, 0, 0.0))
    assert np.isnan(holdouts.sample_ratio(0, 100, 0.0))
