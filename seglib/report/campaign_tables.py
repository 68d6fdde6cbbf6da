"""Tables of past campaigns, shaped for a reader."""

from __future__ import annotations

import pandas as pd

from seglib.assess.campaigns.effects import backing, best_effect
from seglib.privacy.disclosure import rounded
from seglib.report.readings.campaigns import amount, chosen, digits
from seglib.report.words import money, share

#: The verdicts on an effect, and their colours.
TONES = {"answers": "good", "may answer": "fair", "is put off": "bad", "may be put off": "fair"}


def campaigns(
    effects: pd.DataFrame, contacts: pd.DataFrame, currency: str | None, min_cell: int = 1
) -> pd.DataFrame:
    """Shape what each campaign did over all customers; groups are rounded, so that no segment follows from them."""
    rows = chosen(effects)[lambda t: t.segment.isna()]
    made = _effects(rows, currency, min_cell).assign(campaign=rows.campaign.fillna("all together"))
    for name in ("contacted", "holdout"):
        made[name] = rounded(rows[name].astype(float).fillna(0), min_cell)
    channels = _channels(contacts, min_cell)
    made.insert(1, "channel", rows.campaign.map(channels).fillna("") if channels else "")
    made["cost"] = [money(c, currency) if pd.notna(c) else "" for c in rows.cost]
    kept = [c for c in made if made[c].replace("", pd.NA).notna().any()]
    return made[kept]


def _channels(contacts: pd.DataFrame, min_cell: int) -> dict[str, str]:
    """Give the channels through which each campaign reached enough customers."""
    if "channel" not in contacts:
        return {}
    counts = contacts.groupby(["campaign", "channel"]).size()
    often = counts[counts >= min_cell].reset_index("channel").channel
    return often.groupby(level=0).agg(", ".join).to_dict()


def effects(
    table: pd.DataFrame, names: dict[int, str], currency: str | None, min_cell: int = 1
) -> pd.DataFrame:
    """Shape what each campaign did in each segment; values of which no segment has an interval are left out."""
    rows = chosen(table)[lambda t: t.segment.notna()]
    known = best_effect(rows).low.notna()
    some = known.groupby([rows.campaign, rows.outcome], dropna=False).transform("any") | (
        rows.outcome == "response"
    )
    rows = rows[some & (known | rows.campaign.notna())]
    made = _effects(rows, currency, min_cell).assign(campaign=rows.campaign.fillna("all together"))
    made.insert(1, "segment", rows.segment.map(names))
    return made.assign(verdict=rows.verdict.where(rows.remark == "", rows.verdict + ": " + rows.remark))


def intervals(table: pd.DataFrame, min_cell: int) -> pd.DataFrame:
    """Shape effects to be drawn: of responses, in points, or of values where no response has an interval.

    Effects whose means may not be shown are drawn in whole points.
    """
    best = best_effect(table).assign(behind=backing(table, min_cell).effect, digits=digits(table, min_cell))
    rows = chosen(table[["campaign", "segment", "outcome", "contacted", "holdout"]].join(best))
    rows = rows[rows.campaign.notna() & rows.low.notna() & (rows.behind >= min_cell)]
    if (rows.outcome == "value").all():
        return rows
    rows = rows[rows.outcome == "response"]
    points = {
        c: (100 * rows[c]).where(rows.digits > 0, (100 * rows[c]).round()) for c in ("effect", "low", "high")
    }
    return rows.assign(**points)


def _effects(rows: pd.DataFrame, currency: str | None, min_cell: int) -> pd.DataFrame:
    """Write groups, means and the effect with its interval."""
    best, exact = best_effect(rows), digits(rows, min_cell)
    written = {
        at: "" if pd.isna(best.low[at]) else amount(best.loc[at], outcome, currency, exact[at], unit=False)
        for at, outcome in rows.outcome.items()
    }
    made = rows[["campaign", "outcome", "contacted", "holdout"]].copy()
    for name in ("mean", "mean_holdout"):  # those of all campaigns would tell what is withheld of one
        shown = rows[name].where(rows.campaign.notna())
        made[name] = [_written(x, o, currency) for x, o in zip(shown, rows.outcome, strict=True)]
    units = {"response": "response, points", "value": "money a customer"}
    return made.assign(effect=pd.Series(written, dtype="object"), outcome=rows.outcome.map(units))


def _written(mean: float, outcome: str, currency: str | None) -> str:
    if pd.isna(mean):
        return ""
    return share(mean, 1) if outcome == "response" else money(mean, currency)


def contacted(table: pd.DataFrame, shaped: pd.DataFrame, sizes: pd.Series, min_cell: int) -> pd.DataFrame:
    """Count the customers behind each cell of shaped effects; a group may not tell of who was in neither.

    Parameters
    ----------
    table
        From `pooling.with_totals`.
    shaped
        From `effects` or `campaigns`.
    sizes
        Customers by segment.
    min_cell
        As `campaigns.backing` takes it.
    """
    rows = table.loc[shaped.index]
    made = backing(rows, min_cell)
    if rows.segment.notna().all():
        left = (
            rows.segment.map(sizes).astype(float) - rows.contacted.astype(float) - rows.holdout.astype(float)
        )
        left = left.where(left > 0)
        for name in ("contacted", "holdout"):
            made[name] = (
                pd.DataFrame({"in": rows[name].astype(float), "out": left}).min(axis=1).where(rows[name] > 0)
            )
    return made[[c for c in made if c in shaped]]
