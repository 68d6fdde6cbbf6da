"""Segments of a month that the stored model assigned."""

from __future__ import annotations

import pandas as pd

from seglib.monitor.thresholds import NEAR_BORDER


def without_small(segments: pd.DataFrame, neighbours: pd.Series, least: int) -> pd.DataFrame:
    """Join segments of too few customers with their neighbours, or else with the largest.

    Parameters
    ----------
    segments
        The table `segments`.
    neighbours
        The nearest segment by segment; missing where there is none.
    least
        Fewest customers of a segment.
    """
    table = segments
    while (sizes := table.segment.value_counts()).min() < least and len(sizes) > 1:
        small = sizes.idxmin()
        near = neighbours.get(small)
        into = int(near) if pd.notna(near) and near in sizes.index and near != small else int(sizes.idxmax())
        table = table.assign(segment=table.segment.replace(small, into))
    return table


def sizes_now(stability: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Give the table `segment_stability` the sizes, shares and borders of this month's customers."""
    sizes = segments.segment.value_counts()
    there = stability[stability.segment.isin(sizes.index)].reset_index(drop=True)
    own = there.segment.map(sizes).astype(int)
    near = (segments.margin < NEAR_BORDER).groupby(segments.segment).mean()
    border = there.segment.map(near) if segments.margin.notna().all() else there.border
    neighbour = there.neighbour.where(there.neighbour.isin(sizes.index))
    return there.assign(size=own, share=own / len(segments), border=border, neighbour=neighbour)


def centres(features: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Compute the centres of segments: the mean rank (0 to 1) of each number, one row per segment."""
    both = segments[["customer", "segment"]].merge(features, on="customer")
    numbers = both.drop(columns=["customer", "segment"]).select_dtypes("number")
    return numbers.rank(pct=True).groupby(both.segment).mean()
