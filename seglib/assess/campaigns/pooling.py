"""All campaigns together: one effect per segment, of customers who stand in several of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS

from seglib.assess.campaigns.contacts import OUTCOMES, joined
from seglib.assess.campaigns.effects import COLUMNS, effects, in_order, predicted, recorded
from seglib.assess.campaigns.two_groups import GROUPS
from seglib.assess.contrasts import holm
from seglib.assess.thresholds import FEW
from seglib.statistics import LEVEL

#: What there is where no campaign was recorded.
NONE = pd.DataFrame({name: pd.Series(dtype="object") for name in COLUMNS}).astype(
    {
        "campaign": "string",
        "segment": "Int64",
        "outcome": "string",
        "verdict": "string",
        "remark": "string",
        "responds": "boolean",
        **dict.fromkeys(["contacted", "holdout", "active", "active_holdout", "customers"], "Int64"),
        **{
            name: "float64"
            for name in COLUMNS
            if name.startswith(("mean", "effect", "adjusted", "p", "cost"))
        },
    }
)


def with_totals(contacts: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Compare contacted customers with those held out: by campaign and segment, and over all of either.

    Parameters
    ----------
    contacts, segments
        As `campaigns.effects` takes them; contacts may have a channel.

    Returns
    -------
    pandas.DataFrame
        The table `effects`; campaign is missing where all are taken together, segment where all
        customers are. Empty where there are no contacts, or nothing says what followed.
    """
    if not len(contacts) or not set(OUTCOMES.values()) & set(contacts.columns):
        return NONE.copy()
    members = segments.dropna(subset=["segment"])
    groups = ((members, False), (members.assign(segment=0), True))
    parts = [
        _typed(part).assign(segment=pd.array([pd.NA] * len(part), dtype="Int64")) if whole else _typed(part)
        for frame, whole in groups
        for part in (effects(contacts, frame), pooled(contacts, frame))
        if len(part)
    ]
    if not parts:
        return NONE.copy()
    table = in_order(pd.concat(parts, ignore_index=True))
    sizes = table.segment.map(members.segment.value_counts()).fillna(len(members)).astype("Int64")
    return _with_channels(table.assign(customers=sizes), contacts)


def _with_channels(table: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Add through which channels each campaign reached customers, and how many, to its rows over all customers."""
    if "channel" not in contacts:
        return table
    counts = contacts.groupby(["campaign", "channel"]).size().reset_index("channel", name="n")
    whole = table.campaign.where(table.segment.isna())
    lists = {"channels": counts.channel, "channel_customers": counts.n}
    return table.assign(**{c: whole.map(values.groupby(level=0).agg(list)) for c, values in lists.items()})


def _typed(effects: pd.DataFrame) -> pd.DataFrame:
    """Convert every column to the type that it has in the table of a run."""
    return effects.astype(NONE.dtypes.to_dict())


def pooled(contacts: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Compare contacted customers with those held out over all campaigns that held some out.

    The effect is that of a regression on being contacted, with a level for each campaign: campaigns
    weigh by the information they carry. Its standard error is clustered by customer (Liang and Zeger, 1986), for
    a customer in several campaigns carries less information than as many customers would.

    Parameters
    ----------
    contacts, segments
        As `campaigns.effects` takes them.

    Returns
    -------
    pandas.DataFrame
        As `campaigns.effects` returns it, one row per segment and outcome, campaign missing; means
        are of contacts, groups are counted in customers. Empty with fewer than two campaigns.
    """
    rows = joined(contacts, segments)
    measured = [
        {"segment": segment, "outcome": outcome, **_over_campaigns(own, outcome)}
        for outcome, column in OUTCOMES.items()
        if column in rows.columns
        for segment, own in _compared(rows, recorded(rows, column)).groupby("segment")
        if own.campaign.nunique() > 1
    ]
    table = pd.DataFrame(measured).reindex(columns=list(COLUMNS))
    table = table.astype({"p": float} | {c: float for c in COLUMNS if c.startswith(("effect", "adjusted"))})
    return in_order(table.assign(p_holm=table.groupby("outcome").p.transform(holm)))


def _compared(rows: pd.DataFrame, y: pd.Series) -> pd.DataFrame:
    """Keep contacts of campaigns that have both groups in a segment: y, and y less what was predicted."""
    left = y - predicted(rows, y) if "before" in rows.columns else np.nan
    compared = rows.assign(y=y, sent=(rows.arm == GROUPS[0]).astype(float), left=left)
    compared = compared[compared.y.notna()]
    sent = compared.groupby(["campaign", "segment"]).sent.transform("mean")
    return compared[sent.between(0, 1, inclusive="neither")]


def _over_campaigns(own: pd.DataFrame, outcome: str) -> dict[str, object]:
    """Measure one segment over its campaigns."""
    groups = own.groupby("arm")
    customers, active = groups.customer.nunique(), own[own.y != 0].groupby("arm").customer.nunique()
    n, busy = ([int(counts.get(g, 0)) for g in GROUPS] for counts in (customers, active))
    means = {
        "contacted": n[0],
        "holdout": n[1],
        "active": busy[0],
        "active_holdout": busy[1],
        "mean": groups.y.mean()[GROUPS[0]],
        "mean_holdout": groups.y.mean()[GROUPS[1]],
    }
    if min(busy) < FEW:
        return means | {"remark": "few responses" if outcome == "response" else "few values"}
    effect = _clustered(own, "y", "effect")
    if own.left.notna().all():
        effect |= _clustered(own, "left", "adjusted")
    best = "adjusted" if "adjusted" in effect else "effect"
    judged = {"p": effect[f"{best}_p"], "responds": bool(effect[f"{best}_low"] > 0), "remark": ""}
    return means | effect | judged


def _clustered(own: pd.DataFrame, column: str, name: str) -> dict[str, float]:
    """Regress on being contacted within campaigns, clustered by customer."""
    centred = own[[column, "sent"]] - own.groupby("campaign")[[column, "sent"]].transform("mean")
    clusters = pd.factorize(own.customer)[0]
    model = OLS(centred[column].to_numpy(), centred[["sent"]].to_numpy())
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": clusters}, use_t=True)
    ((low, high),) = fit.conf_int(1 - LEVEL)
    return {
        name: fit.params[0],
        f"{name}_low": low,
        f"{name}_high": high,
        f"{name}_sd": fit.bse[0],
        f"{name}_p": fit.pvalues[0],
    }
