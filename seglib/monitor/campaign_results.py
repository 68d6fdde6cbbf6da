"""What campaigns with holdouts earned: response, revenue and profit caused, by segment and over all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from seglib.assess.campaigns.effects import best_effect, effects
from seglib.monitor.looking import sample_ratio, sequence
from seglib.monitor.thresholds import FEWEST, NO_CHANCE
from seglib.statistics import Z

#: Columns of the table `outcomes`.
COLUMNS = (
    *("campaign", "play", "segment", "first", "until", "ended", "contacted", "holdout", "planned", "ratio_p"),
    *("responses", "responses_held", "response", "response_low", "response_high"),
    *("revenue", "revenue_low", "revenue_high", "adjusted", "cost", "margin"),
    *("profit", "profit_low", "profit_high", "roi", "verdict"),
)


def contacts(holdouts: pd.DataFrame, orders: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Find what followed for each customer of a campaign: from their assignment to its end, or to today.

    Parameters
    ----------
    holdouts
        One row per customer and campaign: customer, campaign, arm (treatment or holdout), first_assigned, until.
    orders
        One row per product in an order: customer, time, amount.
    as_of
        Nothing from this day on is looked at.

    Returns
    -------
    pandas.DataFrame
        As `assess.campaigns.effects` takes it, as many days before as after: customer, campaign, holdout,
        responded (whether they ordered), value and before (money ordered), and days.
    """
    now = pd.Timestamp(as_of)
    rows = holdouts.assign(end=holdouts.until.clip(upper=now)).reset_index(drop=True)
    rows["days"] = (rows.end - rows.first_assigned).dt.total_seconds() / 86400
    rows = rows[rows.days > 0].reset_index(drop=True)
    met = rows.reset_index(names="row")[["row", "customer", "first_assigned", "end"]].merge(
        orders[["customer", "time", "amount"]], on="customer"
    )
    after = met[(met.time >= met.first_assigned) & (met.time < met.end)]
    length = met.end - met.first_assigned
    before = met[(met.time < met.first_assigned) & (met.time >= met.first_assigned - length)]
    sums = {name: part.groupby("row").amount.sum() for name, part in (("value", after), ("before", before))}
    return rows.assign(
        holdout=rows.arm == "holdout",
        responded=rows.index.isin(after[after.amount > 0].row),
        value=rows.index.map(sums["value"]).fillna(0.0),
        before=rows.index.map(sums["before"]).fillna(0.0),
    )


def outcomes(
    rows: pd.DataFrame, plans: pd.DataFrame, margin: float, as_of: dt.date, min_each: int = 2
) -> pd.DataFrame:
    """Measure what campaigns earned, by segment and over all their customers.

    The segment of a customer is that in which they were assigned. Before the planned end, intervals are those of
    a confidence sequence, so that looking often does not make an effect of chance.

    Parameters
    ----------
    rows
        From `contacts`, with segment and play.
    plans
        One row per campaign and segment as planned: campaign, segment, share (held out), cost (of a contact),
        profit (forecast) and contacts, as far as known.
    margin
        Gross margin as a share of revenue.
    as_of
        Day of the run.
    min_each
        Fewest customers of either arm.

    Returns
    -------
    pandas.DataFrame
        The table `outcomes`; segment is missing over all customers of a campaign.
    """
    made = []
    for campaign, own in rows.groupby("campaign", sort=True):
        parts = [(None, own)] if own.segment.nunique() < 2 else [*_by_segment(own), (None, own)]
        for segment, part in parts:
            if min((part.holdout).sum(), (~part.holdout).sum()) >= min_each:
                made.append(_measured(str(campaign), segment, part, plans, margin, pd.Timestamp(as_of)))
    table = pd.DataFrame(made, columns=list(COLUMNS))
    return table.astype({"segment": "Int64", "campaign": "string", "play": "string", "verdict": "string"})


def _by_segment(rows: pd.DataFrame) -> list[tuple[int, pd.DataFrame]]:
    return [(int(s), part) for s, part in rows.dropna(subset=["segment"]).groupby("segment")]


