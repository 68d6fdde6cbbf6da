"""A customer who asks to be forgotten is taken out of every run; old runs are taken away, and nothing else."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import re
import shutil
import stat

import pandas as pd
import pyarrow.parquet as pq
import pytest
from projects import Project, seglib

from seglib.errors import ParamsError, RunError
from seglib.project import customer_rows, erasure, purge
from seglib.project.erasure import LIST, SECRET, forget, forgotten
from seglib.project.lock import hold
from seglib.project.pipeline import Order, would_run
from seglib.project.store import Store, content_hash, read_frame, write_frame

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def hashes(store: Store) -> dict[str, str]:
    return {path.stem: content_hash(path) for path in (store.root / "tables").glob("*.parquet")}


def small_run(project, as_of: str, keys: dict[int, str], began: str = "2025-06-01T10:00:00+00:00") -> Store:
    """Lay down a run of three tables, as if it had been executed."""
    store = Store(project / as_of)
    store.write("ids", pd.DataFrame({"customer": list(keys), "key": list(keys.values())}), "collect")
    rows = [n for n in keys for _ in range(3)]
    orders = pd.DataFrame({"customer": rows, "time": pd.Timestamp("2024-12-01"), "amount": 1.0})
    store.write("transactions", orders, "collect")
    store.write(
        "features",
        pd.DataFrame({"customer": list(keys), "x": pd.array(list(keys), dtype="Int64")}),
        "collect",
    )
    counts = dict.fromkeys(("rows_in", "dropped", "set_aside", "blanked", "warned", "rows_out"), 12346)
    ledger = pd.DataFrame({"source": ["customers"], "rule": ["none"], **counts, "value": [1.0], "why": [""]})
    store.write("ledger", ledger, "collect")
    store.write_text("<p>12 of 346 customers</p>", "01_collect.html")
    store.write_text("fitted on these rows", "model", "segmentation.skops")
    stages = {"collect": {"state": "done", "began": began, "fingerprint": "abc", "tables": hashes(store)}}
    store.record(name=project.name, versions={"seglib": "0.1.0"}, params={"sources": {}}, stages=stages)
    return store


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "reports" / "shop"
    small_run(folder, "2025-01-01", {1: "A7", 2: "12346", 3: "A9"})
    small_run(folder, "2025-02-01", {1: "12346", 2: "A7"})
    small_run(folder, "2025-03-01", {1: "A7", 2: "A9"})
    return folder


def tables(folder) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.parquet"))}


def customers(folder, as_of: str, table: str) -> list[int]:
    return read_frame(folder / as_of / "tables" / f"{table}.parquet").customer.tolist()


EXPECTED = {
    "2025-01-01": {"tables/features.parquet": 1, "tables/ids.parquet": 1, "tables/transactions.parquet": 3},
    "2025-02-01": {"tables/features.parquet": 1, "tables/ids.parquet": 1, "tables/transactions.parquet": 3},
}


def test_a_customer_is_taken_out_of_every_run_that_knows_them(project):
    untouched = (project / "2025-03-01" / "run.json").read_bytes()
    done = forget(project, "12346")
    assert done == erasure.Erased(EXPECTED, 3)
    assert customers(project, "2025-01-01", "ids") == [1, 3]
    assert customers(project, "2025-01-01", "transactions") == [1, 1, 1, 3, 3, 3]
    assert customers(project, "2025-02-01", "features") == [2]
    assert read_frame(project / "2025-01-01" / "tables" / "ledger.parquet").dropped.tolist() == [12346]
    assert (project / "2025-03-01" / "run.json").read_bytes() == untouched
    with_model = [p.parts[-3] for p in project.rglob("*.skops")]
    assert with_model == ["2025-03-01"]


def test_what_is_left_keeps_its_types_and_its_rights(project):
    before = pq.read_schema(project / "2025-01-01" / "tables" / "features.parquet")
    forget(project, "12346")
    after = pq.read_schema(project / "2025-01-01" / "tables" / "features.parquet")
    assert after.equals(before, check_metadata=True)
    for path in (project / "2025-01-01" / "tables" / "ids.parquet", project / SECRET):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_record_holds_a_keyed_hash_and_never_the_id(project):
    forget(project, "12346")
    text = (project / LIST).read_text()
    entry = json.loads(text)["customers"][0]
    assert re.fullmatch("[0-9a-f]{64}", entry["hash"])
    assert entry["runs"] == EXPECTED
    assert entry["asked"] <= entry["finished"]
    assert not re.search(r"(?<![0-9a-f])12346(?![0-9a-f])", text)
    assert "aggregates alone" in json.loads(text)["about"]


@pytest.mark.parametrize("typed", ["12346.0", " 12346 ", "12346.00\n"])
def test_an_id_is_found_however_it_is_typed(project, typed):
    assert forget(project, typed).runs == EXPECTED


def test_forgetting_twice_changes_nothing_more(project):
    forget(project, "12346")
    before = (
        tables(project),
        (project / LIST).read_bytes(),
        (project / "2025-01-01" / "run.json").read_bytes(),
    )
    done = forget(project, "12346.0")
    assert (done.runs, done.of) == ({}, 3)
    assert done.earlier == json.loads(before[1])["customers"][0]["finished"]
    assert (
        tables(project),
        (project / LIST).read_bytes(),
        (project / "2025-01-01" / "run.json").read_bytes(),
    ) == before


def test_later_runs_can_tell_who_was_forgotten(project):
    assert not forgotten(project).is_forgotten(pd.Series(["12346"])).any()
    forget(project, "12346")
    forget(project, "A9")
    told = forgotten(project).is_forgotten(pd.Series([" 12346.0", "A7", "A9", "a9", None]))
    assert told.tolist() == [True, False, True, False, False]


@pytest.mark.parametrize("typed", ["012346", "1", "a7", "123460"])
def test_an_unknown_customer_changes_nothing(project, typed):
    before = tables(project)
    with pytest.raises(
        RunError, match="shop: none of its 3 runs knows this customer; nothing was changed. Check --reports"
    ) as caught:
        forget(project, typed)
    assert typed not in str(caught.value).replace("3 runs", "").split()
    assert tables(project) == before
    assert not (project / LIST).exists()
    assert not (project / SECRET).exists()


def test_a_customer_whom_no_run_knows_is_listed_ahead(project):
    before = tables(project)
    assert forget(project, "new one", ahead=True) == erasure.Erased({}, 3)
    assert tables(project) == before
    assert forgotten(project).is_forgotten(pd.Series(["new one"])).tolist() == [True]
    nowhere = project.parent / "other"
    assert forget(nowhere, "x", ahead=True) == erasure.Erased({}, 0)
    with pytest.raises(RunError, match="nobody: it has no runs in this folder; nothing was changed"):
        forget(project.parent / "nobody", "x")
    with pytest.raises(RunError, match="shop: --customer is empty; name one id"):
        forget(project, "  ")


def test_fingerprints_are_void_so_that_the_run_is_executed_again(project):
    forget(project, "12346")
    manifest = Store(project / "2025-01-01").manifest()
    assert manifest["stages"]["collect"]["fingerprint"] is None
    assert manifest["stages"]["collect"]["state"] == "done"
    assert manifest["forgotten"]["customers"] == 1
    assert Store(project / "2025-03-01").manifest()["stages"]["collect"]["fingerprint"] == "abc"


def test_tables_of_trials_lose_the_customer_and_are_still_read_when_they_are_rewritten(project):
    run = Store(project / "2025-01-01")
    plain = Store(run.root / "trials" / "k-4")
    plain.write("features", pd.DataFrame({"customer": [1, 2, 3]}), "collect")
    plain.record(stages={"collect": {"state": "done", "tables": hashes(plain)}})
    plain.write_text("fitted on these rows", "model", "segmentation.skops")
    numbered = small_run(run.root / "trials", "own ids", {7: "12346", 2: "A7"})
    removed = forget(project, "12346").runs["2025-01-01"]
    assert {file: n for file, n in removed.items() if file.startswith("trials")} == {
        "trials/k-4/tables/features.parquet": 1,
        **{f"trials/own ids/{file}": n for file, n in EXPECTED["2025-01-01"].items()},
    }
    assert run.read("features").customer.tolist() == plain.read("features").customer.tolist() == [1, 3]
    assert numbered.read("features").customer.tolist() == numbered.read("ids").customer.tolist() == [2]
    assert not list((run.root / "trials").rglob("*.skops"))


def test_a_purge_deletes_the_ids_of_trials_before_all_else(project, monkeypatch):
    small_run(project / "2025-01-01" / "trials", "k-4", {7: "12346"})
    real, deleted = purge._delete, []
    monkeypatch.setattr(purge, "_delete", lambda path: (deleted.append(path.name), real(path)))
    purge.remove(purge.old_runs(project.parent, [], NOW)[0])
    assert deleted[:4] == ["ids.parquet", "audiences"] * 2
    assert not (project / "2025-01-01").exists()


def test_audiences_lose_the_real_id_and_nothing_else(project):
    folder = project / "2025-01-01" / "audiences"
    folder.mkdir()
    (folder / "one.csv").write_text('customer,note\nA7,"likes, a"\n12346,x\n12346.0,y\nA9,12346\n')
    (folder / "two.csv").write_text("member,id\n12346,A7\nz,12346\n")
    (folder / "three.csv").write_text("member\n12346\n")
    write_frame(pd.DataFrame({"key": ["12346", "A7"], "n": [1, 2]}), folder / "four.parquet")
    (folder / "one.csv").chmod(0o600)
    done = forget(project, "12346")
    assert (folder / "one.csv").read_text() == 'customer,note\nA7,"likes, a"\nA9,12346\n'
    assert (folder / "two.csv").read_text() == "member,id\n12346,A7\n"
    assert (folder / "three.csv").read_text() == "member\n"
    assert read_frame(folder / "four.parquet").key.tolist() == ["A7"]
    assert stat.S_IMODE((folder / "one.csv").stat().st_mode) == 0o600
    assert done.runs["2025-01-01"]["audiences/one.csv"] == 2


def test_a_defused_id_in_an_audience_is_found(project):
    small_run(project, "2025-04-01", {1: "=7+1"})
    (project / "2025-04-01" / "audiences").mkdir()
    Store(project / "2025-04-01").write_csv(pd.DataFrame({"customer": ["=7+1", "b"]}), "audiences", "a.csv")
    forget(project, "=7+1")
    assert (project / "2025-04-01" / "audiences" / "a.csv").read_text() == "\ufeffcustomer\nb\n"


def test_an_audience_that_cannot_be_searched_stops_before_any_change(project):
    (project / "2025-02-01" / "audiences").mkdir()
    (project / "2025-02-01" / "audiences" / "list.xlsx").write_bytes(b"")
    before = tables(project)
    with pytest.raises(
        RunError, match=r"shop as of 2025-02-01: audiences/list\.xlsx cannot be searched for a customer"
    ):
        forget(project, "12346")
    assert tables(project) == before


def test_copies_and_leftovers_are_cleared_and_pages_that_name_the_id_are_told(project):
    copies = project / "2025-01-01" / "notebooks" / ".ipynb_checkpoints"
    copies.mkdir(parents=True)
    (copies / "01_collect-checkpoint.ipynb").write_text("{}")
    (project / "2025-01-01" / "tables" / ".ids.parquet.77.tmp").write_text("left")
    (project / "2025-01-01" / "02_explore.html").write_text("<td>12346</td>")
    (project / "2025-02-01" / "02_explore.html").write_text("<td>12346.5 and x-12346 and 12,346</td>")
    assert forget(project, "12346").mentioned == ("2025-01-01/02_explore.html",)
    assert not copies.exists()
    assert not list(project.rglob("*.tmp"))


def _hold(folder, ready, go) -> None:
    with hold(Store(folder)):
        ready.set()
        go.wait(30)


def test_a_run_that_is_executed_stops_before_any_change(project):
    context = multiprocessing.get_context("spawn")
    ready, go = context.Event(), context.Event()
    holder = context.Process(target=_hold, args=(project / "2025-02-01", ready, go))
    holder.start()
    try:
        assert ready.wait(30)
        before = tables(project)
        with pytest.raises(
            RunError, match="^shop as of 2025-02-01 is being run by .*; wait for it, or stop it$"
        ):
            forget(project, "12346")
        assert tables(project) == before
        assert not (project / LIST).exists()
        with pytest.raises(RunError, match="shop as of 2025-02-01 is being run by"):
            purge.remove(purge.old_runs(project.parent, [], NOW)[1])
        assert tables(project) == before
    finally:
        go.set()
        holder.join(30)


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("at", range(1, 7))
def test_a_second_call_completes_what_a_killed_one_left(project, monkeypatch, at):
    """The process dies at the n-th file put in its place, of six in two runs."""
    real, moved = customer_rows.Path.replace, []

    def replace(self, target):
        if target.suffix == ".parquet":
            moved.append(target)
            if len(moved) == at:
                raise Killed("at file", at)
        return real(self, target)

    monkeypatch.setattr(customer_rows.Path, "replace", replace)
    with pytest.raises(Killed, match="at file"):
        forget(project, "12346")
    monkeypatch.undo()
    assert forgotten(project).is_forgotten(pd.Series(["12346"])).all()
    assert json.loads((project / LIST).read_text())["customers"][0]["finished"] is None
    assert forget(project, "12346").runs == EXPECTED
    for as_of, rest in (("2025-01-01", [1, 3]), ("2025-02-01", [2])):
        assert customers(project, as_of, "ids") == customers(project, as_of, "features") == rest
        assert sorted(set(customers(project, as_of, "transactions"))) == rest
        assert not list((project / as_of).rglob("*.skops"))
    assert json.loads((project / LIST).read_text())["customers"][0]["runs"] == EXPECTED
    assert not list(project.rglob("*.tmp"))


def test_a_full_or_read_only_disk_leaves_all_tables_of_the_run(project, monkeypatch):
    real = customer_rows._in_parquet

    def full(path, wanted, others):
        if others:
            raise OSError(28, "No space left on device")
        return real(path, wanted, others)

    before = tables(project)
    monkeypatch.setattr(customer_rows, "_in_parquet", full)
    with pytest.raises(
        RunError, match=r"shop: its runs cannot be written to \(No space left on device\); check the folder"
    ):
        forget(project, "12346")
    assert tables(project) == before


def test_a_folder_that_cannot_be_made_is_one_line(project):
    (project.parent / "file").write_text("")
    with pytest.raises(
        RunError, match=r"^name: its runs cannot be written to \(Not a directory\); check the folder's rights"
    ):
        forget(project.parent / "file" / "name", "x", ahead=True)


def test_a_list_without_its_key_stops(project):
    forget(project, "12346")
    (project / SECRET).unlink()
    with pytest.raises(
        RunError, match=r"shop: forgotten\.json lists 1 customers and its key \.forgotten\.key is gone"
    ):
        forgotten(project)
    with pytest.raises(RunError, match="its key .* is gone"):
        forget(project, "A7")
    (project / LIST).write_text("{")
    with pytest.raises(RunError, match=r"shop: forgotten\.json is damaged"):
        forgotten(project)


def test_numbered_rows_are_no_ids(project):
    store = Store(project / "2025-01-01")
    store.record(params={"sources": {"customers": {"columns": {}}}})
    with pytest.raises(
        RunError, match="shop as of 2025-01-01: its customers have no ids, their rows are numbered"
    ):
        forget(project, "12346")


def test_a_link_to_a_run_elsewhere_is_not_followed(project, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    small_run(elsewhere, "2025-04-01", {5: "12346"})
    (project / "2025-04-01").symlink_to(elsewhere / "2025-04-01")
    assert forget(project, "12346").of == 3
    assert customers(elsewhere, "2025-04-01", "ids") == [5]


# Purge


@pytest.mark.parametrize(
    ("text", "days"), [("365d", 365), ("2w", 14), ("1y", 365), (" 10 D ", 10), ("0d", 0)]
)
def test_an_age_is_read(text, days):
    assert purge.age(text).days == days


@pytest.mark.parametrize("text", ["", "365", "-1d", "1.5d", "a year", "1000000d", "5m"])
def test_an_age_that_is_none_is_refused(text):
    with pytest.raises(
        ParamsError,
        match=f"^--older-than: found '{re.escape(text)}'; allowed: a number of days, weeks or years",
    ):
        purge.age(text)


def test_runs_are_old_by_when_they_were_executed(project):
    small_run(project, "2020-01-01", {1: "A7"}, began="2025-12-30T10:00:00+00:00")
    small_run(project.parent / "other", "2025-05-01", {1: "A7"}, began="2024-05-01T10:00:00+00:00")
    before = NOW - dt.timedelta(days=30)
    names = [run.name for run in purge.old_runs(project.parent, [], before)]
    assert names == ["other/2025-05-01", "shop/2025-01-01", "shop/2025-02-01", "shop/2025-03-01"]
    assert [run.name for run in purge.old_runs(project.parent, ["other"], before)] == ["other/2025-05-01"]
    with pytest.raises(RunError, match="there is no run of nobody; projects there: other, shop"):
        purge.old_runs(project.parent, ["nobody"], before)
    with pytest.raises(RunError, match="there is no such folder; name it in --reports"):
        purge.old_runs(project / "none", [], before)


def test_what_is_no_run_is_never_listed(project, tmp_path):
    small_run(tmp_path / "elsewhere", "2024-01-01", {1: "A7"})
    (project / "2024-01-01").symlink_to(tmp_path / "elsewhere" / "2024-01-01")
    (project.parent / "linked").symlink_to(tmp_path / "elsewhere")
    for name, text in {
        "2024-02-01": None,
        "2024-03-01": "{",
        "2024-04-01": "[]",
        "2024-05-01": '{"stages": {}}',
        "2024-06-01": '{"stages": {"a": {"began": "x"}}, "versions": {"seglib": "1"}}',
    }.items():
        (project / name).mkdir()
        if text is not None:
            (project / name / "run.json").write_text(text)
    shutil.copytree(project / "2025-01-01", project / "kept by hand")
    names = [run.name for run in purge.old_runs(project.parent, [], NOW)]
    assert names == ["shop/2025-01-01", "shop/2025-02-01", "shop/2025-03-01"]


def test_a_run_is_taken_away_whole_and_what_links_point_to_stays(project, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("keep")
    (project / "2025-01-01" / "link").symlink_to(precious)
    (project / "2025-01-01" / "audiences").symlink_to(precious)
    purge.remove(purge.old_runs(project.parent, [], NOW)[0])
    assert sorted(p.name for p in project.iterdir()) == ["2025-02-01", "2025-03-01"]
    assert (precious / "file").read_text() == "keep"


def test_a_purge_that_is_killed_has_taken_the_ids_and_can_be_repeated(project, monkeypatch):
    run = purge.old_runs(project.parent, [], NOW)[0]
    real, taken = purge._delete, []

    def delete(path):
        taken.append(path.name)
        if len(taken) == 3:
            raise OSError(5, "Input/output error")
        real(path)

    monkeypatch.setattr(purge, "_delete", delete)
    with pytest.raises(
        RunError, match=r"shop/2025-01-01: it cannot be deleted whole \(Input/output error\); purge again"
    ):
        purge.remove(run)
    monkeypatch.undo()
    assert taken[:2] == ["ids.parquet", "audiences"]
    assert not (project / "2025-01-01" / "tables" / "ids.parquet").exists()
    again = purge.old_runs(project.parent, [], NOW)[0]
    assert again.name == run.name
    purge.remove(again)
    assert not (project / "2025-01-01").exists()


# The commands, on a run that was executed


@pytest.fixture
def copied(finished_shop, tmp_path) -> Project:
    """A copy of the finished shop, which others look at."""
    made = Project(tmp_path)
    made.file.write_bytes(finished_shop.file.read_bytes())
    shutil.copytree(finished_shop.reports, made.reports)
    return made


def as_of(project: Project) -> Store:
    return Store(next(p for p in (project.reports / "shop").iterdir() if p.is_dir()))


def test_forget_takes_a_customer_out_of_an_executed_run(copied):
    store = as_of(copied)
    number, key = store.read("ids")[["customer", "key"]].iloc[17]
    held = {p.stem for p in (store.root / "tables").iterdir() if "customer" in pq.read_schema(p).names}
    before = {name: read_frame(store.root / "tables" / f"{name}.parquet") for name in held}
    done = seglib("forget", copied.file, "--customer", key, "--reports", copied.reports)
    assert done.returncode == 0, done.stderr
    assert re.search(
        r"^shop: the customer was taken out of 1 of 1 runs \([\d,]+ rows of \d+ tables\); later runs",
        done.stdout,
    )
    for text in (
        done.stdout,
        done.stderr,
        (store.root.parent / LIST).read_text(),
        json.dumps(store.manifest()),
    ):
        assert key not in text
    assert {"ids", "customers", "transactions", "features", "segments"} <= held
    for name, table in before.items():
        want = table[table.customer != number].reset_index(drop=True)
        pd.testing.assert_frame_equal(read_frame(store.root / "tables" / f"{name}.parquet"), want)
    assert len(before["ids"]) == len(store.read("ids")) + 1
    plan = dict(would_run(Order(str(copied.file), reports=str(copied.reports))))
    assert all(plan.values()), "all stages would run again"
    again = seglib("forget", copied.file, "--customer", "-", "--reports", copied.reports, stdin=f"{key}.0\n")
    assert (again.returncode, again.stderr) == (
        2,
        "seglib: shop: none of its 1 runs knows this customer; nothing was "
        "changed. Check --reports and how the id is written, or add --ahead to exclude them from later runs\n",
    )
    again = seglib("forget", copied.file, "--customer", "-", "--reports", copied.reports, stdin=f" {key}\n")
    assert again.returncode == 0
    assert re.search(
        r"^shop: the customer was forgotten on \d{4}-\d\d-\d\d; there was nothing left", again.stdout
    )


def test_no_page_of_an_executed_run_names_a_customer(finished_shop):
    store = as_of(finished_shop)
    for key in store.read("ids").key.sample(5, random_state=0):
        assert customer_rows.CustomerRows(store, key).mentioned() == []


def test_purge_lists_asks_and_takes_away(copied):
    ran = seglib("purge", "--older-than", "1d", "--reports", copied.reports)
    assert (ran.returncode, ran.stdout) == (0, "no run is older than 1d\n")
    words = ["purge", str(copied.file), "--older-than", "0d", "--reports", copied.reports]
    dry = seglib(*words, "--dry-run")
    assert dry.returncode == 0
    assert re.fullmatch(r"shop/2025-09-01: executed on \d{4}-\d\d-\d\d\n", dry.stdout)
    asked = seglib(*words, stdin="n\n")
    assert asked.returncode == 1
    assert "Take 1 runs away for good? [y/N]" in asked.stderr
    assert "nothing was taken away" in asked.stderr
    assert as_of(copied).has("ids")
    done = seglib(*words, "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("1 runs were taken away\n")
    left = [p.name for p in (copied.reports / "shop").iterdir()]
    assert left == [".pseudonyms.key"]  # later runs give the same customers the same pseudonyms
    wrong = seglib("purge", "--older-than", "soon", "--reports", copied.reports)
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
