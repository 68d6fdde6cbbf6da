"""Sentences of page 04 on past campaigns: which segments answer to what."""

from __future__ import annotations

import pandas as pd

from seglib.assess.campaigns.effects import backing, best_effect
from seglib.report.words import listed, money, plural

#: Campaigns that are told one by one: those with most contacts.
MOST = 6
#: A probability below this is no chance (Fabijan and others, 2019).
_NO_CHANCE = 0.001
_VERBS = {
    "answers": "answers to {}",
    "may answer": "may answer to {}",
    "is put off": "is put off by {}",
    "may be put off": "may be put off by {}",
    "no effect to be seen": "no effect of {} is to be seen",
}
_CHANCE = "Some only “may”: of twenty segments that answer to nothing, one would seem to by chance."


def no_campaigns(effects: pd.DataFrame, recorded: bool) -> str:
    """Say what is missing where no effect of a campaign could be looked at; nothing where some were."""
    if len(effects):
        return ""
    if not recorded:
        return (
            "No past campaigns are known: a source campaigns, with a row per customer and contact and the columns "
            "holdout and responded, would show which segments answer to what."
        )
    return (
        "The contacts of past campaigns do not say what followed, or are of nobody who is in a segment: columns "
        "responded or revenue would show which segments answer to what."
    )


def chosen(effects: pd.DataFrame, most: int = MOST) -> pd.DataFrame:
    """Keep the campaigns with most contacts, and all taken together."""
    whole = effects[effects.segment.isna() & effects.campaign.notna()]
    sizes = whole.groupby("campaign")[["contacted", "holdout"]].max().sum(axis=1)
    kept = sizes.sort_values(ascending=False, kind="stable").index[:most]
    return effects[effects.campaign.isna() | effects.campaign.isin(kept)]


def amount(
    row: pd.Series, outcome: str, currency: str | None = None, digits: int = 1, unit: bool = True
) -> str:
    """Write an effect and its interval: responses in points of a hundred, values in money a customer.

    Examples
    --------
    >>> amount(pd.Series({"effect": 0.031, "low": 0.002, "high": 0.06}), "response")
    '+3.1 points (0.2 to 6.0)'
    >>> amount(pd.Series({"effect": -1.5, "low": -2.0, "high": -1.0}), "value", "GBP")
    '−£1.50 a customer (−£2.00 to −£1.00)'
    """
    sign = "+" if row.effect > 0 else ""
    if outcome == "response":
        points = (round(100 * row[c], digits) + 0.0 for c in ("effect", "low", "high"))
        effect, low, high = (f"{x:.{digits}f}".replace("-", "−") for x in points)
        return f"{sign}{effect}{' points' if unit else ''} ({low} to {high})"
    effect, low, high = (money(row[c], currency) for c in ("effect", "low", "high"))
    return f"{sign}{effect}{' a customer' if unit else ''} ({low} to {high})"


def digits(effects: pd.DataFrame, min_cell: int) -> pd.Series:
    """Give the digits of each effect: none where its means may not be shown, so that they do not follow from it."""
    few = backing(effects, min_cell)["mean"] < min_cell
    return few.map({True: 0, False: 1})


def campaigns(effects: pd.DataFrame, currency: str | None = None) -> list[str]:
    """Say what each campaign did over all customers, and all of them together."""
    whole = effects[effects.segment.isna()].assign(segment=0)
    said = []
    for campaign, rows in chosen(whole.assign(segment=pd.NA)).groupby("campaign", sort=False, dropna=False):
        name = "All campaigns together" if pd.isna(campaign) else f"“{campaign}”"
        told = rows[best_effect(rows).low.notna()]
        if told.empty:
            said.append(f"{name}: {rows.remark.iloc[0] or 'no effect can be measured'}.")
            continue
        best = best_effect(told)
        parts = [
            f"{row.outcome} {amount(best.loc[at], row.outcome, currency)}" for at, row in told.iterrows()
        ]
        said.append(f"{name}: {listed(parts)}.")
    return said


def answers(
    effects: pd.DataFrame, names: dict[int, str], currency: str | None = None, min_cell: int = 1
) -> list[str]:
    """Say of each segment which campaigns it answers to, with 95 % intervals.

    Parameters
    ----------
    effects
        From `pooling.with_totals`.
    names
        Of the segments.
    currency
        Of the values.
    min_cell
        An effect whose means rest on fewer customers is said in whole points.

    Returns
    -------
    list of str
        One sentence per segment and outcome of which something is known.
    """
    listed_effects = chosen(effects)
    rows = listed_effects.assign(digits=digits(listed_effects, min_cell))
    rows = rows[rows.segment.notna() & rows.campaign.notna()]
    told = [
        _of_segment(names[segment], own, outcome, currency)
        for (outcome, segment), own in rows.groupby(["outcome", "segment"])
    ]
    doubt = [_CHANCE] if rows.verdict.isin(["may answer", "may be put off"]).any() else []
    return [sentence for sentence in told if sentence] + doubt


def _of_segment(name: str, own: pd.DataFrame, outcome: str, currency: str | None) -> str:
    """Say what one segment answers to: a clause per verdict."""
    best, clauses = best_effect(own), []
    for verdict, words in _VERBS.items():
        seen = verdict != "no effect to be seen"
        told = [
            f"“{r.campaign}”" + (f" ({amount(best.loc[at], outcome, currency, r.digits)})" if seen else "")
            for at, r in own[own.verdict == verdict].iterrows()
        ]
        clauses += [words.format(listed(told))] if told else []
    what = "" if outcome == "response" else ", in money"
    return f"**{name}**{what}: {'; '.join(clauses)}." if clauses else ""


def unknown(effects: pd.DataFrame) -> list[str]:
    """Say of which campaigns nothing can be said of some segments, and why."""
    rows = chosen(effects).query("segment.notna() and campaign.notna() and verdict == 'not known'")
    said = []
    for (campaign, outcome, why), own in rows.groupby(["campaign", "outcome", "remark"], sort=False):
        said.append(f"“{campaign}”, {outcome} of {plural(len(own), 'segment')}: {why}.")
    return said


def spread(table: pd.DataFrame) -> str:
    """Say whether those contacted spread over the segments as those held out do."""
    if table.empty:
        return ""
    moved = table.campaign[table.p < _NO_CHANCE]
    if moved.empty:
        return (
            "Those contacted spread over the segments as those held out do, as chance would have it: no campaign "
            "is seen to have moved customers between segments."
        )
    named = listed(f"“{name}”" for name in moved)
    return (
        f"In {named} those contacted spread over the segments otherwise than those held out: the campaign "
        "moved customers between segments, or holdouts were not chosen by chance. Its effects by segment may mislead."
    )
