"""The weights, the ranking, the plays and the budget, shaped for a reader."""

from __future__ import annotations

import pandas as pd

from seglib.catalogue import declaration
from seglib.report.context import Context
from seglib.report.sentences import sentence
from seglib.report.words import share
from seglib.statistics import Z90


def weights(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Name the criteria."""
    return table.assign(criterion=[_criterion(c) for c in table.criterion])


def _criterion(code: str) -> str:
    return sentence("criterion_name", {"code": code})


def criteria(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Put the features that the params weigh into one column."""
    features = table.columns.drop([c for c in declaration("criteria").columns if c in table])
    known = [
        "; ".join(f"{_criterion(c)} {row[c]:+.1f}".replace("-", "−") for c in features if pd.notna(row[c]))
        for row in table.to_dict("records")
    ]
    growth = [share(g, 0) if pd.notna(g) else None for g in table.get("growth", [None] * len(table))]
    return table.assign(growth=growth, features=[text or None for text in known])


def ranking(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Write the score in its unit, with its interval; equal ranks are called so."""
    rows = table.to_dict("records")
    return table.assign(
        place=[sentence("rank_text", row, "target") or None for row in rows],
        scored=[sentence("score_text", row, "target") for row in rows],
        range=[sentence("score_range", row, "target") or None for row in rows],
    )


def ranking_others(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Select the segments that are not targets."""
    return ranking(table[~table.target.astype(bool)], terms)


def economics(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Leave out what is missing of all segments."""
    return table.assign(missing_part=table.missing_part.where(table.missing_part != "", None))


def power(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Write what is compared in its unit: shares of customers, orders or money per customer."""
    rows = table.to_dict("records")
    numbers = {
        c: [sentence("compared", {"x": row[c], "outcome": row["outcome"]}, "target") or None for row in rows]
        for c in ("baseline", "effect", "visible")
    }
    assumed = [sentence("assumed", row, "target") for row in rows]
    numbers["baseline"] = [
        f"{b}{a}" if b else None for b, a in zip(numbers["baseline"], assumed, strict=True)
    ]
    return table.assign(outcome=[sentence("outcome_name", row, "target") for row in rows], **numbers)


def plays(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Select the targets, the rule that chose each play, and the response in words."""
    chosen = table[table.target]
    known = chosen.response.notna()
    response = [
        sentence("play_response", row) if there else ""
        for row, there in zip(chosen.to_dict("records"), known, strict=True)
    ]
    shaped = chosen.assign(rule=chosen.rule.where(chosen.rule != "", chosen.because), response=response)
    return shaped.astype(object).where(shaped != "", None)


def plays_instead(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Select the segments that are not targets."""
    return table[~table.target]


def budget(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Select the targets whose money is known."""
    return table[table.unknown_reason == ""]


def budget_response(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Write the response with its range, and what it rests on."""
    half = Z90 * table.sd
    return table.assign(
        effect=[share(e, 2) if pd.notna(e) else None for e in table.effect],
        range=[
            f"{share(round(e - h, 4) + 0.0, 1)} to {share(e + h, 1)}" if pd.notna(e) else None
            for e, h in zip(table.effect, half, strict=True)
        ],
        basis=[sentence("response_basis", row) for row in table.to_dict("records")],
        margin_share=table.margin_share.where(table.response_worth.notna()),
    )
