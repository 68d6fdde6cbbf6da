"""Numbers and lists in words, the same on every page."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable

from seglib.errors import one_line
from seglib.vocabulary import money as money

#: Control characters but for white space, and those that turn the direction of a text.
_TURNING = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def count(n: float) -> str:
    """Write a number of things.

    Examples
    --------
    >>> count(18532)
    '18,532'
    """
    return f"{n:,.0f}"


def share(x: float, digits: int = 0) -> str:
    """Write a share in per cent; never 0 % or 100 % for what is not.

    Examples
    --------
    >>> [share(v) for v in (0.384, 0.0004, 1.0, 0.9999)]
    ['38%', 'under 1%', '100%', 'over 99%']
    """
    if x != x:
        return "unknown"
    if 0 < x < 0.5 * 10 ** (-2 - digits):
        return f"under {10.0**-digits:g}%"
    if 1 - 0.5 * 10 ** (-2 - digits) < x < 1:
        return f"over {100 - 10.0**-digits:g}%"
    return f"{100 * x:.{digits}f}%".replace("-", "−")


def jaccard(x: float) -> str:
    """Write a stability; never 1.00 for what is not.

    Examples
    --------
    >>> [jaccard(v) for v in (0.6, 0.994, 0.9999, 1.0)]
    ['0.60', '0.99', 'above 0.99', '1.00']
    """
    return "above 0.99" if 0.995 <= x < 1 else f"{x:.2f}"


def points(x: float) -> str:
    """Write a share as points with their sign, as a net promoter score is written.

    Examples
    --------
    >>> [points(v) for v in (0.342, -0.1, 0.001)]
    ['+34', '−10', '0']
    """
    whole = round(100 * x)
    return f"{whole:+d}".replace("-", "−") if whole else "0"


def listed(names: Iterable[str], last: str = "and") -> str:
    """Join names as a sentence does.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    names = list(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}" if names else ""


def plural(n: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun.

    Examples
    --------
    >>> plural(1, "segment"), plural(3, "segment")
    ('1 segment', '3 segments')
    """
    return f"{count(n)} {one if n == 1 else many or one + 's'}"


def marked(text: str) -> str:
    """Escape a sentence for HTML; **two stars** around words make them bold.

    Examples
    --------
    >>> marked("**5** <b>")
    '<b>5</b> &lt;b&gt;'
    """
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", html.escape(text, quote=False))


def named(name: object, most: int = 60) -> str:
    r"""Write a name that comes from data: in one line, cut, and so that it can neither mark nor turn a text.

    Examples
    --------
    >>> named("RED\n MUG"), named("a" * 9, most=5), len(named("**"))
    ('RED MUG', 'aaaa…', 3)
    """
    plain = one_line(_TURNING.sub("", str(name)), most) or "(blank)"
    return re.sub(r"\*(?=\*)", "*\N{WORD JOINER}", plain)


def quoted(name: object, most: int = 60) -> str:
    """Write a name that comes from data into a sentence.

    Examples
    --------
    >>> quoted("RED MUG")
    '“RED MUG”'
    """
    return f"“{named(name, most)}”"


def capital(sentence: str) -> str:
    """Begin a sentence.

    Examples
    --------
    >>> capital("over half")
    'Over half'
    """
    return sentence[:1].upper() + sentence[1:]


def number(x: float) -> str:
    """Write a number with the digits that a reader needs.

    Examples
    --------
    >>> [number(v) for v in (12345.6, 12.4, 3.14, 2.0, -0.5, 0.0253)]
    ['12,346', '12', '3.1', '2', '−0.5', '0.025']
    """
    if abs(x) >= 10 or x == int(x):
        said = f"{x:,.0f}"
    else:
        said = f"{x:.{1 if abs(x) >= 1 else 1 - math.floor(math.log10(abs(x)))}f}".rstrip("0").removesuffix(
            "."
        )
    return said.replace("-", "−")


def bound(x: float) -> str:
    """Write the bound of a rule with three significant digits, or whole.

    Examples
    --------
    >>> [bound(v) for v in (0.01342, 12.5, 1234.5, -3.0)]
    ['0.0134', '12.5', '1,234', '−3']
    """
    return (f"{x:,.0f}" if abs(x) >= 1000 else f"{x:.3g}").replace("-", "−")


def against(x: float, least: float) -> str:
    """Write a stability so that a reader sees on which side of a bound it lies.

    Examples
    --------
    >>> against(0.7499, 0.75), against(0.7548, 0.75), against(0.61, 0.75)
    ('0.7499', '0.75', '0.61')
    """
    said = jaccard(x)
    for digits in range(3, 7):
        if x < least <= float(said.rpartition(" ")[2]):
            said = f"{x:.{digits}f}"
    return said


_SMALL = [
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]


def in_words(n: int) -> str:
    """Write a small number in words.

    Examples
    --------
    >>> in_words(3), in_words(30)
    ('three', '30')
    """
    return _SMALL[n] if 0 <= n < len(_SMALL) else count(n)


def coarse_share(x: float, customers: float, min_cell: int, digits: int = 0) -> str:
    """Write a share of customers; one that would reveal few of them is only bounded.

    Examples
    --------
    >>> coarse_share(1 / 29, 29, 10), coarse_share(0.966, 500, 10), coarse_share(0.995, 500, 10)
    ('under 35%', '97%', 'over 98%')
    >>> coarse_share(0.0, 29, 10), coarse_share(0.3, 12, 10)
    ('0%', 'suppressed')
    """
    if x != x or customers != customers:
        return share(x, digits)
    yes, no = round(x * customers), round((1 - x) * customers)
    if not (0 < yes < min_cell or 0 < no < min_cell):
        return share(x, digits)
    if customers < 2 * min_cell:
        return SUPPRESSED
    least = 100 * min_cell / customers
    return f"under {math.ceil(least)}%" if yes < no else f"over {math.floor(100 - least)}%"


#: What is shown in place of a cell of too few customers.
SUPPRESSED = "suppressed"
