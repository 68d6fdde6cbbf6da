"""The text of a first params file: every value readable by any reader of YAML, every guess marked."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from seglib.catalogue.sources import KINDS
from seglib.errors import listing
from seglib.project.new.recognise import Recognised, unsure
from seglib.project.new.recognise.levels import default_level
from seglib.project.new.recognise.proposal import Proposal, usable
from seglib.project.schema import BASES

_WIDTH = 100
_PLAIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ_/][A-Za-z0-9_ ./À-ÖØ-öø-ÿ-]*(?<! )")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "auto", "~"}


def scalar(value: object) -> str:
    r"""Write a value so that every reader of YAML reads it back, whatever stands in it.

    Examples
    --------
    >>> scalar("Order date"), scalar("no"), scalar("a: #b"), scalar(0.5)
    ('Order date', '"no"', '"a: #b"', '0.5')
    >>> scalar("two\nlines")
    '"two\\nlines"'
    """
    if not isinstance(value, str):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    short = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(short.get(c) or (c if c.isprintable() else _escape(c)) for c in value) + '"'


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"


def _note(text: str) -> str:
    """Fold a text into one line of a comment, whatever stands in it."""
    return "".join(c if c.isprintable() else "�" for c in " ".join(str(text).split()))


def _line(key: str, value: str, guess: str = "", indent: int = 0) -> str:
    line = f"{' ' * indent}{key}: {value}"
    return f"{line}  # guess: {_note(guess)}" if guess else line


def _flow(values: list[str], opening: str, indent: int) -> list[str]:
    """Wrap a flow list or mapping behind its key."""
    close = "]" if opening.rstrip().endswith("[") else "}"
    lines, line = [], opening
    for i, value in enumerate(values):
        piece = value + ("," if i < len(values) - 1 else close)
        if len(line) + len(piece) > _WIDTH and line.strip() != opening.strip():
            lines.append(line.rstrip())
            line = " " * indent
        line += piece + " "
    return [*lines, line.rstrip()]


def written(
    name: str,
    what: Recognised,
    proposal: Proposal,
    specs: dict[str, dict[str, Any]],
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
    as_of, objective
        As the user says them; of the proposal if absent.
    """
    lines = [
        "# yaml-language-server: $schema=schema.json",
        f"# Written by `seglib new {name}` from the tables; what says 'guess' should be looked at.",
        _line("title", scalar(name.replace("_", " ").replace("-", " ").strip().capitalize())),
        _line("objective", objective or proposal.objective[0], "" if objective else proposal.objective[1]),
        _line("as_of", (as_of or proposal.as_of[0]).isoformat(), "" if as_of else proposal.as_of[1]),
        _line("currency", what.currency)
        if what.currency
        else "# currency: EUR  # ISO 4217; the tables do not say it",
        "",
        "sources:",
        *(line for kind in what.found for line in _source(kind, what, specs[kind])),
        "",
        *_bases(what),
        *_levels(what),
        *_aims(proposal),
    ]
    return "\n".join(lines) + "\n"


def _source(kind: str, what: Recognised, spec: dict[str, Any]) -> list[str]:
    found, given = what.found[kind], what.roles[kind]
    lines = [f"  {kind}:  # {KINDS[kind].grain}; {found.rows:,} rows"]
    lines += [f"    # guess: {_note(text)}" for text in what.notes[kind]]
    for key in ("path", "separator", "encoding", "decimal"):
        if key in spec:
            guess = (
                "not UTF-8; other signs than those of Western Europe would come out wrong"
                if key == "encoding"
                else ""
            )
            lines.append(_line(key, scalar(spec[key]), guess, 4))
    dated = what.dates(kind)
    if dated is not None and dated.dates:
        guess = f"{scalar(dated.either)} fits every row as well" if dated.either else ""
        lines.append(_line("dates", scalar(dated.dates), guess, 4))
    if "missing" in spec:
        lines += ["    # guess: these texts stand for a missing value, in every column"]
        lines += _flow([scalar(m) for m in spec["missing"]], "    missing: [", 14)
    if given:
        lines.append("    columns:")
        lines += [
            _line(role, scalar(g.column), g.reason if unsure(g) else "", 6) for role, g in given.items()
        ]
    if kind == "customers" and "customer" not in given:
        lines.append("    # no column is an id: rows are numbered, and no other table can be joined")
    return lines + (_habits(what) if kind == "transactions" else _unused(kind, what))


