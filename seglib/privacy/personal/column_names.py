"""What columns of personal data are called in seven languages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from seglib.vocabulary import words_of

#: Words by which personal data are recognised; see the file.
WORDS: dict[str, Any] = YAML(typ="safe", pure=True).load(Path(__file__).with_name("words.yaml"))
_BY_NAME = {name: kind for kind, names in WORDS["called"].items() for name in names.split(", ")}
#: Names that promise a person's name however few answers there are.
_OF_PERSONS = frozenset(" ".join(WORDS["of persons"].split()).split(", "))
#: Words that may stand before or after such a name.
_BESIDE = frozenset(WORDS["beside"].split())


def called(name: object) -> str | None:
    """Return the kind of personal data that a column's name promises, one of `KINDS`.

    Examples
    --------
    >>> called("E-Mail"), called("customerSurname"), called("Téléphone 2"), called("product name")
    ('e-mail address', 'personal name', 'phone number', None)
    >>> called("PayPal Payer First Name"), called("FRST_NM"), called("Teléfono de contacto (opcional)")
    ('personal name', 'personal name', 'phone number')
    """
    return _BY_NAME[phrase] if (phrase := _phrase(name)) else None


def of_persons(name: object) -> bool:
    """Check whether a column is called as names of persons are, and as nothing else is.

    Examples
    --------
    >>> of_persons("customers.first_name"), of_persons("Buyer Surname"), of_persons("name"), of_persons("mobile")
    (True, True, False, False)
    """
    return _phrase(name) in _OF_PERSONS


def list_persons(names: Iterable[object]) -> bool:
    """Check whether columns are those of a list of persons, where what is called a name is that of a person.

    Examples
    --------
    >>> list_persons(["Nome", "Apelido"]), list_persons(["LAST", "FIRST"]), list_persons(["name", "price"])
    (True, True, False)
    """
    known = list(names)
    return any(map(of_persons, known)) or {("first",), ("last",)} <= {words_of(name) for name in known}


def _phrase(name: object) -> str:
    """Find the longest phrase in a column's name that personal data are called by, if the rest says nothing.

    What only names of persons are called is one whatever the rest says.
    """
    words = [word for word in words_of(name) if word.isascii()]
    spans = [(i, j) for i in range(len(words)) for j in range(len(words), i, -1)]
    for i, j in sorted(spans, key=lambda span: span[0] - span[1]):
        phrase = " ".join(words[i:j])
        if phrase in _OF_PERSONS or (phrase in _BY_NAME and set(words[:i] + words[j:]) <= _BESIDE):
            return phrase
    return ""
