"""What is known around a column."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Surroundings:
    """What is known around a column.

    Attributes
    ----------
    kind
        The kind of its source.
    rows
        Of the source.
    matched
        By column, the share of its entries that are ids of customers; for columns of customers, the
        share of ids of the other sources that are found in it.
    product
        What was found to be quantity, price and amount, one being the product of the others.
    firms
        Whether the table is one of firms.
    named
        Columns whose names say a number of money.
    """

    kind: str
    rows: int
    matched: dict[str, float] = field(default_factory=dict)
    product: dict[str, str] = field(default_factory=dict)
    firms: bool = False
    named: frozenset[str] = frozenset()
