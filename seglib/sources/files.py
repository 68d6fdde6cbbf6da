"""Files of tables: found, and opened as ibis tables without being read into memory."""

from __future__ import annotations

from glob import glob
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from seglib.errors import DataError, listing, nearest, one_line, without_values
from seglib.sources.csv_files import no_twins, read_csv
from seglib.sources.opened import Opened


def found_files(kind: str, path: str, root: Path, shown: str, place: str) -> list[Path]:
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
        The path as the params file writes it, and its key there.

    Raises
    ------
    DataError
        If there is none.
    """
    full = path if Path(path).is_absolute() else str(root / path)
    if any(mark in path for mark in "*?["):
        files = sorted(p for p in map(Path, glob(full, recursive=True)) if p.is_file())  # noqa: PTH207
        if not files:
            raise DataError(f"{kind}: no file matches '{shown}'; mend sources.{kind}.{place}")
        return files
    folder = Path(full).parent
    try:
        if Path(full).is_file():
            return [Path(full)]
        beside = [p.name for p in folder.iterdir() if p.is_file()] if folder.is_dir() else []
    except OSError as error:
        raise DataError(
            f"{kind}: '{one_line(shown, 80)}': {error.strerror}; mend sources.{kind}.{place}"
        ) from None
    raise DataError(
        f"{kind}: there is no file '{one_line(shown, 200)}'; mend sources.{kind}.{place}, or put it "
        f"there.{nearest(Path(full).name, beside)}"
    )


def _read_parquet(connection: ibis.BaseBackend, kind: str, files: list[Path]) -> Opened:
    rows, schemas = 0, {}
    for file in files:
        try:
            meta = pq.ParquetFile(file)
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"{kind}: {file.name} is not Parquet: {without_values(error)}") from None
        no_twins(kind, file, meta.schema_arrow.names)
        schemas[file] = sorted((f.name, str(f.type)) for f in meta.schema_arrow)
        if schemas[file] != schemas[files[0]]:
            raise DataError(
                f"{kind}: {file.name} has other columns or types than {files[0].name}; files of one "
                "source must have the same"
            )
        rows += meta.metadata.num_rows
    if not rows:
        raise DataError(f"{kind}: {listing(f.name for f in files)} has columns but no rows")
    table = connection.read_parquet([str(f) for f in files], hive_partitioning=False)
    return Opened(kind, table, tuple(files), {"format": "Parquet"})


def open_files(
    connection: ibis.BaseBackend, kind: str, files: list[Path], spec: dict[str, object]
) -> Opened:
    """Open files of one source by their endings.

    Raises
    ------
    DataError
        If they are not what their endings say, or not alike.
    """
    if {f.suffix.lower() for f in files} <= {".parquet", ".pq"}:
        return _read_parquet(connection, kind, files)
    table, how, decimal = read_csv(connection, kind, files, spec)
    return Opened(kind, table, tuple(files), how, decimal)
