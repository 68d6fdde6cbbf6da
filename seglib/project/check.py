"""Everything that is wrong with a project, found before anything runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from seglib.catalogue.sources import KINDS
from seglib.collect import sources
from seglib.collect.features import FEATURES, RESERVED
from seglib.errors import SegError, listing, nearest
from seglib.project.customer_columns import absent_columns
from seglib.project.fingerprints import list_hashes, source_spec
from seglib.project.no_effect import without_effect
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
    lines = _not_derivable(params) + _ranges_of_no_number(params) + without_effect(params)
    opened: dict[str, sources.Opened] = {}
    specs: dict[str, dict[str, object]] = {}
    for kind in params.sources.named():
        try:
            specs[kind] = source_spec(params, kind)
        except SegError as error:
            lines += str(error).splitlines()
    try:
        engine = sources.engine_for(list(specs.values()))
    except SegError as error:
        return [*lines, *str(error).splitlines()]
    for kind, spec in specs.items():
        roles = params.sources.named()[kind].roles()
        named = {f"sources.{kind}.columns.{role}": column for role, column in roles.items()}
        try:
            opened[kind] = sources.open_source(engine, kind, root, spec, rows=False)
            sources.require_columns(opened[kind], named)
        except SegError as error:
            lines += str(error).splitlines()
    if engine.name == "pyspark":
        engine.disconnect()
    if len(opened) == len(params.sources.named()):
        lines += _misplaced_columns(params, opened)
    if "customers" in opened:
        lines += absent_columns(params, opened["customers"].table.columns)
    try:
        list_hashes(params, root)
    except SegError as error:
        lines += str(error).splitlines()
    return lines


def _there(params: Params) -> set[str]:
    """List what features can be derived from: sources, their roles, sections."""
    named = params.sources.named()
    roles = {f"{kind}.{role}" for kind, source in named.items() for role in source.roles()}
    return {*named, *roles, *(s for s in ("scales", "needs", "branches") if getattr(params, s))}


def _not_derivable(params: Params) -> list[str]:
    """List the bases that are to be derived and cannot be from what the sources hold."""
    there, lines = _there(params), []
    for basis in params.derived():
        if all(feature.lacks(there) for feature in FEATURES[basis]):
            wanted = {need for feature in FEATURES[basis] for need in feature.wants()}
            lines.append(
                f"bases.{basis}: 'auto' needs one of {listing(wanted)}, which sources does not have; add it "
                "there, or list the columns that hold it"
            )
    return lines


def _ranges_of_no_number(params: Params) -> list[str]:
    """List the ranges of columns that are not a number of their source."""
    lines = []
    for kind, source in params.sources.named().items():
        numbers = [c for role, c in source.roles().items() if KINDS[kind].role(role).holds == "number"]
        numbers += params.given() if kind == "customers" else []
        lines += [
            f"sources.{kind}.ranges names '{column}', which is not a number that the params name; they name "
            f"{listing(numbers, 40) or 'none'}.{nearest(column, numbers)}"
            for column in source.ranges
            if column not in numbers
        ]
    return lines


def _misplaced_columns(params: Params, opened: dict[str, sources.Opened]) -> list[str]:
    """List labels, bases and levels of columns that are not there, or that they cannot name."""
    holders = [kind for kind in ("customers", "transactions") if kind in opened]
    there = {column for kind in holders for column in opened[kind].table.columns}
    given = {column: f"bases.{basis}" for column, basis in params.given().items()}
    derived = {f.feature for b in params.derived() for f in FEATURES[b] if not f.lacks(_there(params))}
    ids = {source.roles().get("customer") for source in params.sources.named().values()}
    lines = _unknown_labels(params, [*given, *derived])
    for column, place in given.items():
        if column in RESERVED or column in derived:
            lines.append(
                f"{place} names '{column}', which the run uses itself; rename the column in the source"
            )
    lines += [
        f"{place} names '{c}', which is the customer's id; remove it"
        for c, place in given.items()
        if c in ids
    ]
    lines += [
        f"privacy.allow names '{c}', which no source has; columns: {listing(everywhere, 40)}.{nearest(c, everywhere)}"
        for everywhere in [{column for source in opened.values() for column in source.table.columns}]
        for c in params.privacy.allow
        if c not in everywhere
    ]
    return lines + [
        f"{listing(holders)}: there is no column '{column}', which {place} names; columns: "
        f"{listing(there, 40)}.{nearest(column, there)}"
        for column, place in given.items()
        if column not in there
    ]


def _unknown_labels(params: Params, features: Iterable[str]) -> list[str]:
    """List the labels of features that no basis names; what needs derive is not known before a run."""
    if params.bases.get("needs") == "auto":
        return []
    scales = [name for scale, section in params.scales.items() for name in (scale, *section.items)]
    known = [*features, *scales]
    return [
        f"labels names '{column}', which no basis does; named there: {listing(known, 40)}.{nearest(column, known)}"
        for column in sorted(set(params.labels) - set(known))
    ]
