"""What past campaigns did: contacted customers beside those held out, by segment."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.assess.campaigns.contacts import OUTCOMES, joined
from seglib.assess.campaigns.two_groups import GROUPS, newcombe, welch
from seglib.assess.contrasts import holm
from seglib.assess.thresholds import FEW, SIGNIFICANT
from seglib.statistics import student, wilson

#: Columns of `effects`.
COLUMNS = (
    "campaign",
    "segment",
    "outcome",
    "contacted",
    "holdout",
    "active",
    "active_holdout",
    "cost",
    "mean",
    "mean_low",
    "mean_high",
    "mean_holdout",
    "effect",
    "effect_low",
    "effect_high",
    "effect_sd",
    "adjusted",
    "adjusted_low",
    "adjusted_high",
    "adjusted_sd",
    "p",
    "p_holm",
    "responds",
    "verdict",
    "remark",
    "customers",
    "channels",
    "channel_customers",
)
#: What an effect is: above zero, significantly or by its own interval alone; below it; neither; no interval.
VERDICTS = ("responds", "may respond", "is put off", "may be put off", "no effect seen", "unknown")
#: Why a row says less than it might.
REMARKS = (
    "no holdout",
    "none contacted",
    "none held out",
    "contacted not recorded",
    "holdout not recorded",
    "holdout silent",
    "few values",
    "few responses",
)
_COUNTS = ("contacted", "holdout", "active", "active_holdout")
_KEYS = ["campaign", "segment"]


def effects(contacts: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Compare contacted customers with those held out, by campaign and segment.

    The effect is the difference of means, contacted less held out. Its interval is Newcombe's
    (1998, method 10) for responses, which holds for rare ones and small holdouts too, and
    Welch's (1947) for values. Where `before` is there, the adjusted effect subtracts what it
    predicted (CUPED; Deng, Xu, Kohavi and Walker, 2013), with one slope per campaign.

    Parameters
    ----------
    contacts
        One row per customer and campaign: customer, campaign, and as far as known holdout and
        responded (yes or no; missing is no), value (what followed, money; missing is nothing),
        before (money or a count in as long a time before the contact), cost (money a contact).
        What is missing for a whole group of a campaign was not recorded there.
    segments
        One row per customer: customer, segment. Who has no segment is left out.

    Returns
    -------
    pandas.DataFrame
        The table `effects`, one row per campaign, segment and outcome. p, p_holm, responds, verdict
        and remark are of the adjusted effect where there is one.

    Raises
    ------
    DataError
        If a column is missing or unreadable, or a customer stands twice in a campaign.

    Examples
    --------
    >>> contacts = pd.DataFrame({"customer": range(400), "campaign": "Spring",
    ...                          "holdout": [n % 2 > 0 for n in range(400)],
    ...                          "responded": [n % 8 in (0, 1, 4) for n in range(400)]})
    >>> segments = pd.DataFrame({"customer": range(400), "segment": "Loyal"})
    >>> effects(contacts, segments)[["segment", "contacted", "mean", "effect", "responds"]].values.tolist()
    [['Loyal', 200, 0.5, 0.25, True]]
    """
    rows = joined(contacts, segments)
    tables = [_of_outcome(rows, name) for name, column in OUTCOMES.items() if column in rows.columns]
    return in_order(
        pd.concat(tables, ignore_index=True) if len(rows) else pd.DataFrame(columns=list(COLUMNS))
    )


def in_order(effects: pd.DataFrame) -> pd.DataFrame:
    """Sort effects by campaign, outcome and segment, all campaigns and all customers last; judge each."""
    order = effects.outcome.map(list(OUTCOMES).index).rename("order")
    table = effects.assign(order=order, verdict=verdicts(effects))
    table = table.sort_values(["campaign", "order", "segment"], ignore_index=True).reindex(
        columns=list(COLUMNS)
    )
    return table.astype(dict.fromkeys(_COUNTS, "Int64") | {"responds": "boolean", "verdict": "string"})


def verdicts(effects: pd.DataFrame) -> np.ndarray:
    """Judge each effect: which of `VERDICTS` it is."""
    best, significant = best_effect(effects), effects.p_holm < SIGNIFICANT
    up, down = best.low > 0, best.high < 0
    cases = [up & significant, up, down & significant, down, best.low.notna()]
    return np.select(cases, VERDICTS[:5], VERDICTS[5])


