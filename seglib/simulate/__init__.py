"""Customers with segments planted in them, generated from a specification: for demos, tests and studies."""

from seglib.simulate.generator import PROSPECT, generate, shop
from seglib.simulate.months import CHANGES, changed, with_effect
from seglib.simulate.specification import INDUSTRIES, Industry, industry, parse, read

#: The day that the tables of `shop` are segmented at.
AS_OF = industry("demo").as_of

__all__ = [
    "AS_OF",
    "CHANGES",
    "INDUSTRIES",
    "PROSPECT",
    "Industry",
    "changed",
    "generate",
    "industry",
    "parse",
    "read",
    "shop",
    "with_effect",
]
