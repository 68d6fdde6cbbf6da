"""Shares and means of segments beside those of all customers, the differences tested together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.assess.campaigns.two_groups import newcombe, welch
from seglib.assess.contrasts import holm
from seglib.assess.thresholds import FEWEST, SIGNIFICANT
from seglib.statistics import student, wilson

#: What the comparison adds to a table.
BESIDE = ("difference", "difference_low", "difference_high", "p", "differs")


def shares(counts: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Turn counts of customers into shares with intervals, those of all customers first, and what differs.

    Parameters
    ----------
    counts
        One row per segment and key: segment, the keys, customers, and reached (of them).

    Returns
    -------
    pandas.DataFrame
        The same with share, low, high and `BESIDE`, and a row per key for all customers, without a segment.
    """
    table, whole = _with_everyone(counts, keys, ["customers", "reached"])
    table = table.assign(share=table.reached / table.customers.where(table.customers > 0))
    table = table.join(wilson(table.reached, table.customers))
    n = pd.DataFrame({"contacted": table.customers, "holdout": whole.customers - table.customers})
    yes = pd.DataFrame({"contacted": table.reached, "holdout": whole.reached - table.reached})
    return _beside(table, newcombe(yes, n), table.customers / whole.customers, n.min(axis=1) >= FEWEST)


def means(sums: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Turn sums over customers into means with intervals, those of all customers first, and what differs.

    Parameters
    ----------
    sums
        One row per segment and key: segment, the keys, customers, and over them total and squares of
        a share of each; further columns are counts.

    Returns
    -------
    pandas.DataFrame
        The same with share (the mean), low, high and `BESIDE`, and a row per key for all customers.
    """
    table, whole = _with_everyone(sums, keys, [c for c in sums.columns if c not in ("segment", *keys)])
    sides = {"contacted": table[whole.columns], "holdout": whole - table[whole.columns]}
    n = pd.DataFrame({side: part.customers for side, part in sides.items()})
    mean = pd.DataFrame(
        {s: part.total / part.customers.where(part.customers > 0) for s, part in sides.items()}
    )
    off = pd.DataFrame({s: part.squares - part.customers * mean[s] ** 2 for s, part in sides.items()})
    variance = off.clip(lower=0) / (n - 1).where(n > 1)
    low, high = student(mean.contacted, variance.contacted, n.contacted)
    table = table.assign(share=mean.contacted, low=low.clip(0, 1), high=high.clip(0, 1))
    compared = welch(mean, variance, n)
    return _beside(table, compared, table.customers / whole.customers, n.min(axis=1) >= FEWEST)


def _with_everyone(
    table: pd.DataFrame, keys: list[str], sums: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add rows of all customers; return with the table the sums of all customers, row by row."""
    everyone = table.groupby(keys, as_index=False, sort=False)[sums].sum()
    both = pd.concat([everyone.assign(segment=np.nan), table], ignore_index=True)
    both = both.astype(dict.fromkeys(sums, float))
    return both, both[keys].merge(everyone.astype(dict.fromkeys(sums, float)), on=keys, how="left")[sums]


def _beside(table: pd.DataFrame, compared: pd.DataFrame, part: pd.Series, enough: pd.Series) -> pd.DataFrame:
    """Compare each segment with all customers, who are the segment and the others in known parts.

    Difference and interval are those to the other customers times the others' part; p is adjusted for all
    comparisons of the table (Holm, 1979).
    """
    known = table.segment.notna() & enough
    rest = (1 - part).where(known)
    ends = {"difference": "effect", "difference_low": "effect_low", "difference_high": "effect_high"}
    table = table.assign(**{c: compared[of] * rest for c, of in ends.items()})
    p = holm(compared.effect_p.where(known))
    return table.assign(p=p, differs=(p < SIGNIFICANT).astype(bool))