def _of_outcome(rows: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Compare the groups by one outcome: one row per campaign and segment."""
    y = recorded(rows, OUTCOMES[outcome])
    arms = _arms(rows, y)
    n, active, enough = arms["size"], arms["active"], (arms["active"] >= FEW).all(axis=1)
    table = _mean(arms, outcome).assign(
        cost=_cost(rows),
        contacted=n.contacted,
        holdout=n.holdout,
        active=active.contacted,
        active_holdout=active.holdout,
    )
    if outcome == "response":
        table = table.join(newcombe(active.where(arms["mean"].notna()), n))
    else:
        table = table.join(_hide(welch(arms["mean"], arms["var"], n), ~enough))
    table = table.join(_hide(_adjusted(rows, y), ~enough, also_effect=True))
    low = best_effect(table).low
    table = table.assign(
        outcome=outcome,
        p=table.adjusted_p.fillna(table.effect_p),
        responds=(low > 0).where(low.notna()),
        remark=_remark(arms, table.effect_low),
    )
    return table.assign(p_holm=table.groupby("campaign").p.transform(holm)).reset_index()


def recorded(rows: pd.DataFrame, column: str) -> pd.Series:
    """Read missing as nothing, unless a whole group of a campaign is missing."""
    there = rows[column].notna().groupby([rows.campaign, rows.arm]).transform("any")
    return rows[column].fillna(0.0).where(there)


def _arms(rows: pd.DataFrame, y: pd.Series) -> pd.DataFrame:
    """Compute size, mean, var and active (customers other than zero) of both groups: one row per segment."""
    by = [rows.campaign, rows.segment, rows.arm]
    sums = y.groupby(by, observed=True).agg(["size", "mean", "var"])
    sums["active"] = y.fillna(0).ne(0).groupby(by, observed=True).sum()
    columns = pd.MultiIndex.from_product([sums.columns, GROUPS])
    wide = sums.unstack("arm").reindex(columns=columns)
    return wide.fillna({c: 0 for c in columns if c[0] in ("size", "active")})


def _cost(rows: pd.DataFrame) -> pd.Series | float:
    if "cost" not in rows.columns:
        return np.nan
    sent = rows[rows.arm == "contacted"]
    return sent.groupby(_KEYS, observed=True).cost.mean()


def _mean(arms: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Compute the mean of those contacted with its interval, and that of those held out."""
    n, mean = arms["size"].contacted, arms["mean"].contacted
    n = n.where(n > 0)
    yes = arms["active"].contacted.where(mean.notna())
    if outcome == "response":
        ends = wilson(yes, n)
    else:
        ends = pd.DataFrame(dict(zip(("low", "high"), student(mean, arms["var"].contacted, n), strict=True)))
    return pd.DataFrame(
        {"mean": mean, "mean_low": ends.low, "mean_high": ends.high, "mean_holdout": arms["mean"].holdout}
    )


def _hide(compared: pd.DataFrame, where: pd.Series, also_effect: bool = False) -> pd.DataFrame:
    columns = compared.columns if also_effect else compared.columns[1:]
    return compared.assign(**{c: compared[c].mask(where) for c in columns})


def _adjusted(rows: pd.DataFrame, y: pd.Series) -> pd.DataFrame:
    """Compare the outcomes less what `before` predicted of them."""
    left = y - predicted(rows, y) if "before" in rows.columns else y * np.nan
    arms = _arms(rows, left)
    compared = welch(arms["mean"], arms["var"], arms["size"])
    return compared.rename(columns=lambda c: c.replace("effect", "adjusted"))


def predicted(rows: pd.DataFrame, y: pd.Series) -> pd.Series:
    """Predict how far an outcome lies from the campaign's mean because of what was before.

    The slope is one per campaign, over all its customers, within groups and segments: what sets
    segments apart does not enter it. Customers of whom nothing is known before are left as they are.

    Parameters
    ----------
    rows
        One row per customer and campaign: campaign, segment, arm, before.
    y
        The outcome of each row.

    Returns
    -------
    pandas.Series
        In the outcome's unit; missing for a campaign in which `before` never varies.
    """
    campaign = rows.campaign
    x = rows.before.fillna(rows.before.groupby(campaign).transform("mean"))
    cells = [rows.campaign, rows.segment, rows.arm]
    own_x, own_y = (v - v.groupby(cells, observed=True).transform("mean") for v in (x, y))
    ends = x.groupby(cells, observed=True)
    varies = (ends.transform("max") > ends.transform("min")).groupby(campaign).transform("any")
    square = (own_x**2).groupby(campaign).transform("sum").where(varies)
    slope = (own_x * own_y).groupby(campaign).transform("sum") / square
    return slope * (x - x.groupby(campaign).transform("mean"))


def best_effect(effects: pd.DataFrame) -> pd.DataFrame:
    """Take the adjusted effect where there is one, else the plain one: effect, low, high, sd."""
    names = {"effect": "", "low": "_low", "high": "_high", "sd": "_sd"}
    there = effects.adjusted_low.notna()
    return pd.DataFrame(
        {name: effects[f"adjusted{end}"].where(there, effects[f"effect{end}"]) for name, end in names.items()}
    )


def _remark(arms: pd.DataFrame, effect_low: pd.Series) -> np.ndarray:
    """Find for each row why it says less than it might: of `REMARKS`, mostly nothing."""
    n, mean = arms["size"], arms["mean"]
    of_campaign = arms[["size", "active"]].groupby("campaign").transform("sum")
    sent, held = (of_campaign["size"][g] for g in GROUPS)
    expected = of_campaign["active"].contacted / sent.where(sent > 0) * held
    silent = (of_campaign["active"].holdout == 0) & (expected >= 5)
    cases = [
        held == 0,
        n.contacted == 0,
        n.holdout == 0,
        mean.contacted.isna(),
        mean.holdout.isna(),
        silent,
        effect_low.isna(),
    ]
    return np.select(cases, REMARKS[:7], "")
