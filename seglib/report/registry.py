"""The public functions of a package, by name: sentences, views and figures find what shapes them here."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from inspect import getmembers, isfunction
from typing import Any


def public_functions(package: str, folders: list[str]) -> dict[str, Callable[..., Any]]:
    """Collect the public functions that the modules of a package define, by name.

    Raises
    ------
    TypeError
        If two modules define the same name: one page would be shaped by the function of another.
    """
    found: dict[str, Callable[..., Any]] = {}
    for module in [import_module(f"{package}.{entry.name}") for entry in pkgutil.iter_modules(folders)]:
        for name, function in getmembers(module, isfunction):
            if function.__module__ != module.__name__ or name.startswith("_"):
                continue
            if name in found:
                raise TypeError(f"{module.__name__} and {found[name].__module__} both define {name}")
            found[name] = function
    return found
