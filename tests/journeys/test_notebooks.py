"""The notebook contract, and the three ways to run a notebook with equal results."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path

import nbformat
import pytest
from papermill import inspect_notebook
from projects import ROOT, Project, make_shop, pin_key

from seglib.catalogue import STAGES
from seglib.catalogue import stage as record_of

NOTEBOOKS = [ROOT / "notebooks" / f"{record_of(stage).notebook}.ipynb" for stage in STAGES]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
class TestContract:
    def cells(self, path: Path, kind: str) -> list:
        return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == kind]

    def test_carries_no_outputs(self, path):
        assert all(not c.outputs and c.execution_count is None for c in self.cells(path, "code"))

    def test_cells_are_short_and_define_nothing(self, path):
        for cell in self.cells(path, "code"):
            assert len(cell.source.splitlines()) <= 15, cell.source
            assert not re.search(r"^\s*(def|class|for|while) ", cell.source, re.M), cell.source

    def test_says_what_it_reads_writes_and_decides(self, path):
        first = self.cells(path, "markdown")[0].source
        for word in ("# ", "**Reads**", "**Writes**", "**Decides**"):
            assert word in first

    def test_parameters_are_documented(self, path):
        found = inspect_notebook(str(path))
        assert found["params"]["default"] == '"params/demo.yaml"'
        for name, parameter in found.items():
            assert parameter["help"], name
            assert parameter["inferred_type_name"] in ("str", "int", "float"), name
        tagged = [c for c in self.cells(path, "code") if "parameters" in c.metadata.get("tags", [])]
        assert len(tagged) == 1

    def test_prose_states_no_result(self, path):
        for cell in self.cells(path, "markdown")[1:]:
            assert not re.search(r"\bwe (see|find|found)\b", cell.source, re.I)

    def test_no_path_and_no_clock(self, path):
        for cell in self.cells(path, "code"):
            assert not re.search(r"(?<![\w.])/\w+/\w+|\.now\(|\.today\(", cell.source), cell.source


def by_papermill(project) -> None:
    pin_key(project.reports, project.name)
    for path in NOTEBOOKS:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "papermill",
                str(path),
                str(project.folder / path.name),
                "-p",
                "params",
                str(project.file),
                "-p",
                "reports",
                str(project.reports),
            ],
            capture_output=True,
            text=True,
            cwd=project.folder,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]


class Lab:
    """A JupyterLab server whose kernels run notebooks cell by cell, as Run All does."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.token = uuid.uuid4().hex
        self.log = (folder / "lab.log").open("w")
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyterlab",
                "--no-browser",
                "--ip=127.0.0.1",
                f"--port={self.port}",
                f"--IdentityProvider.token={self.token}",
                f"--ServerApp.root_dir={ROOT}",
                "--allow-root",
            ],
            stdout=self.log,
            stderr=self.log,
            env=os.environ | {"JUPYTER_CONFIG_DIR": str(folder / "config")},
        )

    def call(self, method: str, path: str, body: dict | None = None) -> dict:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/{path}",
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else {}

    def wait(self) -> None:
        for _ in range(240):
            try:
                self.call("GET", "status")
                return
            except OSError:
                time.sleep(0.25)
        raise AssertionError("JupyterLab did not start")

    def run_all(self, notebook: str, replace: dict[str, str]) -> None:
        import websocket

        nb = self.call("GET", f"contents/notebooks/{notebook}")["content"]
        session = self.call(
            "POST",
            "sessions",
            {
                "path": f"notebooks/{notebook}",
                "name": notebook,
                "type": "notebook",
                "kernel": {"name": "python3"},
            },
        )
        kernel = session["kernel"]["id"]
        wire = websocket.create_connection(
            f"ws://127.0.0.1:{self.port}/api/kernels/{kernel}/channels?token={self.token}", timeout=300
        )
        try:
            for cell in nb["cells"]:
                if cell["cell_type"] == "code":
                    source = cell["source"]
                    for old, new in replace.items():
                        source = source.replace(old, new)
                    self._execute(wire, source)
        finally:
            wire.close()
            self.call("DELETE", f"sessions/{session['id']}")

    def _execute(self, wire, source: str) -> None:
        sent = uuid.uuid4().hex
        wire.send(
            json.dumps(
                {
                    "header": {
                        "msg_id": sent,
                        "msg_type": "execute_request",
                        "username": "",
                        "session": sent,
                        "version": "5.3",
                    },
                    "parent_header": {},
                    "metadata": {},
                    "channel": "shell",
                    "buffers": [],
                    "content": {
                        "code": source,
                        "silent": False,
                        "store_history": True,
                        "user_expressions": {},
                        "allow_stdin": False,
                        "stop_on_error": True,
                    },
                }
            )
        )
        while True:
            message = json.loads(wire.recv())
            if message["parent_header"].get("msg_id") == sent and message["msg_type"] == "execute_reply":
                content = message["content"]
                assert content["status"] == "ok", content.get("traceback")
                return

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        self.log.close()


