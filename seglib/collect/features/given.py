"""Columns that the params name, as the sources give them."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import ibis
import numpy as np
import pandas as pd
from ibis import _

from seglib.collect.features.catalogue import Feature, from_template
from seglib.collect.forms.marks import numerals, shapes_of
from seglib.collect.forms.numerals import PLAIN, Cell, parsed
from seglib.collect.typed import GIVEN
from seglib.errors import DataError, listing
from seglib.privacy import personal
from seglib.vocabulary import spoken


def most_frequent(transactions: ibis.Table, column: str) -> ibis.Table:
    """Find the text that most of each customer's rows carry.

    Parameters
    ----------
    transactions
        One row per product in an order, with the given columns.
    column
        The column's name in the source.

    Returns
    -------
    ibis.Table
        One row per customer: customer and the column; of equally frequent texts the first in
        the alphabet.
    """
    counted = (
        transactions.select("customer", value=transactions[f"{GIVEN}{column}"].cast("string"))
        .filter(_.value.notnull())
        .group_by("customer", "value")
        .agg(n=_.count())
    )
    first = counted.mutate(
        place=ibis.row_number().over(group_by="customer", order_by=[ibis.desc("n"), ibis.asc("value")])
    )
    return first.filter(_.place == 0).select("customer", **{column: _.value})


def described(
    name: str, values: pd.Series, basis: str, level: object, source: str, label: str | None = None
) -> Feature:
    """Describe a given column; its level is what the params say, or what it holds.

    Parameters
    ----------
    name, values
        The column.
    basis
        The basis that names it.
    level
        binary, nominal, ordinal, interval, ratio, numbers by answer, or nothing.
    source
        The table that it comes from.
    label
        Plain words; the name with blanks if absent.
    """
    if isinstance(level, dict):
        level = "binary" if set(level.values()) == {0, 1} else "ordinal"
    if level is None:
        distinct = values.nunique()
        if pd.api.types.is_float_dtype(values):
            numbers = set(values.dropna().unique())
            level = "binary" if numbers == {0.0, 1.0} else "ratio" if values.min() >= 0 else "interval"
        else:
            level = "binary" if distinct == 2 else "nominal"
    words = label or spoken(name)
    bare = re.sub(r"\s*\([^()]*\)$", "", words) or words
    bare = bare if bare[:2].isupper() else bare[:1].lower() + bare[1:]
    template = "given_column" if level in ("binary", "nominal") else "given_number"
    title = words[:1].upper() + words[1:]
    texts = {"column": name, "words": bare, "title": title}
    return from_template(template, name, texts, basis=basis, level=str(level), source=source)


def label_of(words: Any) -> str | None:
    """Return the label among the words that the params have for a feature.

    Examples
    --------
    >>> label_of("visits"), label_of({"label": "visits", "high": "visit often"}), label_of(None)
    ('visits', 'visits', None)
    """
    return words["label"] if isinstance(words, dict) else words


def words_of(name: str, labels: dict[str, Any]) -> str:
    """Return the label of a name, or else the name with blanks."""
    return label_of(labels.get(name)) or spoken(name)


def given_column(
    column: pd.Series,
    place: str,
    level: object = None,
    decimal: str = "",
    allow: Collection[str] = (),
    kind: str = "customers",
) -> tuple[pd.Series, int]:
    """Read a given column of the customers as what it is.

    Parameters
    ----------
    column
        One entry per customer.
    place
        Where the params name it, for messages.
    level
        The level of measurement that the params say, or numbers by answer.
    decimal
        The decimal mark of the source's other numbers; empty where nothing tells.
    allow
        Columns that look like personal data and may be used all the same.
    kind
        The source that has the column, for messages.

    Returns
    -------
    pandas.Series
        Numbers (float), or text (string), missing where nothing was said.
    int
        Blanks among numbers, which are read as missing.

    Raises
    ------
    DataError
        If it is entirely missing, constant, infinite, an id, or not what the params say.
    """
    try:
        return _read_given(column, place, level, decimal, allow)
    except DataError as error:
        own = re.sub(r"^customers\b|(?<=sources\.)customers\b", kind, str(error))
        raise DataError(own) from None


def _read_given(
    column: pd.Series, place: str, level: object, decimal: str, allow: Collection[str]
) -> tuple[pd.Series, int]:
    read, n_blank = as_declared(column, level, decimal)
    if level in ("ordinal", "interval", "ratio") and not pd.api.types.is_float_dtype(read):
        raise DataError(
            f"customers: column '{column.name}' is declared {level} and holds text; give its answers "
            f"numbers, as in levels: {{{column.name}: {{low: 1, high: 2}}}}"
        )
    usable(read.rename(column.name), place, allow)
    return read.rename(column.name), n_blank


def as_declared(column: pd.Series, level: object = None, decimal: str = ".") -> tuple[pd.Series, int]:
    """Read a column as numbers or text by its level, whatever it holds; also count blanks among numbers.

    Raises
    ------
    DataError
        If it holds answers that `level` gives no number, dates or bytes.
    """
    read, n_blank = _numbers_or_text(column, level, decimal)
    return (_answers(read.rename(column.name), level) if isinstance(level, dict) else read), n_blank


def _numbers_or_text(column: pd.Series, level: object, decimal: str) -> tuple[pd.Series, int]:
    """Read numbers or text; codes declared nominal, binary or answers stay as written."""
    as_written = level in ("nominal", "binary") or isinstance(level, dict)
    if pd.api.types.is_datetime64_any_dtype(column):
        raise DataError(
            f"customers: column '{column.name}' holds dates, which cannot be used as they are; derive "
            "a number from them in the source"
        )
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        read = column.astype("Float64").astype("float64")
        return (read.map(_written, na_action="ignore").astype("string"), 0) if as_written else (read, 0)
    if pd.api.types.is_bool_dtype(column.dropna().infer_objects()):
        column = column.map({True: "Yes", False: "No"})
    if column.map(lambda v: isinstance(v, bytes)).any():
        raise DataError(f"customers: column '{column.name}' holds bytes, not text or numbers; take it out")
    text = column.astype("string").str.strip().replace("", pd.NA)
    codes = as_written or text.str.match(r"^0\d").any()  # 01067 is a postcode, not a number
    if text.isna().all() or codes:
        return text, 0
    numbers = _numbers(text, decimal, str(column.name))
    if numbers.notna().sum() == text.notna().sum():
        return numbers, int((text.isna() & column.notna()).sum())
    return text, 0


def _numbers(text: pd.Series, decimal: str, name: str) -> pd.Series:
    """Read texts as numbers where all of them are; a decimal mark that nothing tells is the file's."""
    shapes = shapes_of(text.dropna())
    if not all(re.match(PLAIN, shape.shape) or Cell.of(shape.shape) for shape in shapes):
        return pd.Series(float("nan"), index=text.index)
    try:
        return parsed(text, numerals(shapes, usual=decimal))
    except DataError as error:
        reason = (
            str(error).replace("KEY", "sources.customers.decimal").replace("WHERE", "sources.customers.where")
        )
        raise DataError(f"customers: column '{name}' {reason}") from None


