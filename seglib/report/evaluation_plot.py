"""The segment evaluation plot, on page 05 and on the decision page alike."""

from __future__ import annotations

from functools import partial

import pandas as pd

from seglib.report.context import context
from seglib.report.display import Html, framed
from seglib.report.figures import theme
from seglib.report.figures.decision import evaluation
from seglib.report.sentences import sentence
from seglib.report.words import count, number
from seglib.vocabulary import money

#: By what decides, the columns that are drawn: the measure and its interval.
_DRAWN = {
    "profit": ("per_contact", "per_low", "per_high"),
    "return": ("score", "low", "high"),
    "points": ("score", "low", "high"),
    "stake": ("stake", None, None),
}


def evaluation_plot(ranking: pd.DataFrame, value: pd.DataFrame, margin: bool) -> Html:
    """Draw what decides over the size of each segment, in readable units; nothing where nothing is ranked.

    Parameters
    ----------
    ranking, value
        The tables of these names.
    margin
        Whether a margin is known: amounts are profit, else revenue less the cost of contacts.
    """
    terms = context()
    basis = str(ranking.basis.iloc[0])
    if basis not in _DRAWN:
        return Html("")
    measure, low, high = _DRAWN[basis]
    rows = ranking.merge(value[["segment", "customers"]], on="segment")
    missing = pd.Series(float("nan"), index=rows.index)
    rows = rows.assign(
        measure=rows[measure],
        low=rows[low] if low else missing,
        high=rows[high] if high else missing,
        colour=[
            theme.colour(s - 1) if t else theme.MUTE for s, t in zip(rows.segment, rows.target, strict=True)
        ],
    )
    rows = rows[rows.measure.notna() & ~terms.few(rows.customers)]
    if rows.empty:
        return Html("")
    write = partial(money, currency=terms.currency) if basis in ("profit", "stake") else number
    kept = rows[["name", "customers", "measure", "low", "high"]].to_dict("records")
    facts = {
        "basis": basis,
        "margin": margin,
        "objective": terms.objective,
        "segments": [r | {"text": write(r["measure"]), "size": count(r["customers"])} for r in kept],
    }
    keys = ("title", "caption", "alt", "axis", "zero")
    words = {key: sentence(f"evaluation_{key}", facts, "decision") for key in keys}
    drawn = evaluation(rows, words.pop("axis"), write, words.pop("zero"))
    return framed(drawn, **words, customers=rows.customers)
