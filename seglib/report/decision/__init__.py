"""The decision page: whom to go after and why, first; the evidence second."""

from seglib.report.decision.case import ALSO, TABLES
from seglib.report.decision.page import Decision, unfinished

__all__ = ["ALSO", "TABLES", "Decision", "unfinished"]
