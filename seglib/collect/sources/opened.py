"""A source that can be queried, and how its ids are written."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from seglib.errors import DataError, listing, nearest


@dataclass(frozen=True)
class Opened:
    """A source that can be queried.

    Attributes
    ----------
    kind
        customers, transactions, events or responses.
    table
        The ibis table, in the engine of the run.
    files
        The files whose content it is; their hashes go into the manifest.
    how
        How it was read, as sniffed or declared.
    decimal
        The decimal mark of numbers that are text.
    decimal_by
        declared by the user, sniffed in other columns of a file, or empty where nothing tells.
    forms
        How columns are written, as far as they have been looked at.
    """

    kind: str
    table: ibis.Table
    files: tuple[Path, ...] = ()
    how: dict[str, str] = field(default_factory=dict)
    decimal: str = "."
    decimal_by: str = ""
    forms: dict[tuple[str, object], Any] = field(default_factory=dict, repr=False, compare=False)


def no_twins(kind: str, file: str, names: Sequence[str]) -> None:
    """Refuse a table in which two columns have one name, or names that differ in case alone."""
    times = Counter(name.casefold() for name in names)
    twins = {name for name in names if times[name.casefold()] > 1}
    if twins:
        raise DataError(
            f"{kind}: {file} has more than one column named '{listing(twins)}'; "
            "column names must differ: rename one"
        )


def looks_like_values(names: Sequence[str]) -> bool:
    """Tell whether a first line holds values, as that of a file without names of columns does."""
    return sum(bool(re.fullmatch(r"[-+]?\d[\d.,:/-]*", n.strip())) for n in names) > 0.3 * len(names)


def values_for_names(kind: str, file: str) -> str:
    """Say that the first line names no columns, and what to do."""
    return (
        f"{kind}: the first line of {file} holds values where names of columns are expected; add a line of names, "
        f"or list the names in sources.{kind}.header"
    )


def quoted(name: str) -> str:
    """Write a name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def masked(address: str) -> str:
    """Write an address without the password in it.

    Examples
    --------
    >>> masked("postgresql://shop:p%40ss@db.example:5432/shop?sslmode=require")
    'postgresql://shop:…@db.example:5432/shop?sslmode=require'
    """
    without = re.sub(r"^(\w+://[^:@/?]*):.*@", r"\1:…@", address, flags=re.S)
    return re.sub(r"(?i)(\w*pass\w*=)[^&\s]*", r"\1…", without)


def stage(connection: ibis.BaseBackend, name: str, batches: pa.Table | pa.RecordBatchReader) -> ibis.Table:
    """Copy Arrow tables or batches into a table of the run's own engine, all of them or none."""
    arriving = f"{name}_arriving"
    connection.con.register(arriving, batches)
    try:
        connection.con.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS FROM "{arriving}"')
    finally:
        connection.con.unregister(arriving)
    return connection.table(name)


def content_hash(connection: ibis.BaseBackend, opened: Opened) -> str:
    """Hash a source's rows in the engine, whatever their order, with its columns and types.

    For sources that are no files. Each row is hashed to 64 bits; the number of rows, the sum and the
    exclusive or of their hashes are kept, so that two equal rows do not take each other out.
    """
    found = connection.con.execute(
        "SELECT count(*), sum(h::HUGEINT), bit_xor(h) "  # noqa: S608
        f"FROM (SELECT hash(_row) AS h FROM ({opened.table.compile()}) AS _row)"
    ).fetchone()
    shape = [(name, str(kind)) for name, kind in opened.table.schema().items()]
    return hashlib.sha256(repr((shape, found)).encode()).hexdigest()


def require_columns(opened: Opened, wanted: dict[str, str]) -> None:
    """Check that a source has the columns that a params file names.

    Parameters
    ----------
    opened
        The source.
    wanted
        Where the params file says it, and the column that it names there.

    Raises
    ------
    DataError
        One line for every column that is not there, with the nearest name.
    """
    there = opened.table.columns
    lines = [
        f"{opened.kind}: there is no column '{column}', which {place} names; "
        f"columns: {listing(there, 30)}.{nearest(column, there)}"
        for place, column in wanted.items()
        if column not in there
    ]
    if lines:
        raise DataError("\n".join(lines))


def text_key(column: ibis.Value) -> ibis.Value:
    """Write an id as text, the same whether it came as text, integer or float.

    `12346`, `12346.0` and `" 12346 "` become `"12346"`; an empty text becomes missing.
    """
    if column.type().is_floating():
        column = column.nullif(float("nan"))
        whole = column.try_cast("int64")
        same = (column == whole.cast("float64")) & (column.abs() < 2**53)
        text = same.fill_null(False).ifelse(whole.cast("string"), column.cast("string"))
    else:
        text = column.cast("string").strip()
    text = text.re_replace(r"^(\d+)\.0+$", r"\1")
    return text.nullif("")
