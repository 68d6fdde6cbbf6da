"""How well a column's content agrees with a role, from 0 (contradicts it) to 1."""

from __future__ import annotations

import re
from collections.abc import Callable

from seglib.project.new.recognise.columns import Column
from seglib.project.new.recognise.money import COSTS, FORESEEN, of_something_else
from seglib.project.new.recognise.surroundings import Surroundings
from seglib.project.new.recognise.words import ANSWERS, LISTS, listed, names, says, words

Fit = Callable[[Column, Surroundings], float]
#: From which a name says a role.
LEAST_NAMED = 0.45
#: Words of columns that say where customers live, how they are called, or who is at the other end.
_OF_A_PLACE = frozenset(listed(LISTS["no customer"]["places"]))
_OF_SOMEBODY = frozenset(listed(LISTS["no customer"]["names"]))
#: Words of times at which something came of a row.
_LATER = frozenset(listed(LISTS["later times"]))
_PLACEHOLDERS = (1, 1899, 1900, 9999)
#: From which a name says a day of a customer and not of a row.
_OF_A_PERSON = 0.9
#: Words of references that are none of products.
_REFERENCES = frozenset(listed(LISTS["no product"]))
#: Levels of a card or a membership.
_TIERS = frozenset(listed(LISTS["tiers"]))
#: Words of numbers that count pieces, whatever else they say.
_COUNTED = frozenset(listed(LISTS["money"]["of pieces"]))
#: Words of how often or when somebody pays.
_NO_WAY = frozenset(listed(LISTS["no way to pay"]))
#: Words of texts that are no names of products: of whom or what else they are, or what they say of a product.
_NO_NAMES = frozenset(listed(LISTS["no product name"]))


def _customer(column: Column, around: Surroundings) -> float:
    # Of two that are called alike, the codes: two customers may have one name.
    named = column.holds == "text" and column.values.str.contains(r"[^\W\d_]\s+[^\W\d_]").mean() > 0.5
    if around.kind == "customers":
        unique = (
            1.0 if column.distinct == column.known else 0.7 if column.distinct > 0.98 * column.known else 0.0
        )
        alone = (
            max(around.matched.values(), default=0.0) >= 0.5 and around.matched.get(column.name, 0.0) < 0.05
        )
        return unique * (0.4 if alone else 1.0) * (0.8 if named else 1.0)
    said = set(words(column.name))
    if column.distinct <= 1 and column.known > 20:
        return 0.3  # who sells, or whose account it is
    said -= {"address"} if "mail" in said or "email" in said else set()
    if (
        said & _OF_A_PLACE
        or max(says(column.name, names("customers", r)) for r in ("postcode", "city")) >= 0.6
    ):
        return 0.0
    if said & _OF_SOMEBODY or words(column.name)[:1] == ("to",):
        return 0.4
    matched = around.matched.get(column.name)
    if matched is not None:
        return 1.0 if matched >= 0.5 else 0.6 if matched > 0.05 else 0.45
    return (0.5 if column.distinct == column.known else 1.0) * (0.8 if named else 1.0)


def _time(column: Column, around: Surroundings) -> float:
    """Weigh whether a time is that of the row: it stands in nearly every row, and says not when it was settled."""
    if around.kind == "customers":
        return 1.0
    of_person = max(says(column.name, names("customers", of)) for of in ("birth_date", "registered"))
    if of_person >= _OF_A_PERSON > says(column.name, names(around.kind, "time")):
        return 0.3
    later = 0.8 if _parts(column.name) & _LATER else 1.0
    later *= 0.5 if column.values.dt.year.isin(_PLACEHOLDERS).mean() > 0.1 else 1.0
    return later * (1.0 if column.known >= 0.9 * around.rows else 0.6)


def _parts(name: str) -> set[str]:
    """List the words of a name of a time, and what stands before a glued date: versanddatum says versand."""
    return {part for word in words(name) for part in (word, re.sub(r"s?(datum|dato)$", "", word))}


def _between(least: float, most: float, whole: bool = False) -> Fit:
    def fit(column: Column, around: Surroundings) -> float:
        inside = column.values.between(least, most).mean() if len(column.values) else 0.0
        return float(
            inside >= 0.85 and (column.whole or not whole)
        )  # the others are codes of what is missing

    return fit


