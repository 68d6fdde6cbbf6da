"""Tools that audiences are written for: one module each, with the rules of its published documentation."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from seglib.implement.destinations.form import Audience, Destination, Limits

_MODULES = {"csv": "csv_file"}


@cache
def destination(name: str) -> Destination:
    """Return the destination of a name that `vocabulary.Destination` lists."""
    return import_module(f"{__name__}.{_MODULES.get(name, name)}").DESTINATION


__all__ = ["Audience", "Destination", "Limits", "destination"]
