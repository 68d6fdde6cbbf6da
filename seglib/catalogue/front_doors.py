"""Front doors of rooms: names that are loaded when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def front_door(package: str, modules: Mapping[str, Sequence[str]]) -> tuple[list[str], Callable[[str], Any]]:
    """Make a package's `__all__` and `__getattr__`: some of its modules take seconds to load.

    Parameters
    ----------
    package
        Its `__name__`.
    modules
        By module of the package, the names that it is asked for (".room.module" is of another room);
        "name:own" where the module calls it `own`.
    """
    homes = {entry.partition(":")[0]: (module, entry) for module, names in modules.items() for entry in names}

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, entry = homes[name]
        return getattr(import_module(f".{module}", package), entry.rpartition(":")[2])

    return sorted(homes), load
