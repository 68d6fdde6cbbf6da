"""Everything that is wrong with a project, found before anything runs."""

from __future__ import annotations

from pathlib import Path

from seglib.catalogue.sources import KINDS
from seglib.collect import sources
from seglib.collect.features import FEATURES, RESERVED
from seglib.errors import SegError, listing, nearest
from seglib.project.fingerprints import source_spec
from seglib.project.params import Params


def problems(params: Params, root: Path) -> list[str]:
    """List what would stop a run: one line each.

    Parameters
    ----------
    params
        A params file that is well-formed.
    root
        The repository that relative paths start from.
    """
    found = _not_derivable(params) + _ranges_nowhere(params)
    opened: dict[str, sources.Opened] = {}
    specs: dict[str, dict[str, object]] = {}
    for kind in params.sources.named():
        try:
            specs[kind] = source_spec(params, kind)
        except SegError as error:
            found += str(error).splitlines()
    try:
        engine = sources.engine_for(list(specs.values()))
    except SegError as error:
        return [*found, *str(error).splitlines()]
    for kind, spec in specs.items():
        try:
            opened[kind] = sources.open_source(engine, kind, root, spec, rows=False)
            sources.require_columns(opened[kind], _named_columns(params, kind))
        except SegError as error:
            found += str(error).splitlines()
    if engine.name == "pyspark":
        engine.disconnect()
    if len(opened) == len(params.sources.named()):
        found += _given_nowhere(params, opened)
    return found


def _named_columns(params: Params, kind: str) -> dict[str, str]:
    roles = params.sources.named()[kind].columns.model_dump(exclude_none=True)
    return {f"sources.{kind}.columns.{role}": column for role, column in roles.items()}


def _there(params: Params) -> set[str]:
    """List what features can be derived from: sources, their roles, sections."""
    there = {
        f"{kind}.{role}"
        for kind, s in params.sources.named().items()
        for role in s.columns.model_dump(exclude_none=True)
    }
    there |= set(params.sources.named())
    return there | {section for section in ("scales", "needs", "branches") if getattr(params, section)}


def _not_derivable(params: Params) -> list[str]:
    """Say which bases are derived, and cannot be, from what the sources hold."""
    there = _there(params)
    found = []
    for basis in params.derived():
        if all(f.lacks(there) for f in FEATURES[basis]):
            wanted = {n for f in FEATURES[basis] for n in f.wants()}
            found.append(
                f"bases.{basis}: 'auto' needs one of {listing(wanted)}, which sources lacks; add it there, "
                "or name the columns that hold it"
            )
    return found


def _ranges_nowhere(params: Params) -> list[str]:
    """Say which ranges nothing would read: of columns that are not a number of the source."""
    found = []
    for kind, source in params.sources.named().items():
        roles = source.columns.model_dump(exclude_none=True)
        numbers = [c for role, c in roles.items() if KINDS[kind].role(role).holds == "number"]
        if kind == "customers":
            numbers += params.given()
        found += [
            f"sources.{kind}.ranges names '{column}', which is not a number that the params name; they name "
            f"{listing(numbers, 40) or 'none'}.{nearest(column, numbers)}"
            for column in source.ranges
            if column not in numbers
        ]
    return found


def _given_nowhere(params: Params, opened: dict[str, sources.Opened]) -> list[str]:
    holders = [k for k in ("customers", "transactions") if k in opened]
    there = {c for kind in holders for c in opened[kind].table.columns}
    lines: list[str] = []
    by_place = {c: f"bases.{basis}" for c, basis in params.given().items()}
    derived = {f.feature for b in params.derived() for f in FEATURES[b] if not f.lacks(_there(params))}
    scales = {name for scale, s in params.scales.items() for name in (scale, *s.items)}
    unknown = set(params.labels) - set(by_place) - derived - scales
    for column in sorted(unknown if params.bases.get("needs") != "auto" else ()):
        lines.append(
            f"labels names '{column}', which no basis does; named there: "
            f"{listing([*by_place, *derived, *scales], 40)}.{nearest(column, [*by_place, *derived, *scales])}"
        )
    for column, place in by_place.items():
        if column in RESERVED or column in derived:
            lines.append(
                f"{place} names '{column}', which the run uses itself; rename the column in the source"
            )
    keys = {getattr(s.columns, "customer", None) for s in params.sources.named().values()}
    lines += [
        f"{place} names '{c}', which is the customer's id; take it out"
        for c, place in by_place.items()
        if c in keys
    ]
    named = by_place | {c: "levels" for c in params.levels if c not in there and c not in by_place}
    for column, place in named.items():
        if column not in there:
            lines.append(
                f"{listing(holders)}: there is no column '{column}', which {place} names; columns: "
                f"{listing(there, 40)}.{nearest(column, there)}"
            )
    return lines
