"""Which way of writing numbers a column follows, found from all of its cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import ibis
from ibis import _

from seglib.collect.forms.numerals import PLAIN, Cell, Numerals, number_pattern
from seglib.errors import DataError

#: So many texts show how most columns are written; what they leave open is looked for in all.
SOME = 10_000
#: One currency, written in several ways.
_SAME = {"€": "EUR", "£": "GBP", "¥": "JPY", "US$": "$", "USD": "$", "₹": "INR", "Rs": "INR", "zł": "PLN"}


@dataclass(frozen=True)
class Shape:
    """Cells that are written alike, every digit being a 9.

    Attributes
    ----------
    shape, zero
        How they are written, and whether the mark follows a single zero.
    n, example
        How many there are, and one of them.
    """

    shape: str
    zero: bool
    n: int
    example: str


def settled(found: list[Shape]) -> bool:
    """Check whether shapes are written as the engine reads them, and hold a decimal point that is one."""
    plain = all(re.match(PLAIN, shape.shape) for shape in found)
    return plain and any(_marks(s.shape.lstrip("+-"), s.zero) == ("decimal", ".") for s in found)


def shapes(text: ibis.Value, most: int = 5000, first: int | None = None) -> list[Shape]:
    """List how the texts of a column are written, or the first of them, the commonest way first."""
    table = text.name("text").as_table().filter(_.text.notnull())
    table = table.limit(first) if first else table
    shape = table.text.translate("012345678", "999999999")
    table = table.mutate(shape=shape, zero=table.text.re_search(r"(^|[^0-9])0[.,][0-9]"))
    counted = table.group_by("shape", "zero").agg(n=_.count(), example=_.text.min())
    found = counted.order_by(ibis.desc("n"), "shape", "zero").limit(most).to_pandas()
    return [Shape(r.shape, bool(r.zero), int(r.n), r.example) for r in found.itertuples(index=False)]


def shapes_of(texts: Iterable[str]) -> list[Shape]:
    """List how texts in hand are written, as `shapes` does.

    Examples
    --------
    >>> shapes_of(["1,50", "2,75"])
    [Shape(shape='9,99', zero=False, n=2, example='1,50')]
    """
    counts: Counter[tuple[str, bool]] = Counter()
    examples: dict[tuple[str, bool], str] = {}
    for text in texts:
        key = (re.sub("[0-8]", "9", text), bool(re.search(r"(^|[^0-9])0[.,][0-9]", text)))
        counts[key] += 1
        examples[key] = min(text, examples.get(key, text))
    return [Shape(*key, n, examples[key]) for key, n in counts.most_common()]


def _marks(core: str, zero: bool) -> tuple[str, str] | None:
    """Say what the marks of a number are.

    Returns
    -------
    tuple
        `plain` for digits alone; `decimal` and the mark, where it can be no other; `either` and the mark,
        where it may part decimals or thousands; nothing where it is no number.
    """
    mantissa, exponent, _rest = re.split(r"([eE]|$)", core, maxsplit=1)
    if match := re.match(r"\d{1,3}(?:( \d{3})+|('\d{3})+)(?=[.,]|$)", mantissa):
        mantissa = "9999" + mantissa[match.end() :]
    there = {mark for mark in ".," if mark in mantissa}
    if not re.fullmatch(r"[\d.,]+", mantissa):
        return None
    if not there:
        return "plain", ""
    if len(there) == 2:
        decimal = mantissa[max(mantissa.rfind("."), mantissa.rfind(","))]
        return ("decimal", decimal) if re.fullmatch(number_pattern(decimal), mantissa) else None
    (mark,) = there
    other = "," if mark == "." else "."
    if mantissa.count(mark) > 1:
        return ("decimal", other) if re.fullmatch(number_pattern(other), mantissa) else None
    before, _mark, after = mantissa.partition(mark)
    if len(after) == 3 and 1 <= len(before) <= 3 and not zero and not exponent:
        return "either", mark
    return "decimal", mark


def usual_mark(texts: Iterable[str]) -> str:
    """Return the decimal mark of most numbers among texts; nothing where none tells.

    Examples
    --------
    >>> usual_mark(["a", "1,50", "1.234"]), usual_mark(["1.234"])
    (',', '')
    """
    votes = Counter[str]()
    for shape in shapes_of(texts):
        cell = Cell.of(shape.shape)
        kind = cell and _marks(cell.core, shape.zero)
        if kind and kind[0] == "decimal":
            votes[kind[1]] += shape.n
    return votes.most_common(1)[0][0] if votes else ""


def numerals(
    found: Iterable[Shape], declared: str | None = None, usual: str = "", comma: str = ""
) -> Numerals:
    """Find how the numbers of a column are written, from all of its cells.

    Parameters
    ----------
    found
        From `shapes`.
    declared
        The decimal mark that the user says.
    usual
        The decimal mark of other columns of the file; empty where nothing tells.
    comma
        `decimal` where a file separates cells by something else because commas are decimal marks.

    Raises
    ------
    DataError
        If all numbers can be read in two ways, cells are of several currencies, or some are per cent and
        others not; it begins with a verb, without its subject.

    Examples
    --------
    >>> numerals(shapes_of(["1,058", "12.50"])).decimal
    '.'
    >>> numerals(shapes_of(["1.058", "12,50"])).decimal
    ','
    """
    votes, either = Counter[str](), Counter[str]()
    currencies: dict[str, str] = {}
    factors, bare, per_cent, long, plain = set[str](), "", "", 0, True
    example: dict[tuple[str, str], str] = {}
    for shape in found:
        cell = Cell.of(shape.shape)
        kind = cell and _marks(cell.core, shape.zero)
        plain = plain and re.match(PLAIN, shape.shape) is not None
        if cell is None or not kind:
            continue
        currencies |= {name: shape.example for name in cell.currencies if name not in currencies}
        factors |= {cell.factor} - {""}
        if cell.percent:
            per_cent = per_cent or shape.example
        elif not re.fullmatch(r"[-+ ]*[0.,]+", shape.example):
            bare = bare or shape.example
        long += shape.n * (kind[0] == "plain" and len(cell.core) > 3)
        if kind[0] != "plain":
            (votes if kind[0] == "decimal" else either)[kind[1]] += shape.n
            example.setdefault(kind, shape.example)
    if len({_SAME.get(name.rstrip("."), name.rstrip(".")) for name in currencies}) > 1:
        raise DataError(
            f"holds amounts of several currencies ({_quoted(currencies.values())}); convert them in the source, "
            "or keep one of them with WHERE"
        )
    if per_cent and bare:
        raise DataError(
            f"holds per cent and plain numbers ({_quoted([per_cent, bare])}); write all of them one way in the source"
        )
    mark = declared or _decimal(votes, either, example, long, usual, comma)
    texts = (tuple(sorted(names, key=lambda n: (-len(n), n))) for names in (currencies, factors))
    return Numerals(mark, bool(per_cent), plain and mark == ".", *texts)


def _quoted(texts: Iterable[str]) -> str:
    return ", ".join(f"'{text}'" for text in list(texts)[:3])


def _decimal(
    votes: Counter[str],
    either: Counter[str],
    example: dict[tuple[str, str], str],
    long: int,
    usual: str,
    comma: str,
) -> str:
    """Decide what the decimal mark is, or say that nothing tells."""
    if votes:
        return max(votes, key=lambda mark: votes[mark])
    if not either:
        return usual or "."
    if usual and len(either) == 1:
        return usual
    mark = max(either, key=lambda mark: either[mark])
    if len(either) == 1 and long:
        return mark  # whole numbers are not grouped
    if len(either) == 1 and mark == "," and not comma:
        return "."
    shown = example[("either", mark)]
    number = re.sub(r"[^\d.,]", "", shown)
    raise DataError(
        f"can be read in two ways: '{shown}' is {number.replace(mark, '')} or {number.replace(mark, '.')}; "
        "set KEY to the decimal mark, '.' or ','"
    )
