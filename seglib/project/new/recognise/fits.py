"""How well a column's content agrees with a role, from 0 (contradicts it) to 1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from seglib.project.new.recognise.columns import Column
from seglib.project.new.recognise.words import ANSWERS, LISTS


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
    """

    kind: str
    rows: int
    matched: dict[str, float] = field(default_factory=dict)
    product: dict[str, str] = field(default_factory=dict)
    firms: bool = False
    money: frozenset[str] = frozenset()


Fit = Callable[[Column, Surroundings], float]


def _customer(column: Column, around: Surroundings) -> float:
    if around.kind == "customers":
        unique = column.distinct == column.known
        return 1.0 if unique else 0.7 if column.distinct > 0.98 * column.known else 0.0
    matched = around.matched.get(column.name)
    if matched is not None:
        return 1.0 if matched >= 0.5 else 0.6 if matched > 0.05 else 0.45
    return 0.5 if column.distinct == column.known else 1.0


def _between(least: float, most: float, whole: bool = False) -> Fit:
    def fit(column: Column, around: Surroundings) -> float:
        inside = column.values.between(least, most).mean() if len(column.values) else 0.0
        return float(inside >= 0.98 and (column.whole or not whole))

    return fit


def _distinct(least: int = 0, most: float = float("inf")) -> Fit:
    return lambda column, around: float(least <= column.distinct <= most)


def _positive(column: Column, around: Surroundings) -> float:
    return float((column.values >= 0).mean() > 0.99)


def _postcode(column: Column, around: Surroundings) -> float:
    texts = column.values.astype("string")
    return float(texts.str.contains(r"\d").mean() > 0.9 and column.distinct > 2)


def _gender(column: Column, around: Surroundings) -> float:
    return float(column.texts <= ANSWERS["gender"] | {"0", "1", "2", "9"} and column.distinct <= 8)


def _urban(column: Column, around: Surroundings) -> float:
    return float(column.distinct <= 8 and (bool(column.texts & ANSWERS["urban"]) or column.distinct == 2))


def _firm(column: Column, around: Surroundings) -> float:
    return float(around.firms and column.distinct > 2)


def _revenue(column: Column, around: Surroundings) -> float:
    return float(column.distinct > 2 and (around.firms or around.kind != "customers"))


def _quantity(column: Column, around: Surroundings) -> float:
    return 1.0 if (column.values % 1 == 0).mean() > 0.5 else 0.5


def _discount(column: Column, around: Surroundings) -> float:
    return float(bool(_positive(column, around)) or (column.values <= 0).all())


def _item(column: Column, around: Surroundings) -> float:
    return float(column.distinct <= 500 and column.distinct < around.rows)


def _income(column: Column, around: Surroundings) -> float:
    return float(column.distinct > 10 and column.values.median() > 0)


#: By role; a role that is not here agrees with any content.
FITS: dict[str, Fit] = {
    **{
        role: _between(least, most, whole=True)
        for role, (least, most) in LISTS["fits"]["whole numbers"].items()
    },
    **{role: _between(least, most) for role, (least, most) in LISTS["fits"]["numbers"].items()},
    **{role: _distinct(most=n) for role, n in LISTS["fits"]["most answers"].items()},
    **{role: _distinct(least=3) for role in ("employees", "amount", "city_size", "order")},
    "customer": _customer,
    "gender": _gender,
    "urban": _urban,
    "postcode": _postcode,
    "revenue": _revenue,
    "previous_revenue": _firm,
    "income": _income,
    "quantity": _quantity,
    "price": _positive,
    "discount": _discount,
    "item": _item,
}
