"""The terms that a page uses, explained at its foot and linked from their first use."""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).parent / "templates" / "pages" / "glossary.yaml"
#: Where a term may be linked: sentences, verdicts and captions.
_SENTENCE = re.compile(
    r'(<p class="say"[^>]*>|<figcaption>|<caption>|<p class="verdict">)(.*?)(</p>|</figcaption>|</caption>)',
    re.S,
)


@cache
def terms() -> dict[str, str]:
    """Return the terms with their definitions, longest first."""
    found = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {term: found[term] for term in sorted(found, key=len, reverse=True)}


def _pattern(term: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(html.escape(term, quote=False))}(?![\w-])", re.I)


def with_terms(page: str) -> str:
    """Add the terms that occur in the sentences of a page, each linked where it is used first."""
    sentences = [m[2] for m in _SENTENCE.finditer(page)]
    used = [term for term in terms() if any(_pattern(term).search(text) for text in sentences)]
    for term in used:
        page = _linked(page, term)
    if not used:
        return page
    rows = "".join(
        f'<dt id="term-{_slug(term)}">{html.escape(term)}</dt><dd>{html.escape(terms()[term])}</dd>'
        for term in sorted(used, key=str.casefold)
    )
    block = f'<details class="terms" id="terms"><summary>Terms used on this page</summary><dl>{rows}</dl></details>'
    return page.replace("</main>", f"{block}</main>", 1)


def _slug(term: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", term.lower()).strip("-")


def _linked(page: str, term: str) -> str:
    """Link the first use of a term inside a sentence, outside other tags."""
    pattern = _pattern(term)
    for match in _SENTENCE.finditer(page):
        parts = re.split(r"(<a\b.*?</a>|<[^>]+>)", match[2], flags=re.S)
        for at in range(0, len(parts), 2):
            if pattern.search(parts[at]):
                link = rf'<a class="term" href="#term-{_slug(term)}">\g<0></a>'
                parts[at] = pattern.sub(link, parts[at], count=1)
                return page[: match.start(2)] + "".join(parts) + page[match.end(2) :]
    return page
