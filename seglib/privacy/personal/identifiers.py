"""Recognisers of personal identifiers: the shape of a text, and the check that it must pass."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import phonenumbers
from stdnum import iban, luhn
from stdnum.be import nn
from stdnum.br import cpf
from stdnum.ch import ssn as ahv
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.it import codicefiscale
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.se import personnummer
from stdnum.us import ssn

EMAIL, PHONE, CARD, IBAN = "e-mail address", "phone number", "payment card number", "IBAN"
NATIONAL_ID, ADDRESS, NAME, BIRTH = "national id", "street address", "personal name", "date of birth"
#: All kinds of personal data, each with its plural for messages.
KINDS = {
    EMAIL: "e-mail addresses",
    PHONE: "phone numbers",
    CARD: "payment card numbers",
    IBAN: "IBANs",
    NATIONAL_ID: "national ids",
    ADDRESS: "street addresses",
    NAME: "personal names",
    BIRTH: "dates of birth",
}

#: Issuer ranges (ISO/IEC 7812) with their lengths: Visa, Mastercard, American Express, Diners, Discover,
#: JCB, UnionPay, Maestro.
_ISSUERS = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[689]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}"
    r"|(?:50|5[6-9]|6[37])\d{10,17}"
)
#: Countries whose national phone numbers begin with 0, and those written in groups without it.
_TRUNK = ("GB", "DE", "FR", "NL", "BE", "AT", "CH", "IT", "SE", "IE", "FI", "AU")
_GROUPED = ("US", "IT")
_NINE = ("ES", "PT", "PL")
_DATE = re.compile(r"\d{1,2}([./-])\d{1,2}\1(?:\d{2}|\d{4})|\d{4}([./-])\d{1,2}\2\d{1,2}")


@dataclass(frozen=True)
class Recogniser:
    """One way in which an identifier is written.

    Attributes
    ----------
    kind
        What it is, one of `KINDS`.
    shape
        A text that may be one; it is searched for anywhere.
    check
        Whether such a text is one: check digits, ranges, numbering plans.
    """

    kind: str
    shape: re.Pattern[str]
    check: Callable[[str], bool] = bool

    def found(self, text: str) -> tuple[int, int]:
        """Count the texts of this shape, and those of them that pass the check."""
        shaped = [match[0].strip() for match in self.shape.finditer(text)]
        return len(shaped), sum(map(self.check, shaped))


def digits(text: str) -> str:
    """Keep the digits of a text."""
    return re.sub(r"\D", "", text)


def card_number(text: str) -> bool:
    """Check a payment card number by its issuer's range and Luhn's digit (ISO/IEC 7812-1).

    Examples
    --------
    >>> card_number("4111 1111 1111 1111"), card_number("4111 1111 1111 1112")
    (True, False)
    """
    number = digits(text)
    return bool(_ISSUERS.fullmatch(number)) and len(set(number)) > 1 and luhn.is_valid(number)


def _valid(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def international_phone(text: str) -> bool:
    """Check a phone number with its country code, after `+` or `00`.

    Examples
    --------
    >>> international_phone("+44 20 7946 0958"), international_phone("+44 20 7946")
    (True, False)
    """
    return _valid("+" + digits(text).removeprefix("00"), None) is not None


def national_phone(text: str) -> bool:
    """Check a national phone number that is written in groups and begins with 0."""
    if len(digits(text)) < 9 or _DATE.fullmatch(text):
        return False
    return any(_valid(text, region) for region in _TRUNK)


def mobile_phone(text: str) -> bool:
    """Check a mobile number that is written as bare digits beginning with 0."""
    mobile = phonenumbers.PhoneNumberType.MOBILE
    found = (_valid(text, region) for region in _TRUNK if region != "IT")
    return any(phonenumbers.number_type(n) == mobile for n in found if n)


def grouped_phone(text: str) -> bool:
    """Check a national phone number in groups of three, three and four."""
    return any(_valid(text, region) for region in _GROUPED)


_B, _E = r"(?<![\w.,+/:=#-])", r"(?![\w/=]|[-.,:]\d)"


def _shape(pattern: str) -> re.Pattern[str]:
    """Compile a shape that does not begin or end inside a longer word or number."""
    return re.compile(f"{_B}(?:{pattern}){_E}")


_UPPER = r"[A-ZÄÖÜÀÉÈÓÁÍŁŚ]"
_STREET = (
    rf"\d{{1,5}}[A-Za-z]?,?\s(?:{_UPPER}[\w'’.-]*\s){{1,4}}(?i:street|st\.|road|rd|avenue|ave|lane|ln|drive"
    r"|boulevard|blvd|terrace|crescent|close|court)\b",
    rf"{_UPPER}[\w.-]*(?:stra(?:ß|ss)e|str\.|weg|allee|platz|gasse|damm|ufer)\s\d{{1,4}}\s?[a-z]?",
    rf"(?:{_UPPER}[\w.-]*\s){{1,3}}(?:Stra(?:ß|ss)e|Str\.|Weg|Allee|Platz|Gasse|Damm|Ufer)\s\d{{1,4}}\s?[a-z]?",
    r"\d{1,4}(?:\s?(?:bis|ter))?,?\s(?i:rue|avenue|av\.|boulevard|bd|chemin|allée|impasse|quai)\s"
    r"(?:d[’']|(?:de|du|des|la|le|les|l[’'])\s?){0,2}\s?\w+",
    r"(?i:calle|c/|avenida|avda\.?|plaza|paseo|via|viale|piazza|corso|rua)\s?(?:[^\W\d]+\s){0,4}"
    r"[^\W\d]+,?\s(?:n[º°.]?\s?)?\d{1,4}",
    rf"{_UPPER}[a-z-]+(?:straat|laan|plein|gracht|kade|dijk|singel)\s\d{{1,4}}",
    rf"(?:ul|al|pl)\.\s{_UPPER}\w+(?:\s{_UPPER}\w+)?\s\d{{1,4}}",
    r"(?i:p\.?\s?o\.?\sbox|postfach|postbus)\s\d{2,6}",
)

_EMAIL = r"[^\s@<>\"'()\[\],;:\\]+@[^\s@<>\"'()\[\],;:\\]+\.[^\W\d_]{2,}"
_CARD = r"\d{12,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5}"
_PHONES: tuple[tuple[str, Callable[[str], bool]], ...] = (
    (r"(?:\+|00)(?: ?\(?[1-9]\d{0,3}\)?)(?:[ ./-]{0,2}\(?\d+\)?){1,7}", international_phone),
    (r"(?:\(0[1-9]\d{0,4}\) ?|0[1-9]\d{0,4} ?[ ./-] ?)\d{2,8}(?:[ ./-]\d{2,4}){0,4}", national_phone),
    (r"0[1-9]\d{7,10}", mobile_phone),
    (r"(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}", grouped_phone),
)
# National Insurance numbers: prefixes as HMRC's manual NIM39110 allows them
_INSURANCE = r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]"
_NATIONAL_IDS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    (r"\d{3}-\d{2}-\d{4}", ssn.is_valid),
    (_INSURANCE, bool),
    (r"(?i:\d{8}[ -]?[A-Z])", dni.is_valid),
    (r"(?i:[XYZ][ -]?\d{7}[ -]?[A-Z])", nie.is_valid),
    (r"(?i:[A-Z]{6}[0-9L-V]{2}[A-EHLMPR-T][0-9L-V]{2}[A-Z][0-9L-V]{3}[A-Z])", codicefiscale.is_valid),
    (r"[12] ?\d\d ?\d\d ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d", nir.is_valid),
    (r"756\.?\d{4}\.?\d{4}\.?\d\d", ahv.is_valid),
    (r"\d{6}[-+A]\d{3}[0-9A-Z]", hetu.is_valid),
    (r"(?:\d\d)?\d{6}[-+]\d{4}", lambda text: personnummer.is_valid(text) or cpr.is_valid(text)),
    (r"\d{3}\.\d{3}\.\d{3}-\d\d", cpf.is_valid),
    (r"\d\d\.\d\d\.\d\d-\d{3}\.\d\d", nn.is_valid),
)

#: Looked for anywhere in a text.
ANYWHERE = (
    Recogniser(EMAIL, re.compile(_EMAIL)),
    Recogniser(CARD, _shape(_CARD), card_number),
    Recogniser(IBAN, _shape(r"(?i:[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)"), iban.is_valid),
    *(Recogniser(PHONE, _shape(pattern), check) for pattern, check in _PHONES),
    *(Recogniser(NATIONAL_ID, _shape(pattern), check) for pattern, check in _NATIONAL_IDS),
    *(Recogniser(ADDRESS, _shape(pattern)) for pattern in _STREET),
)


def _bare_phone(region: str | None) -> Callable[[str], bool]:
    return lambda text: _valid(text if region else f"+{digits(text)}", region) is not None


def _padded(check: Callable[[str], bool], length: int) -> Callable[[str], bool]:
    """Restore the leading zeros that a column of numbers has lost, then check."""
    return lambda text: check(digits(text).zfill(length))


_NINE_DIGITS = re.compile(r"\d{3}([ -])(?:\d{3}\1\d{3}|\d\d\1\d\d\1\d\d)")
_WHOLE_IDS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    (r"\d{3}[ -]?\d{3}[ -]?\d{4}", nhs.is_valid),
    (r"\d{8,9}|\d{4}\.\d\d\.\d{3}", _padded(bsn.is_valid, 9)),
    (r"\d\d ?\d{3} ?\d{3} ?\d{3}", _padded(idnr.is_valid, 11)),
    *((r"\d{9,11}", _padded(number.is_valid, 11)) for number in (pesel, nn, cpf)),
    (r"\d{10}|\d{12}", personnummer.is_valid),
    (r"\d{9,10}", _padded(cpr.is_valid, 10)),
)
#: Looked for in whole entries of a column: nearly all must pass, since one random number in ten does.
WHOLE = (
    *(Recogniser(PHONE, _NINE_DIGITS, _bare_phone(region)) for region in _NINE),
    *(Recogniser(PHONE, re.compile(r"(?:\d\d ){3}\d\d"), _bare_phone(region)) for region in ("DK", "NO")),
    Recogniser(PHONE, re.compile(r"\d{10}"), _bare_phone("US")),
    Recogniser(PHONE, re.compile(r"\d{11,14}"), _bare_phone(None)),
    *(Recogniser(NATIONAL_ID, re.compile(pattern), check) for pattern, check in _WHOLE_IDS),
)
