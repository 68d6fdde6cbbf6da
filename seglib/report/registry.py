"""The public functions of a package, by name: sentences, views and figures find what shapes them here."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from inspect import getmembers, isfunction
from typing import Any


def public_functions(package: str, folders: list[str]) -> dict[str, Callable[..., Any]]:
    """Collect the public functions that the modules of a package define, by name."""
    modules = [import_module(f"{package}.{found.name}") for found in pkgutil.iter_modules(folders)]
    return {
        name: function
        for module in modules
        for name, function in getmembers(module, isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
