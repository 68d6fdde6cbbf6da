"""One declaration per table: grain, columns, how values are displayed, who may see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from seglib.catalogue.records import stage, stage_of
from seglib.errors import RunError, listing, nearest

#: Who may see a table: everybody as far as cells are large enough, the run alone, or those who may see ids.
ACCESS = ("published", "private", "ids")


@dataclass(frozen=True)
class Column:
    """One column of a table, or of what is shown of it.

    Attributes
    ----------
    kind
        key, segment, feature, text, flag, count, number, score, share (0 to 1), effect (-1 to 1), money, time,
        list.
    label
        Its head; the name in words if absent.
    unit
        Of its values, where they have one.
    digits
        Decimals shown; as the kind needs if absent.
    customers
        The column that counts the customers behind its cells, where not that of the row.
    part
        Whether its cells, being shares of `customers`, can reveal the few of whom they hold.
    optional
        Whether a table can lack it.
    meaning
        A sentence for the data dictionary.
    """

    kind: str
    label: str = ""
    unit: str = ""
    digits: int | None = None
    customers: str | None = None
    part: bool = False
    optional: bool = False
    meaning: str = ""


@dataclass(frozen=True)
class View:
    """What is shown of a table, and how.

    Attributes
    ----------
    caption
        What it lists; a template, filled with facts.
    columns
        What it shows, in order, by name; all of the table if empty. Columns that a layout makes
        are declared here.
    rows
        The column that names the rows.
    customers
        The column that counts the customers behind each row; it need not be shown.
    totals
        Sums of these counts that a reader may know: rows, columns, all.
    empty
        What is said if there is no row.
    tones
        Words with which cells begin, and the colour of each: good, fair, bad.
    """

    caption: str
    columns: dict[str, Column] = field(default_factory=dict)
    rows: str | None = None
    customers: str | None = None
    totals: tuple[str, ...] = ()
    empty: str = ""
    tones: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """One table of a run.

    Attributes
    ----------
    name, stage
        Its name, and the stage that writes it.
    grain
        What one row is.
    access
        published, private or ids.
    columns
        By name.
    open
        Whether it has columns besides, which follow the sources.
    views
        What is shown of it, by name; the first is the usual one.
    """

    name: str
    stage: str
    grain: str
    access: str
    columns: dict[str, Column]
    open: bool = False
    views: dict[str, View] = field(default_factory=dict)

    def view(self, name: str = "") -> View:
        """Return a view by name; the usual one if no name is given."""
        if not self.views:
            raise RunError(f"table '{self.name}' declares no view, so that it cannot be shown on a page")
        if name and name not in self.views:
            raise RunError(
                f"table '{self.name}' has no view '{name}'; views: {listing(self.views)}.{nearest(name, self.views)}"
            )
        return self.views[name] if name else next(iter(self.views.values()))


def _view(raw: dict[str, Any], columns: dict[str, Column]) -> View:
    """Read a view: a column without words of its own is shown as the table declares it."""
    shown = {
        name: Column(**own) if own and "kind" in own else _changed(columns[name], own or {})
        for name, own in (raw.get("columns") or dict.fromkeys(columns)).items()
    }
    known = raw | {"columns": shown, "totals": tuple(raw.get("totals", ()))}
    return View(**known)


def _changed(column: Column, own: dict[str, Any]) -> Column:
    return Column(**{**vars(column), **own})


@cache
def declaration(name: str) -> Table:
    """Return the declaration of a table.

    Raises
    ------
    RunError
        If there is no table of that name.
    """
    if name not in stage_of():
        raise RunError(
            f"there is no table '{name}'; known tables: {listing(stage_of(), 40)}.{nearest(name, stage_of())}"
        )
    raw = stage(stage_of()[name]).tables[name]
    columns = {column: Column(**words) for column, words in raw["columns"].items()}
    views = {view: _view(words, columns) for view, words in raw.get("views", {}).items()}
    return Table(name, stage_of()[name], raw["grain"], raw["access"], columns, raw.get("open", False), views)


def declared() -> list[Table]:
    """Return the declarations of all tables, in the order of the stages."""
    return [declaration(name) for name in stage_of()]
