"""The errors that a user of seglib can meet, each one clear line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable


class SegError(Exception):
    """Report bad input: subject, what was found, what is allowed, what to do."""


class ParamsError(SegError):
    """A params file says something that cannot be run."""


class DataError(SegError):
    """A source holds something that cannot be segmented."""


class RunError(SegError):
    """A run's folder is not in a state in which the stage can work."""


def listing(names: Iterable[object], most: int = 12) -> str:
    """Join names for a message, cut after `most`.

    Examples
    --------
    >>> listing(["b", "a"])
    'a, b'
    >>> listing(range(4), most=2)
    '0, 1 and 2 more'
    """
    names = sorted(map(str, names))
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def nearest(name: str, allowed: Iterable[str]) -> str:
    """Suggest the allowed name that is spelled most like `name`, or nothing.

    Examples
    --------
    >>> nearest("behavioral", ["behavioural", "value"])
    " Did you mean 'behavioural'?"
    >>> nearest("zzz", ["behavioural", "value"])
    ''
    """
    by_fold = {str(a).casefold(): str(a) for a in allowed}
    close = difflib.get_close_matches(str(name).casefold(), by_fold, n=1, cutoff=0.6)
    return f" Did you mean '{by_fold[close[0]]}'?" if close else ""


def one_line(text: str, most: int = 300) -> str:
    r"""Fold a foreign message into one line of at most `most` characters.

    Examples
    --------
    >>> one_line("a\n   b")
    'a b'
    """
    folded = " ".join(str(text).split())
    if len(folded) <= most:
        return folded
    cut = folded[: most - 1]
    whole = cut.rpartition(" ")[0]
    return (whole if len(whole) > 0.8 * most else cut) + "…"


def without_values(message: object) -> str:
    """Fold an engine's message into a line without the values of cells that it quotes.

    Examples
    --------
    >>> without_values("Could not convert string 'K127' to INT32")
    "Could not convert string '…' to INT32"
    """
    return re.sub(r"'[^']*'?", "'…'", one_line(str(message), 200))
