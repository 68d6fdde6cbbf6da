"""Which basis a column belongs to, or why to none."""

from __future__ import annotations

from dataclasses import dataclass

from seglib.privacy.protected import attribute
from seglib.project.new.recognise.columns import Column
from seglib.project.new.recognise.levels import Level, batteries
from seglib.project.new.recognise.words import LISTS, called, listed, names, says, words

#: The basis of every role of the customers that says something about them.
OF_ROLES: dict[str, str] = {
    role: basis for basis, roles in LISTS["bases of roles"].items() for role in listed(roles)
}
_IDS = "id, uuid, guid, identifier, key, row number, row name, index?"
#: Words of numbers that name somebody or something.
_NUMBERS = frozenset(
    ("no", "nr", "number", "id", "code", "card", "num", "nummer", "numero", "medicare", "passport")
)
#: From how many words on a name is a question.
_QUESTION = 6
_PLACES = frozenset(listed(LISTS["no customer"]["places"])) | {"suburb", "locality", "district"}
#: First words that make no family.
_OF_ANYTHING = frozenset(listed(LISTS["no family"]))
#: Words behind that of a place.
_OF_PLACES = frozenset(("abbreviation", "name", "code", "id"))
#: Words of numbers that are no money, though they say value.
_NO_MONEY = frozenset(
    ("score", "index", "rating", "rank", "level", "share", "ratio", "percent", "pct", "rate")
)
#: Roles that are named by common words.
_OF_THINGS = ("occupation", "payment", "category_spend", "urban", "device")
#: Words of numbers that count, whatever else they say.
_COUNTS = frozenset(("count", "ct", "cnt", "num", "number", "nb", "nr", "anzahl", "aantal", "liczba"))
_RESERVED = ("customer", "key", "segment", "margin")


@dataclass(frozen=True)
class Place:
    """Where a column belongs.

    Attributes
    ----------
    basis
        Its basis; empty if it is left out.
    reason
        Why it is left out, or why the guess should be checked; empty where it need not be.
    """

    basis: str
    reason: str = ""


