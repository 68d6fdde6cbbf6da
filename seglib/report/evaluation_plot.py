"""The segment evaluation plot, on page 05 and on the decision page alike."""

from __future__ import annotations

import pandas as pd

from seglib.report import figures as plots
from seglib.report.display import Html, figure
from seglib.report.words import share

_NEXT = {"value_share": "share of value", "share": "share of customers"}


def evaluation_plot(ranking: pd.DataFrame, value: pd.DataFrame, strength_share: float, min_cell: int) -> Html:
    """Draw attractiveness against own strength; against share of value where strength is not measured.

    Parameters
    ----------
    ranking
        One row per segment: segment, name, attractiveness, strength, score, target.
    value
        One row per segment: customers, share and, where there is value, value_share.
    strength_share
        How much of the score is strength; 0 where none is measured.
    min_cell
        The fewest customers that a bubble may stand for.
    """
    sizes = [c for c in ("customers", "share", "value_share") if c in value]
    rows = ranking.merge(value[["segment", *sizes]], on="segment")
    rows["colour"] = [
        plots.colour(s - 1) if t else plots.MUTE for s, t in zip(rows.segment, rows.target, strict=True)
    ]
    by_strength = strength_share > 0
    other = "value_share" if "value_share" in rows and rows.value_share.notna().all() else "share"
    measure = "strength" if by_strength else other
    words = "own strength" if by_strength else _NEXT[other]
    line = (
        (strength_share, float(rows.score[rows.target].min())) if by_strength and rows.target.any() else None
    )
    drawn = plots.evaluation(rows.assign(measure=rows[measure]), words, percent=not by_strength, line=line)
    return figure(
        drawn,
        title=_title(by_strength, words),
        alt=_alt(rows, measure, words, by_strength),
        caption=_caption(by_strength, line is not None),
        customers=rows.customers,
        min_cell=min_cell,
    )


def _title(by_strength: bool, words: str) -> str:
    if by_strength:
        return "How attractive is each segment, and how strong are we with it?"
    return f"How attractive is each segment, and what is its {words}?"


def _caption(by_strength: bool, lined: bool) -> str:
    first = (
        "Top right is where we should be." if by_strength else "How strong we are with each is not measured."
    )
    where = " On the dashed line the score is that of the last target." if lined else ""
    return f"{first}{where} Area is share of customers; grey is not chosen."


def _alt(rows: pd.DataFrame, measure: str, words: str, by_strength: bool) -> str:
    def said(x: float) -> str:
        return f"{x:.2f}" if by_strength else share(x)

    return "; ".join(
        f"{name}: attractiveness {y:.2f}, {words} {said(x)}"
        for name, y, x in zip(rows["name"], rows.attractiveness, rows[measure], strict=True)
    )
