"""Names and answers as words, and how far a name says something."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

#: Texts that stand for a missing value, folded.
MISSING = frozenset(
    {
        "na",
        "n a",
        "nan",
        "null",
        "unknown",
        "unbekannt",
        "inconnu",
        "inconnue",
        "desconocido",
        "desconocida",
        "onbekend",
        "sconosciuto",
        "nieznany",
        "missing",
        "fehlt",
        "keine angabe",
        "k a",
        "not available",
        "not stated",
        "nicht bekannt",
        "non renseigne",
        "sin dato",
        "sin datos",
        "s d",
        "n d",
        "n c",
        "brak",
        "brak danych",
        "sans reponse",
        "no answer",
        "",
        "nd",
    }
)
#: Texts that stand for a missing value where all else is numbers or times, and may be an answer elsewhere.
MISSING_AMONG_NUMBERS = frozenset({"none", "no", "keine", "ninguno", "aucun", "geen", "nessuno", "inf", "x"})


@lru_cache(maxsize=50_000)
def words(name: str) -> tuple[str, ...]:
    """Split a name into its words: lower case, without accents, numbers apart, plurals of English cut.

    Examples
    --------
    >>> words("CustomerID"), words("AcceptedCmp3"), words("Año_de_nacimiento")
    (('customer', 'id'), ('accepted', 'cmp', '3'), ('ano', 'de', 'nacimiento'))
    """
    plain = unicodedata.normalize("NFKD", str(name).replace("ß", "ss").replace("ł", "l").replace("Ł", "L"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = re.sub(
        r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", plain
    )
    return tuple(_singular(w) for w in re.findall(r"[^\W_]+", plain.lower()))


def _singular(word: str) -> str:
    return (
        word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
    )


def folded(text: object) -> str:
    """Fold an answer: lower case, without accents and signs.

    Examples
    --------
    >>> folded(" Très Élevé! ")
    'tres eleve'
    """
    plain = unicodedata.normalize("NFKD", str(text).replace("ß", "ss").replace("ł", "l").replace("Ł", "L"))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    return " ".join(re.findall(r"[^\W_]+", plain))


@lru_cache(maxsize=500)
def phrases(listed: str) -> tuple[tuple[tuple[str, ...], float], ...]:
    """Read a list of names, separated by commas; a question mark says that a name is weak."""
    return tuple(
        (words(p.strip().rstrip("?")), 0.6 if p.strip().endswith("?") else 1.0)
        for p in listed.split(",")
        if p.strip()
    )


def says(name: str, listed: str) -> float:
    """Tell how far a name says one of a list of names, from 0 to 1.

    A name that is the phrase says it wholly; one that holds its words, or ends with it as the compounds of
    German and Dutch do, the more of it the phrase covers.

    Examples
    --------
    >>> says("CustomerID", "customer id"), says("colour", "customer id")
    (1.0, 0.0)
    >>> 0.5 < says("Bestelldatum", "datum") < says("datum", "datum")
    True
    """
    own = words(name)
    return max((weight * _covers(own, phrase) for phrase, weight in phrases(listed)), default=0.0)


def _covers(own: tuple[str, ...], phrase: tuple[str, ...]) -> float:
    name, part = "".join(own), "".join(phrase)
    if not name or not part:
        return 0.0
    if name == part:
        return 1.0
    share = len(part) / len(name)
    if any(own[i : i + len(phrase)] == phrase for i in range(len(own))):
        return 0.5 + 0.4 * share
    longer = [w for w in own if len(part) >= 4 and len(w) >= len(part) + 3]
    if any(w.endswith(part) for w in longer):
        return 0.35 + 0.4 * share
    # The head of a compound stands at its end; what only begins so may be another word: valor, valoración.
    return 0.2 + 0.4 * share if any(w.startswith(part) for w in longer) else 0.0
