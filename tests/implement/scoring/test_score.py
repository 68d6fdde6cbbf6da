"""New customers of a file get the segments of a run, or the file is refused with one line."""

from __future__ import annotations

import stat

import duckdb
import numpy as np
import pandas as pd
import pytest
from implement.scoring.populations import MEMBER, MONEY, TOWN, customers, fitted, scored_customers
from projects import seglib_here

from seglib.errors import DataError
from seglib.implement.scoring import accepted, score
from seglib.implement.scoring.columns import TOO_LITTLE


def new(**changes: object) -> pd.DataFrame:
    return customers().head(40).assign(**changes)


def test_who_cannot_be_scored_has_a_reason_and_no_segment():
    scored = score(fitted("k-prototypes"), scored_customers("k-prototypes"))
    without = scored[scored.segment.isna()]
    assert without.margin.isna().all()
    assert set(without.remark) >= {
        f"{MONEY} is infinite",
        f"{MONEY} is -1 or less, and was never below 0",
        TOO_LITTLE,
    }
    guessed = scored[scored.segment.notna() & scored.remark.notna()]
    assert set(guessed.remark) == {
        f"{name} holds an unknown level, taken as the first" for name in (MEMBER, "app")
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns=MONEY), 'net "value" is not there'),
        (lambda t: t.drop(columns=MONEY).rename(columns={"age": "Age"}), "Did you mean 'Age'"),
        (lambda t: t.assign(age=["old"] * 40), "column 'age' holds 40 entries that are no numbers"),
        (lambda t: t.assign(**{MEMBER: "ja"}), "column 'member[?]' holds 'ja' .40 customers.; .*'No', 'Yes'"),
        (lambda t: t.assign(**{TOWN: "Oz"}), "not one is known"),
        (lambda t: t.assign(customer=1), "39 rows repeat a customer"),
        (lambda t: t.assign(customer=[None, *range(39)]), "1 rows have no customer"),
    ],
)
def test_a_table_that_the_model_does_not_know_is_refused(change, message):
    with pytest.raises(DataError, match=message):
        accepted(fitted("k-prototypes"), change(new()), "new.csv")


def test_numbers_may_be_written_with_a_comma_and_customers_may_be_one():
    table = customers().dropna().head(1)
    text = table.assign(age=table.age.map(lambda v: f"{v:.6f}".replace(".", ",")))
    rows = accepted(fitted("k-prototypes"), text, "new.csv", decimal=",")
    assert rows.age.to_numpy() == pytest.approx(table.age.to_numpy(), abs=1e-5)
    assert score(fitted("k-prototypes"), rows).segment.notna().all()


def test_a_finished_run_scores_its_own_customers_as_it_did(finished_shop, tmp_path):
    features, segments = finished_shop.table("features"), finished_shop.table("segments")
    features.to_csv(tmp_path / "new.csv", index=False)
    words = (
        "score",
        finished_shop.file,
        "--customers",
        tmp_path / "new.csv",
        "--reports",
        finished_shop.reports,
    )
    done = seglib_here(*words, "--out", tmp_path / "scored.parquet")
    assert done.exit_code == 0, done.output
    scored = pd.read_parquet(tmp_path / "scored.parquet").astype({"customer": "int64"}).set_index("customer")
    assert scored.segment.loc[segments.customer].tolist() == segments.segment.tolist()
    assert np.allclose(scored.margin.loc[segments.customer], segments.margin, atol=1e-8)
    assert scored["name"].loc[segments.customer].notna().all()
    assert stat.S_IMODE((tmp_path / "scored.parquet").stat().st_mode) == 0o600
    with duckdb.connect() as connection:
        connection.register("features", features)
        script = (finished_shop.store / "scoring" / "segments.duckdb.sql").read_text()
        got = connection.sql(script).df().set_index("customer")
    assert got.segment.loc[segments.customer].tolist() == segments.segment.tolist()


@pytest.mark.parametrize("out", ["scored.txt", "nowhere/scored.csv"])
def test_what_cannot_be_written_is_refused_and_nothing_is_left(finished_shop, tmp_path, out):
    finished_shop.table("features").to_parquet(tmp_path / "new.parquet")
    words = ("--customers", tmp_path / "new.parquet", "--reports", finished_shop.reports)
    done = seglib_here("score", finished_shop.file, *words, "--out", tmp_path / out)
    assert done.exit_code == 2
    assert "--out" in done.output
    assert [p.name for p in tmp_path.iterdir()] == ["new.parquet"]


def test_a_project_without_a_run_says_what_to_do(shop, tmp_path):
    customers().to_csv(tmp_path / "new.csv")
    done = seglib_here(
        "score", shop.file, "--customers", tmp_path / "new.csv", "--reports", tmp_path / "none"
    )
    assert done.exit_code == 2
    assert "seglib run" in done.output
