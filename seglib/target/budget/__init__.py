"""The budget: its allocation to segments (`allocation`), what that brings (`outcomes`), the targets' plan (`plan`)."""

from seglib.target.budget.allocation import SHAPE, gains
from seglib.target.budget.outcomes import SPLITS, compared, everybody, next_amount, split
from seglib.target.budget.plan import NEXT, PLANNED, curves, left_over, plan, splits

__all__ = [
    "NEXT",
    "PLANNED",
    "SHAPE",
    "SPLITS",
    "compared",
    "curves",
    "everybody",
    "gains",
    "left_over",
    "next_amount",
    "plan",
    "split",
    "splits",
]
