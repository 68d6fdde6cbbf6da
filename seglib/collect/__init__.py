"""01: from sources to one row per customer.

- `inventory` lists the sources, and how they were read.
- `personal_columns` lists the columns that identify customers, and how they were treated.
- `select_eligible` selects the customers and rows that can be used, and accounts for all others.
- `main_source` returns the source whose rows pass the most rules.
- `build_features` joins everything that is known of a customer into one row.
- `missing_per_column` measures the quality of every feature.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "build_features": "build",
    "inventory": "build",
    "main_source": "build",
    "missing_per_column": "build",
    "personal_columns": "build",
    "select_eligible": "eligible",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    """Import a function when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
