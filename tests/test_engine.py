"""Progress bars reach the terminal and stay out of notebooks."""

from __future__ import annotations

from types import SimpleNamespace

import nbformat
import pytest

from seglib.engine import _Client


@pytest.fixture
def client():
    made = _Client.__new__(_Client)
    super(_Client, made).__init__(SimpleNamespace(nb=nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell()])))
    made.told = []
    made.nb_man.watch, made.nb_man.autosave_cell = made.told.append, lambda: None
    return made


def stream(text: str, name: str = "stderr") -> dict:
    return {"msg_type": "stream", "content": {"name": name, "text": text},
            "parent_header": {}, "header": {"msg_type": "stream"}}  # fmt: skip


def outputs(client, message: dict) -> list[str]:
    cell = client.nb.cells[0]
    client.clear_before_next_output = False
    client.process_message(message, cell, 0)
    return [output.text for output in cell.outputs]


def test_a_progress_bar_is_told_and_not_kept(client):
    bar = "\rmerged mixture:   2%|#    | 1/45 [00:00<00:09,  4.79it/s]\rmerged mixture:  40%|##   | 18/45 [00:01<00:04]"
    assert outputs(client, stream(bar)) == []
    assert client.told == [", merged mixture 18 of 45"]
    assert outputs(client, stream("\r" + " " * 60 + "\r")) == []


def test_a_warning_beside_a_progress_bar_is_kept(client):
    kept = outputs(client, stream("\rk-means:  50%|##  | 2/4 [00:00<00:00]\nUserWarning: look here\n"))
    assert kept == ["\nUserWarning: look here\n"]


def test_what_is_printed_is_kept_as_it_is(client):
    assert outputs(client, stream("1\r2\n", "stdout")) == ["1\r2\n"]
