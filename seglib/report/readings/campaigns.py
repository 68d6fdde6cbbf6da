"""Facts of page 04 on past campaigns: which segments respond to what."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.assess.campaigns.effects import VERDICTS, best_effect
from seglib.privacy.disclosure import hidden
from seglib.report.context import Context
from seglib.report.readings.movement import too_few
from seglib.vocabulary import money

#: Campaigns that are shown one by one: those with most contacts.
_MOST = 6
#: A probability below this is no chance (Fabijan and others, 2019).
_NO_CHANCE = 0.001


def customers_behind(effects: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Count the fewest customers that the numbers of each effect are based on.

    A share is based on those who responded and on those who did not, if there are any; a mean on
    those with a value. Both means of a row go together, for one follows from the other and the effect;
    and with a row that is too small goes another of its campaign, for the campaign's own means are
    known. A group may not reveal few customers who were in neither.

    Returns
    -------
    pandas.DataFrame
        One row per effect: contacted, holdout, means (1 where a row goes with one that is too small)
        and effect (customers of the smaller group; of values as the means).
    """
    parts: dict[str, pd.Series] = {}
    groups = effects[["contacted", "holdout"]].astype(float)
    for n, active in (("contacted", "active"), ("holdout", "active_holdout")):
        yes, no = effects[active].astype(float), (effects[n] - effects[active]).astype(float)
        parts |= {active: yes, n: no.where(effects.outcome == "response")}
    counts = pd.DataFrame(parts).where(lambda n: n > 0).min(axis=1)
    keys = [effects.campaign, effects.outcome, effects.segment.isna()]
    out = counts.groupby(keys, dropna=False).transform(lambda c: hidden(c, terms.min_cell, ("all",)))
    means = counts.mask(out.astype(bool), 1.0)
    smaller = groups.where(groups > 0).min(axis=1)
    neither = (effects.customers.astype(float) - groups.sum(axis=1)).where(effects.segment.notna())
    neither = neither.where(neither > 0)
    of_groups = {
        name: pd.DataFrame({"in": n, "out": neither}).min(axis=1).where(n > 0) for name, n in groups.items()
    }
    return pd.DataFrame(
        of_groups | {"means": means, "effect": smaller.where(effects.outcome == "response", means)}
    )


def largest_campaigns(effects: pd.DataFrame) -> pd.DataFrame:
    """Keep the campaigns with most contacts, and all taken together."""
    whole = effects[effects.segment.isna() & effects.campaign.notna()]
    sizes = whole.groupby("campaign")[["contacted", "holdout"]].max().sum(axis=1)
    kept = sizes.sort_values(ascending=False, kind="stable").index[:_MOST]
    return effects[effects.campaign.isna() | effects.campaign.isin(kept)]


def shown_effects(effects: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Add to the effects of the largest campaigns what is shown of each: effect, low, high, digits, behind.

    Those whose means may not be shown are in whole points, so that the means do not follow from them.
    """
    behind = customers_behind(effects, terms)
    best = best_effect(effects)
    few = too_few(behind.means, terms)
    shown = effects.assign(**{c: best[c] for c in ("effect", "low", "high")})
    shown = shown.assign(digits=few.map({True: 0, False: 1}), behind=behind.effect)
    return largest_campaigns(shown)


def effect_text(row: Any, terms: Context) -> tuple[str, str]:
    """Write an effect and its interval: responses in points of a hundred, values in money.

    Examples
    --------
    >>> row = pd.Series({"effect": 0.031, "low": 0.002, "high": 0.06, "outcome": "response", "digits": 1})
    >>> effect_text(row, Context()), effect_text(row.replace("response", "value"), Context(currency="GBP"))
    (('+3.1', '0.2 to 6.0'), ('+£0.03', '£0.00 to £0.06'))
    """
    numbers = (row.effect, row.low, row.high)
    if row.outcome == "response":
        points = (round(100 * x, row.digits) + 0.0 for x in numbers)
        middle, lower, upper = (f"{x:.{row.digits}f}".replace("-", "−") for x in points)
    else:
        middle, lower, upper = (money(x, terms.currency) for x in numbers)
    return f"{'+' if row.effect > 0 else ''}{middle}", f"{lower} to {upper}"


def _clause(row: Any, terms: Context) -> dict[str, Any]:
    """Collect what is said of one effect."""
    effect, ends = effect_text(row, terms)
    campaign = None if pd.isna(row.campaign) else row.campaign
    return {"campaign": campaign, "outcome": row.outcome, "effect": effect, "ends": ends}


def campaigns(effects: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find what each campaign did over all customers, and all of them together."""
    shown = shown_effects(effects, terms)
    facts = []
    for campaign, rows in shown[shown.segment.isna()].groupby("campaign", sort=False, dropna=False):
        known = rows[rows.low.notna() & ~too_few(rows.behind, terms)]
        facts.append(
            {
                "campaign": None if pd.isna(campaign) else campaign,
                "effects": [_clause(row, terms) for row in known.itertuples()],
                "remark": rows.remark.iloc[0],
            }
        )
    return {"campaigns": facts}


def spread(tests: pd.DataFrame, terms: Context) -> dict[str, Any] | None:
    """Find the campaigns whose contacted customers spread over the segments unlike those held out."""
    return {"moved": list(tests.campaign[tests.p < _NO_CHANCE])} if len(tests) else None


def effects(table: pd.DataFrame, terms: Context) -> dict[str, Any] | None:
    """Find for each segment which campaigns it responds to, and of which campaigns nothing is known."""
    if table.empty:
        return None
    shown = shown_effects(table, terms)
    rows = shown[shown.segment.notna() & shown.campaign.notna()]
    known = rows[rows.low.notna() & ~too_few(rows.behind, terms)]
    segments = [
        {
            "segment": segment,
            "outcome": outcome,
            "verdicts": [
                {"verdict": verdict, "effects": [_clause(row, terms) for row in own.itertuples()]}
                for verdict in VERDICTS[:-1]
                if len(own := of_segment[of_segment.verdict == verdict])
            ],
        }
        for (outcome, segment), of_segment in known.groupby(["outcome", "segment"])
    ]
    unknown = rows[rows.low.isna()].groupby(["campaign", "outcome", "remark"], sort=False).size()
    return {
        "segments": segments,
        "doubt": bool(known.verdict.isin(["may respond", "may be put off"]).any()),
        "unknown": [
            {"campaign": campaign, "outcome": outcome, "remark": remark, "segments": int(n)}
            for (campaign, outcome, remark), n in unknown.items()
        ],
        "few": len(rows[rows.low.notna()]) - len(known),
    }
