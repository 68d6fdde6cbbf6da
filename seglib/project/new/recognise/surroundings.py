"""What is known around a column when its role is guessed."""

from __future__ import annotations

from dataclasses import dataclass, field

from seglib.project.new.recognise.money import Money


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
    money
        Columns of numbers whose names say money.
    found
        What arithmetic says of the numbers of transactions.
    pieces
        A column called an amount that counts pieces.
    no_orders
        Columns of which most entries have rows of several days.
    shared
        Names, folded, that all tables have.
    orders
        Columns of which every entry has one customer and one time, and several rows.
    fees
        Whether a column says what a payment service kept.
    """

    kind: str
    rows: int
    matched: dict[str, float] = field(default_factory=dict)
    product: dict[str, str] = field(default_factory=dict)
    firms: bool = False
    money: frozenset[str] = frozenset()
    found: Money = field(default_factory=Money)
    pieces: str = ""
    orders: frozenset[str] = frozenset()
    no_orders: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    fees: bool = False