def _measured(
    campaign: str,
    segment: int | None,
    rows: pd.DataFrame,
    plans: pd.DataFrame,
    margin: float,
    now: pd.Timestamp,
) -> dict[str, object]:
    first, until = rows.first_assigned.min(), rows.until.max()
    ended = bool(now >= until)
    found = effects(rows, rows[["customer"]].assign(segment=1)).set_index("outcome")
    best = _with_plain_response(best_effect(found), found)
    elapsed = min(float((now - first) / (until - first)), 1.0)
    ends = {}
    for outcome in ("response", "value"):
        effect, low, high, sd = best.loc[outcome, ["effect", "low", "high", "sd"]]
        ends[outcome] = (effect, low, high) if ended else (effect, *sequence(effect, sd, elapsed))
    own = plans[plans.campaign == campaign]
    own = own if segment is None else own[own.segment == segment]
    cost = float(own.cost.mean()) if len(own) and own.cost.notna().any() else 0.0
    n, held = int((~rows.holdout).sum()), int(rows.holdout.sum())
    planned = float(own.share.mean()) if len(own) else np.nan
    profit = [n * (margin * x - cost) for x in ends["value"]]
    ratio = sample_ratio(n, held, planned)
    return {
        "campaign": campaign,
        "play": rows.play.iloc[0],
        "segment": segment,
        "first": first,
        "until": until,
        "ended": ended,
        "contacted": n,
        "holdout": held,
        "planned": planned,
        "ratio_p": ratio,
        "responses": int(rows.responded[~rows.holdout].sum()),
        "responses_held": int(rows.responded[rows.holdout].sum()),
        **dict(zip(("response", "response_low", "response_high"), ends["response"], strict=True)),
        **dict(zip(("revenue", "revenue_low", "revenue_high"), ends["value"], strict=True)),
        "adjusted": bool(found.adjusted_low.notna()["value"]),
        "cost": cost * n,
        "margin": margin,
        **dict(zip(("profit", "profit_low", "profit_high"), profit, strict=True)),
        "roi": profit[0] / (cost * n) if cost else np.nan,
        "verdict": _verdict(profit, ended, ratio),
    }


def _verdict(profit: list[float], ended: bool, ratio: float) -> str:
    """Judge a campaign: nothing is concluded from arms of the wrong sizes, or too early."""
    if ratio < NO_CHANCE:
        return "not trustworthy"
    if not np.isfinite(profit[1]):
        return "unknown" if ended else "running"
    if profit[1] > 0:
        return "earned"
    if profit[2] < 0:
        return "lost"
    return "not proven" if ended else "running"


# What is learned for the next budget


def pooled(effect: np.ndarray, se: np.ndarray) -> tuple[float, float, float]:
    """Pool effects of one play in several segments: their mean, its standard error, and how far they differ.

    A normal random-effects model; the variance between is that of Paule and Mandel (1982), with which the
    weighted sum of squares equals its degrees of freedom.
    """
    from scipy.optimize import brentq

    def excess(between: float) -> float:
        w = 1 / (se**2 + between)
        return float((w * (effect - (w * effect).sum() / w.sum()) ** 2).sum() - (len(effect) - 1))

    most = float(np.ptp(effect) ** 2 + 1e-12) * len(effect)
    between = (
        0.0 if len(effect) < 2 or excess(0.0) <= 0 else float(brentq(excess, 0.0, max(most, 1e-9) * 100))
    )
    w = 1 / (se**2 + between)
    return float((w * effect).sum() / w.sum()), float(np.sqrt(1 / w.sum())), between


