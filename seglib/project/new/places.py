"""Where a table is that the command line names: a file, or a table or query behind the address of a database."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import ibis

from seglib.collect.sources.databases import SCHEMES
from seglib.errors import DataError, listing, without_values
from seglib.project import params

_ADDRESS = re.compile(r"(?:(?:duckdb|sqlite|postgresql|postgres|spark)://|\$\{\w+\})[^#]*")
_FILES = ("duckdb", "sqlite")


def spec_of(place: str, root: Path) -> dict[str, Any]:
    """Read what the command line says of a table, as the section of a params file.

    Parameters
    ----------
    place
        A file, a glob, or the address of a database: `sqlite:///shop.db#orders`, or with a query behind the #.
    root
        What relative paths are relative to.

    Raises
    ------
    DataError
        If a database has several tables, and none is named.
    """
    address = _ADDRESS.match(place)
    if address is None:
        full = Path(place).absolute()
        return {"path": full.relative_to(root).as_posix() if full.is_relative_to(root) else full.as_posix()}
    connection, _, wanted = place.partition("#")
    connection = _relative(connection, root)
    wanted = wanted.strip().rstrip(";")
    if re.match(r"(?is)(select|with|from)\b", wanted):
        return {"connection": _without_password(connection), "query": wanted, "opened": connection}
    table = wanted or _only_table(connection, root)
    return {"connection": _without_password(connection), "table": table, "opened": connection}


def opening(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a section as a source is opened with: its address filled from the environment."""
    if "tables" in spec:
        return spec | {"tables": {name: opening(table) for name, table in spec["tables"].items()}}
    if "connection" not in spec:
        return spec
    address = params.expand(spec.get("opened", spec["connection"]))
    return {k: v for k, v in spec.items() if k != "opened"} | {
        "connection": address,
        "shown": spec["connection"],
    }


def _relative(connection: str, root: Path) -> str:
    """Write the file of a database relative to the repository, if it is there."""
    scheme, _, place = connection.partition("://")
    if scheme not in _FILES:
        return connection
    tried = [Path(place), root / place.lstrip("/"), Path(place.lstrip("/"))]
    file = next((f.absolute() for f in tried if f.is_file()), None)
    if file is None:
        return connection
    return f"{scheme}://{file.relative_to(root).as_posix() if file.is_relative_to(root) else file.as_posix()}"


def _without_password(connection: str) -> str:
    """Put a variable of the environment in place of a password: it never stands in a params file."""
    return re.sub(r"(://[^:@/?$]*):(?!\$\{)[^@]*@", r"\1:${DB_PASSWORD}@", connection)


def _only_table(connection: str, root: Path) -> str:
    """Find the table of a database that has one.

    Raises
    ------
    DataError
        If it has none or several.
    """
    scheme, _, place = params.expand(connection).partition("://")
    shown = _without_password(connection)
    if scheme in SCHEMES:
        raise DataError(f"'{shown}' names no table; add #TABLE, or # and a query, as in {shown}#orders")
    file = root / place
    if not file.is_file():
        raise DataError(f"there is no database '{place}'; check the address {shown}")
    try:
        backend = (
            ibis.duckdb.connect(str(file), read_only=True)
            if scheme == "duckdb"
            else ibis.sqlite.connect(str(file))
        )
        names = backend.list_tables()
        backend.disconnect()
    except (duckdb.Error, ibis.IbisError, OSError) as error:
        raise DataError(f"{file.name} cannot be read: {without_values(error)}") from None
    if len(names) != 1:
        raise DataError(
            f"'{shown}' has {len(names)} tables ({listing(names, 20)}); add #TABLE, or # and a query, as in "
            f"{shown}#{next(iter(names), 'orders')}; where orders are in two tables, --transactions names that of "
            "their items and --orders that of the orders"
        )
    return str(names[0])
