"""The typing tool of a run, as files that assign newcomers: JSON, SQL, a spreadsheet, a form."""

from __future__ import annotations

import json
import shutil
from typing import Any

from seglib.implement import typing
from seglib.implement.scoring import TITLES
from seglib.project.store import Store
from seglib.report.typing_form import spreadsheet_words, typing_form

#: The folder of a run that holds them.
FOLDER = "typing"


def candidates(catalogue: Any, variables: Any, formed_from: list[str], descriptors: bool) -> list[str]:
    """List the features that may be asked for: what formed the segments, or only what describes them.

    Parameters
    ----------
    catalogue
        The table `catalogue`, protected attributes marked.
    variables
        The table `variables`.
    formed_from
        The segmentation variables, or the columns of the rules.
    descriptors
        Whether descriptors are asked for instead, as of people of whom no behaviour is known.
    """
    if not descriptors:
        return formed_from
    protected = set(catalogue.feature[catalogue.protected.fillna(False).astype(bool)])
    return [f for f in variables.feature if f not in protected and f not in set(formed_from)]


def keep_typing_tool(store: Store, title: str, chosen: typing.Chosen | None) -> None:
    """Write a typing tool to the folder `typing/` of a run, readable by its owner alone."""
    shutil.rmtree(store.root / FOLDER, ignore_errors=True)
    if chosen is None:
        return
    tool = chosen.tool.as_dict()
    tested = {"overall": chosen.overall, "chance": chosen.chance}
    text = json.dumps({"title": title, **tool, **tested}, indent=1, ensure_ascii=False, allow_nan=False)
    form = typing_form(title, tool, chosen.overall, chosen.chance)
    files = {"typing.json": text + "\n", "typing.html": form}
    files |= {f"typing.{dialect}.sql": typing.typing_query(chosen.tool, dialect) for dialect in TITLES}
    for name, content in files.items():
        store.write_text(content, FOLDER, name, private=True)
    with store._replacing(store.path(FOLDER, "typing.xlsx"), private=True) as temporary:
        temporary.write_bytes(typing.workbook(chosen.tool, spreadsheet_words()))
