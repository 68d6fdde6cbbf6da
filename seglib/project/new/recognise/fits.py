"""How well a column's content agrees with a role, from 0 (contradicts it) to 1."""

from __future__ import annotations

from collections.abc import Callable

from seglib.project.new.recognise.answers import TELLING
from seglib.project.new.recognise.columns import Column
from seglib.project.new.recognise.surroundings import Surroundings


def always(column: Column, around: Surroundings) -> float:
    """Agree with anything."""
    return 1.0


def _customer(column: Column, around: Surroundings) -> float:
    if around.kind == "customers":
        return (
            1.0 if column.distinct == column.known else 0.7 if column.distinct > 0.98 * column.known else 0.0
        )
    matched = around.matched.get(column.name)
    if matched is not None:
        return 1.0 if matched >= 0.5 else 0.6 if matched > 0.05 else 0.45
    return 0.5 if column.distinct == column.known else 1.0


def _between(least: float, most: float, whole: bool = False) -> Callable[[Column, Surroundings], float]:
    def fit(column: Column, around: Surroundings) -> float:
        inside = column.values.between(least, most).mean() if len(column.values) else 0.0
        return float(inside >= 0.98 and (column.whole or not whole))

    return fit


def _few(most: int) -> Callable[[Column, Surroundings], float]:
    return lambda column, around: float(column.distinct <= most)


def _postcode(column: Column, around: Surroundings) -> float:
    texts = column.values.astype("string")
    return float(texts.str.contains(r"\d").mean() > 0.9 and column.distinct > 2)


def _gender(column: Column, around: Surroundings) -> float:
    known = column.texts <= TELLING["gender"] | {"0", "1", "2", "9"}
    return 1.0 if known and column.distinct <= 8 else 0.0


def _urban(column: Column, around: Surroundings) -> float:
    return float(column.distinct <= 8 and (bool(column.texts & TELLING["urban"]) or column.distinct == 2))


def _firm(column: Column, around: Surroundings) -> float:
    return float(around.firms and column.distinct > 2)


def _revenue(column: Column, around: Surroundings) -> float:
    return _firm(column, around) if around.kind == "customers" else _money(column, around)


def _quantity(column: Column, around: Surroundings) -> float:
    return 1.0 if column.whole or (column.values % 1 == 0).mean() > 0.5 else 0.5


def _money(column: Column, around: Surroundings) -> float:
    return float(column.distinct > 2)


def _price(column: Column, around: Surroundings) -> float:
    return float((column.values >= 0).mean() > 0.99 and column.distinct > 1)


def _discount(column: Column, around: Surroundings) -> float:
    return float((column.values >= 0).mean() > 0.99 or (column.values <= 0).all())


def _item(column: Column, around: Surroundings) -> float:
    return float(column.distinct <= 500 and column.distinct < around.rows)


def _order(column: Column, around: Surroundings) -> float:
    return 1.0 if column.distinct > 2 else 0.0


def _income(column: Column, around: Surroundings) -> float:
    return float(column.distinct > 10 and column.values.median() > 0)


FITS: dict[str, Callable[[Column, Surroundings], float]] = {
    "customer": _customer,
    "birth_year": _between(1880, 2030, whole=True),
    "founded": _between(1000, 2030, whole=True),
    "latitude": _between(-90, 90),
    "longitude": _between(-180, 180),
    "household": _between(0, 30, whole=True),
    "children": _between(0, 20, whole=True),
    "gender": _gender,
    "urban": _urban,
    "postcode": _postcode,
    "education": _few(60),
    "marital_status": _few(30),
    "payment": _few(60),
    "device": _few(500),
    "channel": _few(60),
    "operating_system": _few(200),
    "browser": _few(300),
    "revenue": _revenue,
    "previous_revenue": _firm,
    "employees": _money,
    "income": _income,
    "quantity": _quantity,
    "price": _price,
    "amount": _money,
    "discount": _discount,
    "item": _item,
    "order": _order,
    "city_size": _money,
    "renewals": _between(0, 500, whole=True),
    "seconds": _between(0, 1e9),
}
