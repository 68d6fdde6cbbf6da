"""A first params file, written from the tables, with every guess marked."""

from __future__ import annotations

import codecs
import datetime as dt
import gzip
import re
import tempfile
from dataclasses import replace
from glob import escape
from pathlib import Path
from typing import Any, get_args

from seglib.catalogue.sources import KINDS
from seglib.collect import sources
from seglib.errors import DataError, ParamsError, listing
from seglib.project import check, params
from seglib.project.new.params_text import written
from seglib.project.new.recognise import Contents, contents, recognise
from seglib.project.new.recognise.proposal import propose
from seglib.project.new.recognise.quirks import comma_decimals
from seglib.project.schema import NAME, Objective

_TEXT_FILES = {".csv", ".txt", ".tsv", ".dat", ".data", ""}


def new(
    name: str,
    files: dict[str, str],
    folder: Path,
    *,
    as_of: dt.date | None = None,
    objective: str | None = None,
    force: bool = False,
) -> Path:
    """Write a params file for tables that have no description yet.

    Parameters
    ----------
    name
        Of the project and the file.
    files
        By kind of source, the file.
    folder
        Receives the params file.
    as_of, objective
        As the user gives them; guessed if absent.
    force
        Replace a params file of that name.

    Returns
    -------
    pathlib.Path
        The file; `seglib check` accepts it.

    Raises
    ------
    ParamsError
        If the name or the objective is not allowed, or the file exists already.
    DataError
        If a table cannot be read, or cannot be what it is called.
    """
    target = folder / f"{name}.yaml"
    _allowed(name, files, objective, target, force)
    root = params.find_root(folder)
    tables: dict[str, Contents] = {}
    specs: dict[str, dict[str, Any]] = {}
    for kind in [k for k in KINDS if k in files]:
        specs[kind], tables[kind] = _looked_at(kind, files[kind], root)
    what = recognise(tables)
    joined = what.roles.get("customers", {}).get("customer")
    others = [k for k in tables if k != "customers"]
    if "customers" in tables and others and joined is None:
        raise DataError(
            f"customers: no column holds ids, each in one row, that {listing(others)} could join; "
            f"columns there: {listing(tables['customers'].columns, 30)}"
        )
    proposal = propose(what, _changed(tables))
    text = written(name, what, proposal, specs, as_of=as_of, objective=objective)
    _save(text, target, root)
    return target


def _allowed(name: str, files: dict[str, str], objective: str | None, target: Path, force: bool) -> None:
    if not NAME.fullmatch(name):
        raise ParamsError(
            f"NAME: found '{name}'; allowed: letters, digits, - and _, beginning with a letter or digit, at most 64"
        )
    if not {"customers", "transactions"} & set(files):
        raise ParamsError("at least one of --customers and --transactions must be given")
    if objective is not None and objective not in get_args(Objective):
        raise ParamsError(f"--objective: found '{objective}'; allowed: {listing(get_args(Objective))}")
    if target.exists() and not force:
        raise ParamsError(f"{target}: exists already; --force replaces it")
    if not target.parent.is_dir():
        raise ParamsError(
            f"{target.parent}: there is no such folder; create it, or choose another with --folder"
        )


# Tables


def _looked_at(kind: str, file: str, root: Path) -> tuple[dict[str, Any], Contents]:
    """Open a table, and find how it must be opened."""
    full = Path(file).absolute()
    path = full.relative_to(root).as_posix() if full.is_relative_to(root) else full.as_posix()
    spec: dict[str, Any] = {"path": escape(path) if full.is_file() else path}
    if full.is_file() and _is_text(full) and not _is_utf8(full):
        spec["encoding"] = "latin-1"
    table = _opened(kind, root, spec)
    if comma_decimals(table):
        spec["decimal"] = ","
        table = _opened(kind, root, spec)
    if table.missing:
        spec["missing"] = table.missing
        table = replace(table, opened=sources.open_source(sources.connect(), kind, root, spec))
    separator = table.opened.how.get("separator", ",").partition(" (")[0]
    if separator != ",":
        spec["separator"] = {"tab": "\t"}.get(separator, separator)
    if table.opened.decimal != ".":
        spec["decimal"] = table.opened.decimal
    return spec, table


def _opened(kind: str, root: Path, spec: dict[str, Any]) -> Contents:
    opened = sources.open_source(sources.connect(), kind, root, spec)
    names = opened.table.columns
    file = opened.files[0].name if opened.files else spec["path"]
    if len(names) == 1:
        raise DataError(
            f"{kind}: {file} holds one column; a table needs an id and at least one other column, "
            "its cells separated by , ; tab or |"
        )
    if sum(bool(re.fullmatch(r"[-+]?\d[\d.,:/-]*", n.strip())) for n in names) > 0.3 * len(names):
        raise DataError(
            f"{kind}: the first line of {file} holds values where names of columns are expected; add a line of names"
        )
    return contents(opened)


def _is_text(file: Path) -> bool:
    return Path(file.stem if file.suffix == ".gz" else file.name).suffix.lower() in _TEXT_FILES


def _is_utf8(file: Path) -> bool:
    """Tell whether a text file is UTF-8, or has a byte order mark."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rb") as stream:
        if stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return True
        stream.seek(0)
        while chunk := stream.read(1 << 22):
            if "\ufffd" in decoder.decode(chunk) and "\ufffd".encode() not in chunk:
                return False
    return True


def _changed(tables: dict[str, Contents]) -> dt.date:
    stamps = [file.stat().st_mtime for table in tables.values() for file in table.opened.files]
    return dt.datetime.fromtimestamp(max(stamps), dt.UTC).date()


def _save(text: str, target: Path, root: Path) -> None:
    """Write the file, whole or not at all, if nothing would stop a run at its beginning."""
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / target.name
        trial.write_text(text, encoding="utf-8")
        problems = check.problems(params.load(trial), root)
    if problems:
        raise DataError("\n".join(problems))
    part = target.with_name(f".{target.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(target)
