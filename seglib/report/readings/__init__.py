"""Facts that sentences are filled with, found in tables: one function per sentence, by name."""

from seglib.report.registry import public_functions

READINGS = public_functions(__name__, __path__)
