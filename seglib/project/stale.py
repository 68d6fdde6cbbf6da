"""Pages whose inputs have changed since they were made say so, with the command that refreshes them."""

from __future__ import annotations

import html
import re

from seglib.catalogue import STAGES, stage
from seglib.project.store import Store

_MARK = '<p class="stale" role="status">'


def banner(project: str, first: str) -> str:
    """Write the banner of a page that is older than what it stands on."""
    command = f"seglib run params/{project}.yaml"
    return (
        f"{_MARK}<b>Out of date.</b> Stage {html.escape(first)} has run again since this page was made. "
        f"Refresh it with <code>{html.escape(command)}</code>.</p>"
    )


def mark_later_pages(store: Store, project: str, first: str) -> None:
    """Put the banner on the pages of all later stages, and on the decision, once."""
    later = [stage(name).page for name in STAGES[STAGES.index(first) + 1 :]]
    for name in [*later, "index.html"]:
        page = store.root / name
        if not page.is_file():
            continue
        text = page.read_text(encoding="utf-8")
        if _MARK not in text and "<main" in text:
            marked = re.sub(r"(<main[^>]*>)", lambda m: m[1] + banner(project, first), text, count=1)
            store.write_text(marked, name)


def is_stale(store: Store, page: str) -> bool:
    """Tell whether a page carries the banner."""
    path = store.root / page
    return path.is_file() and _MARK in path.read_text(encoding="utf-8")