def places(
    columns: dict[str, Column],
    levels: dict[str, Level],
    roles: dict[str, str],
    out: dict[str, str],
    derived: list[str],
) -> dict[str, Place]:
    """Find the basis of every column, or the reason why it has none.

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
    placed: dict[str, Place] = {}
    for name, column in columns.items():
        if reason := _left_out(column, levels[name].level, out.get(name, ""), derived):
            placed[name] = Place("", reason)
        elif roles.get(name) in OF_ROLES:
            placed[name] = Place(OF_ROLES[roles[name]])
        elif basis := _of_column(column):
            placed[name] = Place(basis)
    placed |= _families([n for n in columns if n not in placed or placed[n].basis])
    rest = [c for n, c in columns.items() if n not in placed]
    # Items of one battery are answered alike, whatever single words of theirs say: 'price matters'.
    known = {c.name for c in rest}
    named = [columns[n] for n, p in placed.items() if p.basis not in ("", "demographic") and n not in roles]
    asked = batteries([*rest, *(c for c in named if not c.flag)])
    items = {name for battery in asked if 2 * len(known & set(battery)) > len(battery) for name in battery}
    rest += [c for c in named if c.name in items]
    firms = bool({"industry", "employees", "founded"} & set(roles.values()))
    placed |= {c.name: _unnamed(c, levels[c.name], c.name in items, firms) for c in rest}
    return {name: placed[name] for name in columns}


def _of_column(column: Column) -> str:
    """Find the basis of a column by its name, and what the name can be of such entries."""
    own = words(column.name)
    named, said = _named(column.name), set(own)
    head = own[-2:-1] if _OF_PLACES & set(own[-1:]) else own[-1:]
    if column.holds == "text" and _PLACES & set(head):
        return "geographic"  # the head of a name stands at its end: billing state
    if named == "value" and _COUNTS & said:
        return "behavioural"
    if named == "purchase_cycle" and column.holds == "number" and not column.whole:
        return "value"  # amounts of payments and bills
    if named or column.holds != "text":
        return named
    # Bands and words where a number is usual: income as 'less than 40K', employees as '50 to 99'.
    scores = {r: says(column.name, names("customers", r)) for r in OF_ROLES if r not in _OF_THINGS}
    best = max(scores, key=lambda role: scores[role])
    return OF_ROLES[best] if scores[best] >= (0.6 if len(words(column.name)) < _QUESTION else 0.5) else ""


def _named(name: str) -> str:
    """Find the basis that a name fits best, or none."""
    if attribute(name) in ("age", "gender", "ethnicity", "religion"):
        return "demographic"
    scores = {basis: says(name, listing) for basis, listing in LISTS["bases"].items()}
    best = max(scores, key=lambda basis: scores[basis])
    return best if scores[best] >= 0.5 else ""


def _families(names: list[str]) -> dict[str, Place]:
    """Keep names together that begin with a word that alone names a basis: MntWines, MntMeatProducts."""
    by_first: dict[str, list[str]] = {}
    for name in names:
        by_first.setdefault("".join(words(name)[:1]), []).append(name)
    bases = {
        first: _named(first)
        for first, members in by_first.items()
        if first and first not in _OF_ANYTHING and len(members) >= 3
    }
    return {name: Place(basis) for first, basis in bases.items() if basis for name in by_first[first]}


def _unnamed(column: Column, level: Level, item: bool, firmographic: bool) -> Place:
    if item:
        return Place("psychographic", "one of a battery of items with the same answers")
    if level.numbers and {"love", "hate", "like"} & {w for a in column.texts for w in a.split()}:
        return Place("psychographic", "its answers say liking")
    if firmographic:
        return Place("firmographic", "nothing in its name says what it is; the table is one of firms")
    return Place("behavioural", "nothing in its name says what it is")


def _left_out(column: Column, level: str, other: str, derived: list[str]) -> str:
    """Explain why a column neither forms nor describes segments, or return nothing."""
    text, known = column.holds == "text", column.known
    if column.holds == "nothing":
        return "holds nothing that can be read" if known else "missing in every row"
    if column.distinct <= 1 and column.says_yes_or_no and not column.texts & {"0", "1"}:
        return f"the same in all rows, '{next(iter(column.answers))}'; if blank means no, write the no into the source"
    if column.distinct <= 1:
        return "the same in all rows that have one"
    if other:
        return other
    if text and column.remark:
        return column.remark
    if _telephones(column):
        return "personal data: telephone numbers"
    if text and not column.says_yes_or_no and called(column.name, LISTS["notes"]):
        return "remarks: free text"
    if text and not column.says_yes_or_no and called(column.name, LISTS["names of firms"]):
        return "names of firms"
    if column.name in _RESERVED or column.name in derived:
        return "the run uses this name itself; rename it in the source if it is needed"
    if column.holds == "time":
        return "dates: a run needs numbers, as in days since then"
    if says(column.name, _IDS) >= 0.6 and column.distinct > 20:
        return "an id"
    said = words(column.name)
    if column.whole and column.distinct == known > 20 and ("id" in said or _NUMBERS & set(said[-1:])):
        return "another number in each row: an id"
    if (text or level == "nominal") and column.distinct > max(20, 0.5 * known):
        return f"{column.distinct:,} different answers in {known:,} rows: ids, names or free text"
    wordy = text and column.distinct > 20 and column.values.str.split().str.len().mean() >= 3
    if wordy and level == "nominal" and says(column.name, names("responses", "comment")) >= 0.45:
        return f"{column.distinct:,} different texts: free text"
    if text and not column.answers and column.values.str.len().mean() > 40:
        return f"{column.distinct:,} different texts: free text"
    return ""


def _telephones(column: Column) -> bool:
    """Tell whether entries under such a name are telephone numbers: seven digits or more."""
    number = column.holds == "number" and not column.whole
    if (
        not called(column.name, LISTS["telephones"])
        or column.values.empty
        or column.holds == "time"
        or number
    ):
        return False
    digits = column.values.astype("string").str.replace(r"\.0$|\D", "", regex=True).str.len()
    return bool(digits.median() >= 7)


def risk(columns: dict[str, Column]) -> str | None:
    """Find the column that says yes of customers who have left."""
    scores = {name: says(name, LISTS["aims"]["risk"]) for name, column in columns.items() if column.flag}
    return max((n for n in scores if scores[n] >= 0.5), key=lambda n: scores[n], default=None)


def worth(columns: dict[str, Column], levels: dict[str, Level], placed: dict[str, Place]) -> str | None:
    """Find the column that holds what a customer is worth: of those of value, that of a total."""
    many = {name: place.basis for name, place in placed.items() if columns[name].distinct > 10}
    values = [n for n, b in many.items() if b == "value" and levels[n].level == "ratio"]
    values = [name for name in values if not _NO_MONEY & set(words(name))]
    firm = [n for n, b in many.items() if b == "firmographic" and says(n, LISTS["bases"]["value"]) >= 0.9]
    totals = {name: says(name, LISTS["aims"]["total"]) for name in (*values, *firm)}
    best = [n for n in values if totals[n] >= 0.5] or (values if len(values) == 1 else firm)
    return max(best, key=lambda n: totals[n], default=None)


def goods(levels: dict[str, Level], placed: dict[str, Place]) -> list[str]:
    """List columns that can be numbers and of which more is better: visits, liking, satisfaction."""
    numeric = [
        n for n, v in levels.items() if v.level in ("ordinal", "ratio", "interval") and placed[n].basis
    ]
    return [n for n in numeric if says(n, LISTS["aims"]["more is better"]) >= 0.6][:3]
