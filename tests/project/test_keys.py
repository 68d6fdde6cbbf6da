"""The project's key: made once, private, never replaced in silence."""

from __future__ import annotations

import stat

import pytest

from seglib.errors import RunError
from seglib.project.keys import KEY, project_key


def test_the_key_is_made_once_and_private(tmp_path):
    project = tmp_path / "shop"
    first = project_key(project)
    assert len(first) == 32
    assert project_key(project) == first
    assert stat.S_IMODE((project / KEY).stat().st_mode) == 0o600
    assert project_key(tmp_path / "other") != first


def test_a_damaged_key_is_not_replaced_in_silence(tmp_path):
    (tmp_path / KEY).write_bytes(b"short")
    with pytest.raises(RunError, match="holds 5 bytes; a key has 32. Put an earlier copy in its place"):
        project_key(tmp_path)