def test_papermill_gives_the_same_tables(finished_shop, tmp_path, shop_tables):
    project = make_shop(tmp_path, shop_tables)
    by_papermill(project)
    assert project.tables() == finished_shop.tables()


def test_jupyterlab_writes_a_trial_of_equal_tables_and_leaves_the_run_alone(finished_shop, tmp_path):
    project = Project(finished_shop.folder)
    project.reports = tmp_path / "reports"
    shutil.copytree(finished_shop.reports, project.reports)
    before = {p: p.read_bytes() for p in project.store.rglob("*") if p.is_file() and p.suffix != ".lock"}
    lab = Lab(tmp_path)
    try:
        lab.wait()
        for path in NOTEBOOKS:
            lab.run_all(
                path.name,
                {
                    '"params/demo.yaml"': f'"{project.file}"',
                    'reports: str = "reports"': f'reports: str = "{project.reports}"',
                },
            )
    finally:
        lab.stop()
    assert {p: p.read_bytes() for p in before} == before
    trial = {p.name: p.read_bytes() for p in (project.store / "trials" / "draft" / "tables").iterdir()}
    assert trial == finished_shop.tables()


def test_a_knob_is_the_same_as_setting_the_params(tmp_path, finished_shop):
    made = []
    for name, word in (("knob", "k=4"), ("setting", "segment.k=4")):
        project = Project(finished_shop.folder)
        project.reports = tmp_path / name
        shutil.copytree(finished_shop.reports, project.reports)
        done = project.run("--from", "segment", "--to", "segment", "--set", word)
        assert done.returncode == 0, done.stderr
        made.append(project)
    assert made[0].table("segments").segment.nunique() == 4
    assert made[0].tables() == made[1].tables()


@pytest.mark.parametrize("stage", STAGES)
def test_every_cell_can_be_run_again_after_run_all(finished_shop, tmp_path, stage):
    project = Project(finished_shop.folder)
    project.reports = tmp_path / "reports"
    shutil.copytree(finished_shop.reports, project.reports)
    before = project.tables()
    cells = [
        c.source
        for c in nbformat.read(ROOT / "notebooks" / f"{record_of(stage).notebook}.ipynb", 4).cells
        if c.cell_type == "code"
    ]
    left = project.cells(stage)
    for source in cells[1:]:
        for _ in range(2):
            exec(compile(source, stage, "exec"), left)
    assert project.tables() == before


@pytest.mark.parametrize("stage", STAGES)
def test_at_most_about_a_third_of_a_notebooks_code_presents(stage):
    cells = nbformat.read(ROOT / "notebooks" / f"{record_of(stage).notebook}.ipynb", 4).cells
    lines = {True: 0, False: 0}
    for cell in cells:
        if cell.cell_type == "code":
            for node in ast.parse(cell.source).body:
                shows = "report." in ast.unparse(node) and not isinstance(node, ast.Import | ast.ImportFrom)
                lines[shows] += node.end_lineno - node.lineno + 1
    assert lines[True] / sum(lines.values()) < 0.36


@pytest.mark.parametrize("stage", STAGES)
def test_no_name_of_a_notebook_is_bound_twice(stage):
    cells = nbformat.read(ROOT / "notebooks" / f"{record_of(stage).notebook}.ipynb", 4).cells
    bound = []
    for cell in cells:
        if cell.cell_type == "code":
            for node in ast.parse(cell.source).body:
                targets = getattr(node, "targets", [getattr(node, "target", None)])
                bound += [
                    n.id
                    for t in targets
                    if t is not None
                    for n in ast.walk(t)
                    if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
                ]
    assert sorted({n for n in bound if bound.count(n) > 1}) == []
