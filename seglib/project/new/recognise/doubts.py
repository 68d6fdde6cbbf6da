"""What the user must decide: consent, ids that do not meet, times that are written differently or far off."""

from __future__ import annotations

from dataclasses import replace

from seglib.catalogue.sources import KINDS
from seglib.project.new.recognise import rows
from seglib.project.new.recognise.columns import Contents
from seglib.project.new.recognise.consent import open_questions
from seglib.project.new.recognise.ids import coverage, written_differently
from seglib.project.new.recognise.roles import Guess, nearly

#: By role, the column of one table.
Roles = dict[str, Guess]


def about_consent(
    tables: dict[str, Contents],
    by_kind: dict[str, Roles],
    notes: dict[str, list[str]],
) -> dict[str, dict[str, str]]:
    """Note by kind and column what the user must decide about consent."""
    customers = by_kind.get("customers", {})
    read = {role: customers[role].column for role in ("consent", "opt_out") if role in customers}
    orders = by_kind.get("transactions", {})
    in_orders = [orders["consent"].column] if "consent" in orders else []
    questions = {
        kind: open_questions(table.columns, list(read.values()) if kind == "customers" else in_orders)
        for kind, table in tables.items()
    }
    for kind, by_column in questions.items():
        notes[kind] += [f"{name} {question}" for name, question in by_column.items()]
    if "purposes" in customers:
        notes["customers"].append(
            f"{customers['purposes'].column} is read only if privacy.purpose says what customers must have agreed "
            "to; set it"
        )
    return questions


def note_other_ids(
    tables: dict[str, Contents], by_kind: dict[str, Roles], notes: dict[str, list[str]]
) -> None:
    """Note where the ids of two tables do not meet because they are written differently."""
    ids = by_kind.get("customers", {}).get("customer")
    for kind, table in tables.items():
        there = ids and kind != "customers" and "customer" in by_kind[kind]
        own = table.columns[by_kind[kind]["customer"].column] if there else None
        if not ids or not own:
            continue
        by_id, by_row = coverage(tables["customers"], ids.column, table, own.name)
        if written_differently(tables["customers"], ids.column, own):
            notes[kind].append(
                "no id meets an id of the customers: one table writes a prefix or zeros in front; write them "
                "alike in the source"
            )
        elif by_id < 0.9 or by_row < 0.9:
            notes[kind].append(
                f"{by_id:.0%} of the ids and {by_row:.0%} of the rows belong to a customer in the table; "
                f"the others are left out{_cure(kind, by_kind['customers'])}"
            )


def _cure(kind: str, customers: Roles) -> str:
    """Say how customers without a row stay; they cannot where customers are profiled by what they agreed to."""
    asked = {"consent", "opt_out", "purposes"} & set(customers)
    return "" if kind != "transactions" or asked else "; with customers: optional, here, they stay"


def dated_alike(table: Contents, given: Roles, notes: list[str]) -> Roles:
    """Keep the times that are written as the first is: a source has one way of writing them."""
    timed = [role for role in given if KINDS[table.kind].role(role).holds == "time"]
    texts = [role for role in timed if table.opened.table[given[role].column].type().is_string()]
    for role in texts[1:]:
        first, other = (table.columns[given[r].column] for r in (texts[0], role))
        if first.dates != other.dates:
            notes.append(
                f"{other.name} could be {role}, but is not dated as {first.name} is; write both alike in the source"
            )
            given = {r: guess for r, guess in given.items() if r != role}
        elif first.either and not other.either:
            given = given | {texts[0]: replace(given[texts[0]], reason="")}
    return given


def unread_times(table: Contents, given: Roles) -> list[str]:
    """Note the columns that are called as a time is and cannot be read as one, where no other is the role."""
    wanted = [
        r.name
        for r in KINDS[table.kind].roles
        if r.holds == "time" and not r.required and r.name not in given
    ]
    found = {role: nearly(table, role, 0.9) for role in wanted}
    return [f"no column is read as {role}{said}" for role, said in found.items() if said]


def periods(
    tables: dict[str, Contents], by_kind: dict[str, Roles], notes: dict[str, list[str]]
) -> dict[str, rows.Period]:
    """Find when the rows of each kind were, and note the times that are far from all others."""
    found = {}
    for kind, table in tables.items():
        for role in (r.name for r in KINDS[kind].roles if r.holds == "time" and r.name != "birth_date"):
            guess = by_kind[kind].get(role)
            seen = rows.period(table, table.columns[guess.column]) if guess else None
            if guess is None or seen is None:
                continue
            if kind not in found:
                found[kind] = seen
            if seen.n_strange and role != "end":
                notes[kind].append(
                    f"{seen.n_strange:,} rows of {guess.column} are dated {', '.join(seen.strange)}, far from all "
                    "others: they do not set as_of; correct them, or see the rule implausible_time"
                )
    return found
