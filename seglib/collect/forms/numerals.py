"""How numbers are written: marks of decimals and thousands, currencies, signs, per cent, thousands and millions.

One rule, used on columns of the engine and on series in hand. What decides is the column as a whole: `1,058`
alone can be two numbers, and is one beside `12.50`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import ibis
import pandas as pd

from seglib.vocabulary import CURRENCY_CODES

#: What engines agree on as a number; beyond it each reads more, and each something else.
PLAIN = r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$|^[-+]?([iI][nN][fF]([iI][nN][iI][tT][yY])?|[nN][aA][nN])$"
#: Signs that are written in several ways, and the one that is read.
_ALIKE = {"\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "−": "-", "–": "-", "’": "'"}
_SIGNS = r"[A-Z]{0,2}\$|[€£¥₹₽₩₺₪฿₫₴₦₱₡₲₵₸]|zł|Kč|Ft|kr\.?|SFr\.?|Fr\.?|Rs\.?|lei|лв\.?|руб\.?"
_CURRENCY = rf"(?:{_SIGNS}|{'|'.join(CURRENCY_CODES)})"
#: By suffix, what a number is multiplied with; a small m beside no currency may be a unit.
_FACTORS = {
    **dict.fromkeys(("k", "K", "tsd", "Tsd", "tsd.", "Tsd."), 1e3),
    **dict.fromkeys(("m", "M", "MM", "mn", "Mn", "MN", "mio", "Mio", "mio.", "Mio.", "million"), 1e6),
    **dict.fromkeys(("B", "bn", "Bn", "BN", "mrd", "Mrd", "mrd.", "Mrd.", "billion"), 1e9),
}
_FACTOR = "|".join(re.escape(f) for f in sorted(_FACTORS, key=len, reverse=True))
_CORE = r"(?:\d(?:[\d.,' ]*[\d.,])?|[.,]\d+)(?:[eE][-+]?\d+)?"
#: A cell: 1 and 3 signs before, 2 and 8 currencies, 4 the number, 5 a factor, 6 per cent, 7 and 9 signs after.
_CELL = re.compile(
    rf"([-+(]*) ?({_CURRENCY})? ?([-+(]*) ?({_CORE}) ?({_FACTOR})? ?(%)? ?([-+)]*) ?({_CURRENCY})? ?([-+)]*)"
)
#: Signs before and after a number, and whether it is below zero.
_SIGNED = {("", ""): 1, ("+", ""): 1, ("", "+"): 1, ("-", ""): -1, ("", "-"): -1, ("(", ")"): -1}
#: How whole numbers are grouped: by three digits, or as in India.
_GROUPED = {
    ",": r"\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}",
    ".": r"\d{1,3}(?:\.\d{3})+",
    " ": r"\d{1,3}(?: \d{3})+",
    "'": r"\d{1,3}(?:'\d{3})+",
}


@dataclass(frozen=True)
class Numerals:
    """How the numbers of a column are written.

    Attributes
    ----------
    decimal
        The decimal mark.
    percent
        Whether they are per cent, and are read as shares.
    plain
        Whether all of them are written as the engine reads them.
    currencies, factors
        Texts beside the numbers.
    """

    decimal: str = "."
    percent: bool = False
    plain: bool = False
    currencies: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """How they are read, for the list of sources; nothing where that needs no words."""
        mark = f"decimal mark {self.decimal}" if not self.plain else ""
        return ", ".join(part for part in (mark, "per cent as shares" if self.percent else "") if part)


@dataclass(frozen=True)
class Cell:
    """A number as it is written, taken to pieces."""

    sign: int
    core: str
    factor: str
    percent: bool
    currencies: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Cell | None:
        """Take a text to pieces; nothing where it is no number."""
        match = _CELL.fullmatch(alike(text))
        if match is None:
            return None
        one, first, two, core, factor, percent, three, last, four = (part or "" for part in match.groups())
        sign = _SIGNED.get((one + two, three + four))
        if sign is None or (first and last) or (factor == "m" and not first + last):
            return None
        return cls(sign, core, factor, bool(percent), tuple(c for c in (first, last) if c))


def alike(text: str) -> str:
    """Write a text with one kind of blank, minus and apostrophe; `12.-` is 12."""
    for sign, plain in _ALIKE.items():
        text = text.replace(sign, plain)
    return re.sub(r"[.,]-{1,2}( |$)", r"\1", text.strip())


def _alike(text: ibis.Value) -> ibis.Value:
    for sign, plain in _ALIKE.items():
        text = text.replace(sign, plain)
    return text.strip().re_replace(r"[.,]-{1,2}( |$)", r"\1")


def number_pattern(decimal: str) -> str:
    """Return the pattern of numbers with a decimal mark: plain, or grouped by another one."""
    mark = re.escape(decimal)
    groups = "|".join(pattern for sign, pattern in _GROUPED.items() if sign != decimal)
    return rf"(?:(?:\d+|{groups})(?:{mark}\d*)?|{mark}\d+)(?:[eE][-+]?\d+)?"


def parse(text: str, form: Numerals) -> float | None:
    """Read one cell; nothing where it is no number of that form.

    Examples
    --------
    >>> [parse(t, Numerals(".")) for t in ("1,234.56", "(12.00)", "12.00-", "€ 3.5", "18.3 MM", "x", "1,5")]
    [1234.56, -12.0, -12.0, 3.5, 18300000.0, None, None]
    """
    if re.match(PLAIN, text) and form.decimal == ".":
        return float(text) / (100 if form.percent else 1)
    cell = Cell.of(text)
    if cell is None or not re.fullmatch(number_pattern(form.decimal), cell.core):
        return None
    bare = "".join(c for c in cell.core if c == form.decimal or c not in ".,' ").replace(form.decimal, ".")
    return cell.sign * float(bare) * _FACTORS.get(cell.factor, 1.0) / (100 if form.percent else 1)


def parsed(texts: pd.Series, form: Numerals) -> pd.Series:
    """Read texts in hand as `parse` does: floats, missing where they are none.

    Examples
    --------
    >>> parsed(pd.Series(["1.234,5", "x"]), Numerals(",")).tolist()
    [1234.5, nan]
    """
    by_text = {text: parse(text, form) for text in texts.dropna().unique()}
    return texts.map(by_text).astype("float64")


def expression(text: ibis.Value, form: Numerals) -> ibis.Value:
    """Read a column of the engine as `parse` does: floats, missing where they are none."""
    simple = text.re_search(PLAIN)
    if form.plain and not form.percent:
        return simple.ifelse(text, ibis.null("string")).try_cast("float64")
    cell = _alike(text)
    for names, before in ((form.currencies, True), (form.currencies, False), (["%"] * form.percent, False)):
        if names:
            listed = "|".join(map(re.escape, names))
            around = rf"^([-+(]*) ?(?:{listed}) ?" if before else rf" ?(?:{listed}) ?([-+)]*)$"
            cell = cell.re_replace(around, r"\1")
    factor: ibis.Value = ibis.literal(1.0)
    if form.factors:
        suffix = rf" ?({'|'.join(map(re.escape, form.factors))})([-+)]*)$"
        found = cell.re_extract(suffix, 1)
        factor = ibis.cases(*[(found == name, _FACTORS[name]) for name in form.factors], else_=1.0)
        cell = cell.re_replace(suffix, r"\2")
    number = number_pattern(form.decimal)
    fits = cell.re_search(rf"^(?:[-+]? ?{number}|{number} ?[-+]|\( ?{number} ?\))$")
    below = cell.startswith("-") | cell.startswith("(") | cell.endswith("-")
    bare = cell.re_replace(r"^[-+( ]+|[-+) ]+$", "")
    for sign in ",. '":
        bare = bare if sign == form.decimal else bare.replace(sign, "")
    size = fits.ifelse(bare.replace(form.decimal, "."), ibis.null("string")).try_cast("float64") * factor
    read = below.ifelse(-size, size)
    if form.decimal == ",":
        simple = text.re_search(r"^[-+]?(\d+,?\d*|,\d+)$")
    read = simple.ifelse(text.replace(form.decimal, ".").try_cast("float64"), read)
    return read / 100 if form.percent else read
