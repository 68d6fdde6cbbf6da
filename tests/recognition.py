"""How the roles of columns in known layouts were recognised, counted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from layouts import LAYOUTS, saved, truth

from seglib.project.new import draft as _draft


@dataclass(frozen=True)
class Counts:
    """Columns of a layout that play a role, or were given one: right, wrong without a mark, wrong and marked."""

    right: tuple[str, ...]
    unmarked: tuple[str, ...]
    marked: tuple[str, ...]


def _roles(what, kind: str) -> dict[str, str]:
    given = {guess.column: role for role, guess in what.roles[kind].items()}
    told = ("outcome", "leak", "copy", "weight")
    aside = {n: a.kind for n, a in what.asides.items() if a.kind in told and n in what.tables[kind].columns}
    return aside | given


def compared(wanted: dict[str, dict[str, str]], drafted) -> Counts:
    """Compare a draft with the truth, column by column.

    A column is marked where a line that says so gives it a role or names it as a whole, or asks for its role. Who
    must be left `out`, as names of persons are, is wrong where a basis names the column.
    """
    marks = [line for line in drafted.text.splitlines() if "# guess" in line or "# problem" in line]
    marks += [f"# problem: {line}" for line in drafted.problems]
    right, unmarked, marked = [], [], []
    for kind, roles in wanted.items():
        got = _roles(drafted.what, kind)
        for column, role in roles.items():
            found, allowed = got.get(column, "-"), role.split("|")
            if found == "-" and role == "-":
                continue
            text = f"{kind}.{column}: {found}, not {role}"
            if role == "out":
                place = drafted.what.places.get(column)
                (unmarked if place and place.basis else right).append(text)
            elif found in allowed:
                right.append(text)
            elif any(_names(line, column, roles) or f" {allowed[0]}:" in line for line in marks):
                marked.append(text)
            else:
                unmarked.append(text)
    return Counts(tuple(right), tuple(unmarked), tuple(marked))


def _names(line: str, column: str, others: dict[str, str]) -> bool:
    """Check whether a line names a column, and not another one of which it is a part."""
    for longer in sorted((o for o in others if column in o and o != column), key=len, reverse=True):
        line = line.replace(longer, "")
    return re.search(rf"(?<![\w/.$]){re.escape(column)}(?![\w/.$])", line) is not None


def of_layout(name: str, folder: Path) -> Counts:
    """Count what was recognised in one layout."""
    return compared(truth(name), _draft.draft(name, saved(name, folder), folder))


def markdown(counts: dict[str, Counts], described: dict[str, str]) -> list[str]:
    """Write the counts as a table, with a last row that sums them up."""
    lines = [
        "| table | columns with a role | right | wrong, not marked | wrong, marked |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    total = [0, 0, 0]
    for name, found in counts.items():
        sizes = [len(found.right), len(found.unmarked), len(found.marked)]
        total = [a + b for a, b in zip(total, sizes, strict=True)]
        lines.append(f"| {described.get(name, name)} | {sum(sizes)} | {sizes[0]} | {sizes[1]} | {sizes[2]} |")
    share = total[0] / max(1, sum(total))
    lines.append(
        f"| **all** | **{sum(total)}** | **{total[0]} ({share:.1%})** | **{total[1]}** | **{total[2]}** |"
    )
    return lines


DESCRIBED = {name: layout["of"] for name, layout in LAYOUTS.items()}
