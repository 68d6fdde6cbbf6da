"""Tables shaped for a reader where selecting columns is not enough: one function per view, by name."""

from seglib.report.registry import public_functions

LAYOUTS = public_functions(__name__, __path__)
