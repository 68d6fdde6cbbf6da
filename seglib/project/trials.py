"""Explorations beside a run: tables of their own, never published, compared with what is."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from seglib import report
from seglib.errors import ParamsError
from seglib.project.compare import differences
from seglib.project.lock import TOKEN
from seglib.report.display import say_text
from seglib.report.words import marked

if TYPE_CHECKING:
    from seglib.project.run import Run

#: Servers of notebooks, by what their command line names; papermill and scripts are none.
_INTERACTIVE = re.compile(
    r"jupyter-?(lab|server|notebook|hub|labhub|console|execute|nbconvert)|nbconvert|spyder|vscode"
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
#: The trial of a notebook in which nothing was changed.
DRAFT = "draft"


@dataclass(frozen=True)
class Trial:
    """One exploration.

    Attributes
    ----------
    name
        Of its folder under `trials/`.
    changes
        What differs from the params file: KEY=VALUE each.
    """

    name: str
    changes: list[str] = field(default_factory=list)

    def folder(self, run: Path) -> Path:
        """Return its folder under that of the published run."""
        return run / "trials" / self.name

    def banner(self) -> str:
        """Say at the top of a notebook that it is a trial."""
        changed = f", with {', '.join(self.changes)}" if self.changes else ""
        return str(say_text(f"**This is a trial** ({self.name}{changed}). The published run stays as it is."))


def interactive() -> bool:
    """Tell whether somebody works in this kernel, rather than a batch run."""
    if "JPY_SESSION_NAME" in os.environ or "VSCODE_PID" in os.environ:
        return True
    if "JPY_PARENT_PID" not in os.environ:
        return False
    parent = psutil.Process().parent()
    return parent is not None and bool(_INTERACTIVE.search(" ".join(parent.cmdline())))


def trial_of(name: str, changes: list[str]) -> Trial | None:
    """Decide whether a notebook publishes, or is a trial.

    `seglib run` publishes, whatever is set; so does a batch run of a notebook as it stands.

    Raises
    ------
    ParamsError
        If a trial's name cannot be that of a folder.
    """
    if name and not _NAME.fullmatch(name):
        raise ParamsError(f"trial: found '{name}'; allowed: letters, digits, dots, - and _, as in k-4")
    if os.environ.get(TOKEN) or not (name or changes or interactive()):
        return None
    return Trial(name or _named(changes), changes)


def _named(changes: list[str]) -> str:
    """Name a trial by what was changed."""
    words = [
        re.sub(r"[^A-Za-z0-9.]+", "-", c.rpartition(".")[2] if "." in c.partition("=")[0] else c)
        for c in changes
    ]
    return "_".join(w.strip("-") for w in words)[:64].rstrip("._-") or DRAFT


def closing(run: Run, trial: Trial) -> report.Html:
    """Say at the end of a trial what differs from the published run, and what would keep it."""
    found = differences(run.published, run.store)
    lines = [f"- {line}" for line in found] or ["- there is no published run to compare with"]
    kept = "".join(f"<br><code>{key}: {value}</code>" for key, value in _settings(trial.changes))
    text = say_text(f"**Trial {trial.name} beside the published run**")
    items = "".join(f"<li>{marked(line[2:])}</li>" for line in lines)
    keep = f'<p class="say">To keep it, set in the params file:{kept}</p>' if kept else ""
    return report.Html(f"{text}<ul>{items}</ul>{keep}")


def _settings(changes: list[str]) -> list[tuple[str, str]]:
    return [(key, value) for key, _, value in (change.partition("=") for change in changes)]
