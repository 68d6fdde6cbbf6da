"""What all rooms read: one record per stage, one declaration per table, the kinds of source.

`STAGES`            the names of the stages, in order
`stage(name)`       the record of a stage: question, notebook, page, sections, knobs, tables
`declaration(name)` the declaration of a table: grain, columns, who may see it
`check(name, t)`    hold a table against its declaration
"""

from typing import Any

from seglib.catalogue.records import STAGES, Stage, stage, stage_of
from seglib.catalogue.tables import Column, Table, View, declaration, declared

__all__ = [
    "STAGES",
    "Column",
    "Stage",
    "Table",
    "View",
    "check",
    "declaration",
    "declared",
    "stage",
    "stage_of",
]


def check(name: str, table: Any) -> None:
    """Hold a table against its declaration; see `checking.check`."""
    from seglib.catalogue.checking import check as held

    held(name, table)
