"""Which run a run follows, and what is said of those that it cannot follow."""

from __future__ import annotations

import datetime as dt
import json
import shutil

import pandas as pd
import pytest

from seglib import monitor
from seglib.catalogue import declaration
from seglib.project import params as parameters
from seglib.project import purge
from seglib.project.earlier import earlier_runs
from seglib.project.params import Params
from seglib.project.rendering import project_page
from seglib.project.store import Store, read_frame, write_frame
from seglib.project.stored_model import assigned, decide

MONTHS = ("2025-05-01", "2025-06-01")


@pytest.fixture
def months(finished_shop, tmp_path):
    """The finished run, and twice the same before it."""
    project = tmp_path / "shop"
    for day in (*MONTHS, finished_shop.store.name):
        shutil.copytree(finished_shop.store, project / day)
    return project


@pytest.fixture
def decided(finished_shop, months):
    def by(*changes: str):
        loaded: Params = parameters.load(finished_shop.file, list(changes))
        decision = decide(loaded, Store(months / finished_shop.store.name))
        return (
            decision.how,
            decision.why,
            decision.previous and decision.previous.as_of.isoformat(),
            decision.what,
        )

    return by


def without_column(path, column):
    write_frame(read_frame(path).drop(columns=column), path)


def test_the_stored_model_of_the_run_before_assigns_and_gives_its_own_customers_their_segments(
    months, decided
):
    assert decided() == ("re-scored", "stored", MONTHS[1], ())
    run = earlier_runs(months, dt.date(2025, 9, 1))[0][-1]
    segments = run.table("segments").set_index("customer").segment
    again = assigned(run, run.table("features")).set_index("customer").segment
    assert (again[segments.index] == segments).mean() > 0.99


def test_what_forms_segments_fits_again_and_what_only_tests_them_does_not(decided):
    assert decided("segment.k=4")[:2] == ("fitted", "params")
    assert decided("segment.k=4")[3] == ("segment.k",)
    assert decided("segment.resamples=11")[:2] == ("re-scored", "stored")


def test_a_model_that_was_deleted_fits_again(months, decided):
    (months / MONTHS[1] / "model" / "segmentation.skops").unlink()
    assert decided()[:3] == ("fitted", "gone", MONTHS[1])


def test_a_model_that_cannot_be_read_fits_again(months, decided):
    (months / MONTHS[1] / "model" / "segmentation.skops").write_bytes(b"of another version")
    assert decided()[:2] == ("fitted", "unreadable")


def test_a_feature_that_is_gone_fits_again_and_is_named(months, decided, finished_shop, monkeypatch):
    own = Store(months / finished_shop.store.name)
    gone = own.read("structure").variables.iloc[0][0]
    own.write("features", own.read("features").drop(columns=gone), "collect")
    monkeypatch.setattr(Store, "damaged", lambda *_: False)  # its hash is recorded at the end of a stage
    how, why, _, what = decided()
    assert (how, why) == ("fitted", "columns") and gone in what


def test_a_refit_that_was_asked_for_is_one_when_the_run_is_repeated(months, decided, finished_shop):
    Store(months / finished_shop.store.name).record(refit="asked")
    assert decided()[:2] == ("fitted", "asked")


def test_a_deleted_run_leaves_the_one_before_it(months, decided):
    shutil.rmtree(months / MONTHS[1])
    assert decided()[:3] == ("re-scored", "stored", MONTHS[0])
    shutil.rmtree(months / MONTHS[0])
    assert decided()[:3] == ("fitted", "first", None)


def test_runs_that_cannot_be_compared_are_left_out_with_the_reason(months, decided):
    without_column(months / MONTHS[1] / "tables" / "segment_stability.parquet", "stability")
    manifest = months / MONTHS[1] / "run.json"
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(facts | {"versions": {"seglib": "0.0.9"}}), encoding="utf-8")
    (_, (older,)) = earlier_runs(months, dt.date(2025, 9, 1))
    assert (older.why in ("older", "damaged"), older.what, older.version) == (
        True,
        "segment_stability",
        "0.0.9",
    )
    assert decided()[2] == MONTHS[0]
    manifest.write_text("{", encoding="utf-8")
    assert earlier_runs(months, dt.date(2025, 9, 1))[1][0].why == "damaged"
    facts["stages"]["segment"]["state"] = "running"
    manifest.write_text(json.dumps(facts), encoding="utf-8")
    assert earlier_runs(months, dt.date(2025, 9, 1))[1][0].why == "unfinished"


def test_a_gap_of_months_is_counted_in_days(months):
    runs = earlier_runs(months, dt.date(2025, 9, 2))[0]
    names = ("segments", "structure")
    pasts = [monitor.Past(r.as_of, {n: r.table(n) for n in names}) for r in runs]
    assert monitor.runs(pasts).days.tolist()[1:] == [31, 92]


def test_a_forgotten_customer_left_and_is_not_counted_as_moved(months):
    segments = Store(months / MONTHS[0]).read("segments")
    moves = monitor.movements(segments, segments.iloc[1:])
    assert moves.movement.value_counts().to_dict() == {"stayed": len(segments) - 1, "left": 1}
    assert pd.isna(moves[moves.movement == "left"].destination.iloc[0])


def test_the_page_of_the_project_lists_the_runs_that_are_left_after_a_purge(months):
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    page = project_page(months)
    assert page and MONTHS[0] in page.read_text()
    purge.remove(purge.old_runs(months.parent, ["shop"], later)[0])
    assert len(list(months.glob("20*"))) == 2
    gone = set(MONTHS) - {folder.name for folder in months.glob("20*")} or {"2025-09-01"}
    assert not [day for day in gone if day in page.read_text()]
    for run in purge.old_runs(months.parent, ["shop"], later):
        purge.remove(run)
    assert not page.exists()


def test_the_page_of_the_project_has_key_figures_where_they_are_known(months):
    newest = Store(max(months.glob("20*")))
    rows = [(v, s, day) for v in monitor.VIEWS for s in (1, 2) for day in ("2025-08-01", "2025-09-01")]
    table = pd.DataFrame(rows, columns=["view", "segment", "as_of"])
    table = table.assign(customers=100, buyers=25, revenue=[1.0, 600.0] * 4, days=30)
    newest.write("success", table.reindex(columns=list(declaration("success").columns)), "monitor")
    page = project_page(months).read_text()
    assert "Ordered since the run before" in page and "25%" in page and ">£6.00<" in page
    assert "Profit of campaigns" not in page
