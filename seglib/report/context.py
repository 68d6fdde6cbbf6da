"""What every piece of a page needs and no notebook passes: currency, names of segments, labels, the smallest cell."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from seglib.vocabulary import uncapitalised


@dataclass(frozen=True)
class Context:
    """What is shown, and under which terms.

    Attributes
    ----------
    stage
        Whose sentences are read: its file of templates.
    currency
        Of amounts of money (ISO 4217), if the project names one.
    min_cell
        The fewest customers that anything shown is based on.
    names
        Of the segments, by number.
    labels
        Of the features, by name.
    objective, strict
        Of the params: what the segments are for, and whether protected attributes are shown at all.
    """

    stage: str = "decision"
    currency: str | None = None
    min_cell: int = 1
    names: dict[int, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    objective: str = ""
    strict: bool = False

    def segment(self, number: Any) -> str:
        """Name a segment; by its number where it has no name yet.

        Examples
        --------
        >>> Context(names={1: "Gift givers"}).segment(1), Context().segment(2)
        ('Gift givers', 'segment 2')
        """
        return "" if pd.isna(number) else self.names.get(int(number), f"segment {int(number)}")

    def feature(self, name: str) -> str:
        """Label a feature."""
        return self.labels.get(name, name)

    def inside(self, name: str) -> str:
        """Label a feature inside a sentence."""
        return uncapitalised(self.feature(name))

    def hides(self, customers: float) -> bool:
        """Tell whether so many customers are too few to be shown."""
        return 0 < customers < self.min_cell

    def few(self, customers: pd.Series) -> pd.Series:
        """Tell which of many numbers of customers are too few to be shown; one that is missing is not.

        Examples
        --------
        >>> Context(min_cell=10).few(pd.Series([0, 9, 10, None])).tolist()
        [False, True, False, False]
        """
        numbers = customers.astype("float64")
        return (numbers > 0) & (numbers < self.min_cell)


_current = Context()


def context() -> Context:
    """Return what the pieces of this page are shown under."""
    return _current


def begin(terms: Context) -> None:
    """Show all that follows under these terms."""
    global _current
    _current = terms


def name_segments(names: dict[int, str]) -> None:
    """Call the segments by these names from here on."""
    begin(replace(_current, names={int(number): name for number, name in names.items()}))


@contextlib.contextmanager
def under(terms: Context) -> Iterator[Context]:
    """Show what is inside under these terms, and then go on as before."""
    before = _current
    begin(terms)
    try:
        yield terms
    finally:
        begin(before)
