"""Word lists and constants that several rooms share, one home for each."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

#: Signs of currencies (ISO 4217) that a reader knows.
SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"}
_CODE = re.compile("[A-Z]{3}")
_CODES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD "
    "CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP "
    "GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW "
    "KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD "
    "NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD "
    "SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND "
    "VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL"
)
#: Codes of currencies in use (ISO 4217).
CURRENCY_CODES = tuple(_CODES.split())
#: How yes is written, in small letters: English, German, French, Spanish and Italian, Portuguese, Polish, Dutch.
YES = (
    *("true", "yes", "y", "1", "1.0", "t", "x"),
    *("wahr", "ja", "j"),
    *("vrai", "oui", "o"),
    *("si", "sí", "sì", "s"),
    *("sim", "tak"),
)
#: How a missing answer is written, in small letters.
BLANK = ("", "nan", "none", "<na>", "null")
#: How no is written, in small letters; a flag that is blank is not set.
NO = (
    *("false", "no", "n", "0", "0.0", "f"),
    *("falsch", "nein", "faux", "non"),
    *("não", "nao", "nie", "nee"),
    *BLANK,
)
#: How a missing value is written in exports, in small letters.
MISSING = (
    *BLANK,
    *(
        "na",
        "n/a",
        "n.a.",
        "n.a",
        "nil",
        "-",
        "--",
        "?",
        ".",
        "unknown",
        "undefined",
        "missing",
        "not available",
    ),
    *("nat", "#n/a", "(blank)", "blank", "empty", "tbd", "unbekannt", "k.a.", "inconnu", "desconocido"),
    *("onbekend", "n.v.t.", "sconosciuto", "nieznany", "brak"),
)
#: What rare answers are called together.
OTHER = "other"
#: What segments, or customers to whom no rule applies, are called together.
OTHERS = "Others"
#: What a project may aim at.
Objective = Literal["retention", "growth", "acquisition", "service", "development", "allocation"]
#: The trades that plays are worded for.
Trade = Literal["shop", "banking", "telecom", "travel", "healthcare", "software", "survey"]
#: Methods to form segments, as `estimators.METHODS` describes them.
Method = Literal[
    "k-means",
    "k-prototypes",
    "k-modes",
    "merged mixture",
    "gaussian mixture",
    "latent classes",
    "ward",
    "gower",
    "hdbscan",
]
#: Mean length of a calendar year and of a month: for rates a year, and durations in years or months.
DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12
#: Whole days of a window that looks one year back or ahead, and of one of half a year.
ONE_YEAR, HALF_YEAR = 365, 182


def says_yes(answer: object, two: bool) -> bool:
    """Check whether an answer means yes.

    Parameters
    ----------
    answer
        In any language of `YES`.
    two
        Whether there are two answers; of several, numbers and single letters are categories.

    Examples
    --------
    >>> says_yes("Ja", two=False), says_yes("1", two=True), says_yes("1", two=False), says_yes("S", two=False)
    (True, True, False, False)
    """
    return _says(answer, YES, two)


def says_no(answer: object, two: bool) -> bool:
    """Check whether an answer means no, as `says_yes` does; a blank one does not.

    Examples
    --------
    >>> says_no("Nein", two=True), says_no("none", two=True), says_no("0", two=False)
    (True, False, False)
    """
    return _says(answer, NO, two)


def _says(answer: object, words: tuple[str, ...], two: bool) -> bool:
    word = str(answer).casefold().removesuffix(".")
    return word in words and word not in BLANK and (two or (len(word) > 1 and word.isalpha()))


def uncapitalised(label: str) -> str:
    """Begin a label in lower case inside a sentence, unless it begins with capitals.

    Examples
    --------
    >>> uncapitalised("Main channel"), uncapitalised("TV at home")
    ('main channel', 'TV at home')
    """
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def is_currency(unit: object) -> bool:
    """Check whether a unit is a currency (ISO 4217).

    Examples
    --------
    >>> is_currency("GBP"), is_currency("days"), is_currency(None)
    (True, False, False)
    """
    return isinstance(unit, str) and _CODE.fullmatch(unit) is not None


def money(x: float, currency: str | None = None) -> str:
    """Write an amount with the digits that a reader needs.

    Examples
    --------
    >>> money(8278519.42, "GBP")
    '£8.28 m'
    >>> [money(v, "EUR") for v in (36940, 410.2, -3.1)]
    ['€36.9k', '€410', '−€3.10']
    """
    if x != x:
        return "unknown"
    size = abs(x)
    for least, divisor, letter in ((1e9, 1e9, " bn"), (1e6, 1e6, " m"), (1e4, 1e3, "k")):
        if size >= least:
            text = f"{size / divisor:.3g}{letter}"
            break
    else:
        text = f"{size:,.0f}" if size >= 100 or size == 0 else f"{size:.2f}"
    sign = SIGNS.get(currency or "", "")
    unit = f" {currency}" if currency and not sign else ""
    return f"{'−' if x < 0 else ''}{sign}{text}{unit}"


#: Where a word ends inside a name: before a capital, and between letters and digits.
_INSIDE_A_NAME = re.compile(
    "(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])"
)


#: Letters of other alphabets that are no letters with an accent.
_LETTERS = str.maketrans("łŁıøØđĐ", "lLioOdD")


def _unaccented(text: object) -> str:
    letters = unicodedata.normalize("NFKD", str(text).translate(_LETTERS))
    return "".join(c for c in letters if not unicodedata.combining(c))


def plain_letters(text: object) -> str:
    """Write a text in small letters without accents.

    Examples
    --------
    >>> plain_letters("Größe"), plain_letters("Płeć")
    ('grosse', 'plec')
    """
    return _unaccented(text).casefold()


#: German short forms with a capital inside.
_TAXES = re.compile(r"(?<![A-Za-z])(?:Mw|U|V)St(?![a-z])")


def words_of(column_name: object) -> tuple[str, ...]:
    """Split a column's name into its words: small letters without accents, digits apart.

    Examples
    --------
    >>> words_of("CustomerID"), words_of("AcceptedCmp3"), words_of("Año_de_nacimiento")
    (('customer', 'id'), ('accepted', 'cmp', '3'), ('ano', 'de', 'nacimiento'))
    >>> words_of("USt-Betrag"), words_of("inkl. MwSt")
    (('ust', 'betrag'), ('inkl', 'mwst'))
    """
    whole = _TAXES.sub(lambda tax: tax[0].lower(), _unaccented(column_name))
    parted = _INSIDE_A_NAME.sub(" ", whole)
    return tuple(re.findall(r"[^\W_]+", parted.casefold()))


#: Where a word of a name ends at a capital.
_CAPITALS = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][^\W\d_A-Z])")


def spoken(column_name: str) -> str:
    """Write a column's name as words: in small letters but for short forms; what has blanks already as it is.

    Examples
    --------
    >>> spoken("PURCHASES_FREQUENCY"), spoken("MntMeatProducts"), spoken("cc1_miles"), spoken("help.others")
    ('purchases frequency', 'mnt meat products', 'cc1 miles', 'help others')
    >>> spoken("dataGB"), spoken("NPS"), spoken("Annual Income (k$)"), spoken("Año_de_nacimiento")
    ('data GB', 'NPS', 'Annual Income (k$)', 'año de nacimiento')
    """
    name = column_name.strip()
    if re.search(r"\s", name):
        return name.replace("_", " ")
    parted = [] if name.isupper() else [_CAPITALS.sub(" ", word) for word in re.split(r"[\W_]+", name)]
    words = " ".join(parted or re.split(r"[\W_]+", name)).split()
    return " ".join(word if _short_form(word, name) else word.lower() for word in words) or name


def _short_form(word: str, name: str) -> bool:
    """Tell a short form, as GB or Q5, from a word that is merely written in capitals."""
    if any(c.isdigit() for c in word):
        return True
    return len(word) > 1 and word.isupper() and (not name.isupper() or not re.search("[AEIOUY]", word))