def _distinct(least: int = 0, most: float = float("inf")) -> Fit:
    return lambda column, around: float(least <= column.distinct <= most)


def _positive(column: Column, around: Surroundings) -> float:
    return float((column.values >= 0).mean() > 0.99)


def _postcode(column: Column, around: Surroundings) -> float:
    texts = column.values.astype("string")
    return float(texts.str.contains(r"\d").mean() > 0.9 and column.distinct > 2)


def _gender(column: Column, around: Surroundings) -> float:
    known = column.texts & (ANSWERS["gender"] | {"0", "1", "2", "9", "o", "u", "n", "unknown"})
    return float(
        column.distinct <= 8 and len(known) >= min(2, column.distinct) and len(known) >= 0.6 * column.distinct
    )


def _urban(column: Column, around: Surroundings) -> float:
    return float(column.distinct <= 8 and (bool(column.texts & ANSWERS["urban"]) or column.distinct == 2))


def _revenue(column: Column, around: Surroundings) -> float:
    return float(around.firms or around.kind != "customers")


def _quantity(column: Column, around: Surroundings) -> float:
    if column.name in around.found.of_order:
        return 0.5 if says(column.name, names("transactions", "quantity")) == 1.0 else 0.3
    return 1.0 if (column.values % 1 == 0).mean() > 0.5 else 0.5


def _amount(column: Column, around: Surroundings) -> float:
    """Weigh whether money is that of a row: not a tax or a fee, not the total of an order, not a count."""
    if column.name == around.pieces or (
        _COUNTED & set(words(column.name)) and column.name not in around.found.of_row
    ):
        return 0.2
    if around.kind != "transactions":
        return 1.0
    if column.name in around.found.of_order and around.money - around.found.of_order:
        return 0.2
    gross = 0.1 if {"gross", "subtotal", "brutto", "base"} & set(words(column.name)) else 0.0
    if around.fees and "net" in words(column.name):
        return 0.7  # what is left of it after fees
    others = {name for name in around.money - {column.name} if not FORESEEN & set(words(name))}
    if others and (set(words(column.name)) & FORESEEN or (column.values == 0).mean() > 0.8):
        return 0.5
    plainly = says(column.name, names("transactions", "amount")) == 1.0
    return 0.3 if of_something_else(column.name) and not plainly else 1.0 - gross


def _price(column: Column, around: Surroundings) -> float:
    """Weigh whether money is the price of one piece."""
    if around.found.of_row.get(column.name) or column.name in around.found.of_order:
        return 0.2
    if set(words(column.name)) & COSTS:
        return 0.4
    base = 0.1 if {"base", "normal", "list", "original", "regular"} & set(words(column.name)) else 0.0
    return _positive(column, around) * (0.3 if of_something_else(column.name) else 1.0 - base)


def _money(name: str) -> bool:
    """Tell whether a name says money, which is neither an order nor a product; an id of a sale is none."""
    called = {"id", "no", "number", "nr", "nummer", "code", "key", "reference", "ref"} & set(words(name))
    return not called and says(name, LISTS["aims"]["money"]) >= 0.5


def _product(column: Column, around: Surroundings) -> float:
    """Weigh whether codes are of products: those of rows are each in one row."""
    said = set(words(column.name))
    if column.distinct <= 1 or _of_several(column):
        return 0.0
    goods = {
        "product",
        "sku",
        "article",
        "stock",
        "asin",
        "ean",
        "upc",
        "isbn",
        "artikel",
        "produkt",
        "material",
    }
    if column.holds == "number" and _money(column.name):
        return 0.0
    if {"reference", "ref"} & said and _REFERENCES & said and not goods & said:
        return 0.0
    if column.known < 0.5 * around.rows:
        return 0.5
    if column.known <= 50 or column.distinct <= 0.97 * column.known:
        return 1.0
    return 0.9 if goods & said else 0.3


def _of_several(column: Column) -> bool:
    """Tell whether texts list what was bought, as 'Product ID: 77, Qty: 3' does."""
    return column.holds == "text" and column.values.str.contains(r":\s[^,;|]*[,;|][^,;|]*:\s").mean() > 0.5


