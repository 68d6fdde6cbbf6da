"""Which basis a column belongs to, or why to none."""

from __future__ import annotations

from dataclasses import dataclass

from seglib.project.new.recognise.columns import Column
from seglib.project.new.recognise.levels import Level, batteries
from seglib.project.new.recognise.words import LISTS, listed, says, words

#: The basis of every role of the customers that says something about them.
OF_ROLES: dict[str, str] = {
    role: basis for basis, roles in LISTS["bases of roles"].items() for role in listed(roles)
}
_RESERVED = ("customer", "key", "segment", "margin")


@dataclass(frozen=True)
class Place:
    """Where a column belongs.

    Attributes
    ----------
    basis
        Its basis; empty if it is left out.
    reason
        Why it is left out, or why the guess should be looked at; empty where it need not be.
    """

    basis: str
    reason: str = ""


def places(
    columns: dict[str, Column],
    levels: dict[str, Level],
    roles: dict[str, str],
    out: dict[str, str],
    derived: tuple[str, ...] = (),
) -> dict[str, Place]:
    """Give every column its basis, or the reason why it has none.

    Parameters
    ----------
    columns
        By name.
    levels
        Of the columns.
    roles
        By column, the role that it plays.
    out
        By column, another reason why it is left out, such as personal data.
    derived
        Names that the run derives itself.
    """
    made: dict[str, Place] = {}
    for name, column in columns.items():
        reason = _left_out(column, levels[name].level, out.get(name, ""), derived)
        if reason:
            made[name] = Place("", reason)
        elif roles.get(name) in OF_ROLES:
            made[name] = Place(OF_ROLES[roles[name]])
        elif basis := _named(name):
            made[name] = Place(basis)
    made |= _families(columns, made)
    rest = [c for n, c in columns.items() if n not in made]
    items = {name for battery in batteries(rest) for name in battery}
    firmographic = any(r in ("industry", "employees", "founded") for r in roles.values())
    for column in rest:
        made[column.name] = _unnamed(column, levels[column.name], column.name in items, firmographic)
    return {name: made[name] for name in columns}


def _named(name: str) -> str:
    """Give the basis that a name speaks for most, or nothing."""
    scores = {basis: says(name, listed) for basis, listed in LISTS["bases"].items()}
    best = max(scores, key=lambda basis: scores[basis])
    return best if scores[best] >= 0.5 else ""


def _families(columns: dict[str, Column], made: dict[str, Place]) -> dict[str, Place]:
    """Keep columns together whose names begin alike, where that word alone says a basis: MntWines, MntMeatProducts."""
    found: dict[str, list[str]] = {}
    for name in (n for n in columns if n not in made or made[n].basis):
        found.setdefault(words(name)[0] if words(name) else "", []).append(name)
    kept = {first: names for first, names in found.items() if len(names) >= 3 and first and _named(first)}
    return {name: Place(_named(first)) for first, names in kept.items() for name in names}


def _unnamed(column: Column, level: Level, item: bool, firmographic: bool) -> Place:
    if item:
        return Place("psychographic", "one of a battery of items with the same answers")
    if level.numbers and {"love", "hate", "like"} & {w for a in column.texts for w in a.split()}:
        return Place("psychographic", "its answers say liking")
    if firmographic:
        return Place("firmographic", "nothing in its name says what it is; the table is one of firms")
    return Place("behavioural", "nothing in its name says what it is")


def _left_out(column: Column, level: str, other: str, derived: tuple[str, ...]) -> str:
    """Say why a column neither forms nor describes segments, or nothing."""
    known = column.known
    if column.holds == "nothing":
        return "holds nothing that can be read" if column.known else "missing in every row"
    if column.distinct <= 1:
        return "the same in all rows"
    if other:
        return other
    if column.name in _RESERVED or column.name in derived:
        return "the run uses this name itself; rename it in the source if it is needed"
    if column.holds == "time":
        return "dates: a run needs numbers, as in days since then"
    if (
        says(column.name, "id, uuid, guid, identifier, key, row number, index?") >= 0.6
        and column.distinct > 20
    ):
        return "an id"
    if (column.holds == "text" or level == "nominal") and column.distinct > max(20, 0.5 * known):
        return f"{column.distinct:,} different answers in {known:,} rows: ids, names or free text"
    if column.holds == "text" and column.answers == {} and column.values.str.len().mean() > 40:
        return f"{column.distinct:,} different texts: free text"
    return ""


def risk(columns: dict[str, Column]) -> str | None:
    """Find the column that says yes of customers who have left."""
    said = {n: says(n, LISTS["aims"]["risk"]) for n, c in columns.items() if c.flag}
    best = max(said, key=lambda n: said[n], default=None)
    return best if best is not None and said[best] >= 0.5 else None


def worth(columns: dict[str, Column], levels: dict[str, Level], placed: dict[str, Place]) -> str | None:
    """Find the column that holds what a customer is worth: of those of value, that of a total."""
    there = [
        n
        for n, p in placed.items()
        if p.basis == "value" and levels[n].level == "ratio" and columns[n].distinct > 10
    ]
    firm = [
        n
        for n, p in placed.items()
        if p.basis == "firmographic" and says(n, LISTS["bases"]["value"]) >= 0.9 and columns[n].distinct > 10
    ]
    total = [n for n in there if says(n, LISTS["aims"]["total"]) >= 0.5] or (there if len(there) == 1 else [])
    return max(total or firm, key=lambda n: says(n, LISTS["aims"]["total"]), default=None)


def goods(levels: dict[str, Level], placed: dict[str, Place]) -> list[str]:
    """List columns that can be numbers and of which more is better: visits, liking, satisfaction."""
    numeric = [
        n for n, v in levels.items() if v.level in ("ordinal", "ratio", "interval") and placed[n].basis
    ]
    return [n for n in numeric if says(n, LISTS["aims"]["more is better"]) >= 0.6][:3]
