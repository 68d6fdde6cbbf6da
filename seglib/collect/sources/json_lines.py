"""JSON lines: one flat object a line, its numbers exact."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import ibis

from seglib.collect.sources.opened import no_twins, quoted
from seglib.collect.sources.text_files import MOST_LINE, Text, as_utf8, path_for_engine, text_file
from seglib.errors import DataError, listing

#: Beyond it the engine takes minutes.
MOST_KEYS = 2_000
#: What a row must not be, as an expression of the engine, and in words.
_PROBLEMS = {
    "json_type(json) <> 'OBJECT'": "is not an object; write one object a line",
    "len(json_keys(json)) <> len(list_distinct(json_keys(json)))": "has a key twice; write each key once",
    r"contains(json::VARCHAR, '\u0000')": "holds a NUL sign; it is damaged: export it again",
}


def read_json_lines(
    connection: ibis.BaseBackend, kind: str, files: list[Path], spec: dict[str, Any]
) -> ibis.Table:
    """Read JSON lines whole: one row per object, one column per key, absent keys being missing.

    A column of true and false alone is boolean; every other cell is text, as in a CSV file, its
    numbers with all their digits: what a text means is decided by its role.

    Raises
    ------
    DataError
        If a line is no object, holds a value that is not flat, or cannot be read.
    """
    texts = [text_file(kind, file, spec.get("encoding")) for file in files]
    for text in texts:
        if text.head(1)[0].lstrip().startswith("["):
            raise DataError(
                f"{kind}: {text.file.name} begins with '[': it holds one array, not one object a line; write "
                "it as JSON lines, as 'jq -c .[]' does"
            )
    shown = listing(text.file.name for text in texts)
    lines, name = quoted(f"lines_{kind}"), quoted(f"read_{kind}")
    try:
        _load_lines(connection, kind, texts, lines)
        types = _types(connection, kind, shown, lines)
        shape = json.dumps(dict.fromkeys(types, "JSON"), ensure_ascii=False).replace("'", "''")
        columns = ", ".join(_cell(key, types[key], spec.get("decimal") == ",") for key in types)
        missing = ["", *spec.get("missing", [])]
        connection.con.execute(
            f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {columns} FROM "  # noqa: S608
            f"(SELECT unnest(json_transform(json, '{shape}')) FROM {lines})",
            [missing] * sum(kinds != {"BOOLEAN"} for kinds in types.values()),
        )
    finally:
        connection.con.execute(f"DROP TABLE IF EXISTS {lines}")
    return connection.table(f"read_{kind}")


def _load_lines(connection: ibis.BaseBackend, kind: str, texts: list[Text], lines: str) -> None:
    with tempfile.TemporaryDirectory(prefix="seglib-") as folder:
        # The engine refuses a byte order mark.
        plain = [as_utf8(text, Path(folder) / f"{n}.jsonl", unmarked=True) for n, text in enumerate(texts)]
        try:
            connection.con.execute(
                f"CREATE OR REPLACE TEMP TABLE {lines} AS SELECT json "  # noqa: S608
                f"FROM read_ndjson_objects(?, maximum_object_size = {MOST_LINE})",
                [[path_for_engine(path) for path in plain]],
            )
        except duckdb.Error:
            raise DataError(f"{kind}: {_bad_line(texts)}") from None


def _bad_line(texts: list[Text]) -> str:
    """Find the first line that is not one JSON value."""
    # DuckDB 1.5 names the line after it as often as the line itself.
    for text in texts:
        with text.open() as stream:
            for n, line in enumerate(stream, 1):
                if len(line) > MOST_LINE // 2:
                    return f"{text.file.name}, line {n}, is longer than {MOST_LINE >> 21} million signs"
                if line.strip() and not _is_json(line):
                    return (
                        f"{text.file.name}, line {n}, is not one whole JSON object; write each object on "
                        "one line of its own"
                    )
    return f"{listing(text.file.name for text in texts)} cannot be read as JSON lines"


def _is_json(line: str) -> bool:
    try:
        json.dumps(json.loads(line), ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return False
    return True


def _types(connection: ibis.BaseBackend, kind: str, shown: str, lines: str) -> dict[str, set[str]]:
    """Return the types of the cells by key, in the order in which the keys first appear."""
    for bad, problem in _PROBLEMS.items():
        (row,) = connection.con.execute(
            f"SELECT min(_n) FROM (SELECT *, row_number() OVER () AS _n FROM {lines}) WHERE {bad}"  # noqa: S608
        ).fetchone()
        if row:
            raise DataError(f"{kind}: {shown}, row {row}, {problem}")
    keys = connection.con.execute(
        "SELECT key, list(DISTINCT type), min(_n) FILTER (type IN ('OBJECT', 'ARRAY')) "  # noqa: S608
        f"FROM (SELECT json, row_number() OVER () AS _n FROM {lines}), json_each(json) "
        "GROUP BY key ORDER BY min(_n), min(id)"
    ).fetchall()
    _check_keys(kind, shown, [key for key, *_ in keys])
    for key, _, row in keys:
        if row:
            raise DataError(
                f"{kind}: {shown}, row {row}, key '{key}' holds an object or an array; allowed: texts, "
                "numbers, true and false. Give each part a key of its own in the source"
            )
    return {key: set(types) - {"NULL"} for key, types, _ in keys}


def _check_keys(kind: str, shown: str, keys: list[str]) -> None:
    if not keys:
        raise DataError(f"{kind}: {shown} holds no keys; each line needs an object with keys")
    if len(keys) > MOST_KEYS:
        raise DataError(
            f"{kind}: {shown} holds {len(keys):,} different keys; allowed: {MOST_KEYS:,}. A key names a "
            "column, not a row; write a table this wide as Parquet or CSV"
        )
    if not all(key.strip() for key in keys):
        raise DataError(f"{kind}: {shown} has a key without a name; name it")
    no_twins(kind, shown, keys)


def _cell(key: str, types: set[str], comma: bool) -> str:
    """Write the expression of a column: boolean, or text without its missing texts."""
    name = quoted(key)
    if types == {"BOOLEAN"}:
        return f"CAST({name}->>'$' AS BOOLEAN) AS {name}"
    text = f"{name}->>'$'"
    if "DOUBLE" in types:
        # 12346.0 is 12346 again: an id must not depend on who wrote it.
        number = f"regexp_replace({text}, '\\.0$', '')"
        number = f"replace({number}, '.', ',')" if comma else number
        text = f"CASE WHEN json_type({name}) = 'DOUBLE' THEN {number} ELSE {text} END"
    return f"CASE WHEN NOT list_contains(?, {text}) THEN {text} END AS {name}"