def _written(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else repr(number)


def _answers(text: pd.Series, numbers: dict[str, float]) -> pd.Series:
    by_answer = {str(answer): float(n) for answer, n in numbers.items()}
    read = text.map(by_answer).astype("float64")
    unknown = text.notna() & read.isna()
    if unknown.any():
        answers = text[unknown].unique()
        examples = (
            listing(answers, 3) if text.nunique() <= 30 and not personal.scan_text("\n".join(answers)) else ""
        )
        raise DataError(
            f"customers: column '{text.name}' holds {unknown.sum():,} answers that levels does not "
            f"number{f' ({examples})' if examples else ''}; numbered there: {listing(by_answer, 20)}"
        )
    return read


def usable(read: pd.Series, place: str, allow: Collection[str] = ()) -> None:
    """Refuse a column that can neither form nor describe segments, or that says who a person is.

    Parameters
    ----------
    read
        One entry per customer, under the column's name.
    place
        Where the params name it.
    allow
        Columns that may be used although they look like personal data.

    Raises
    ------
    DataError
        If it is missing, constant, infinite, or holds ids, free text or personal data.
    """
    present, name = read.dropna(), read.name
    out = f"take it out of {place}"
    if present.empty:
        raise DataError(f"customers: column '{name}' is missing in every row; {out}")
    if present.nunique() == 1 and len(present) == len(read) > 1:
        raise DataError(
            f"customers: column '{name}' has the same value in all {len(read):,} rows; what does not "
            f"vary neither forms nor describes segments: {out}"
        )
    personal.refuse(read, place, allow)
    if pd.api.types.is_float_dtype(read):
        infinite = np.flatnonzero(np.isinf(read))
        if len(infinite):
            raise DataError(
                f"customers: {len(infinite):,} entries of column '{name}' are infinite (the first in "
                f"rows {listing(infinite[:3] + 1)} after the header); correct them in the source"
            )
        return
    if present.nunique() > max(20, 0.5 * len(present)):
        raise DataError(
            f"customers: column '{name}' holds {present.nunique():,} different texts in {len(present):,} "
            f"rows; it looks like an id or free text: {out}"
        )
