"""Keys of params files that were renamed: refused with the name that they have now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

#: What a key was called, by its path, and what it is called now; `*` is any key, or any entry of a list.
RENAMED: dict[str, str] = {
    "assess.lifetime.margin": "margin",
    "target.budget.margin": "margin",
    "assess.min_recovery": "assess.min_stability",
    "target.weights.recovery": "target.weights.stability",
}


def renamed_keys(raw: object, renamed: Mapping[str, str]) -> list[str]:
    """List the keys that were renamed, each with what it is called now.

    Parameters
    ----------
    raw
        What a file holds.
    renamed
        As `RENAMED`.

    Examples
    --------
    >>> renamed_keys({"sources": {"events": {"old": 1}}}, {"sources.*.old": "sources.*.new"})
    ['sources.events.old is now called sources.events.new; rename it']
    """
    lines = []
    for old, new in renamed.items():
        for place in _places(raw, old.split(".")):
            any_keys = iter([key for key, step in zip(place, old.split("."), strict=True) if step == "*"])
            now = ".".join(next(any_keys) if step == "*" else step for step in new.split("."))
            lines.append(f"{'.'.join(place)} is now called {now}; rename it")
    return lines


def _places(raw: Any, path: list[str]) -> Iterator[list[str]]:
    """Find the places that a path leads to."""
    if not path:
        yield []
        return
    first, *rest = path
    entries = dict(enumerate(raw)) if isinstance(raw, list) else raw if isinstance(raw, dict) else {}
    for key, value in entries.items():
        if first in ("*", str(key)):
            yield from ([str(key), *place] for place in _places(value, rest))
