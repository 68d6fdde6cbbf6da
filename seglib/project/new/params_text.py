"""The text of a first params file: values as any reader of YAML reads them, every guess marked."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jinja2
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from seglib.catalogue.sources import KINDS
from seglib.errors import listing
from seglib.project.new.labels import proposed_labels
from seglib.project.new.recognise import Place, Recognised
from seglib.project.new.recognise.asides import has_left
from seglib.project.new.recognise.consent import in_words, readable
from seglib.project.new.recognise.levels import Level, default_level
from seglib.project.new.recognise.proposal import Proposal, usable_columns
from seglib.project.new.recognise.rows import clause
from seglib.project.schema.segment import BASES
from seglib.project.schema.sources import Source

_PLAIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ_/][A-Za-z0-9_ ./À-ÖØ-öø-ÿ-]*(?<! )")
#: Words that some readers of YAML take for something else than a text.
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"}


def _scalar(value: Any) -> Any:
    """Quote a text that not every reader of YAML would read back."""
    if not isinstance(value, str) or (_PLAIN.fullmatch(value) and value.lower() not in _WORDS):
        return value
    return DoubleQuotedScalarString(value)


def _flowing(value: Any) -> Any:
    """Put lists and sections between brackets, and quote the texts in them."""
    if isinstance(value, dict):
        value = CommentedMap({_scalar(k): _flowing(v) for k, v in value.items()})
        value.fa.set_flow_style()
    elif isinstance(value, list):
        value = CommentedSeq(map(_flowing, value))
        value.fa.set_flow_style()
    return _scalar(value)


def line(key: str, value: Any, guess: str = "") -> str:
    r"""Write a key with its value, a list or section between brackets, and a guess as a comment behind it.

    Examples
    --------
    >>> print(line("city", "no: #1", "by its name"))
    city: "no: #1"  # guess: by its name
    >>> print(line("levels", {"low": 1, "on": 2}))
    levels: {low: 1, "on": 2}
    """
    yaml = YAML()
    yaml.width = 100 if isinstance(value, list | dict) else 1 << 20
    stream = io.StringIO()
    yaml.dump({_scalar(key): _flowing(value)}, stream)
    text = re.sub(r" +$", "", stream.getvalue().rstrip("\n"), flags=re.M)
    return f"{text}  # guess: {_comment(guess)}" if guess else text


def _comment(text: object) -> str:
    """Fold a text into one line of a comment, whatever stands in it."""
    return "".join(c if c.isprintable() else "�" for c in " ".join(str(text).split()))


def _guesses(names: Iterable[str], reasons: Mapping[str, str | Place]) -> list[tuple[str, str]]:
    """List the reasons of guesses, each with the columns that it is one for."""
    by_reason: dict[str, list[str]] = {}
    for name in names:
        reason = reasons[name]
        by_reason.setdefault(reason.reason if isinstance(reason, Place) else reason, []).append(name)
    return [(reason, ", ".join(named)) for reason, named in by_reason.items() if reason]


_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701  (no page)
)
_ENVIRONMENT.globals |= {"line": line, "guesses": _guesses, "kinds": KINDS}
_ENVIRONMENT.filters["one_line"] = _comment


def written(
    name: str,
    what: Recognised,
    proposal: Proposal,
    specs: dict[str, dict[str, Any]],
    broken: Mapping[str, str] = MappingProxyType({}),
    *,
    as_of: dt.date | None = None,
    objective: str | None = None,
) -> str:
    """Write the text of a params file.

    Parameters
    ----------
    name
        Of the project.
    what
        What was recognised.
    proposal
        What to aim at.
    specs
        By kind, how its table is opened.
    broken
        By kind, why its table could not be read.
    as_of, objective
        As the user gives them; of the proposal if absent.
    """
    given = usable_columns(what)
    columns = [column for named in given.values() for column in named]
    levels = {column: what.level(column) for column in columns}
    return _ENVIRONMENT.get_template("params.yaml.j2").render(
        name=name,
        title=name.replace("_", " ").replace("-", " ").strip().capitalize(),
        objective=(objective, "") if objective else proposal.objective,
        as_of=(as_of, "") if as_of else proposal.as_of,
        what=what,
        proposal=proposal,
        specs={kind: _shown(spec) for kind, spec in specs.items()},
        broken=broken,
        where=clause(what.no_sales),
        can_where="where" in Source.model_fields,
        unused={kind: _unused(kind, what) for kind in what.tables},
        bases={basis: given.get(basis, []) for basis in BASES if basis in given or basis in what.derived},
        left_out=_left_out(what),
        asked=[n for n, a in what.asides.items() if a.kind in ("leak", "copy") and not what.places[n].basis],
        levels={c: v for c, v in levels.items() if v.numbers or v.level != default_level(what.column(c))}
        | _risk_in_words(what, proposal)
        | _consent_in_words(what),
        labels=proposed_labels(what, columns),
    )


def _shown(spec: dict[str, Any]) -> dict[str, Any]:
    """Leave out the address that holds a password."""
    return {
        k: {name: _shown(table) for name, table in v.items()} if k == "tables" else v
        for k, v in spec.items()
        if k != "opened"
    }


def _left_out(what: Recognised) -> dict[str, str]:
    """List the columns that neither form nor describe segments, each with the reason."""
    return {n: p.reason for n, p in what.places.items() if not p.basis and n not in what.consumed}


def _risk_in_words(what: Recognised, proposal: Proposal) -> dict[str, Level]:
    """Say which of two phrases means that a customer has left."""
    if not proposal.risk or not (left := has_left(what.column(proposal.risk))):
        return {}
    answers = {answer: float(answer == left) for answer in what.column(proposal.risk).answers}
    numbers: dict[str, float] = {
        answer: int(n) for answer, n in sorted(answers.items(), key=lambda item: item[1])
    }
    return {proposal.risk: Level("ordinal", numbers, f"'{left}' is read as having left")}


def _consent_in_words(what: Recognised) -> dict[str, Level]:
    """Say which answers in words mean that a customer agreed, or objected."""
    given = [what.roles.get("customers", {}).get(role) for role in ("consent", "opt_out")]
    columns = [what.tables["customers"].columns[guess.column] for guess in given if guess]
    read = {c.name: in_words(c) for c in columns if not readable(c)}
    return {
        name: Level(
            "ordinal", dict(sorted(numbers.items(), key=lambda item: item[1])), "read as no (0) and yes (1)"
        )
        for name, numbers in read.items()
        if numbers
    }


def _unused(kind: str, what: Recognised) -> str:
    """List the columns that nothing reads; columns of customers have a basis, or are left out for a reason."""
    if kind == "customers":
        return ""
    taken = {guess.column for guess in what.roles[kind].values()} | what.used | set(what.places)
    return listing([column for column in what.tables[kind].columns if column not in taken], 20)
