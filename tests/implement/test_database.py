"""Audiences and histories in databases: whole or not at all, and the same after a second run."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import threading
from pathlib import Path

import pandas as pd
import pytest
from postgres import running

from seglib.collect.sources import connect, open_source
from seglib.errors import RunError
from seglib.implement.destinations import database

JANUARY, FEBRUARY, MARCH = dt.date(2025, 1, 1), dt.date(2025, 2, 1), dt.date(2025, 3, 1)


@pytest.fixture(scope="module")
def server():
    with running() as started:
        yield started


@pytest.fixture(params=["duckdb", "sqlite", "postgresql"])
def terms(request, tmp_path):
    names = {"audience": "audience", "history": "history"}
    if request.param != "postgresql":
        return names | {"connection": f"{request.param}://{tmp_path}/out.db"}
    server = request.getfixturevalue("server")
    server.run("DROP TABLE IF EXISTS audience", "DROP TABLE IF EXISTS history", "SELECT 1")
    return names | {"connection": server.address()}


def rows(
    segments: dict[str, int], as_of: dt.date, project: str = "shop"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    history = pd.DataFrame(
        {
            "customer_id": list(segments),
            "segment_code": list(segments.values()),
            "name": [f"it's {s}" for s in segments.values()],
            "margin": 0.5,
            "play": "Win-back",
            "arm": "treatment",
            "run": f"{project}/{as_of}",
            "as_of": as_of,
            "valid_from": as_of,
            "valid_to": None,
        }
    )
    audience = history.assign(campaign="win-back", channel="e-mail", gain=1.5, valid_to=as_of)
    return history[list(database.HISTORY)], audience[list(database.AUDIENCE)]


def write(terms, segments, as_of, project="shop", root=None):
    return database.write(terms, *rows(segments, as_of, project), project, as_of, root or Path("/"))


def read(terms, table="history") -> list[tuple]:
    spec = {"connection": terms["connection"], "query": f"select * from {table}"}
    opened = open_source(connect(), "customers", Path("/"), spec)
    frame = opened.table.to_pandas()
    dates = {c: frame[c].astype("string").str.slice(0, 10) for c in ("valid_from", "valid_to")}
    frame = frame.assign(**dates)[["customer_id", "segment_code", "valid_from", "valid_to"]]
    return sorted(tuple(None if pd.isna(v) else v for v in row) for row in frame.itertuples(index=False))


def test_history_closes_rows_that_change_and_keeps_the_others(terms):
    write(terms, {"a": 1, "b": 2, "c": 3}, JANUARY)
    write(terms, {"a": 1, "b": 3, "d": 1}, FEBRUARY)
    assert read(terms) == [
        ("a", 1, "2025-01-01", None),
        ("b", 2, "2025-01-01", "2025-02-01"),
        ("b", 3, "2025-02-01", None),
        ("c", 3, "2025-01-01", "2025-02-01"),
        ("d", 1, "2025-02-01", None),
    ]


def test_a_second_run_changes_nothing_and_a_corrected_one_replaces_its_own_rows(terms):
    write(terms, {"a": 1, "b": 2}, JANUARY)
    write(terms, {"a": 2, "b": 2}, FEBRUARY)
    before = read(terms), read(terms, "audience")
    write(terms, {"a": 2, "b": 2}, FEBRUARY)
    assert (read(terms), read(terms, "audience")) == before
    write(terms, {"a": 1, "b": 2}, FEBRUARY)
    assert read(terms) == [("a", 1, "2025-01-01", None), ("b", 2, "2025-01-01", None)]


def test_two_projects_share_a_table_without_touching_each_other(terms):
    write(terms, {"a": 1}, JANUARY)
    write(terms, {"a": 7}, FEBRUARY, project="shop2")
    write(terms, {"a": 1}, FEBRUARY)
    assert read(terms) == [("a", 1, "2025-01-01", None), ("a", 7, "2025-02-01", None)]


def test_an_earlier_run_is_refused_after_a_later_one(terms):
    write(terms, {"a": 1}, FEBRUARY)
    before = read(terms)
    with pytest.raises(RunError, match="2025-02-01"):
        write(terms, {"a": 2}, JANUARY)
    assert read(terms) == before


def test_a_person_is_forgotten_in_both_tables(terms):
    write(terms, {"a": 1, "b": 2}, JANUARY)
    write(terms, {"a": 2, "b": 2}, FEBRUARY)
    assert database.forget(terms, "a", Path("/")) == 4
    assert [r[0] for r in read(terms)] == ["b"]
    assert {r[0] for r in read(terms, "audience")} == {"b"}


@pytest.mark.parametrize("step", range(1, 7))
def test_what_fails_halfway_leaves_the_database_as_it_was(terms, monkeypatch, step):
    write(terms, {"a": 1, "b": 2}, JANUARY)
    before = read(terms), read(terms, "audience")
    whole = database.statements

    def broken(*args):
        return [*whole(*args)[:step], "SELECT * FROM there_is_no_such_table"]

    monkeypatch.setattr(database, "statements", broken)
    with pytest.raises(RunError, match="as it was"):
        write(terms, {"a": 2, "c": 2}, FEBRUARY)
    assert (read(terms), read(terms, "audience")) == before


class Wire:
    """A relay to a server that is cut after so many bytes were sent to it."""

    def __init__(self, port: int, after: int) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.target, self.left = self.listener.getsockname()[1], port, after
        threading.Thread(target=self.relay, daemon=True).start()

    def relay(self) -> None:
        here, _ = self.listener.accept()
        there = socket.create_connection(("127.0.0.1", self.target))

        def pump(source, sink, counts):
            try:
                while data := source.recv(65536):
                    if counts:
                        self.left -= len(data)
                        if self.left < 0:
                            break
                    sink.sendall(data)
            except OSError:
                pass
            for end in (here, there):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

        threading.Thread(target=pump, args=(there, here, False), daemon=True).start()
        pump(here, there, True)
        for end in (here, there, self.listener):
            end.close()


@pytest.mark.parametrize("after", [900, 1500, 2500, 4000, 60_000, 250_000])
def test_a_cut_connection_to_postgresql_leaves_nothing_half_written(server, after):
    server.run("DROP TABLE IF EXISTS audience", "DROP TABLE IF EXISTS history", "SELECT 1")
    names = {"audience": "audience", "history": "history"}
    direct = names | {"connection": server.address()}
    write(direct, {"a": 1, "b": 2}, JANUARY)
    before = read(direct), read(direct, "audience")
    wire = Wire(server.port, after)
    cut = names | {"connection": server.address(port=wire.port)}
    with pytest.raises(RunError) as refused:
        write(cut, {f"c{i}": i % 5 for i in range(5000)}, FEBRUARY)
    assert "s3cret" not in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    assert (read(direct), read(direct, "audience")) == before


def test_an_unknown_kind_of_database_is_named(tmp_path):
    with pytest.raises(RunError, match="no known kind"):
        write({"connection": "mysql://u:p@h/d", "audience": "a", "history": "h"}, {"a": 1}, JANUARY)
