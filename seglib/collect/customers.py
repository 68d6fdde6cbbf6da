"""The customers who may be profiled: read, checked, and accounted for."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial, reduce
from operator import or_

import ibis
import numpy as np
import pandas as pd

from seglib.catalogue.sources import KINDS
from seglib.collect import columns, plausible
from seglib.collect.features.given import given_column
from seglib.collect.ledger import Entry, Terms, entry, stop
from seglib.collect.quality import Check
from seglib.collect.sources import Opened, text_key
from seglib.collect.typed import GIVEN, out_of_range, readable
from seglib.errors import DataError
from seglib.privacy import consent

_KIND = KINDS["customers"]
_AGREED = ((consent.consented, "consent"), (consent.not_opted_out, "opt_out"))


@dataclass(frozen=True)
class Eligibility:
    """Which customers may be profiled, by which columns.

    Attributes
    ----------
    purpose
        What customers must have consented to; anything if empty.
    forgotten
        Returns of ids, one entry per customer, which have asked to be forgotten.
    allow
        Columns that look like personal data and may be used all the same.
    secret
        The project's key, under which ids become pseudonyms; a key that is used once if absent.
    """

    purpose: str = ""
    forgotten: Callable[[pd.Series], pd.Series] | None = None
    allow: tuple[str, ...] = ()
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)


@dataclass(frozen=True)
class Customers:
    """The customers who may be profiled.

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
    eligibility: Eligibility,
) -> Customers:
    """Read the customers, and exclude those who may not be profiled.

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
    eligibility
        Which customers may be profiled.

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
            values, place, levels.get(column), opened.decimal if opened.decimal_by else "", eligibility.allow
        )
        if blanked:
            why = f"column '{column}': read as missing"
            entries.append(Entry("customers", "blank among numbers", len(frame), blanked=blanked, why=why))
    for step in (
        partial(_plausible_times, roles=roles, terms=terms),
        partial(_within_ranges, roles=roles, terms=terms, named=named),
        partial(_with_consent, roles=roles, terms=terms, purpose=eligibility.purpose),
        partial(without_forgotten, eligibility=eligibility),
    ):
        frame, found = step(frame)
        entries += found
    typed = [role for role in roles if role not in ("customer", "consent", "opt_out", "purposes")]
    by_name = {f"{GIVEN}{c}": c for c in named}
    return Customers(frame[["key", *by_name]].rename(columns=by_name), frame[["key", *typed]], entries)


def checks_of(opened: Opened, roles: dict[str, str], terms: Terms) -> tuple[Check, ...]:
    """List the rules of customers, each with the rows that break it, for the contract."""
    table = opened.table
    typed = [role for role in roles if _KIND.role(role).holds in ("time", "number")]
    unreadable = [columns.read(opened, role, roles[role], terms).bad for role in typed]
    beyond = [out_of_range(columns.numbers(opened, c).value, limits) for c, limits in terms.ranges.items()]
    broken = {"unreadable": _any(unreadable)} | ({"out_of_range": _any(beyond)} if beyond else {})
    if "customer" in roles:
        key = text_key(table[roles["customer"]])
        broken["no_customer_id"] = key.isnull()
        broken["repeated_id"] = key.notnull() & (key.count().over(ibis.window(group_by=key)) > 1)
    if "consent" in roles:
        text = table[roles["consent"]].cast("string").strip()
        said = text.name("text").as_table().distinct().text.to_pandas()
        yes = consent.means_yes(said, terms.answers.get(roles["consent"]))
        broken["no_consent"] = ~text.isin(yes).fill_null(False)
    rules = [rule for rule in _KIND.rules if rule.name in broken]
    return tuple(Check(rule, broken[rule.name], terms.action(rule)) for rule in rules)


def _any(conditions: list[ibis.Value]) -> ibis.Value:
    return reduce(or_, conditions, ibis.literal(False))


def _read(
    opened: Opened, roles: dict[str, str], terms: Terms, named: list[str]
) -> tuple[pd.DataFrame, list[Entry]]:
    """Read one row per customer: key, roles and given columns; rows without an id are excluded."""
    table, rule = opened.table, _KIND.rule("unreadable")
    action = terms.action(rule)
    columns.require_some(opened, {r: c for r, c in roles.items() if r not in ("consent", "opt_out")})
    typed = {
        role: columns.read(opened, role, column, terms)
        for role, column in roles.items()
        if role not in ("customer", "consent", "opt_out")
    }
    readable(opened, {role: roles[role] for role in typed}, terms)
    chosen = {role: cells.value for role, cells in typed.items()}
    chosen |= {role: table[roles[role]] for role in ("consent", "opt_out") if role in roles}
    chosen |= {f"{GIVEN}{c}": table[c] for c in named}
    unreadable = _any([cells.bad.fill_null(False) for cells in typed.values()])
    number = (ibis.row_number() + 1).cast("string")
    key = text_key(table[roles["customer"]]) if "customer" in roles else number
    frame = table.select(key=key, **chosen, unreadable=unreadable).to_pandas()
    nameless, why = frame.key.isna(), "cannot be joined to anything"
    no_id = _KIND.rule("no_customer_id")
    entries = [entry("customers", no_id, terms.action(no_id), len(frame), int(nameless.sum()), why=why)]
    frame, found = _each_once(opened, roles.get("customer"), frame[~nameless], terms)
    entries += found
    if frame.unreadable.any():
        entries.append(entry("customers", rule, action, len(frame), int(frame.unreadable.sum())))
    return frame[~frame.unreadable] if action == "drop" else frame, entries


def _each_once(
    opened: Opened, column: str | None, frame: pd.DataFrame, terms: Terms
) -> tuple[pd.DataFrame, list[Entry]]:
    """Exclude rows that are the same in every column, then those that repeat an id, or stop."""
    if column is not None and not frame.key.duplicated().any():
        return frame, []
    duplicate, repeated = _KIND.rule("duplicate_row"), _KIND.rule("repeated_id")
    action, different = terms.action(duplicate), opened.table.distinct()
    rows = int(opened.table.count().to_pandas())
    copies = rows - int(different.count().to_pandas())
    if column is None:
        why = "without an id, two rows that are alike may be two customers"
        return frame, [entry("customers", duplicate, "warn", rows, copies, why=why)] if copies else []
    if copies and action == "stop":
        raise stop("customers", duplicate, copies)
    if terms.action(repeated) == "stop":
        columns.unique_keys(opened, different if action == "drop" else opened.table, column)
    first = frame.drop_duplicates("key")
    folded = copies if action == "drop" else 0
    entries = [entry("customers", duplicate, "drop", len(frame), folded)] if folded else []
    left = len(frame) - folded
    return first, [*entries, entry("customers", repeated, "drop", left, left - len(first))]


def _within_ranges(
    frame: pd.DataFrame, *, roles: dict[str, str], terms: Terms, named: list[str]
) -> tuple[pd.DataFrame, list[Entry]]:
    """Treat numbers outside the ranges that the params give."""
    rule = _KIND.rule("out_of_range")
    action = terms.action(rule)
    entries: list[Entry] = []
    by_column = {column: role for role, column in roles.items()} | {c: f"{GIVEN}{c}" for c in named}
    limits = plausible.ranges("customers", roles, named, terms)
    for column, allowed in limits.items():
        name = by_column.get(column)
        if column not in terms.ranges and (name is None or not pd.api.types.is_numeric_dtype(frame[name])):
            continue  # an age in bands has no range
        if name is None or not pd.api.types.is_numeric_dtype(frame[name]):
            raise DataError(
                f"customers: ranges names '{column}', which is not a number that a role or a basis names; "
                "check sources.customers.ranges"
            )
        beyond = (frame[name] < allowed.get("min", -np.inf)) | (frame[name] > allowed.get("max", np.inf))
        if column not in terms.ranges and not beyond.any():
            continue
        usual = f"outside {_between(allowed)}, which is possible" if column not in terms.ranges else rule.why
        why = f"column '{column}' {usual}"
        entries.append(entry("customers", rule, action, len(frame), int(beyond.sum()), why=why))
        if action == "blank":
            frame = frame.assign(**{name: frame[name].mask(beyond)})
        frame = frame[~beyond] if action == "drop" else frame
    return frame, entries


def _between(limits: dict[str, float]) -> str:
    return f"{limits.get('min', -np.inf):g} to {limits.get('max', np.inf):g}"


def _plausible_times(
    frame: pd.DataFrame, *, roles: dict[str, str], terms: Terms
) -> tuple[pd.DataFrame, list[Entry]]:
    """Treat placeholders among dates of registration, and blank those among dates of birth."""
    entries: list[Entry] = []
    if "birth_date" in roles:
        year = frame.birth_date.dt.year
        bad = (frame.birth_date <= pd.Timestamp("1900-01-01")) | (year > plausible.LAST_YEAR)
        if bad.any():
            why = f"column '{roles['birth_date']}': placeholders such as 1900-01-01"
            rule = _KIND.rule("out_of_range")
            entries.append(entry("customers", rule, "blank", len(frame), int(bad.sum()), why=why))
            frame = frame.assign(birth_date=frame.birth_date.mask(bad))
    if "registered" in roles and frame.registered.notna().any():
        rule = _KIND.rule("implausible_time")
        action = terms.action(rule)
        first, last = plausible.span(ibis.memtable(frame[["registered"]]).registered)
        bad = frame.registered.notna() & ~frame.registered.dt.year.between(first, last)
        rest = frame.registered[~bad].dropna()
        if action == "stop":
            others = (rest.min().date(), rest.max().date()) if len(rest) else None
            plausible.refuse_times("customers", roles["registered"], frame.registered[bad], others)
        if bad.any():
            entries.append(entry("customers", rule, action, len(frame), int(bad.sum())))
        frame = frame.assign(registered=frame.registered.mask(bad)) if action == "blank" else frame
        frame = frame[~bad] if action == "drop" else frame
    return frame, entries


def _with_consent(
    frame: pd.DataFrame, *, roles: dict[str, str], terms: Terms, purpose: str
) -> tuple[pd.DataFrame, list[Entry]]:
    """Exclude customers who have not consented, or not to the purpose."""
    rule = _KIND.rule("no_consent")
    entries: list[Entry] = []
    known = terms.answers
    said, left = (partial(f, answers=known.get(roles.get(r, ""))) for f, r in _AGREED)
    agreements: list[tuple[str, Callable, str, str]] = [
        ("consent", said, "", ""),
        ("opt_out", left, "opted out", "asked not to be profiled"),
    ]
    if purpose:
        why = f"only customers who agreed to '{purpose}' are profiled"
        agreed = partial(consent.agreed, purpose=purpose)
        agreements.append(("purposes", agreed, "no consent to this purpose", why))
    for role, agreed_in, words, why in agreements:
        if role in roles and len(frame):
            kept = agreed_in(frame[role].rename(roles[role]))
            n = int((~kept).sum())
            entries.append(entry("customers", rule, terms.action(rule), len(frame), n, words=words, why=why))
            frame = frame[kept]
    return frame, entries


def without_forgotten(keys: pd.DataFrame, *, eligibility: Eligibility) -> tuple[pd.DataFrame, list[Entry]]:
    """Exclude customers who have asked to be forgotten: frames with a column `key`."""
    if eligibility.forgotten is None:
        return keys, []
    gone = eligibility.forgotten(keys.key)
    n = int(gone.sum())
    why = "removed by seglib forget"
    removed = Entry("customers", "asked to be forgotten", len(keys), dropped=n, why=why)
    return keys[~gone], [removed] if n else []
