"""How the tables of a project are understood, in lines for the terminal: nothing runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
from ibis import _

from seglib.catalogue.sources import KINDS
from seglib.collect import columns, sources
from seglib.collect.build import build_features
from seglib.collect.customers import Eligibility
from seglib.collect.eligible import Eligible, select_eligible
from seglib.collect.features import FEATURES
from seglib.collect.forms.answers import yes_or_no
from seglib.collect.where import rows_kept
from seglib.errors import DataError, listing, nearest, one_line
from seglib.privacy import personal
from seglib.project import collecting
from seglib.project import params as parameters
from seglib.project.fingerprints import source_spec
from seglib.project.params import Params

_SHOWN = 3


def lines(params: Params, text: str, root: Path, *, derive: bool = True) -> list[str]:
    """Describe the sources, their columns, the rows left out, the bases, and the guesses that are still open.

    The tables are read as stage `collect` reads them, so that what it would refuse is refused here.

    Parameters
    ----------
    params
        A params file without problems.
    text
        The text of that file, with its comments.
    root
        What relative paths are relative to.
    derive
        Derive the features too, and list those in which customers differ; else list what there could be.

    Raises
    ------
    SegError
        If stage `collect` would refuse a source.
    """
    specs = {kind: source_spec(params, kind) for kind in params.sources.named()}
    engine = sources.engine_for(list(specs.values()))
    try:
        opened = {kind: sources.open_source(engine, kind, root, spec) for kind, spec in specs.items()}
        eligible = _eligible(params, opened)
        _understood(params, eligible)
        found = [line for source in opened.values() for line in _source(params, source, eligible)]
        n = len(eligible.ids)
        found.append(f"{n:,} customer{'s' if n > 1 else ''} left to segment{_worth(params, eligible)}")
        found += _bases(params, _derived(params, eligible) if derive else _derivable(params))
    finally:
        if engine.name == "pyspark":
            engine.disconnect()
    open_ = open_guesses(text)
    found += [f"{len(open_)} guesses to look at:", *(f"  {one_line(g, 300)}" for g in open_)] if open_ else []
    return found


def open_guesses(text: str) -> list[str]:
    r"""List the guesses of a params file; one that stands above what it is about is named after it, and once.

    Examples
    --------
    >>> open_guesses("a: x  # guess: by name\nlevels:\n  # guess: in order\n  b: 1\n  # guess: in order\n  c: 2")
    ['a: x  # guess: by name', 'b, c: # guess: in order']
    """
    lines, found = text.splitlines(), dict[str, list[str]]()
    for at, line in enumerate(lines):
        if "# guess:" in line:
            said = line.strip()
            alone = said.startswith("# guess:") and ": " not in said.removeprefix("# guess: ")
            below = next((b.strip() for b in lines[at + 1 :] if not b.strip().startswith("#")), "")
            found.setdefault(said, []).append(below.partition(":")[0] if alone and ":" in below else "")
    return [f"{', '.join(keys)}: {said}" if all(keys) else said for said, keys in found.items()]


def _eligible(params: Params, opened: dict[str, sources.Opened]) -> Eligible:
    """Select the customers as stage `collect` does, under pseudonyms that are used once."""
    return select_eligible(
        opened,
        collecting.roles(params),
        params.as_of,
        given=params.given(),
        levels=params.levels,
        terms=collecting.terms(params),
        eligibility=Eligibility(params.privacy.purpose or "", None, tuple(params.privacy.allow)),
        for_page=False,
    )


def _worth(params: Params, eligible: Eligible) -> str:
    """Say which value is left with them, where there are transactions."""
    if "transactions" not in eligible.tables:
        return ""
    left = pd.concat(
        [
            eligible.tables[kind].agg(rows=_.count(), value=_.amount.sum().fill_null(0.0)).to_pandas()
            for kind in ("transactions", "returns")
            if kind in eligible.tables
        ]
    )
    returns = f" and {int(left.rows.iloc[1]):,} of returns" if left.rows[1:].any() else ""
    value = f"{left.value.sum():,.2f} {params.currency or '(currency not set)'}"
    return f", with {int(left.rows.iloc[0]):,} rows of transactions{returns}, worth {value}"


def _understood(params: Params, eligible: Eligible) -> None:
    """Refuse a column of who is at risk whose answers are neither yes nor no, as stage `assess` does."""
    named = params.assess.risk
    if named in eligible.customers.columns:
        yes_or_no(eligible.customers[named], "assess.risk")


def _source(params: Params, opened: sources.Opened, eligible: Eligible) -> list[str]:
    """Sum up one source as `where` leaves it, show the first values of its roles, and say what is left out."""
    kind, terms = opened.kind, collecting.terms(params)[opened.kind]
    roles = params.sources.named()[kind].roles()
    opened, _entries = rows_kept(opened, roles, terms)
    read = {
        role: columns.read(opened, role, column, terms).value
        for role, column in roles.items()
        if KINDS[kind].role(role).holds in ("time", "number")
    }
    sums: dict[str, ibis.Value] = {"rows": opened.table.count()}
    sums |= {
        f"{role}s": sources.text_key(opened.table[roles[role]]).nunique()
        for role in ("customer", "order")
        if role in roles
    }
    timed = [
        r.name for r in KINDS[kind].roles if r.holds == "time" and r.name in roles and r.name != "birth_date"
    ]
    if timed:
        sums |= {"first": read[timed[0]].min(), "last": read[timed[0]].max()}
    if kind == "transactions":
        money = read["amount"] if "amount" in roles else read["quantity"] * read["price"]
        sums["value"] = money.round(4).cast(columns.MONEY).sum()
    totals = opened.table.agg(**sums).to_pandas().iloc[0]
    ledger, joins = eligible.ledger, eligible.account.joins
    own = ledger[ledger.source.isin(["returns", kind] if kind == "transactions" else [kind])]
    met = [
        f"{row.known:,} of {row.ids:,} ids belong to a customer in the table"
        for row in joins[joins.source == kind].itertuples()
        if "customers" in params.sources.named() and row.known < row.ids
    ]
    return [
        _head(params, opened, totals),
        *(f"  {line}" for line in (*_examples(opened, roles), *met, *_left_out(own))),
    ]


def _left_out(ledger: pd.DataFrame) -> list[str]:
    """Say what each rule that is broken does with how many rows, and with which value."""
    found = []
    for row in ledger.itertuples():
        for count, done in (
            (row.dropped, "left out"),
            (row.set_aside, "set aside"),
            (row.blanked, "blanked"),
            (row.warned, "kept"),
        ):
            if count:
                worth = f", worth {row.value:,.2f}" if pd.notna(row.value) and row.value else ""
                said = f"{count:,} row{'s' if count > 1 else ''}" + ("" if done in row.rule else f" {done}")
                found.append(f"{row.rule}: {said}{worth} ({row.why})")
    return found


def _head(params: Params, opened: sources.Opened, totals: pd.Series) -> str:
    where = listing(f.name for f in opened.files) if opened.files else "the database"
    parts = [f"{opened.kind}: {where}, {int(totals['rows']):,} rows"]
    if "first" in totals and pd.notna(totals["first"]):
        parts.append(f"{totals['first']:%Y-%m-%d} to {totals['last']:%Y-%m-%d}")
    counts = [f"{int(totals[what]):,} {what}" for what in ("customers", "orders") if what in totals]
    parts += [", ".join(counts)] if counts else []
    if "value" in totals and pd.notna(totals["value"]):
        parts.append(f"total value {float(totals['value']):,.2f} {params.currency or '(currency not set)'}")
    return "; ".join(parts)


def _examples(opened: sources.Opened, roles: dict[str, str]) -> list[str]:
    """Show the first values of each role; what identifies a person is masked."""
    if not roles:
        return []
    first = opened.table.select(*dict.fromkeys(roles.values())).limit(200).to_pandas()
    hidden = set(personal.find(first).column)
    shown = []
    for role, column in roles.items():
        values = first[column].dropna().astype(str).str.strip()
        values = [one_line(v, 30) for v in values[values != ""].unique()[:_SHOWN]]
        examples = (
            "masked: personal data" if column in hidden else ", ".join(values) or "blank in the first rows"
        )
        shown.append(f"{role}: {column} ({examples})")
    return shown


def _derivable(params: Params) -> dict[str, list[str]]:
    """List by basis the features that could be derived from the roles that there are."""
    there = {*params.sources.named(), *(s for s in ("scales", "needs", "branches") if getattr(params, s))}
    there |= {f"{kind}.{role}" for kind, of_kind in collecting.roles(params).items() for role in of_kind}
    return {
        basis: [f.feature for f in FEATURES[basis] if not f.lacks(there)]
        for basis, given in params.bases.items()
        if "auto" in given
    }


def _derived(params: Params, eligible: Eligible) -> dict[str, list[str]]:
    """Derive the features as stage `collect` does, and list by basis those in which customers differ."""
    tables = eligible.tables | {"customers": eligible.attributes}
    bases: dict[str, Any] = {str(basis): given for basis, given in params.bases.items()}
    built = build_features(
        eligible.customers, tables, bases, collecting.settings(params), levels=params.levels
    )
    known = [*built.catalogue.feature, *params.given()]
    unknown = [
        f"{place} names '{name}', which is no feature; features: {listing(known, 40)}.{nearest(name, known)}"
        for place, names in (
            ("assess.risk", [params.assess.risk]),
            ("assess.value", [params.assess.value]),
            ("segment.exclude", params.segment.exclude),
        )
        for name in names
        if name is not None and name not in known
    ]
    if unknown:
        raise DataError("\n".join(unknown))
    own = built.catalogue[~built.catalogue.feature.isin(list(params.given()))]
    return {str(basis): list(of_basis) for basis, of_basis in own.groupby("basis").feature}


def _bases(params: Params, derived: dict[str, list[str]]) -> list[str]:
    """Say what each basis holds: columns given, features derived."""
    found = []
    for basis, given in params.bases.items():
        columns_ = [] if given == "auto" else [c for c in given if c != "auto"]
        features = derived.get(basis, [])
        parts = [f"{len(features)} derived ({listing(features, 6)})"] if features else []
        parts += [f"{len(columns_)} given ({listing(columns_, 6)})"] if columns_ else []
        use = "forms segments" if basis in params.segment.on else "describes them"
        found.append(f"{basis} ({use}): {'; '.join(parts) or 'nothing in which customers differ'}")
    return found


def of_path(path: str, changes: Sequence[str] = ()) -> list[str]:
    """Describe the tables of a params file, changed as `--set` says.

    Raises
    ------
    SegError
        If the file is wrong, or stage `collect` would refuse a source.
    """
    file = Path(path)
    loaded = parameters.load(file, [c for c in changes if "." in c.partition("=")[0]])
    return lines(loaded, file.read_text(encoding="utf-8"), parameters.find_root(file.parent))
