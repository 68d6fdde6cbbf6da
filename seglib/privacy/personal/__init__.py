"""Personal data found in columns and texts, by what they are called and by what they hold."""

from __future__ import annotations

import html
import re
from collections.abc import Collection

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from seglib.errors import DataError
from seglib.privacy.personal.column_names import called, list_persons, of_persons
from seglib.privacy.personal.identifiers import ANYWHERE, KINDS, NAME, WHOLE, Recogniser
from seglib.privacy.personal.names import share_of_names

#: Most different entries of a column that are examined.
SAMPLE = 2000
#: Least share of entries of an identifier's shape that pass its check, where it may stand anywhere, and of
#: all entries, where it must fill them; random numbers pass Luhn's check once in ten.
_ANYWHERE, _WHOLE = 0.5, 0.9
#: An at sign or seven digits, without which there is no identifier but an address or a name.
_TELLING = r"@|(?:\d\D{0,3}){7}"
#: Traces of persons in a text: mail, pages, accounts, and whatever has a digit in it.
_TRACES = re.compile(r"\S*@\S*|(?:https?://|www\.)\S+|\S*\d\S*|[#:,;]+(?=\s)")
#: Fewest different entries by which whole entries are recognised.
_FEWEST = 8


def _entries(column: pd.Series) -> pd.Series:
    """List the different known entries that can be personal data: texts, and long whole numbers."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    known = column.dropna()
    known = (known.map(str) if known.dtype == object else known).drop_duplicates()
    if pd.api.types.is_bool_dtype(known) or pd.api.types.is_datetime64_any_dtype(known):
        return known.iloc[:0]
    if pd.api.types.is_numeric_dtype(known):
        numbers = known.to_numpy("float64")
        return known[np.isfinite(numbers) & (np.floor(numbers) == numbers) & (numbers >= 1e7)]
    return known.astype("object").map(str)


def _sampled(entries: pd.Series, most: int, seed: int) -> list[str]:
    """Draw entries, and as many of those that can hold an identifier, so that few are missed, as text."""
    if len(entries) > most:
        drawn = entries.sample(most, random_state=seed)
        if entries.dtype == object:
            arrow = pa.array([entry.encode("utf-8", "replace") for entry in entries]).cast(pa.string())
            telling = entries[pc.match_substring_regex(arrow, _TELLING).to_numpy(zero_copy_only=False)]
            drawn = pd.concat([drawn, telling.sample(min(most, len(telling)), random_state=seed)])
        entries = drawn
    texts = [e.strip() if isinstance(e, str) else f"{int(e)}" for e in entries]
    return [text for text in dict.fromkeys(re.sub(r"^(\d+)\.0+$", r"\1", text) for text in texts) if text]


def _anywhere(recogniser: Recogniser, entries: list[str]) -> np.ndarray:
    """Mark the entries that hold an identifier; none if most texts of its shape are no identifiers."""
    counts = np.array([recogniser.found(entry) for entry in entries]).reshape(-1, 2)
    shaped, passed = counts.sum(axis=0)
    return (counts[:, 1] > 0) & (passed >= _ANYWHERE * shaped)


def _whole(recogniser: Recogniser, entries: list[str]) -> np.ndarray:
    """Mark the entries that are an identifier; none if they are few, not nearly all, or one series."""
    none = np.zeros(len(entries), dtype=bool)
    if len(entries) < _FEWEST or len({entry[:-4] for entry in entries}) < len(entries) / 4:
        return none
    shaped = [bool(recogniser.shape.fullmatch(entry)) for entry in entries]
    if np.mean(shaped) < _WHOLE:
        return none
    passed = np.array([fits and recogniser.check(e) for fits, e in zip(shaped, entries, strict=True)])
    return passed if passed.mean() >= _WHOLE else none


def _held(entries: list[str], numeric: bool) -> dict[str, float]:
    """Compute for each kind that entries hold the share of entries that hold it."""
    if not entries:
        return {}
    held: dict[str, np.ndarray] = {}
    for recognisers, told in ((ANYWHERE, _anywhere), (WHOLE, _whole)):
        for recogniser in recognisers:
            held[recogniser.kind] = told(recogniser, entries) | held.get(recogniser.kind, False)
    shares = {kind: float(found.mean()) for kind, found in held.items()}
    if not numeric:
        shares[NAME] = share_of_names(entries)
    return {kind: share for kind, share in shares.items() if share}


def _few_answers(column: pd.Series, kind: str, persons: bool) -> bool:
    """Check whether a column has few answers, such as yes and no, so that it is not what its name promises.

    First names and surnames have few answers too, so does what follows a street, and what is called a name in a
    table of persons: such columns are what their names say, but for yes and no.
    """
    known = column.dropna()
    repeated = of_persons(column.name) or kind == "street address" or (persons and kind == NAME)
    few = 2 if repeated else min(20, len(known) / 5)
    return pd.api.types.is_bool_dtype(known) or known.nunique() <= few


def found_in(column: pd.Series, most: int = SAMPLE, seed: int = 0, persons: bool = False) -> pd.DataFrame:
    """Find personal data in one column.

    Parameters
    ----------
    column
        One entry per row.
    most, seed
        As `find` takes them.
    persons
        Whether the column is of a list of persons, as `list_persons` says.

    Returns
    -------
    pandas.DataFrame
        As `find`.
    """
    numeric = pd.api.types.is_numeric_dtype(column)
    held = _held(_sampled(_entries(column), most, seed), numeric)
    rows = [(column.name, kind, "content", share) for kind, share in sorted(held.items())]
    kind = called(column.name)
    holds = column.notna().any() and not (numeric and kind == NAME)
    if kind and holds and not _few_answers(column, kind, persons):
        rows.insert(0, (column.name, kind, "name", held.get(kind, 0.0)))
    return pd.DataFrame(rows, columns=["column", "kind", "by", "share"])


def find(sample: pd.DataFrame | ibis.Table, most: int = SAMPLE, seed: int = 0) -> pd.DataFrame:
    """Find columns that hold personal data, by their names and by what they hold.

    Parameters
    ----------
    sample
        Rows of a table; of an ibis table at most ten times `most` rows are drawn in its engine.
    most
        Most different entries of a column that are examined.
    seed
        Of the draw.

    Returns
    -------
    pandas.DataFrame
        One row per column, kind and way: column, kind (one of `KINDS`), by (name or content) and
        share (of the different entries examined, 0 to 1). It never holds an entry.

    Examples
    --------
    >>> find(pd.DataFrame({"note": ["call +44 20 7946 0958", "none"], "iban": ["", "x"]}))
      column          kind       by  share
    0   note  phone number  content    0.5
    1   iban          IBAN     name    0.0
    """
    if isinstance(sample, ibis.Table):
        rows = int(sample.count().to_pandas())
        part = min(1.0, 10 * most / max(rows, 1))
        if part < 1:  # Spark draws with no seed of ours: there, the rows that it gives first
            spark = sample.get_backend().name == "pyspark"
            sample = sample.limit(10 * most) if spark else sample.sample(part, seed=seed)
        sample = sample.to_pandas()
    persons = list_persons(sample.columns)
    tables = [found_in(sample.iloc[:, i], most, seed, persons) for i in range(sample.shape[1])]
    tables = [table for table in tables if len(table)]
    empty = pd.DataFrame(columns=["column", "kind", "by", "share"])
    return pd.concat(tables, ignore_index=True) if tables else empty


def identifying(entries: Collection[str]) -> dict[str, str]:
    """Find the entries of a column that hold an identifier, each with its kind.

    Names of persons are not looked for: products and places are called like persons too.

    Examples
    --------
    >>> identifying(["shirt", "gift for anna@example.com"])
    {'gift for anna@example.com': 'e-mail address'}
    """
    telling = [entry for entry in entries if re.search(_TELLING, entry)]
    found: dict[str, str] = {}
    if not telling:
        return found
    for recognisers, told in ((ANYWHERE, _anywhere), (WHOLE, _whole)):
        for recogniser in recognisers:
            held = told(recogniser, telling)
            found = {
                entry: recogniser.kind for entry, holds in zip(telling, held, strict=True) if holds
            } | found
    return found


def refuse(column: pd.Series, place: str, allow: Collection[str] = ()) -> None:
    """Refuse a column that identifies persons.

    Parameters
    ----------
    column
        One entry per customer, under the column's name.
    place
        Where the params name it.
    allow
        Columns that may be used anyway.

    Raises
    ------
    DataError
        If it holds or promises personal data, with the kind, never an entry.
    """
    if str(column.name) in allow:
        return
    hits = found_in(column)
    if hits.empty:
        return
    first = hits.sort_values(["by", "share"], ascending=[True, False], kind="stable").iloc[0]
    verb = "holds" if first.by == "content" else "is called like"
    raise DataError(
        f"customers: column '{column.name}' {verb} {KINDS[first.kind]}, which identify persons; remove "
        f"it from {place}, or list it in privacy.allow if it is something else"
    )


_GEOMETRY = re.compile(
    r"data:[\w/+.-]+;base64,[\w+/=\\\s]+|[\w+/]{120,}={0,2}"
    r"|\b(?:d|points|transform|viewBox|style|id|x|y|width|height|href=\\?\"#)=\\?\"[^\"]*\""
    r"|<style\b.*?</style>",
    re.S,
)


def scan_text(text: str) -> dict[str, int]:
    r"""Count the identifiers that a page, a notebook, a log or a manifest holds, by kind.

    Names of persons cannot be recognised in running text and are not searched for; pictures and the geometry of
    drawings are left out.

    Examples
    --------
    >>> scan_text("<td>anna@example.com</td>\n<td>4111 1111 1111 1111</td>")
    {'e-mail address': 1, 'payment card number': 1}
    """
    plain = html.unescape(re.sub(r"[<>]", "\n", _GEOMETRY.sub(" ", text)).replace("\\n", "\n"))
    counts: dict[str, int] = {}
    for recogniser in ANYWHERE:
        _shaped, passed = recogniser.found(plain)
        if passed:
            counts[recogniser.kind] = counts.get(recogniser.kind, 0) + passed
    return counts


def masked(text: str) -> str:
    """Blank the identifiers in a text, and what may be part of one: addresses of pages and mail, numbers.

    Examples
    --------
    >>> masked("Call anna@example.com or +44 20 7946 0958, order 1234567: late again").split()
    ['Call', 'or', 'order', 'late', 'again']
    """
    for recogniser in ANYWHERE:
        for match in reversed([*recogniser.shape.finditer(text)]):
            if recogniser.check(match[0].strip()):
                text = f"{text[: match.start()]} {text[match.end() :]}"
    return _TRACES.sub(" ", text)
