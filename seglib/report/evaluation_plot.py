"""The segment evaluation plot, on page 05 and on the decision page alike."""

from __future__ import annotations

import pandas as pd

from seglib.report.display import Html, framed
from seglib.report.figures import theme
from seglib.report.figures.decision import evaluation
from seglib.report.sentences import sentence

_NEXT = {"value_share": "share of value", "share": "share of customers"}


def evaluation_plot(ranking: pd.DataFrame, value: pd.DataFrame, strength_share: float) -> Html:
    """Draw attractiveness against our capability; against share of value where capability is not measured.

    Parameters
    ----------
    ranking, value
        The tables of these names.
    strength_share
        How much of the score is capability; 0 where it is not measured.
    """
    sizes = [c for c in ("customers", "share", "value_share") if c in value]
    rows = ranking.merge(value[["segment", *sizes]], on="segment")
    colours = [
        theme.colour(s - 1) if t else theme.MUTE for s, t in zip(rows.segment, rows.target, strict=True)
    ]
    measured = strength_share > 0
    other = "value_share" if "value_share" in rows and rows.value_share.notna().all() else "share"
    rows = rows.assign(colour=colours, measure=rows["strength" if measured else other])
    line = (strength_share, float(rows.score[rows.target].min())) if measured and rows.target.any() else None
    points = zip(rows["name"], rows.attractiveness, rows.measure, strict=True)
    facts = {
        "measured": measured,
        "measure": _NEXT[other],
        "line": line is not None,
        "segments": [{"name": name, "attractiveness": y, "x": x} for name, y, x in points],
    }
    words = {
        key: sentence(f"evaluation_{key}", facts, "decision") for key in ("title", "caption", "alt", "axis")
    }
    drawn = evaluation(rows, words.pop("axis"), percent=not measured, line=line)
    return framed(drawn, **words, customers=rows.customers)
