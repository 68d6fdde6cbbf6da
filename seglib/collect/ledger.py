"""The ledger: what the params say of the rows of a source, and what became of every one of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import pandas as pd

from seglib.catalogue.sources import Rule
from seglib.errors import DataError, listing


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
        How times are written, where they are text.
    fresh_days
        The newest row may be so many days older than as_of.
    cancelled_prefix
        Orders whose number begins so are cancellations.
    """

    rules: dict[str, str] = field(default_factory=dict)
    ranges: dict[str, dict[str, float]] = field(default_factory=dict)
    dates: str | None = None
    fresh_days: int | None = None
    cancelled_prefix: str | None = None

    def action(self, rule: Rule) -> str:
        """Say what is done with a row that breaks a rule."""
        return self.rules.get(rule.name, rule.action)


@dataclass(frozen=True)
class Entry:
    """One rule of the ledger, in rows of its source and in money.

    Attributes
    ----------
    source, rule, why
        What was checked, and the reason.
    rows_in, dropped, set_aside, blanked, rows_out
        Rows before; left out; kept in another table; kept but changed; rows after.
    value
        Money in the rows dropped or set aside; missing where rows have no amount.
    warned
        Rows that break the rule and were kept as they are.
    """

    source: str
    rule: str
    rows_in: int
    dropped: int = 0
    set_aside: int = 0
    blanked: int = 0
    value: float = float("nan")
    why: str = ""
    warned: int = 0

    @property
    def rows_out(self) -> int:
        """Rows that go on."""
        return self.rows_in - self.dropped - self.set_aside


_LEDGER = [
    "source",
    "rule",
    "rows_in",
    "dropped",
    "set_aside",
    "blanked",
    "warned",
    "rows_out",
    "value",
    "why",
]


def as_table(entries: list[Entry]) -> pd.DataFrame:
    """Write the entries as a table: one row per rule."""
    rows = [asdict(entry) | {"rows_out": entry.rows_out} for entry in entries]
    return pd.DataFrame(rows, columns=_LEDGER)


def stop(kind: str, rule: Rule, n: int) -> DataError:
    """Say that a rule which may not be broken is broken."""
    others = [action for action in rule.allowed if action != "stop"]
    return DataError(
        f"{kind}: {n:,} rows break the rule '{rule.name}' ({rule.why}); mend the source, or say "
        f"sources.{kind}.rules.{rule.name}: {listing(others)}"
    )
