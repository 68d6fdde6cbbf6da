"""The run's folder: atomic, private, locked, and strict about who writes what."""

from __future__ import annotations

import multiprocessing
import os
import stat

import pandas as pd
import pytest
import skops.io
from sklearn.cluster import KMeans

from seglib.errors import RunError
from seglib.estimators import KPrototypes
from seglib.project.lock import TOKEN, check_free, hold
from seglib.project.store import Store, defused, write_frame


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "shop" / "2024-01-01")


def test_a_table_comes_back_as_it_was(store):
    frame = pd.DataFrame({"customer": [1, 2], "name": ["a", None]})
    store.write("features", frame, "collect")
    pd.testing.assert_frame_equal(store.read("features"), frame)


def test_two_writes_of_a_table_are_equal_bytes(store):
    frame = pd.DataFrame({"customer": [1, 2], "x": [1.0, 2.0]})
    store.write("features", frame, "collect")
    one = (store.root / "tables" / "features.parquet").read_bytes()
    store.write("features", frame, "collect")
    assert (store.root / "tables" / "features.parquet").read_bytes() == one


@pytest.mark.parametrize(
    ("name", "stage", "message"),
    [
        ("feature", "collect", "no table 'feature'; known tables: .*Did you mean 'features'"),
        ("features", "assess", "table 'features' is written by collect, not by assess"),
    ],
)
def test_writing_elsewhere_is_refused(store, name, stage, message):
    with pytest.raises(RunError, match=message):
        store.write(name, pd.DataFrame(), stage)


def test_reading_too_early_names_the_stage(store):
    with pytest.raises(
        RunError,
        match="shop 2024-01-01: table 'segments' is not there yet; stage segment writes it: run notebook 03_segment",
    ):
        store.read("segments")


def test_a_write_that_fails_leaves_the_old_table(store):
    store.write("features", pd.DataFrame({"customer": [1], "x": [1]}), "collect")
    with pytest.raises(Exception, match="Conversion failed|Expected bytes|Could not convert"):
        store.write("features", pd.DataFrame({"customer": [1, 2, 3], "x": [1, "a", object()]}), "collect")
    assert store.read("features").x.tolist() == [1]
    assert not list(store.root.rglob("*.tmp"))


def test_the_bridge_to_real_ids_is_private(store):
    store.write("ids", pd.DataFrame({"customer": [1], "key": ["K1"]}), "collect")
    assert stat.S_IMODE((store.root / "tables" / "ids.parquet").stat().st_mode) == 0o600


def test_a_model_comes_back_and_strange_types_are_refused(store, tmp_path):
    rows = pd.DataFrame({"x": [0.0, 1.0, 9.0, 10.0], "c": list("aabb")})
    store.write_model("segmentation", KPrototypes(2, random_state=0).fit(rows))
    assert (
        store.read_model("segmentation").predict(rows).tolist()[0]
        == store.read_model("segmentation").labels_[0]
    )

    class Strange(KMeans):
        pass

    skops.io.dump(Strange(2), store.path("model", "odd.skops"))
    with pytest.raises(RunError, match="odd.skops holds types that seglib does not know: .*Strange"):
        store.read_model("odd")


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "",
        "[]",
        '{"stages": []}',
        '{"stages": {"collect": "done"}}',
        '{"stages": {"collect": {"tables": []}}}',
    ],
)
def test_a_manifest_of_any_shape_gives_one_line_with_the_remedy(store, text):
    store.write_text(text, "run.json")
    with pytest.raises(
        RunError, match="^shop 2024-01-01: run.json cannot be used: .*--force, which replaces it$"
    ):
        store.manifest()
    store.replace_damaged_manifest()
    assert store.manifest() == {}


@pytest.fixture
def written(store):
    """A table that a finished stage has written."""
    frame = pd.DataFrame({"customer": [1, 2], "x": [1.0, 2.0]})
    store.record_stage(
        "collect", state="done", tables={"features": store.write("features", frame, "collect")}
    )
    return store


@pytest.mark.parametrize("damage", ["cut", "changed"])
def test_a_table_that_its_stage_did_not_write_is_refused_when_read(written, damage):
    path = written.root / "tables" / "features.parquet"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] if damage == "cut" else data[:40] + b"x" + data[41:])
    assert written.damaged("features")
    with pytest.raises(
        RunError, match="'features' was changed or damaged after stage collect wrote it; run it again"
    ):
        written.read("features")


def test_a_table_that_was_changed_on_purpose_is_recorded_anew(written):
    write_frame(pd.DataFrame({"customer": [1], "x": [1.0]}), written.root / "tables" / "features.parquet")
    written.rehash()
    assert len(written.read("features")) == 1


def test_only_pages_are_readable_by_others(store):
    store.write("features", pd.DataFrame({"customer": [1]}), "collect")
    store.write_model("segmentation", KPrototypes(2))
    store.record(name="shop")
    store.write_text("<p>", "index.html")
    modes = {
        p.name: stat.S_IMODE(p.stat().st_mode) for p in store.root.rglob("*") if not p.name.endswith(".lock")
    }
    assert stat.S_IMODE(store.root.stat().st_mode) == 0o700
    assert modes.pop("index.html") & 0o044 == 0o044
    assert {name: mode & 0o077 for name, mode in modes.items()} == dict.fromkeys(modes, 0)


def _hold(root, held, done):
    with hold(Store(root)):
        held.set()
        done.wait(30)


def test_a_second_run_says_who_holds_the_first(store):
    context = multiprocessing.get_context("spawn")
    held, done = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(store.root, held, done))
    other.start()
    try:
        assert held.wait(60)
        with (
            pytest.raises(
                RunError,
                match=rf"shop as of 2024-01-01 is being run by .*, process {other.pid} on .*, since 20",
            ),
            hold(store, wait=0.1),
        ):
            pass
        with pytest.raises(RunError, match=f"process {other.pid}"):
            check_free(store)
    finally:
        done.set()
        other.join(30)
    check_free(store)


def test_the_kernel_of_the_holder_may_write(store, monkeypatch):
    with hold(store) as token:
        monkeypatch.setenv(TOKEN, token)
        check_free(store)
    assert os.environ[TOKEN] == token


def test_a_lock_clears_what_a_killed_run_left(store):
    store.path("tables", ".features.parquet.1.tmp").write_text("half")
    with hold(store):
        assert not list(store.root.rglob("*.tmp"))


@pytest.mark.parametrize("evil", ["=HYPERLINK(1)", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1"])
def test_formulas_are_defused_in_exports(store, evil):
    path = store.write_csv(pd.DataFrame({evil: [evil, "fine"], "n": [-1.5, 2]}), "out.csv")
    back = pd.read_csv(path)
    assert back.columns[0].startswith("'")
    assert back.iloc[0, 0].startswith("'")
    assert back.n.tolist() == [-1.5, 2.0]
    assert defused("fine") == "fine"
