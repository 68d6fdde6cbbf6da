"""All campaigns together: one effect per segment, of customers who stand in several of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS

from seglib.assess.campaigns.contacts import OUTCOMES, joined
from seglib.assess.campaigns.effects import COLUMNS, effects, foretold, in_order, recorded
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
        "answers": "boolean",
        **dict.fromkeys(["contacted", "holdout", "active", "active_holdout"], "Int64"),
        **{
            name: "float64"
            for name in COLUMNS
            if name.startswith(("mean", "effect", "adjusted", "p", "cost"))
        },
    }
)


def with_totals(contacts: pd.DataFrame, segments: pd.DataFrame, min_cell: int = 10) -> pd.DataFrame:
    """Compare contacted customers with those held out: by campaign and segment, and over all of either.

    Parameters
    ----------
    contacts, segments, min_cell
        As `campaigns.effects` takes them.

    Returns
    -------
    pandas.DataFrame
        As `campaigns.effects` returns it; campaign is missing where all are taken together, segment
        where all customers are. Empty where there are no contacts, or nothing says what followed.
    """
    if not len(contacts) or not set(OUTCOMES.values()) & set(contacts.columns):
        return NONE.copy()
    whole = segments.dropna(subset=["segment"]).assign(segment=0)
    by_segment, overall = (
        [
            part
            for part in (effects(contacts, groups, min_cell), pooled(contacts, groups, min_cell))
            if len(part)
        ]
        for groups in (segments, whole)
    )
    parts = [_typed(part) for part in by_segment]
    parts += [_typed(part).assign(segment=pd.array([pd.NA] * len(part), dtype="Int64")) for part in overall]
    return in_order(pd.concat(parts, ignore_index=True)) if parts else NONE.copy()


def _typed(effects: pd.DataFrame) -> pd.DataFrame:
    """Give every column the type that it has in the table of a run."""
    return effects.astype(NONE.dtypes.to_dict())


def pooled(contacts: pd.DataFrame, segments: pd.DataFrame, min_cell: int = 10) -> pd.DataFrame:
    """Compare contacted customers with those held out over all campaigns that held some out.

    The effect is that of a regression on being contacted, with a level for each campaign: campaigns
    weigh by what they tell. Its standard error is clustered by customer (Liang and Zeger, 1986), for
    who stands in several campaigns tells less than as many customers would.

    Parameters
    ----------
    contacts, segments, min_cell
        As `campaigns.effects` takes them.

    Returns
    -------
    pandas.DataFrame
        As `campaigns.effects` returns it, one row per segment and outcome, campaign missing; means
        are of contacts, groups are counted in customers. Empty with fewer than two campaigns.
    """
    rows = joined(contacts, segments)
    found = [
        {"segment": segment, "outcome": outcome, **_over_campaigns(own, outcome, min_cell)}
        for outcome, column in OUTCOMES.items()
        if column in rows.columns
        for segment, own in _compared(rows, recorded(rows, column)).groupby("segment")
        if own.campaign.nunique() > 1
    ]
    made = pd.DataFrame(found).reindex(columns=list(COLUMNS))
    made = made.astype({"p": float} | {c: float for c in COLUMNS if c.startswith(("effect", "adjusted"))})
    return in_order(made.assign(p_holm=made.groupby("outcome").p.transform(holm)))


def _compared(rows: pd.DataFrame, y: pd.Series) -> pd.DataFrame:
    """Keep contacts of campaigns that have both groups in a segment: y, and y less what was foretold."""
    made = rows.assign(y=y, sent=(rows.arm == GROUPS[0]).astype(float))
    made["left"] = y - foretold(rows, y) if "before" in rows.columns else np.nan
    made = made[made.y.notna()]
    both = made.groupby(["campaign", "segment"]).sent.transform("mean").between(0, 1, inclusive="neither")
    return made[both]


def _over_campaigns(own: pd.DataFrame, outcome: str, min_cell: int) -> dict[str, object]:
    """Measure one segment over its campaigns."""
    groups = own.groupby("arm")
    customers, active = groups.customer.nunique(), own[own.y != 0].groupby("arm").customer.nunique()
    n, busy = ([int(counts.get(g, 0)) for g in GROUPS] for counts in (customers, active))
    if min(n) < min_cell:
        return {"remark": f"fewer than {min_cell} customers in a group"}
    made = {
        "contacted": n[0],
        "holdout": n[1],
        "active": busy[0],
        "active_holdout": busy[1],
        "mean": groups.y.mean()[GROUPS[0]],
        "mean_holdout": groups.y.mean()[GROUPS[1]],
        "remark": "",
    }
    if min(busy) < FEW:
        who = "who responded" if outcome == "response" else "with a value"
        return made | {"remark": f"fewer than {FEW} customers {who} in a group: too few for an interval"}
    found = _clustered(own, "y", "effect")
    if own.left.notna().all():
        found |= _clustered(own, "left", "adjusted")
    best = "adjusted" if "adjusted" in found else "effect"
    return made | found | {"p": found[f"{best}_p"], "answers": bool(found[f"{best}_low"] > 0)}


def _clustered(own: pd.DataFrame, column: str, name: str) -> dict[str, float]:
    """Regress on being contacted within campaigns, clustered by customer."""
    centred = own[[column, "sent"]] - own.groupby("campaign")[[column, "sent"]].transform("mean")
    clusters = pd.factorize(own.customer)[0]
    model = OLS(centred[column].to_numpy(), centred[["sent"]].to_numpy())
    found = model.fit(cov_type="cluster", cov_kwds={"groups": clusters}, use_t=True)
    ((low, high),) = found.conf_int(1 - LEVEL)
    return {
        name: found.params[0],
        f"{name}_low": low,
        f"{name}_high": high,
        f"{name}_sd": found.bse[0],
        f"{name}_p": found.pvalues[0],
    }
