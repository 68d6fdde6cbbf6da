"""The ledger: what the params say of the rows of a source, and where every one of them went."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import pandas as pd

from seglib.catalogue.sources import Rule
from seglib.errors import DataError, listing

#: What is done with a row, and the column that counts it.
_COLUMNS = {"drop": "dropped", "set aside": "set_aside", "blank": "blanked", "warn": "warned"}


@dataclass(frozen=True)
class Terms:
    """What the params say of the rows of one source.

    Attributes
    ----------
    rules
        By rule: drop, blank, warn or stop, where it is not the default of `KINDS`.
    ranges
        By column: the least (min) and the greatest (max) number that is possible.
    dates
        How times are written, where they are text or numbers; for all columns, or by column.
    timezone
        That of the business (IANA), to whose clock times with an offset are brought.
    where
        Rows that are kept, as `seglib.collect.where` reads it.
    allow
        Columns that may be shown although they hold personal data.
    answers
        By column, the numbers of its answers; of yes and no 1 and 0.
    fresh_days
        The newest row may be so many days older than as_of.
    cancelled_prefix
        Orders whose number begins so are cancellations.
    customers
        optional: customers who are not in the source of customers stay.
    """

    rules: dict[str, str] = field(default_factory=dict)
    ranges: dict[str, dict[str, float]] = field(default_factory=dict)
    dates: str | dict[str, str] | None = None
    timezone: str | None = None
    where: str | None = None
    allow: tuple[str, ...] = ()
    answers: dict[str, dict[str, float]] = field(default_factory=dict)
    fresh_days: int | None = None
    cancelled_prefix: str | None = None
    customers: str = "required"

    def action(self, rule: Rule) -> str:
        """Return what is done with a row that breaks a rule."""
        return self.rules.get(rule.name, rule.action)


@dataclass(frozen=True)
class Entry:
    """One rule of the ledger, in rows of its source and in money.

    Attributes
    ----------
    source, rule
        What was checked.
    rows_in, dropped, set_aside, blanked, warned
        Rows before; excluded; kept in another table; kept without a cell; kept as they are, though
        they break the rule.
    value
        Money in the rows dropped or set aside; missing where rows have no amount.
    why
        The reason.
    """

    source: str
    rule: str
    rows_in: int
    dropped: int = 0
    set_aside: int = 0
    blanked: int = 0
    warned: int = 0
    value: float = float("nan")
    why: str = ""

    @property
    def rows_out(self) -> int:
        """Rows that go on."""
        return self.rows_in - self.dropped - self.set_aside


def entry(
    kind: str,
    rule: Rule,
    action: str,
    rows_in: int,
    broken: int,
    value: float = float("nan"),
    *,
    words: str = "",
    why: str = "",
) -> Entry:
    """Record what was done with the rows that break a rule.

    Parameters
    ----------
    kind, rule, action
        The kind of source, the rule, and what is done with rows that break it.
    rows_in, broken, value
        Rows that reached the rule, those that break it, and the money in the latter.
    words, why
        The name in the ledger and the reason, where they are not the rule's own.

    Raises
    ------
    DataError
        If there are such rows and the action is stop.
    """
    if action == "stop" and broken:
        raise stop(kind, rule, broken)
    counts = {_COLUMNS[action]: broken} if action in _COLUMNS else {}
    return Entry(kind, words or rule.words, rows_in, value=value, why=why or rule.why, **counts)


def as_table(entries: list[Entry]) -> pd.DataFrame:
    """Return the entries as a table: one row per rule."""
    counts = list(_COLUMNS.values())
    columns = ["source", "rule", "rows_in", *counts, "rows_out", "value", "why"]
    return pd.DataFrame([asdict(e) | {"rows_out": e.rows_out} for e in entries], columns=columns)


def stop(kind: str, rule: Rule, n: int) -> DataError:
    """Return the error of a rule that may not be broken and is."""
    others = [action for action in rule.allowed if action != "stop"]
    return DataError(
        f"{kind}: {n:,} rows break the rule '{rule.name}' ({rule.why}); fix the source, or set "
        f"sources.{kind}.rules.{rule.name}: {listing(others)}"
    )
