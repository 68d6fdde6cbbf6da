"""A first params file, written from the tables, with every guess marked."""

from __future__ import annotations

import codecs
import datetime as dt
import gzip
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from glob import escape
from pathlib import Path
from typing import Any, get_args

import ibis

from seglib.catalogue.sources import KINDS
from seglib.collect import sources
from seglib.collect.sources.opened import looks_like_values, values_for_names
from seglib.errors import DataError, ParamsError, SegError, listing, one_line
from seglib.project import check, params, understanding
from seglib.project.new.params_text import written
from seglib.project.new.places import opening, spec_of
from seglib.project.new.recognise import Contents, Recognised, contents, recognise
from seglib.project.new.recognise.columns import NULL
from seglib.project.new.recognise.continued import continued
from seglib.project.new.recognise.proposal import NothingToFormOn, nothing, propose
from seglib.project.new.recognise.quirks import comma_decimals
from seglib.project.new.two_tables import Joined, join
from seglib.project.schema import NAME, Objective

_TEXT_FILES = {".csv", ".txt", ".tsv", ".dat", ".data", ""}


@dataclass(frozen=True)
class Draft:
    """A params file before it is saved.

    Attributes
    ----------
    text
        Of the file.
    what
        What was recognised in the tables that could be read.
    problems
        What must be settled before a run, one line each.
    """

    text: str
    what: Recognised
    problems: tuple[str, ...] = ()


class Unsettled(DataError):
    """A params file was written, and something in it must be settled before a run."""


def new(
    name: str,
    files: dict[str, str],
    folder: Path,
    *,
    as_of: dt.date | None = None,
    objective: str | None = None,
    force: bool = False,
    say: Callable[[list[str]], None] = lambda lines: None,
) -> Path:
    """Write a params file for tables that have no description yet.

    Parameters
    ----------
    name
        Of the project and the file.
    files
        By kind of source, a file, or the address of a database with a table or a query behind a #; `orders` is a
        second table of transactions, where one holds the items of orders and the other whose they are.
    folder
        Receives the params file.
    as_of, objective
        As the user gives them; guessed if absent.
    force
        Replace a params file of that name.
    say
        Receives the lines that say how the tables are understood.

    Returns
    -------
    pathlib.Path
        The file; `seglib check` accepts it.

    Raises
    ------
    ParamsError
        If the name or the objective is not allowed, or the file exists already.
    Unsettled
        If a table cannot be read, or cannot be what it is called; the file is there, and says so.
    """
    target = folder / f"{name}.yaml"
    _allowed(name, files, objective, target, force)
    root = params.find_root(folder)
    drafted = draft(name, files, root, as_of=as_of, objective=objective)
    problems, understood = list(drafted.problems), list[str]()
    if not problems:
        problems, understood = _tried(drafted.text, target, root)
    _save(_with_problems(drafted.text, problems), target)
    if problems:
        say(_recognised(drafted.what))
        lines = "\n".join(problems)
        raise Unsettled(f"{lines}; {target} was written: settle what its lines marked 'problem' say")
    say(understood)
    return target


def draft(
    name: str,
    files: dict[str, str],
    root: Path,
    *,
    as_of: dt.date | None = None,
    objective: str | None = None,
) -> Draft:
    """Draft a params file from tables.

    Parameters
    ----------
    name, files, as_of, objective
        As of `new`.
    root
        What relative paths are relative to.
    """
    engine = sources.connect()
    tables: dict[str, Contents] = {}
    pair: Joined | None = None
    specs: dict[str, dict[str, Any]] = {}
    broken: dict[str, str] = {}
    for kind in [k for k in KINDS if k in files]:
        try:
            specs[kind] = spec_of(files[kind], root)
            if kind == "transactions" and "orders" in files:
                pair = _joined(engine, specs[kind], spec_of(files["orders"], root), root)
                specs[kind] = pair.spec
            specs[kind], tables[kind] = _looked_at(engine, kind, specs[kind], root)
        except DataError as error:
            broken[kind] = str(error)
            specs.setdefault(kind, {"path": files[kind]})
    what = recognise(tables)
    if pair is not None and "transactions" in tables:
        what = pair.noted(what)
    sold = "order" in what.roles.get("transactions", {}) and "orders" not in files
    problems = [*broken.values(), *(_with_cure(line) if sold else line for line in what.problems)]
    joined = what.roles.get("customers", {}).get("customer")
    others = [k for k in tables if k != "customers"]
    if "customers" in tables and others and joined is None:
        problems.append(
            f"customers: no column holds ids, each in one row, that {listing(others)} could join; "
            f"columns there: {listing(tables['customers'].columns, 30)}"
        )
    try:
        proposal = propose(what, _changed(tables))
    except NothingToFormOn as error:
        problems += [str(error)] if not problems else []
        proposal = nothing(what, _changed(tables))
    text = written(name, what, proposal, specs, broken, as_of=as_of, objective=objective)
    return Draft(text, what, tuple(problems))


