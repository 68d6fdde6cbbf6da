"""Technographic features: what technology customers use."""

from __future__ import annotations

import ibis
from ibis import _

from seglib.collect.features.catalogue import entries
from seglib.collect.features.categories import category, folded
from seglib.collect.features.derived import Derived, Settings, count_as_missing

#: Where each technology is looked for if the customers' own column does not say it.
_ELSEWHERE = {
    "device": "events",
    "operating_system": "events",
    "browser": "events",
    "payment": "transactions",
}
#: The first number of a version; longer ones are numbers of builds.
_MAJOR = "^[vV]?([0-9]{1,4})($|[^0-9A-Za-z])"


FEATURES = tuple(entries("technographic").values())


def counted(rows: ibis.Table, role: str) -> ibis.Table:
    """Count rows by customer and category.

    Parameters
    ----------
    rows
        Any number of rows per customer: customer and the role.
    role
        What is counted.

    Returns
    -------
    ibis.Table
        One row per customer and category: customer, value (missing where the rows do not say),
        n (rows). Each different text is cleaned once, for there are few and cleaning is slow.
    """
    raw = rows.group_by("customer", text=rows[role]).agg(n=_.count())
    named = raw.left_join(_words(rows, role), "text")
    return named.group_by("customer", "value").agg(n=_.n.sum().cast("int64"))


def _words(rows: ibis.Table, role: str) -> ibis.Table:
    """List the different texts of a role, each with its category: text, value."""
    return rows.select(text=rows[role]).distinct().mutate(value=category(_.text))


def _named(tables: dict[str, ibis.Table], role: str, elsewhere: str) -> ibis.Table | None:
    """Stack what customers gave and what their rows say: customer, value, n, given (1 or 0)."""
    parts = [
        counted(tables[kind], role).filter(_.value.notnull()).mutate(given=ibis.literal(given, "int64"))
        for kind, given in (("customers", 1), (elsewhere, 0))
        if kind in tables and role in tables[kind].columns
    ]
    return ibis.union(*parts) if len(parts) > 1 else parts[0] if parts else None


def main(tables: dict[str, ibis.Table], role: str, elsewhere: str, min_cell: int) -> ibis.Table | None:
    """Find the technology that each customer uses most.

    Parameters
    ----------
    tables
        By kind: customers with the role, or rows of `elsewhere` with it, or both.
    role
        What is asked for.
    elsewhere
        The kind of source that is asked where the customers' column says nothing.
    min_cell
        Technologies of fewer customers are folded.

    Returns
    -------
    ibis.Table
        One row per customer of whom it is known: customer and the role; of equally frequent ones
        the first in the alphabet. Nothing if no source has the role.
    """
    named = _named(tables, role, elsewhere)
    if named is None:
        return None
    order = [ibis.desc("given"), ibis.desc("n"), ibis.asc("value")]
    placed = named.mutate(place=ibis.row_number().over(group_by="customer", order_by=order))
    return folded(placed.filter(_.place == 0).select("customer", **{role: _.value}), [role], min_cell)


def app_versions(tables: dict[str, ibis.Table]) -> tuple[ibis.Table, list[str]] | None:
    """Compute how many major versions each customer's app is behind the newest.

    Returns
    -------
    ibis.Table
        One row per customer with a version: customer, app_behind (missing where it cannot be read).
    list of str
        A remark, if there are customers whose version cannot be read.
    """
    named = _named(tables, "app_version", "events")
    if named is None:
        return None
    read = named.mutate(major=named.value.re_extract(_MAJOR, 1).nullif("").cast("int64"))
    own = read.group_by("customer").agg(
        installed=_.major.max(where=_.given == 1), used=_.major.max(where=_.given == 0)
    )
    own = own.select("customer", major=ibis.coalesce(own.installed, own.used))
    newest = read.agg(newest=_.major.max())
    behind = own.cross_join(newest).select("customer", app_behind=(_.newest - _.major).cast("float64"))
    what = "App versions that do not begin with a number of up to four digits"
    return behind, count_as_missing(own, own.major.isnull(), what)


def feature_use(events: ibis.Table) -> ibis.Table:
    """Compute how much of the product each customer uses.

    Returns
    -------
    ibis.Table
        One row per customer with an event: customer, feature_breadth, feature_adoption (share).
    """
    used = counted(events, "feature")
    breadth = used.group_by("customer").agg(feature_breadth=_.value.count())
    there = _words(events, "feature").agg(there=_.value.nunique())
    return breadth.cross_join(there).select(
        "customer", "feature_breadth", feature_adoption=_.feature_breadth / _.there.nullif(0)
    )


def derive(tables: dict[str, ibis.Table], settings: Settings) -> Derived:
    """Derive what the sources allow: one row per customer."""
    technologies = [main(tables, role, kind, settings.min_cell) for role, kind in _ELSEWHERE.items()]
    frames, remarks = [frame for frame in technologies if frame is not None], []
    if versions := app_versions(tables):
        frames.append(versions[0])
        remarks += versions[1]
    events = tables.get("events")
    if events is not None and "device" in events.columns:
        devices = counted(events, "device").group_by("customer").agg(device_count=_.value.count())
        frames.append(devices.mutate(device_count=_.device_count.nullif(0)))
    if events is not None and "feature" in events.columns:
        frames.append(feature_use(events))
    return Derived(tuple(frames), FEATURES, tuple(remarks))