def _order(column: Column, around: Surroundings) -> float:
    if words(column.name)[-1:] and words(column.name)[-1] in ("type", "kind", "status", "state"):
        return 0.0
    if column.holds == "number" and (not column.whole or _money(column.name)):
        return 0.0
    if column.known < 0.9 * around.rows:
        return 0.3
    if column.holds == "text" and column.values.str.contains("@|://").mean() > 0.5:
        return 0.0
    if column.name in around.no_orders:
        return 0.5
    called = names(around.kind, "order")
    if column.distinct > 0.97 * column.known and any(says(n, called) >= LEAST_NAMED for n in around.orders):
        return 0.5  # an id of rows, where another column that is called so groups them
    return 1.0 if column.distinct >= 3 or column.known < 10 else 0.0


def _product_name(column: Column, around: Surroundings) -> float:
    if column.holds != "text" or not column.values.astype("string").str.contains(r"[^\W\d_]{3}").mean() > 0.7:
        return 0.0
    lines = (
        says(column.name, "line item, lineitem, item, product, article, artikel, produkt, material, menu")
        >= 0.45
    )
    if _NO_NAMES & set(words(column.name)) or _of_several(column):
        return 0.0
    return 1.0 if lines else 0.8


def _loyalty(column: Column, around: Surroundings) -> float:
    return float(column.holds == "number" or column.yes_no or column.flag)


def _discount(column: Column, around: Surroundings) -> float:
    if column.name in around.found.of_order and "total" in words(column.name):
        return 0.3
    return float(max((column.values >= 0).mean(), (column.values <= 0).mean()) > 0.85)


def _counted(column: Column, around: Surroundings) -> float:
    """Weigh whether figures are of a customer's own purchases: given per customer, and not below zero."""
    return float(around.kind == "customers" and not around.firms and column.distinct > 2) * _positive(
        column, around
    )


def _payment(column: Column, around: Surroundings) -> float:
    """Weigh whether answers are ways to pay: words, at most some, none of them yes or no."""
    if len(column.texts & _TIERS) >= 0.5 * max(1, column.distinct) or _NO_WAY & set(words(column.name)):
        return 0.0  # kinds of cards, whether it was paid, and when
    few = 1 < column.distinct <= LISTS["fits"]["most answers"]["payment"]
    return float(few and column.holds == "text" and not column.says_yes_or_no)


def _plan(column: Column, around: Surroundings) -> float:
    """Weigh whether an entry is a plan, which several contracts have."""
    return float(column.known <= 20 or column.distinct <= 0.5 * column.known)


def _item(column: Column, around: Surroundings) -> float:
    return float(column.distinct <= 500 and column.distinct < around.rows)


def _income(column: Column, around: Surroundings) -> float:
    return float(not around.firms and column.distinct > 10 and column.values.median() > 0)


#: By role; a role that is not here agrees with any content.
FITS: dict[str, Fit] = {
    "time": _time,
    **{
        role: _between(least, most, whole=True)
        for role, (least, most) in LISTS["fits"]["whole numbers"].items()
    },
    **{role: _between(least, most) for role, (least, most) in LISTS["fits"]["numbers"].items()},
    **{role: _distinct(most=n) for role, n in LISTS["fits"]["most answers"].items()},
    "amount": _amount,
    "order": _order,
    "product": _product,
    "product_name": _product_name,
    "loyalty": _loyalty,
    "recency": _counted,
    "monetary": lambda column, around: _counted(column, around) * float((column.values > 0).mean() > 0.5),
    "frequency": lambda c, a: (
        _counted(c, a) * c.whole * (says(c.name, names("customers", "frequency")) > 0.5)
    ),
    "customer": _customer,
    "gender": _gender,
    "urban": _urban,
    "postcode": _postcode,
    "revenue": _revenue,
    "previous_revenue": lambda column, around: float(around.firms),
    "income": _income,
    "quantity": _quantity,
    "price": _price,
    "discount": _discount,
    "cost": lambda column, around: float(around.kind != "transactions" or not of_something_else(column.name)),
    "payment": _payment,
    "browser": lambda c, a: float(c.distinct <= 60 and c.values.astype("string").str.len().mean() <= 40),
    "plan": _plan,
    "comment": lambda column, around: float(column.holds == "text" and not column.flag),
    "session": lambda column, around: float(column.distinct >= max(10, 0.1 * column.known)),
    "item": _item,
}
