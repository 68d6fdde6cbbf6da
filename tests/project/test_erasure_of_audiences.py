"""Who asks to be forgotten leaves audiences, holdouts and the database; what was purged holds no one out."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import pandas as pd
import pytest

from seglib.errors import RunError
from seglib.implement import delivery, holdouts
from seglib.implement.destinations import database
from seglib.project import erasure, implementing, purge
from seglib.project.store import Store, write_frame

PEOPLE = ["C1", "C2", "C3", "=C4"]


@pytest.fixture
def project(tmp_path) -> Path:
    """A project with one run: ids, audiences with and without ids, holdouts."""
    folder = tmp_path / "reports" / "shop"
    store = Store(folder / "2025-09-01")
    ids = pd.DataFrame({"customer": [11, 12, 13, 14], "key": PEOPLE})
    write_frame(ids, store.path("tables", "ids.parquet"))
    made = store.path("audiences", "csv", "win-back.csv").parent.parent
    (made / "csv" / "win-back.csv").write_text(
        "customer_id,segment\r\nC1,1\r\nC2,1\r\n'=C4,1\r\n", encoding="utf-8-sig"
    )
    (made / "meta").mkdir()
    (made / "meta" / "aud-1.csv").write_text("email\r\nhash1\r\nhash2\r\nhash4\r\n")
    (made / "campaigns.csv").write_text("customer,campaign\r\nC1,win-back\r\nC2,win-back\r\n")
    members = pd.DataFrame(
        {"id": ["C1", "C2", "=C4"] * 2, "file": ["csv/win-back.csv"] * 3 + ["meta/aud-1.csv"] * 3}
    )
    write_frame(members, made / delivery.MEMBERS)
    state = {"began": "2025-09-01T00:00:00+00:00", "state": "done"}
    stages = {
        "collect": state | {"tables": {}},
        "implement": state | {"tables": {}, "audiences": implementing.audience_hashes(made)},
    }
    store.record(stages=stages, versions={"seglib": "0"}, params={"sources": {}})
    rows = pd.DataFrame({"id": PEOPLE, "campaign": "win-back", "segment": 1, "play": "Win-back"})
    arms = rows.join(holdouts.arms(rows, "win-back", "shop/win-back", 5000, holdouts.no_holdouts()))
    arms = arms.assign(until=dt.date(2025, 10, 31))
    table = holdouts.with_newcomers(holdouts.no_holdouts(), arms, dt.date(2025, 9, 1))
    implementing.write_holdouts(folder, table)
    return folder


def cells(project: Path, name: str) -> list[list[str]]:
    with (project / "2025-09-01" / "audiences" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def everything(project: Path) -> bytes:
    """All that the project holds but the list of who was forgotten, which has hashes alone."""
    return b"".join(p.read_bytes() for p in project.rglob("*") if p.is_file())


@pytest.mark.parametrize(("customer", "place"), [("C1", 1), ("C2", 2), ("=C4", 3)])
def test_a_person_leaves_audiences_with_and_without_ids_and_the_holdouts(project, customer, place):
    before = cells(project, "meta/aud-1.csv")
    done = erasure.forget(project, customer)
    assert done.beside == 1
    assert cells(project, "meta/aud-1.csv") == [row for n, row in enumerate(before) if n != place]
    assert customer not in {row[0].lstrip("'") for row in cells(project, "csv/win-back.csv")}
    assert customer not in {row[0].lstrip("'") for row in cells(project, "campaigns.csv")}
    members = pd.read_parquet(project / "2025-09-01" / "audiences" / delivery.MEMBERS)
    assert customer not in set(members.id)
    assert len(members) == 4
    assert customer not in set(implementing.read_holdouts(project).id)
    assert len(implementing.read_holdouts(project)) == 3
    assert (project / "holdouts.parquet").stat().st_mode & 0o777 == 0o600
    listed = json.loads((project / "2025-09-01" / "run.json").read_text())["stages"]["implement"]["audiences"]
    assert listed == implementing.audience_hashes(project / "2025-09-01" / "audiences")
    assert erasure.forgotten(project).is_forgotten(pd.Series([customer])).all()


def test_two_persons_are_forgotten_one_after_the_other(project):
    erasure.forget(project, "C1")
    erasure.forget(project, "=C4")
    assert cells(project, "meta/aud-1.csv") == [["email"], ["hash2"]]
    assert erasure.forget(project, "C1").earlier


def test_a_person_who_is_only_in_the_holdouts_is_forgotten(project):
    table = implementing.read_holdouts(project)
    implementing.write_holdouts(project, pd.concat([table, table.head(1).assign(id="C99")]))
    assert erasure.forget(project, "C99").beside == 1
    assert "C99" not in set(implementing.read_holdouts(project).id)
    with pytest.raises(RunError, match="none of its"):
        erasure.forget(project, "C100")


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_person_leaves_the_database(project, tmp_path, kind):
    terms = {"connection": f"{kind}://{tmp_path}/out.db", "audience": "a", "history": "h"}
    day = dt.date(2025, 9, 1)
    history = pd.DataFrame(
        {"customer_id": PEOPLE, "segment_code": 1, "name": "n", "margin": 0.1, "play": "p", "arm": None, "run": "shop/2025-09-01",
         "as_of": day, "valid_from": day, "valid_to": None}
    )  # fmt: skip
    audience = history.assign(campaign="c", channel="e-mail", gain=1.0)
    database.write(terms, history, audience, "shop", day, tmp_path)
    done = erasure.forget(project, "=C4", elsewhere=lambda key: database.forget(terms, key, tmp_path))
    assert done.beside == 3
    assert b"=C4" not in b"".join(p.read_bytes() for p in tmp_path.glob("out.db*")) or kind == "duckdb"


def test_a_database_that_does_not_answer_leaves_the_request_open_for_a_second_call(project):
    def down(key: str) -> int:
        raise RunError("the server is down")

    with pytest.raises(RunError, match="down"):
        erasure.forget(project, "C1", elsewhere=down)
    assert erasure.forgotten(project).is_forgotten(pd.Series(["C1"])).all()
    assert erasure.forget(project, "C1").beside == 1
    assert "C1" not in {row[0] for row in cells(project, "csv/win-back.csv")}


def test_purging_the_last_run_empties_the_holdouts(project):
    (old,) = purge.old_runs(project.parent, ["shop"], dt.datetime.now(dt.UTC))
    purge.remove(old)
    assert not (project / "holdouts.parquet").exists()
    assert not (project / "2025-09-01").exists()


def test_purging_an_old_run_drops_only_arms_that_have_ended(project):
    later = Store(project / "2026-01-01")
    later.record(stages={}, versions={"seglib": "0"})
    table = implementing.read_holdouts(project)
    open_arm = holdouts.typed(table.head(1).assign(id="C9", until=pd.NaT))
    implementing.write_holdouts(project, pd.concat([table, open_arm]))
    (old,) = [
        r
        for r in purge.old_runs(project.parent, ["shop"], dt.datetime.now(dt.UTC))
        if r.store.root.name == "2025-09-01"
    ]
    purge.remove(old)
    assert implementing.read_holdouts(project).id.tolist() == ["C9"]
