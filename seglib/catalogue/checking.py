"""Tables held against their declarations when they are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from seglib.catalogue.tables import Table, declaration
from seglib.errors import RunError, listing


def _within(low: float, high: float) -> Callable[[pd.Series], bool]:
    return lambda values: bool(pd.to_numeric(values).between(low - 1e-9, high + 1e-9).all())


def _whole(values: pd.Series) -> bool:
    return bool((pd.to_numeric(values) % 1 == 0).all())


def _texts(values: pd.Series) -> bool:
    return bool(values.map(lambda v: isinstance(v, str)).all())


def _flags(values: pd.Series) -> bool:
    return bool(values.map(lambda v: isinstance(v, bool | np.bool_)).all())


def _numbers(values: pd.Series) -> bool:
    return types.is_numeric_dtype(values) or bool(pd.to_numeric(values, errors="coerce").notna().all())


def _times(values: pd.Series) -> bool:
    return types.is_datetime64_any_dtype(values) or bool(values.map(lambda v: hasattr(v, "isoformat")).all())


#: What values of each kind must be, in words and as a check of those that are not missing.
KINDS: dict[str, tuple[str, Callable[[pd.Series], bool]]] = {
    "key": ("a text or a number", lambda values: True),
    "segment": ("whole numbers", _whole),
    "text": ("texts", _texts),
    "feature": ("names of features", _texts),
    "flag": ("true or false", _flags),
    "count": ("whole numbers", _numbers),
    "number": ("numbers", _numbers),
    "score": ("numbers", _numbers),
    "share": ("numbers from 0 to 1", _within(0, 1)),
    "effect": ("numbers from -1 to 1", _within(-1, 1)),
    "money": ("numbers", _numbers),
    "time": ("times", _times),
    "list": ("lists", lambda values: True),
}


def check(name: str, table: Any) -> None:
    """Hold a table against its declaration: columns, and what their values are.

    Of a table in the engine the columns alone are checked, since its values are not in memory.

    Raises
    ------
    RunError
        One line for each column that is missing, undeclared or holds other values.
    """
    wanted = declaration(name)
    there = list(table.columns)
    missing = [c for c, column in wanted.columns.items() if c not in there and not column.optional]
    strange = [] if wanted.open else [c for c in there if c not in wanted.columns]
    problems = [f"table '{name}' has no column '{c}', which its declaration names" for c in missing]
    problems += [
        f"table '{name}' has a column '{c}' that is not declared; declare it in catalogue/stages"
        for c in strange
    ]
    if isinstance(table, pd.DataFrame):
        problems += _values(name, table, wanted)
    if problems:
        raise RunError("\n".join(problems))


def _values(name: str, table: pd.DataFrame, wanted: Table) -> list[str]:
    problems = []
    for column, values in table.items():
        known = values.dropna()
        if column not in wanted.columns or known.empty:
            continue
        allowed, holds = KINDS[wanted.columns[str(column)].kind]
        try:
            fine = holds(known)
        except (TypeError, ValueError):
            fine = False
        if not fine:
            shown = listing([repr(v) for v in _wrong(known, holds)])
            problems.append(f"table '{name}': column '{column}' holds {shown}; declared are {allowed}")
    return problems


def _wrong(values: pd.Series, holds: Callable[[pd.Series], bool]) -> list[Any]:
    """List some of the values that are not what is declared; the first where no value is wrong by itself."""
    found = []
    for at in range(len(values)):
        try:
            fine = holds(values.iloc[[at]])
        except (TypeError, ValueError):
            fine = False
        if not fine:
            found.append(values.iloc[at : at + 1].tolist()[0])
        if len(found) == 3:
            break
    return found or values.iloc[:3].tolist()
