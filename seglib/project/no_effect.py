"""Keys of a params file that are well-formed and have no effect: what they speak of is not there."""

from __future__ import annotations

from seglib.catalogue.sources import KINDS
from seglib.collect.features import FEATURES
from seglib.errors import listing, nearest
from seglib.project.params import Params
from seglib.project.schema.sources import Source

#: Keys that say how text files are written, which a table behind a connection is not.
_OF_FILES = ("sheet", "separator", "encoding", "header", "skip_rows", "fill_down")
#: Rules that need a role, one of several, or a key.
_RULES = {
    "no_consent": ("consent", "opt_out", "purposes"),
    "repeated_id": ("customer",),
    "no_time": ("time",),
    "no_start": ("start",),
    "on_or_after_as_of": ("time",),
    "start_on_or_after_as_of": ("start",),
    "end_before_start": ("end",),
}


def without_effect(params: Params) -> list[str]:
    """List the keys without effect: one line each, with what would give them one."""
    lines = [
        line for kind, source in params.sources.named().items() for line in _of_source(params, kind, source)
    ]
    customers = params.sources.named().get("customers")
    if params.privacy.purpose and (customers is None or "purposes" not in customers.roles()):
        lines.append(
            "privacy.purpose has no effect: it is looked for in sources.customers.columns.purposes, which "
            "names no column"
        )
    wants = {need for basis in params.derived() for feature in FEATURES[basis] for need in feature.wants()}
    wanted = {part for need in wants for part in need.split(" or ")}
    lines += [
        f"{section} has no effect: no basis that is derived reads it; derive the one that does, or remove it"
        for section in ("scales", "needs", "branches")
        if getattr(params, section) and section not in wanted
    ]
    return lines + _unread_levels(params)


def _unread_levels(params: Params) -> list[str]:
    """List the levels of columns that neither a basis nor a role of answers names."""
    given = params.given()
    asked = {
        column
        for kind, source in params.sources.named().items()
        for role, column in source.roles().items()
        if KINDS[kind].role(role).holds == "flag" or role in ("consent", "opt_out")
    }
    known = [*given, *sorted(asked)]
    return [
        f"levels.{column} has no effect: no basis names the column, and no role of answers; named there: "
        f"{listing(known, 40) or 'none'}.{nearest(column, known)}"
        for column in params.levels
        if column not in known
    ]


def _of_source(params: Params, kind: str, source: Source) -> list[str]:
    roles, place = source.roles(), f"sources.{kind}"
    timed = {role: c for role, c in roles.items() if KINDS[kind].role(role).holds == "time"}
    lines = []

    def idle(key: str, why: str) -> None:
        lines.append(f"{place}.{key} has no effect: {why}; remove the line")

    for key in ("dates", "timezone"):
        if getattr(source, key) is not None and not timed:
            idle(key, "columns names no times")
    for column in source.dates if isinstance(source.dates, dict) else ():
        if column not in timed.values() and timed:
            idle(f"dates.{column}", f"it is no column of times; those are {listing(timed.values())}")
    if source.fresh_days is not None and "time" not in roles:
        idle("fresh_days", "columns.time names no column")
    if getattr(source, "not_products", []) and not {"product", "product_name"} & set(roles):
        idle("not_products", "columns.product names no column")
    if getattr(source, "customers", "") == "optional":
        people = params.sources.named().get("customers")
        asked = [r for r in ("consent", "opt_out", "purposes") if people and r in people.roles()]
        if people is None:
            idle("customers", "there is no source of customers")
        elif asked:
            idle(
                "customers",
                f"sources.customers.columns names {listing(asked)}, and who is not there has not agreed",
            )
    for key in _OF_FILES:
        if source.connection is not None and getattr(source, key) not in (None, []):
            idle(key, "it goes with files, and the table is behind a connection")
    for rule in source.rules:
        if rule == "unknown_customer" and getattr(source, "customers", "") == "optional":
            idle(f"rules.{rule}", "customers is optional, so that none is unknown")
        if rule == "unknown_customer" and "customers" not in params.sources.named():
            idle(f"rules.{rule}", "there is no source of customers")
        if rule == "stale" and source.fresh_days is None:
            idle(f"rules.{rule}", f"{place}.fresh_days is not set")
        if rule in _RULES and not set(_RULES[rule]) & set(roles):
            idle(f"rules.{rule}", f"columns names no {listing(_RULES[rule])}")
    return lines
