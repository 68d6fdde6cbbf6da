"""What past campaigns did: contacted customers beside those held out, by segment."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.assess.campaigns.contacts import OUTCOMES, joined
from seglib.assess.campaigns.two_groups import GROUPS, newcombe, welch
from seglib.assess.contrasts import holm
from seglib.assess.thresholds import FEW, SURE
from seglib.privacy.disclosure import hidden
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
    "answers",
    "verdict",
    "remark",
)
#: What is said of an effect: surely or not above zero, below it, neither; and where there is no interval.
VERDICTS = ("answers", "may answer", "is put off", "may be put off", "no effect to be seen", "not known")
_COUNTS = ("contacted", "holdout", "active", "active_holdout")
_KEYS = ["campaign", "segment"]


def effects(contacts: pd.DataFrame, segments: pd.DataFrame, min_cell: int = 10) -> pd.DataFrame:
    """Compare contacted customers with those held out, by campaign and segment.

    The effect is the difference of means, contacted less held out. Its interval is Newcombe's
    (1998, method 10) for responses, which holds for rare ones and small holdouts too, and
    Welch's (1947) for values. Where `before` is there, the adjusted effect takes out what it
    foretold (CUPED; Deng, Xu, Kohavi and Walker, 2013), with one slope per campaign.

    Parameters
    ----------
    contacts
        One row per customer and campaign: customer, campaign, and as far as known holdout and
        responded (yes or no; missing is no), value (what followed, money; missing is nothing),
        before (money or a count in as long a time before the contact), cost (money a contact).
        What is missing for a whole group of a campaign was not recorded there.
    segments
        One row per customer: customer, segment. Who has no segment is left out.
    min_cell
        Rows of which either group has fewer customers, but not none, are missing. Sums over
        segments may not be shown beside them.

    Returns
    -------
    pandas.DataFrame
        One row per campaign, segment and outcome (response: shares; value: money a customer):
        contacted and holdout (customers), active and active_holdout (those of them with an outcome
        other than zero), cost (money a contact), mean of those contacted with its 95 % interval
        (Wilson, 1927, for responses; Student's for values), mean_holdout, effect and adjusted,
        each with its 95 % interval and sd (standard error), p (two-sided) and p_holm (Holm,
        1979, over the campaign's segments), answers (the interval lies above zero; missing if
        there is none), verdict (of `VERDICTS`) and remark. The last five are of the adjusted
        effect where there is one.

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
    >>> effects(contacts, segments)[["segment", "contacted", "mean", "effect", "answers"]].values.tolist()
    [['Loyal', 200, 0.5, 0.25, True]]
    """
    rows = joined(contacts, segments)
    tables = [
        _of_outcome(rows, name, min_cell) for name, column in OUTCOMES.items() if column in rows.columns
    ]
    made = pd.concat(tables, ignore_index=True) if len(rows) else pd.DataFrame(columns=list(COLUMNS))
    return in_order(made)


def in_order(effects: pd.DataFrame) -> pd.DataFrame:
    """Sort effects by campaign, outcome and segment, all campaigns and all customers last; say what each is."""
    order = effects.outcome.map(list(OUTCOMES).index).rename("order")
    made = effects.assign(order=order, verdict=verdicts(effects))
    made = made.sort_values(["campaign", "order", "segment"], ignore_index=True)
    return made[list(COLUMNS)].astype(
        dict.fromkeys(_COUNTS, "Int64") | {"answers": "boolean", "verdict": "string"}
    )


def verdicts(effects: pd.DataFrame) -> np.ndarray:
    """Say of each effect which of `VERDICTS` it is."""
    best, sure = best_effect(effects), effects.p_holm < SURE
    up, down = best.low > 0, best.high < 0
    return np.select([up & sure, up, down & sure, down, best.low.notna()], VERDICTS[:5], VERDICTS[5])


def _of_outcome(rows: pd.DataFrame, outcome: str, min_cell: int) -> pd.DataFrame:
    """Compare the groups by one outcome: one row per campaign and segment."""
    y = recorded(rows, OUTCOMES[outcome])
    arms = _arms(rows, y)
    n, enough = arms["size"], (arms["active"] >= FEW).all(axis=1)
    made = _mean(arms, outcome).assign(cost=_cost(rows))
    made = made.assign(
        contacted=n.contacted,
        holdout=n.holdout,
        active=arms["active"].contacted,
        active_holdout=arms["active"].holdout,
    )
    if outcome == "response":
        made = made.join(newcombe(arms["active"].where(arms["mean"].notna()), n))
    else:
        made = made.join(_hide(welch(arms["mean"], arms["var"], n), ~enough))
    made = made.join(_hide(_adjusted(rows, y), ~enough, also_effect=True))
    best = best_effect(made)
    small = ((n > 0) & (n < min_cell)).any(axis=1)
    made = made.assign(
        p=made.adjusted_p.fillna(made.effect_p), answers=(best.low > 0).where(best.low.notna())
    )
    remark = _remark(arms, made.effect_low, min_cell)
    made = made[~small].reindex(made.index).assign(outcome=outcome, remark=remark)
    return made.assign(p_holm=made.groupby("campaign").p.transform(holm)).reset_index()


def recorded(rows: pd.DataFrame, column: str) -> pd.Series:
    """Read missing as nothing, unless a whole group of a campaign is missing."""
    there = rows[column].notna().groupby([rows.campaign, rows.arm]).transform("any")
    return rows[column].fillna(0.0).where(there)


def _arms(rows: pd.DataFrame, y: pd.Series) -> pd.DataFrame:
    """Give size, mean, var and active (customers other than zero) of both groups: one row per segment."""
    by = [rows.campaign, rows.segment, rows.arm]
    found = y.groupby(by, observed=True).agg(["size", "mean", "var"])
    found["active"] = y.fillna(0).ne(0).groupby(by, observed=True).sum()
    columns = pd.MultiIndex.from_product([found.columns, GROUPS])
    wide = found.unstack("arm").reindex(columns=columns)
    return wide.fillna({c: 0 for c in columns if c[0] in ("size", "active")})


def _cost(rows: pd.DataFrame) -> pd.Series | float:
    if "cost" not in rows.columns:
        return np.nan
    sent = rows[rows.arm == "contacted"]
    return sent.groupby(_KEYS, observed=True).cost.mean()


def _mean(arms: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Give the mean of those contacted with its interval, and that of those held out."""
    n, mean = arms["size"].contacted, arms["mean"].contacted
    n = n.where(n > 0)
    yes = arms["active"].contacted.where(mean.notna())
    if outcome == "response":
        ends = wilson(yes, n)
    else:
        ends = pd.DataFrame(dict(zip(("low", "high"), student(mean, arms["var"].contacted, n), strict=True)))
    return pd.DataFrame(
        {
            "mean": mean,
            "mean_low": ends.low,
            "mean_high": ends.high,
            "mean_holdout": arms["mean"].holdout,
        }
    )


def _hide(found: pd.DataFrame, where: pd.Series, also_effect: bool = False) -> pd.DataFrame:
    columns = found.columns if also_effect else found.columns[1:]
    return found.assign(**{c: found[c].mask(where) for c in columns})


def _adjusted(rows: pd.DataFrame, y: pd.Series) -> pd.DataFrame:
    """Compare the outcomes less what `before` foretold of them."""
    left = y - foretold(rows, y) if "before" in rows.columns else y * np.nan
    arms = _arms(rows, left)
    found = welch(arms["mean"], arms["var"], arms["size"])
    return found.rename(columns=lambda c: c.replace("effect", "adjusted"))


def foretold(rows: pd.DataFrame, y: pd.Series) -> pd.Series:
    """Say how far an outcome lies from the campaign's mean because of what was before.

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


def backing(effects: pd.DataFrame, min_cell: int = 1) -> pd.DataFrame:
    """Count the fewest customers that the numbers of each row stand for.

    A share stands for those who responded and for those who did not, if there are any; a mean for
    those with a value. Both means of a row go together, for one follows from the other and the effect;
    and with a row that is too small goes another of its campaign, for the campaign's own means are
    known.

    Returns
    -------
    pandas.DataFrame
        One row per effect: mean and mean_holdout (customers; 1 where a row goes with one that is too
        small), effect (customers of the smaller group; of values as the means).
    """
    parts = {}
    for n, active in (("contacted", "active"), ("holdout", "active_holdout")):
        yes, no = effects[active].astype(float), (effects[n] - effects[active]).astype(float)
        no = no.where(effects.outcome == "response")
        parts |= {active: yes.where(yes > 0), n: no.where(no > 0)}
    counts = pd.DataFrame(parts).min(axis=1)
    keys = [effects.campaign, effects.outcome, effects.segment.isna()]
    out = counts.groupby(keys, dropna=False).transform(lambda c: hidden(c, min_cell, ("all",))).astype(bool)
    means = counts.mask(out, 1.0)
    groups = effects[["contacted", "holdout"]].astype(float)
    groups = groups.where(groups > 0).min(axis=1).where(effects.outcome == "response", means)
    return pd.DataFrame({"mean": means, "mean_holdout": means, "effect": groups})


def _remark(arms: pd.DataFrame, effect_low: pd.Series, min_cell: int) -> np.ndarray:
    """Say of each row why it says less than it might; mostly nothing."""
    n, mean = arms["size"], arms["mean"]
    of_campaign = arms[["size", "active"]].groupby("campaign").transform("sum")
    sent, held = (of_campaign["size"][g] for g in GROUPS)
    expected = of_campaign["active"].contacted / sent.where(sent > 0) * held
    silent = (of_campaign["active"].holdout == 0) & (expected >= 5)
    return np.select(
        [
            ((n > 0) & (n < min_cell)).any(axis=1),
            held == 0,
            n.contacted == 0,
            n.holdout == 0,
            mean.contacted.isna(),
            mean.holdout.isna(),
            silent,
            effect_low.isna(),
        ],
        [
            f"fewer than {min_cell} customers in a group",
            "nobody was held out: what customers would have done anyway is not known",
            "nobody of the segment was contacted",
            "nobody of the segment was held out",
            "not recorded for those contacted",
            "not recorded for those held out",
            "nothing is recorded of anybody held out: check that it would be",
            f"fewer than {FEW} customers with a value in a group: too few for an interval",
        ],
        "",
    )
