"""Files of tables: found, and opened as ibis tables without being read into memory."""

from __future__ import annotations

from glob import glob
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from seglib.collect.sources.continued import filled_down
from seglib.collect.sources.csv_files import read_csv
from seglib.collect.sources.excel import ENDINGS, read_workbooks
from seglib.collect.sources.json_lines import read_json_lines
from seglib.collect.sources.opened import Opened, no_twins
from seglib.collect.sources.text_files import packed, path_for_engine
from seglib.errors import DataError, listing, nearest, one_line, without_values

PARQUET_ENDINGS = (".parquet", ".pq")
JSON_ENDINGS = (".jsonl", ".ndjson", ".json")


def found_files(kind: str, path: str, root: Path, shown: str = "", place: str = "path") -> list[Path]:
    """List the files behind a path.

    Parameters
    ----------
    kind
        The kind of source, for messages.
    path
        A file or a glob.
    root
        What a relative path is relative to.
    shown, place
        The path as the params file writes it, where it is another, and its key there.

    Raises
    ------
    DataError
        If there is none.
    """
    file, shown, remedy = root / path, shown or path, f"check sources.{kind}.{place}"
    try:
        if file.is_file():
            return [file]
        if any(mark in path for mark in "*?["):
            files = sorted(p for p in map(Path, glob(str(file), recursive=True)) if p.is_file())  # noqa: PTH207
            if not files:
                raise DataError(f"{kind}: no file matches '{shown}'; {remedy}")
            return files
        beside = [p.name for p in file.parent.iterdir() if p.is_file()] if file.parent.is_dir() else []
    except OSError as error:
        raise DataError(f"{kind}: '{one_line(shown, 80)}': {error.strerror}; {remedy}") from None
    raise DataError(
        f"{kind}: there is no file '{one_line(shown, 200)}'; {remedy}, or put it there."
        f"{nearest(file.name, beside)}"
    )


def _read_parquet(connection: ibis.BaseBackend, kind: str, files: list[Path]) -> Opened:
    rows, schemas = 0, {}
    for file in files:
        try:
            meta = pq.ParquetFile(file)
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"{kind}: {file.name} is not Parquet: {without_values(error)}") from None
        no_twins(kind, file.name, meta.schema_arrow.names)
        schemas[file] = sorted((f.name, str(f.type)) for f in meta.schema_arrow)
        if schemas[file] != schemas[files[0]]:
            raise DataError(
                f"{kind}: {file.name} has other columns or types than {files[0].name}; files of one "
                "source must have the same"
            )
        rows += meta.metadata.num_rows
    if not rows:
        raise DataError(f"{kind}: {listing(f.name for f in files)} has columns but no rows")
    table = connection.read_parquet([path_for_engine(f) for f in files], hive_partitioning=False)
    return Opened(kind, table, tuple(files), {"format": "Parquet"})


#: Keys of a source that say how one format is written, and its endings in messages.
_OF_FORMAT = {
    "sheet": ("Excel", ENDINGS),
    "separator": ("CSV", ()),
    "skip_rows": ("CSV", ()),
    "header": ("CSV or Excel", ENDINGS),
    "fill_down": ("CSV or Excel", ENDINGS),
    "encoding": ("CSV or JSON lines", JSON_ENDINGS),
}


def _format(file: Path) -> str:
    """Return the ending that says what a file is, without that of gzip."""
    return Path(file.stem).suffix.lower() if packed(file) else file.suffix.lower()


def _refuse_keys(kind: str, spec: dict[str, Any], endings: set[str]) -> None:
    """Refuse a key that the format of the files has no use for."""
    text = not endings & {".parquet", ".pq", *ENDINGS, *JSON_ENDINGS}
    for key, (name, of) in _OF_FORMAT.items():
        fits = bool(endings & set(of)) or (text and key != "sheet")
        if spec.get(key) not in (None, []) and not fits:
            raise DataError(
                f"{kind}: sources.{kind}.{key} goes with {name}, and the files end in {listing(endings)}; "
                "remove the line"
            )


def open_files(connection: ibis.BaseBackend, kind: str, files: list[Path], spec: dict[str, Any]) -> Opened:
    """Open files of one source by their endings: Parquet, workbooks, JSON lines, and else CSV.

    Raises
    ------
    DataError
        If they are not what their endings say, or not alike.
    """
    endings = {_format(file) for file in files}
    known = [name for name in (PARQUET_ENDINGS, ENDINGS, JSON_ENDINGS) if endings & set(name)]
    if known and not endings <= set(known[0]):
        raise DataError(f"{kind}: files of one source must be of one format; found {listing(endings)}")
    _refuse_keys(kind, spec, endings)
    if endings & set(PARQUET_ENDINGS):
        return _read_parquet(connection, kind, files)
    decimal = str(spec.get("decimal") or "")
    if endings & set(ENDINGS):
        table, how = read_workbooks(connection, kind, files, spec)
    elif endings & set(JSON_ENDINGS):
        table, how = read_json_lines(connection, kind, files, spec), {"format": "JSON lines"}
    else:
        table, how, decimal = read_csv(connection, kind, files, spec)
    if spec.get("fill_down"):
        table, n = filled_down(connection, kind, table, spec["fill_down"])
        how |= {"rows that carry on the row above": f"{n:,} filled"}
    by = "declared" if spec.get("decimal") else "sniffed" if decimal else ""
    return Opened(kind, table, tuple(files), how, decimal or ".", by)
