"""Figures: tables in, Axes out; one function per figure, by name."""

from seglib.report.registry import public_functions

FIGURES = public_functions(__name__, __path__)
