"""The customers who may be looked at: read, checked, and accounted for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import ibis
import numpy as np
import pandas as pd

from seglib.catalogue.sources import KINDS
from seglib.collect import columns
from seglib.collect.features.given import given_column
from seglib.collect.ledger import Entry, Terms, stop
from seglib.collect.quality import Check
from seglib.collect.sources import Opened, text_key
from seglib.collect.typed import GIVEN, out_of_range
from seglib.errors import DataError
from seglib.privacy import consent as privacy
from seglib.vocabulary import YES

_KIND = KINDS["customers"]


@dataclass(frozen=True)
class Door:
    """Who is let in.

    Attributes
    ----------
    purpose
        What customers must have consented to; anything if empty.
    forgotten
        Says of ids, one entry per customer, who has asked to be forgotten.
    allow
        Columns that look like personal data and may be used all the same.
    """

    purpose: str = ""
    forgotten: Callable[[pd.Series], pd.Series] | None = None
    allow: tuple[str, ...] = ()


OPEN = Door()


@dataclass(frozen=True)
class People:
    """The customers who got through the door.

    Attributes
    ----------
    given
        One row per customer: key and the columns that the bases name.
    roles
        One row per customer: key and the roles, typed.
    entries
        One per rule.
    """

    given: pd.DataFrame
    roles: pd.DataFrame
    entries: list[Entry] = field(repr=False)


def read_customers(
    opened: Opened,
    roles: dict[str, str],
    terms: Terms,
    *,
    given: dict[str, str],
    levels: dict[str, object],
    door: Door,
) -> People:
    """Read the customers and let in those who may be looked at.

    Parameters
    ----------
    opened
        The source, one row per customer.
    roles
        Role to column.
    terms
        What the params say of its rows.
    given
        Columns that the bases name, each with its basis.
    levels
        Level of measurement, or numbers by answer, of given columns.
    door
        Who is let in.

    Raises
    ------
    DataError
        If a column cannot be read as its role says, or a rule that says stop is broken.
    """
    named = [c for c in given if c in opened.table.columns]
    frame, entries = _read(opened, roles, terms, named)
    for column in named:
        place = f"bases.{given[column]}"
        values = frame[f"{GIVEN}{column}"].rename(column)
        frame[f"{GIVEN}{column}"], blanked = given_column(
            values, place, levels.get(column), opened.decimal, door.allow
        )
        if blanked:
            entries.append(
                Entry(
                    "customers",
                    "blank among numbers",
                    len(frame),
                    blanked=blanked,
                    why=f"column '{column}': read as missing",
                )
            )
    frame, found = _in_range(frame, roles, terms, named)
    entries += found
    frame, found = _let_in(frame, terms, door, roles)
    entries += found
    frame, found = remembered(frame, door)
    entries += found
    known = [role for role in roles if role not in ("customer", "consent", "purposes")]
    by_name = {f"{GIVEN}{c}": c for c in named}
    return People(frame[["key", *by_name]].rename(columns=by_name), frame[["key", *known]], entries)


def checks_of(opened: Opened, roles: dict[str, str], terms: Terms) -> tuple[Check, ...]:
    """List the rules of customers, each with the rows that break it, for the contract."""
    table = opened.table
    unreadable, beyond = ibis.literal(False), ibis.literal(False)
    for role, column in roles.items():
        if _KIND.role(role).holds in ("time", "number"):
            unreadable = unreadable | columns.read(opened, role, column, terms.dates).bad
    for column, allowed in terms.ranges.items():
        beyond = beyond | out_of_range(columns.numbers(opened, column).value, allowed)
    broken = {"unreadable": unreadable} | ({"out_of_range": beyond} if terms.ranges else {})
    if "customer" in roles:
        key = text_key(table[roles["customer"]])
        broken["no_customer_id"] = key.isnull()
        broken["repeated_id"] = key.notnull() & (key.count().over(ibis.window(group_by=key)) > 1)
    if "consent" in roles:
        text = table[roles["consent"]].cast("string").strip().lower()
        broken["no_consent"] = ~text.isin(YES).fill_null(False)
    rules = [rule for rule in _KIND.rules if rule.name in broken]
    return tuple(Check(rule, broken[rule.name], terms.action(rule)) for rule in rules)


def _read(
    opened: Opened, roles: dict[str, str], terms: Terms, named: list[str]
) -> tuple[pd.DataFrame, list[Entry]]:
    """Read one row per customer: key, roles and given columns; rows without an id are left out."""
    table = opened.table
    rows = int(table.count().to_pandas())
    columns.require_some(opened, {r: c for r, c in roles.items() if r != "consent"})
    chosen: dict[str, ibis.Value] = {}
    unreadable = ibis.literal(False)
    for role, column in roles.items():
        holds = _KIND.role(role).holds
        if holds == "key" or role == "consent":
            continue
        read = columns.read(opened, role, column, terms.dates)
        if terms.action(_KIND.rule("unreadable")) == "stop":
            columns.refuse(opened, column, read)
        unreadable = unreadable | read.bad.fill_null(False)
        chosen[role] = read.value
    if "consent" in roles:
        chosen["consent"] = table[roles["consent"]]
    named_id = "customer" in roles
    key = text_key(table[roles["customer"]]) if named_id else (ibis.row_number() + 1).cast("string")
    chosen |= {f"{GIVEN}{c}": table[c] for c in named} | {"unreadable": unreadable}
    frame = table.select(key=key, **chosen).to_pandas()
    entries = [
        Entry(
            "customers",
            _KIND.rule("no_customer_id").words,
            rows,
            dropped=int(frame.key.isna().sum()),
            why="cannot be joined to anything",
        )
    ]
    frame = frame[frame.key.notna()]
    if named_id:
        frame, found = _one_row_each(opened, roles["customer"], frame, terms)
    else:
        found = _alike(opened, rows)
    entries += found
    n = int(frame.unreadable.sum())
    rule = _KIND.rule("unreadable")
    action = terms.action(rule)
    if n:
        entries.append(
            Entry(
                "customers",
                rule.words,
                len(frame),
                why=rule.why,
                **({"dropped": n} if action == "drop" else {"blanked": n}),
            )
        )
    return frame[~frame.unreadable] if action == "drop" else frame, entries


def _one_row_each(
    opened: Opened, column: str, frame: pd.DataFrame, terms: Terms
) -> tuple[pd.DataFrame, list[Entry]]:
    """Leave out rows that are the same in every column, then those that repeat an id, or stop."""
    entries = []
    if not frame.key.duplicated().any():
        return frame, entries
    source = opened.table.distinct()
    different = int(source.count().to_pandas())
    rule, action = _KIND.rule("duplicate_row"), terms.action(_KIND.rule("duplicate_row"))
    again = int(opened.table.count().to_pandas()) - different
    if again and action == "stop":
        raise stop("customers", rule, again)
    repeated = _KIND.rule("repeated_id")
    if terms.action(repeated) == "stop":
        columns.unique_keys(opened, source if action == "drop" else opened.table, column)
    left = frame.drop_duplicates("key")
    lost = len(frame) - len(left)
    if again and action == "drop":
        entries.append(Entry("customers", rule.words, len(frame), dropped=again, why=rule.why))
    entries.append(
        Entry(
            "customers",
            repeated.words,
            len(frame) - (again if action == "drop" else 0),
            dropped=lost - (again if action == "drop" else 0),
            why=repeated.why,
        )
    )
    return left, entries


def _alike(opened: Opened, rows: int) -> list[Entry]:
    """Tell rows that are the same in every column; without an id they may be two customers."""
    again = rows - int(opened.table.distinct().count().to_pandas())
    why = "without an id, two rows that are alike may be two customers"
    return (
        [Entry("customers", _KIND.rule("duplicate_row").words, rows, warned=again, why=why)] if again else []
    )


def _in_range(
    frame: pd.DataFrame, roles: dict[str, str], terms: Terms, named: list[str]
) -> tuple[pd.DataFrame, list[Entry]]:
    """Treat numbers outside the ranges that the params give."""
    rule, entries = _KIND.rule("out_of_range"), []
    action = terms.action(rule)
    by_column = {column: role for role, column in roles.items()} | {c: f"{GIVEN}{c}" for c in named}
    for column, allowed in terms.ranges.items():
        name = by_column.get(column)
        if name is None or not pd.api.types.is_numeric_dtype(frame[name]):
            raise DataError(
                f"customers: ranges names '{column}', which is not a number that a role or a basis names; "
                "mend sources.customers.ranges"
            )
        beyond = (frame[name] < allowed.get("min", -np.inf)) | (frame[name] > allowed.get("max", np.inf))
        n = int(beyond.sum())
        if n and action == "stop":
            raise stop("customers", rule, n)
        did = {"blank": "blanked", "drop": "dropped", "warn": "warned", "stop": "warned"}[action]
        entries.append(
            Entry("customers", rule.words, len(frame), why=f"column '{column}' {rule.why}", **{did: n})
        )
        if action == "blank":
            frame = frame.assign(**{name: frame[name].mask(beyond)})
        frame = frame[~beyond] if action == "drop" else frame
    return frame, entries


def _let_in(
    frame: pd.DataFrame, terms: Terms, door: Door, roles: dict[str, str]
) -> tuple[pd.DataFrame, list[Entry]]:
    """Leave out who has not consented, or has asked to be forgotten."""
    entries = []
    if "consent" in roles:
        said_yes = privacy.consented(frame.consent.rename(roles["consent"]))
        frame, entry = _only(
            frame, said_yes, "no consent", "only customers who have said yes are looked at", terms
        )
        entries.append(entry)
    if "purposes" in roles and door.purpose:
        agreed = privacy.agreed(frame.purposes.rename(roles["purposes"]), door.purpose)
        why = f"only customers who agreed to '{door.purpose}' are looked at"
        frame, entry = _only(frame, agreed, "no consent to this purpose", why, terms)
        entries.append(entry)
    return frame, entries


def _only(
    frame: pd.DataFrame, kept: pd.Series, rule: str, why: str, terms: Terms
) -> tuple[pd.DataFrame, Entry]:
    n = int((~kept).sum())
    if n and terms.action(_KIND.rule("no_consent")) == "stop":
        raise stop("customers", _KIND.rule("no_consent"), n)
    return frame[kept], Entry("customers", rule, len(frame), dropped=n, why=why)


def remembered(keys: pd.DataFrame, door: Door) -> tuple[pd.DataFrame, list[Entry]]:
    """Leave out who has asked to be forgotten: frames with a column `key`."""
    if door.forgotten is None:
        return keys, []
    gone = door.forgotten(keys.key)
    entry = Entry(
        "customers",
        "asked to be forgotten",
        len(keys),
        dropped=int(gone.sum()),
        why="taken out by seglib forget",
    )
    return keys[~gone], [entry] if entry.dropped else []