def _with_plain_response(best: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Take Newcombe's interval for responses where hardly any customer of an arm did, or did not, respond.

    The variance of such an arm is near none, and so would be that of an adjusted effect.
    """
    row = found.loc["response"]
    counts = [n * m for n, m in ((row.contacted, row["mean"]), (row.holdout, row.mean_holdout))]
    others = [row.contacted - counts[0], row.holdout - counts[1]]
    if min(*counts, *others) >= FEWEST:
        return best
    spread = (row.effect_high - row.effect_low) / (2 * Z)
    best.loc["response"] = [row.effect, row.effect_low, row.effect_high, spread]
    return best


def learned(table: pd.DataFrame, priors: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """Update what plays are assumed to bring by what their campaigns measured.

    The play's assumption is weighed with the mean over segments by precision; a segment's own measurement is
    drawn towards that mean the more, the less it says and the less segments differ (partial pooling; Gelman and
    others, Bayesian Data Analysis, 2013, section 5.4).

    Parameters
    ----------
    table
        From `outcomes`; campaigns that have ended and whose arms are of the right sizes count.
    priors
        By play, mean and standard deviation of the incremental responses per contact.

    Returns
    -------
    pandas.DataFrame
        The table `learned`: play, segment (missing: any other segment), prior, prior_sd, data, data_sd,
        posterior, posterior_sd.
    """
    suspicious = table.campaign[table.verdict == "not trustworthy"]
    fair = table[table.ended & ~table.campaign.isin(suspicious)]
    known, whole = fair[fair.segment.notna()], fair[fair.segment.isna()]
    known = known[known.response_low.notna()]
    rows: list[tuple[object, ...]] = []
    for play in sorted(set(known.play.dropna()) | set(whole.play.dropna())):
        own = known[known.play == play]
        own = own if len(own) else whole[(whole.play == play) & whole.response_low.notna()]
        if own.empty:
            continue
        effect = own.response.to_numpy(float)
        se = ((own.response_high - own.response_low) / (2 * Z)).to_numpy(float)
        mean, mean_se, between = pooled(effect, se)
        prior, prior_sd = priors.get(play, (0.0, np.inf))
        centre, centre_sd = _weighed(prior, prior_sd, mean, mean_se)
        rows.append(
            (play, None, prior, prior_sd, mean, mean_se, centre, float(np.hypot(centre_sd, np.sqrt(between))))
        )
        for segment, x, s in zip(own.segment, effect, se, strict=True):
            if pd.notna(segment):
                spread = float(np.sqrt(between + centre_sd**2))
                rows.append((play, int(segment), prior, prior_sd, x, s, *_weighed(centre, spread, x, s)))
    columns = ["play", "segment", "prior", "prior_sd", "data", "data_sd", "posterior", "posterior_sd"]
    return pd.DataFrame(rows, columns=columns).astype({"segment": "Int64", "play": "string"})


def _weighed(prior: float, prior_sd: float, data: float, data_sd: float) -> tuple[float, float]:
    """Weigh a normal prior with a normal measurement by precision."""
    if not np.isfinite(prior_sd):
        return data, data_sd
    if prior_sd <= 0:
        return prior, 0.0
    weights = 1 / prior_sd**2, 1 / max(data_sd, 1e-12) ** 2
    return (weights[0] * prior + weights[1] * data) / sum(weights), float(np.sqrt(1 / sum(weights)))


def calibration(table: pd.DataFrame, plans: pd.DataFrame) -> pd.DataFrame:
    """Compare the forecast profit of campaigns that have ended with what was measured.

    Returns
    -------
    pandas.DataFrame
        The table `forecasts`: one row per campaign and segment: campaign, segment, contacted, forecast (of as
        many contacts as were made), profit, profit_low, profit_high, ratio, inside (whether the forecast is in
        the interval).
    """
    ended = table[table.ended & table.segment.notna()]
    both = ended.merge(
        plans[["campaign", "segment", "profit", "contacts"]],
        on=["campaign", "segment"],
        suffixes=("", "_plan"),
    )
    both = both[both.contacts > 0]
    forecast = both.profit_plan / both.contacts * both.contacted
    made = both.assign(forecast=forecast, ratio=(both.profit / forecast).where(forecast > 0))
    made["inside"] = made.forecast.between(made.profit_low, made.profit_high)
    return made[
        [
            "campaign",
            "segment",
            "contacted",
            "forecast",
            "profit",
            "profit_low",
            "profit_high",
            "ratio",
            "inside",
        ]
    ]