def _habits(what: Recognised) -> list[str]:
    lines = []
    if what.cancelled_prefix:
        lines.append(
            _line(
                "cancelled_prefix",
                scalar(what.cancelled_prefix),
                "such orders have quantities or amounts below zero",
                4,
            )
        )
    if what.not_products:
        lines.append("    # guess: postage and fees, by their codes and names")
        lines += _flow([scalar(code) for code in what.not_products], "    not_products: [", 19)
    return lines


def _unused(kind: str, what: Recognised) -> list[str]:
    if kind == "customers":
        return []
    taken = {g.column for g in what.roles[kind].values()}
    rest = [c for c in what.found[kind].columns if c not in taken]
    return [f"    # not used: {_note(listing(rest, 20))}"] if rest else []


def _bases(what: Recognised) -> list[str]:
    given = usable(what)
    lines = ["bases:                      # which information there is; auto: derived from the sources"]
    for basis in (b for b in BASES if b in given or b in what.derived):
        names = given.get(basis, [])
        for reason in dict.fromkeys(what.places[n].reason for n in names if what.places[n].reason):
            said = [n for n in names if what.places[n].reason == reason]
            lines.append(f"  # guess: {_note(', '.join(said))}: {_note(reason)}")
        if not names:
            lines.append(f"  {basis}: auto")
        else:
            listed = [*(["auto"] if basis in what.derived else []), *map(scalar, names)]
            lines += _flow(listed, f"  {basis}: [", len(basis) + 5)
    out = {n: p.reason for n, p in what.places.items() if not p.basis and n not in what.consumed}
    return lines + [f"  # left out: {_note(n)} ({_note(reason)})" for n, reason in out.items()]


def _levels(what: Recognised) -> list[str]:
    """Name the levels that a run would not find by itself."""
    lines = []
    for name in (n for names in usable(what).values() for n in names):
        level, column = what.level(name), what.column(name)
        if level.numbers:
            pairs = [f"{scalar(answer)}: {scalar(number)}" for answer, number in level.numbers.items()]
            lines.append(f"  # guess: {_note(level.reason)}")
            lines += _flow(pairs, f"  {scalar(name)}: {{", len(scalar(name)) + 5)
        elif level.level != default_level(column):
            lines.append(_line(scalar(name), level.level, level.reason or "by its name and numbers", 2))
    return ["", "levels:", *lines] if lines else []


def _aims(proposal: Proposal) -> list[str]:
    on, why = proposal.on
    lines = [
        "",
        "segment:",
        _line("on", f"[{', '.join(on)}]", why, 2)
        if why
        else f"  on: [{', '.join(on)}]  # all other bases describe",
    ]
    if proposal.exclude:
        for reason in dict.fromkeys(proposal.exclude.values()):
            said = [n for n, r in proposal.exclude.items() if r == reason]
            lines.append(f"  # guess: {_note(', '.join(said))}: {_note(reason)}")
        lines += _flow([scalar(n) for n in proposal.exclude], "  exclude: [", 12)
    if proposal.value or proposal.risk:
        lines += ["", "assess:"]
        lines += (
            [_line("value", scalar(proposal.value), "what a customer is worth", 2)] if proposal.value else []
        )
        lines += (
            [_line("risk", scalar(proposal.risk), "yes of customers who have left", 2)]
            if proposal.risk
            else []
        )
    if proposal.weights:
        pairs = [f"{scalar(c)}: {scalar(w)}" for c, w in proposal.weights.items()]
        lines += [
            "",
            "target:",
            "  # guess: there is no value to weigh by",
            *_flow(pairs, "  weights: {", 12),
        ]
    return lines
