"""Consent and purposes on import, pseudonyms from the first table on, and who asked to be forgotten."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seglib.errors import DataError, listing, nearest
from seglib.privacy import personal
from seglib.vocabulary import BLANK, NO, YES

_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([ T].*)?|\d{1,2}[./-]\d{1,2}[./-](\d{4}|\d{2})( .*)?|(19|20)\d{6}")

#: Years of placeholders, which are no dates.
_NO_YEARS = ("0000", "0001", "1899", "1900", "2099", "2999", "9999", "1970-01-01", "01.01.1970", "01/01/1970")


def means_yes(texts: pd.Series, answers: dict[str, float] | None = None) -> list[str]:
    """List the answers that mean yes: words for yes, dates on which it was given, or as `levels` says.

    Examples
    --------
    >>> means_yes(pd.Series(["yes", "no", "2024-02-01", "0000-00-00", None]))
    ['yes', '2024-02-01']
    """
    known = [str(text) for text in texts.dropna()]
    if answers is not None:
        yes = {str(answer).strip().casefold() for answer, number in answers.items() if number == 1}
        return [text for text in known if text.strip().casefold() in yes]
    return [text for text in known if text.strip().casefold() in YES or _is_date(text.strip())]


def _is_date(text: str) -> bool:
    return bool(_DATE.fullmatch(text)) and not any(year in text for year in _NO_YEARS)


def _understood(column: pd.Series, answers: dict[str, float] | None) -> pd.Series:
    """Read an answer or a date per customer as yes or no; what is blank is no."""
    text = column.astype("string").fillna("").str.strip()
    text = text.str.replace(r"^([01])\.0+$", r"\1", regex=True)
    yes, folded = means_yes(pd.Series(text.unique()), answers), text.str.casefold()
    no = NO if answers is None else [str(a).strip().casefold() for a, n in answers.items() if n == 0]
    strange = np.flatnonzero(~(text.isin(yes) | folded.isin(no) | folded.isin(BLANK)))
    if len(strange):
        raise DataError(
            f"customers: {len(strange):,} entries of the consent column '{column.name}' are neither yes "
            f"nor no (the first in rows {listing(strange[:3] + 1)} after the header); allowed: yes and no, true "
            f"and false, 1 and 0, or a date; or set levels.{column.name}, as in {{ANSWER: 1, OTHER: 0}}"
        )
    return text.isin(yes)


def consented(column: pd.Series, answers: dict[str, float] | None = None) -> pd.Series:
    """Read a consent column; whoever has not said yes has not consented.

    Parameters
    ----------
    column
        One entry per customer: booleans, 0 and 1, yes and no, or the date on which consent was given.
    answers
        1 for answers that mean yes, and 0 for those that mean no.

    Returns
    -------
    pandas.Series
        True where consent was given.

    Raises
    ------
    DataError
        If an entry is neither yes nor no, or if no customer said yes.

    Examples
    --------
    >>> consented(pd.Series(["yes", "no", None])).tolist()
    [True, False, False]
    """
    given = _understood(column, answers)
    if not given.any():
        raise DataError(
            f"customers: none of {len(column):,} customers has consented in '{column.name}'; "
            "there is no customer to segment"
        )
    return given


def not_opted_out(column: pd.Series, answers: dict[str, float] | None = None) -> pd.Series:
    """Read a column of objections; whoever has said yes, or at a date, must not be profiled.

    Raises
    ------
    DataError
        If an entry is neither yes nor no, or if every customer said yes.

    Examples
    --------
    >>> not_opted_out(pd.Series(["yes", "no", None])).tolist()
    [False, True, True]
    """
    left = _understood(column, answers)
    if left.all():
        raise DataError(
            f"customers: all {len(column):,} customers have opted out in '{column.name}'; there is no customer "
            "to segment"
        )
    return ~left


def purposes(entry: object) -> frozenset[str]:
    """Read what one customer consented to: names apart by ; , or |, a list of them, or nothing."""
    if pd.api.types.is_scalar(entry) and pd.isna(entry):
        return frozenset()
    parts = entry if isinstance(entry, list | tuple | set | np.ndarray) else re.split(r"[;,|]", str(entry))
    words = (re.sub(r"[\s_]+", " ", str(part).strip(" \t\r\n[]\"'")).casefold() for part in parts)
    return frozenset(word for word in words if word and word not in NO)


def agreed(column: pd.Series, purpose: str) -> pd.Series:
    """Read what customers consented to; whoever did not name the purpose has not agreed to it.

    Parameters
    ----------
    column
        One entry per customer: names of purposes, apart by `;`, `,` or `|`, in any case.
    purpose
        What the customers are looked at for.

    Returns
    -------
    pandas.Series
        True where the purpose is among them.

    Raises
    ------
    DataError
        If no customer named the purpose, with the purposes that at least ten customers did name.

    Examples
    --------
    >>> agreed(pd.Series(["Profiling; e-mail", "e-mail", None]), "profiling").tolist()
    [True, False, False]
    """
    wanted = purposes(purpose)
    named = column.map(purposes)
    given = named.map(wanted.issubset).astype(bool) & bool(wanted)
    if given.any():
        return given
    said = named.explode().dropna().value_counts()
    if said.empty:
        raise DataError(
            f"customers: column '{column.name}' names no purpose for any of {len(column):,} customers; "
            "there is no customer to segment: check sources.customers.columns.purposes"
        )
    shown = [name for name in said.index[said >= 10] if not personal.scan_text(name)]
    known = f"; named there: {listing(shown)}.{nearest(purpose, shown)}" if 0 < len(shown) <= 20 else ""
    raise DataError(
        f"customers: none of {len(column):,} customers has agreed to '{purpose}' in column "
        f"'{column.name}'; check privacy.purpose or sources.customers.columns.purposes{known}"
    )


def normal_key(key: object) -> str:
    """Write an id as `sources.text_key` does: as text, without blanks around or a point and zeros.

    Examples
    --------
    >>> normal_key(" 12346.0 "), normal_key("A7")
    ('12346', 'A7')
    """
    text = str(key).strip(" \t\n\r\v\f")
    whole = re.fullmatch(r"([0-9]+)\.0+", text)
    return whole[1] if whole else text


@dataclass(frozen=True)
class Forgotten:
    """The customers who asked to be forgotten, as hashes under a key of the project.

    Attributes
    ----------
    secret
        The key of the hashes.
    hashes
        One per customer (HMAC with SHA-256), as hexadecimal digits.
    """

    secret: bytes = b""
    hashes: frozenset[str] = frozenset()

    def hash(self, key: object) -> str:
        """Hash an id, however it is written."""
        return hmac.new(self.secret, normal_key(key).encode(), hashlib.sha256).hexdigest()

    def is_forgotten(self, keys: pd.Series) -> pd.Series:
        """Tell which customers asked to be forgotten.

        Parameters
        ----------
        keys
            Real ids.

        Returns
        -------
        pandas.Series
            True where the id is on the list.

        Examples
        --------
        >>> listed = Forgotten(b"k", frozenset({Forgotten(b"k").hash("7")}))
        >>> listed.is_forgotten(pd.Series(["7", "8", None])).tolist()
        [True, False, False]
        """
        if not self.hashes:
            return pd.Series(False, index=keys.index, dtype=bool)
        return keys.notna() & keys.map(self.hash).isin(self.hashes)


def pseudonyms(keys: pd.Series, secret: bytes) -> pd.DataFrame:
    """Assign customers numbers such that only who has the project's key can work a number out from an id.

    A number is the first 52 bits of HMAC-SHA256 of the id: the same person has the same number in
    all runs of a project, and another one in other projects. In the rare case that two ids share a
    number, the later one is hashed again.

    Parameters
    ----------
    keys
        Real ids, each once.
    secret
        The project's key, which is stored beside its runs.

    Returns
    -------
    pandas.DataFrame
        One row per customer, in the order of the numbers: `customer` and `key` (the real id).

    Examples
    --------
    >>> ids = pd.Series(["a", "b"])
    >>> one, other = pseudonyms(ids, b"one"), pseudonyms(ids, b"other")
    >>> set(one.customer) & set(other.customer)
    set()
    """
    ordered = np.sort(keys.to_numpy(dtype=str))
    numbers = pd.Series([_number(key, secret) for key in ordered], dtype="int64")
    again = 0
    while (twice := numbers.duplicated()).any():
        again += 1
        numbers[twice] = [_number(f"{key}\0{again}", secret) for key in ordered[twice.to_numpy()]]
    return pd.DataFrame({"customer": numbers, "key": ordered}).sort_values("customer", ignore_index=True)


def _number(key: str, secret: bytes) -> int:
    """Hash an id to a number that a float holds exactly."""
    return int.from_bytes(hmac.digest(secret, key.encode(), "sha256")[:8], "big") >> 12


def working_order(ids: pd.DataFrame) -> pd.Series:
    """Place customers in an order that follows from their ids, whatever the project's key.

    Results that depend on the order of rows (samples, starts) are then the same under every key.
    Tables are written in the order of the numbers, so that this order reveals no id.

    Parameters
    ----------
    ids
        The table of this name: customer and key.

    Returns
    -------
    pandas.Series
        The place of each customer, by number.
    """
    ordered = np.argsort(ids.key.to_numpy(dtype=str), kind="stable")
    places = np.random.default_rng(0).permutation(len(ids))
    return pd.Series(places, index=ids.customer.to_numpy()[ordered])
