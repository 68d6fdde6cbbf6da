"""Text of any source as categories: cleaned, and rare ones folded together."""

from __future__ import annotations

from collections.abc import Iterable

import ibis

from seglib.vocabulary import OTHER

#: Characters of a category that are kept: a longer text is no category, and fits no page.
LONGEST = 80
# Marks that only turn or hide what stands around them; joiners stay, for scripts need them.
_UNSEEN = "[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
_BLANKS = r"[\s\p{Z}\p{Cc}]+"


def category(text: ibis.Value) -> ibis.StringValue:
    r"""Write a text as a category.

    Blanks around it and doubled ones, control characters and marks of direction are taken out,
    what is left is cut after `LONGEST` characters; an empty text is missing.

    Examples
    --------
    >>> category(ibis.literal("  New\t York ")).execute()
    'New York'
    """
    # `strip` of ibis would also take the letters v and f on Spark, which reads '\v' and '\f' as such.
    plain = text.cast("string").re_replace(_UNSEEN, "").re_replace(_BLANKS, " ")
    return plain.left(LONGEST).re_replace("^ | $", "").nullif("")


def folded(table: ibis.Table, columns: Iterable[str], min_cell: int) -> ibis.Table:
    """Fold categories that few customers have into one.

    Parameters
    ----------
    table
        One row per customer, with categories as `category` writes them.
    columns
        Those to fold.
    min_cell
        Categories of fewer customers become `OTHER`; missing stays missing.
    """
    return table.mutate(**{column: _folded(table[column], min_cell) for column in columns})


def _folded(value: ibis.Value, min_cell: int) -> ibis.Value:
    customers = value.count().over(ibis.window(group_by=value))
    return ibis.cases(
        (value.isnull(), ibis.null("string")), (customers < min_cell, ibis.literal(OTHER)), else_=value
    )