def _with_cure(line: str) -> str:
    """Name the option for orders in two tables, where a table of orders says nothing of customers or times."""
    beside = re.match(r"transactions: no column can be the (customer|time)", line)
    return f"{line}; where another table holds it, give that table with --orders" if beside else line


def _allowed(name: str, files: dict[str, str], objective: str | None, target: Path, force: bool) -> None:
    if not NAME.fullmatch(name):
        raise ParamsError(
            f"NAME: found '{name}'; allowed: letters, digits, - and _, beginning with a letter or digit, at most 64"
        )
    if not {"customers", "transactions"} & set(files):
        raise ParamsError("at least one of --customers and --transactions must be given")
    if "orders" in files and "transactions" not in files:
        raise ParamsError("--orders goes with --transactions, which names the items of the orders")
    if objective is not None and objective not in get_args(Objective):
        raise ParamsError(f"--objective: found '{objective}'; allowed: {listing(get_args(Objective))}")
    if target.exists() and not force:
        raise ParamsError(f"{target}: exists already; --force replaces it")
    if not target.parent.is_dir():
        raise ParamsError(
            f"{target.parent}: there is no such folder; create it, or choose another with --folder"
        )


# Tables


def _joined(engine: ibis.BaseBackend, items: dict[str, Any], orders: dict[str, Any], root: Path) -> Joined:
    """Join two tables of orders, whichever of them holds the items."""
    named = {"items": items, "orders": orders}
    seen = [_looked_at(engine, f"transactions.tables.{name}", spec, root) for name, spec in named.items()]
    return join(seen[0][1], seen[1][1], (seen[0][0], seen[1][0]))


def _looked_at(
    engine: ibis.BaseBackend, kind: str, spec: dict[str, Any], root: Path
) -> tuple[dict[str, Any], Contents]:
    """Open a table, and find how it must be opened."""
    spec = dict(spec)
    if "path" in spec:
        full = root / spec["path"]
        if full.is_file() and _is_text(full) and not _is_utf8(full):
            spec["encoding"] = "latin-1"
        spec["path"] = escape(spec["path"]) if full.is_file() else spec["path"]
    table = _opened(engine, kind, root, spec)
    if blank := continued(table.opened):
        spec["fill_down"] = blank
        table = _opened(engine, kind, root, spec)
    if comma_decimals(table):
        spec["decimal"] = ","
        table = _opened(engine, kind, root, spec)
    if table.missing:
        spec["missing"] = table.missing
        again = _opened(engine, kind, root, spec) if NULL in table.missing else table
        table = replace(again, opened=sources.open_source(engine, kind, root, opening(spec)))
    separator = table.opened.how.get("separator", ",").partition(" (")[0]
    if separator != ",":
        spec["separator"] = {"tab": "\t", "white space": " "}.get(separator, separator)
    if table.opened.decimal != ".":
        spec["decimal"] = table.opened.decimal
    return spec, table


def _opened(engine: ibis.BaseBackend, kind: str, root: Path, spec: dict[str, Any]) -> Contents:
    opened = sources.open_source(engine, kind, root, opening(spec))
    names = opened.table.columns
    file = opened.files[0].name if opened.files else spec.get("table", "the query")
    if len(names) == 1:
        raise DataError(
            f"{kind}: {file} holds one column; a table needs an id and at least one other column, "
            "its cells separated by , ; tab, | or white space"
        )
    if looks_like_values(names):
        raise DataError(values_for_names(kind, file))
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
    return dt.datetime.fromtimestamp(max(stamps, default=dt.datetime.now(dt.UTC).timestamp()), dt.UTC).date()


# The file


def _tried(text: str, target: Path, root: Path) -> tuple[list[str], list[str]]:
    """List what would stop a run before or in stage `collect`; if nothing would, how the tables are understood."""
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / target.name
        trial.write_text(text, encoding="utf-8")
        try:
            loaded = params.load(trial)
            problems = check.problems(loaded, root)
            return problems, [] if problems else understanding.lines(loaded, text, root, derive=False)
        except SegError as error:
            return str(error).replace(f"{trial}: ", "").replace(str(trial), target.name).splitlines(), []


def _recognised(what: Recognised) -> list[str]:
    """Say what was recognised all the same, where something stops."""
    return [
        f"{kind}: {what.tables[kind].rows:,} rows; "
        + (
            ", ".join(f"{role}: {guess.column}" for role, guess in what.roles[kind].items())
            or "no role found"
        )
        for kind in what.tables
    ]


def _with_problems(text: str, problems: list[str]) -> str:
    """Mark problems at the top of a file, below the line that names its schema."""
    first, _, rest = text.partition("\n")
    marked = "".join(f"# problem: {one_line(line, 2000)}\n" for line in problems)
    return f"{first}\n{marked}{rest}"


def _save(text: str, target: Path) -> None:
    """Write the file, whole or not at all."""
    part = target.with_name(f".{target.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(target)
