"""The key of a project: what pseudonyms are made with, readable by its owner alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from seglib.errors import RunError

#: Its file beside the runs. Who copies it reproduces a run to the byte elsewhere; who has it can link ids to numbers.
KEY = ".pseudonyms.key"
_BYTES = 32


def make_key(path: Path) -> None:
    """Write a new key that its owner alone can read; a file that is there stays."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(_BYTES))


def project_key(project: Path) -> bytes:
    """Read the key of a project, `reports/NAME`, and make it where there is none.

    Raises
    ------
    RunError
        If the file is there and does not hold a key.
    """
    path = project / KEY
    if not path.is_file():
        project.mkdir(parents=True, exist_ok=True)
        try:
            make_key(path)
        except FileExistsError:
            return project_key(project)
    key = path.read_bytes()
    if len(key) < _BYTES:
        raise RunError(
            f"{project.name}: {KEY} holds {len(key)} bytes; a key has {_BYTES}. Put an earlier copy in its place, or "
            "remove it: later runs then number customers differently"
        )
    return key
