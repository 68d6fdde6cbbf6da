"""Labels for columns whose names are not words."""

from __future__ import annotations

import re

from seglib.project.new.recognise import Recognised
from seglib.vocabulary import spoken

#: Abbreviations of column names, in the words that a reader needs.
_SHORT = {
    "acct": "account", "addr": "address", "amt": "amount", "avg": "average", "bal": "balance", "cat": "category",
    "cmp": "campaign", "cnt": "number", "ct": "number", "cust": "customer", "dept": "department", "dt": "date",
    "freq": "frequency", "grp": "group", "hh": "household", "inc": "income", "ind": "flag", "max": "maximum",
    "min": "minimum", "mnt": "amount spent", "mo": "month", "mth": "month", "mon": "months", "nb": "number of",
    "no": "number of", "nr": "number of", "num": "number of", "ord": "order", "pct": "per cent", "prd": "product",
    "prod": "product", "prev": "previous", "pref": "preferred", "pts": "points", "purch": "purchases",
    "qty": "quantity", "rev": "revenue", "seg": "segment", "stat": "status", "tot": "total", "trans": "transaction",
    "trx": "transaction", "txn": "transaction", "typ": "type", "util": "utilisation", "val": "value",
    "yr": "year", "yrs": "years",
}  # fmt: skip


def proposed_labels(what: Recognised, columns: list[str]) -> dict[str, str]:
    """Propose a label for every column whose name is not made of words.

    Parameters
    ----------
    what
        What was recognised.
    columns
        Columns that the bases name.

    Returns
    -------
    dict
        Label by column; a question mark where the name tells nothing, and the user must say what it is.
    """
    found = {}
    for name in columns:
        words = spoken(name).split()
        if any(w.lower() in _SHORT for w in words):
            plain = " ".join(_in_full(w, at, len(words)) for at, w in enumerate(words))
            plain = plain.replace("number of of ", "number of ")
            found[name] = plain[:1].upper() + plain[1:]
        elif not re.search(r"[^\W\d_]{3}", name):
            found[name] = f"Column {name}"
    return {name: label for name, label in found.items() if label.casefold() != spoken(name).casefold()}


def _in_full(word: str, at: int, of: int) -> str:
    """Write a word of a name in full; "no" is a number before or behind what it counts, and a no between words."""
    full = _SHORT.get(word.lower(), word)
    if full != "number of":
        return full
    return full if at == 0 and of > 1 else "number" if at == of - 1 else word
