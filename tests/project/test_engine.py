"""The kernel that notebooks of a project share: it keeps what was imported, and nothing else."""

from __future__ import annotations

import nbformat
import psutil
import pytest
from papermill import execute_notebook
from papermill.exceptions import PapermillExecutionError

from seglib.project import engine

LOOK = """
import os, sys
print(os.getpid(), "left" in globals(), "_" in globals(), "colorsys" in sys.modules)
"""


def executed(folder, kernel, *cells: str):
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "python3", "language": "python"}
    nbformat.write(made, folder / "a.ipynb")
    return execute_notebook(
        str(folder / "a.ipynb"),
        str(folder / "b.ipynb"),
        engine_name=engine.NAME,
        kernel=kernel,
        progress=lambda *_: None,
        progress_bar=False,
    )


def said(notebook) -> list[str]:
    return notebook.cells[-1].outputs[0].text.split(maxsplit=1)


def test_the_next_notebook_finds_what_was_imported_and_nothing_that_was_made(tmp_path):
    with engine.Kernel() as kernel:
        first = executed(tmp_path, kernel, "left = 1\nimport colorsys", "left", LOOK)
        second = executed(tmp_path, kernel, LOOK)
    assert said(first)[1] == "True True True\n"
    assert said(second)[1] == "False False True\n"
    assert said(first)[0] == said(second)[0]
    assert [c.execution_count for c in first.cells + second.cells] == [1, 2, 3, 1]
    assert not psutil.pid_exists(int(said(first)[0]))


def test_a_kernel_that_has_grown_is_not_used_again(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "_GROWN", 0)
    with engine.Kernel() as kernel:
        pids = [said(executed(tmp_path, kernel, LOOK))[0] for _ in range(2)]
        assert pids[0] != pids[1]
        assert not psutil.pid_exists(int(pids[0]))


def test_a_kernel_that_died_fails_its_notebook_and_is_replaced(tmp_path):
    with engine.Kernel() as kernel:
        with pytest.raises(Exception, match=r"[Kk]ernel died"):
            executed(tmp_path, kernel, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
        assert said(executed(tmp_path, kernel, LOOK))


def test_the_kernel_ends_with_a_failure(tmp_path):
    with pytest.raises(PapermillExecutionError, match="division"), engine.Kernel() as kernel:
        executed(tmp_path, kernel, f"import os; open('{tmp_path}/pid', 'w').write(str(os.getpid())); 1 / 0")
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))
