"""What columns of personal data are called in seven languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from seglib.vocabulary import words_of

#: Words by which personal data are recognised; see the file.
WORDS: dict[str, Any] = YAML(typ="safe", pure=True).load(Path(__file__).with_name("words.yaml"))
_BY_NAME = {name: kind for kind, names in WORDS["called"].items() for name in names.split(", ")}
#: Words that may stand before or after such a name.
_BESIDE = frozenset(WORDS["beside"].split())


def called(name: object) -> str | None:
    """Return the kind of personal data that a column's name promises, one of `KINDS`.

    Examples
    --------
    >>> called("E-Mail"), called("customerSurname"), called("Téléphone 2"), called("product name")
    ('e-mail address', 'personal name', 'phone number', None)
    """
    words = [word for word in words_of(name) if word.isascii()]
    spans = [(i, j) for i in range(len(words)) for j in range(len(words), i, -1)]
    for i, j in sorted(spans, key=lambda span: span[0] - span[1]):
        kind = _BY_NAME.get(" ".join(words[i:j]))
        if kind and set(words[:i] + words[j:]) <= _BESIDE:
            return kind
    return None
