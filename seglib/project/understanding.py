"""How the tables of a project are understood, in lines for the terminal: nothing runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis
import pandas as pd

from seglib.catalogue.sources import KINDS
from seglib.collect import columns, sources
from seglib.collect.features import FEATURES
from seglib.collect.ledger import Terms
from seglib.errors import SegError, listing, one_line
from seglib.privacy import personal
from seglib.project import params as parameters
from seglib.project.fingerprints import source_spec
from seglib.project.params import Params

_SHOWN = 3


def lines(params: Params, text: str, root: Path) -> list[str]:
    """Describe the sources, their columns, the bases, and the guesses that are still open.

    Parameters
    ----------
    params
        A params file without problems.
    text
        The text of that file, with its comments.
    root
        What relative paths are relative to.

    Raises
    ------
    SegError
        If a source cannot be opened.
    """
    found: list[str] = []
    specs = {kind: source_spec(params, kind) for kind in params.sources.named()}
    engine = sources.engine_for(list(specs.values()))
    for kind, spec in specs.items():
        opened = sources.open_source(engine, kind, root, spec)
        found += _source(params, opened, params.sources.named()[kind].roles(), spec)
    found += _bases(params)
    open_ = [line.strip() for line in text.splitlines() if "# guess:" in line]
    found += [f"{len(open_)} guesses to look at:", *(f"  {one_line(g, 300)}" for g in open_)] if open_ else []
    if engine.name == "pyspark":
        engine.disconnect()
    return found


def _source(params: Params, opened: sources.Opened, roles: dict[str, str], spec: dict[str, Any]) -> list[str]:
    """Sum up one source, and show the first values of its roles."""
    kind = opened.kind
    read = {role: _read(opened, role, column, spec) for role, column in roles.items()}
    sums: dict[str, ibis.Value] = {"rows": opened.table.count()}
    if "customer" in roles:
        sums["customers"] = sources.text_key(opened.table[roles["customer"]]).nunique()
    if "order" in roles:
        sums["orders"] = sources.text_key(opened.table[roles["order"]]).nunique()
    timed = [
        r.name for r in KINDS[kind].roles if r.holds == "time" and r.name in roles and r.name != "birth_date"
    ]
    if timed:
        sums |= {"first": read[timed[0]].min(), "last": read[timed[0]].max()}
    if kind == "transactions":
        sums["value"] = (
            read["amount"].sum() if "amount" in roles else (read["quantity"] * read["price"]).sum()
        )
    totals = opened.table.agg(**sums).to_pandas().iloc[0]
    return [_head(params, opened, totals), *(f"  {line}" for line in _examples(opened, roles))]


def _read(opened: sources.Opened, role: str, column: str, spec: dict[str, Any]) -> ibis.Value:
    if KINDS[opened.kind].role(role).holds not in ("time", "number"):
        return opened.table[column]
    return columns.read(
        opened, role, column, Terms(dates=spec.get("dates"), timezone=spec.get("timezone"))
    ).value


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


def _bases(params: Params) -> list[str]:
    """Say what each basis holds: columns given, features derived."""
    named = params.sources.named()
    there = {*named, *(f"{kind}.{role}" for kind, source in named.items() for role in source.roles())}
    there |= {s for s in ("scales", "needs", "branches") if getattr(params, s)}
    found = []
    for basis, given in params.bases.items():
        columns_ = [] if given == "auto" else [c for c in given if c != "auto"]
        features = [f.feature for f in FEATURES[basis] if "auto" in given and not f.lacks(there)]
        parts = [f"{len(features)} derived ({listing(features, 6)})"] if features else []
        parts += [f"{len(columns_)} given ({listing(columns_, 6)})"] if columns_ else []
        use = "forms segments" if basis in params.segment.on else "describes them"
        found.append(f"{basis} ({use}): {'; '.join(parts) or 'what the needs asked for give'}")
    return found


def of_path(path: str, changes: Sequence[str] = ()) -> list[str]:
    """Describe the tables of a params file, changed as `--set` says; one line where a table cannot be read."""
    file = Path(path)
    try:
        loaded = parameters.load(file, [c for c in changes if "." in c.partition("=")[0]])
        return lines(loaded, file.read_text(encoding="utf-8"), parameters.find_root(file.parent))
    except SegError as error:
        return [re.sub(r"\s+", " ", str(error))]
