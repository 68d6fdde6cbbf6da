"""What a play may bring each target: the response to a contact, its worth and its cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seglib.errors import ParamsError, listing, nearest
from seglib.statistics import Z90
from seglib.target.budget import learned
from seglib.vocabulary import DAYS_PER_YEAR

#: What a contact usually costs, in the project's money, with the work behind it: assumptions.
CONTACT_COSTS: dict[str, float] = {
    "e-mail": 0.05,
    "app": 0.02,
    "web": 0.02,
    "letter": 0.9,
    "telephone": 5.0,
    "visit": 100.0,
}
COLUMNS = (
    "segment",
    "name",
    "play",
    "contact",
    "customers",
    "cost",
    "effect",
    "sd",
    "prior",
    "learned_from",
    "response_worth",
    "margin_share",
    "margin",
    "lacking",
)


def expected(
    plays: pd.DataFrame,
    value: pd.DataFrame,
    profiles: pd.DataFrame,
    terms: dict[str, Any],
    effects: pd.DataFrame | None = None,
    like: dict[str, list[str]] | None = None,
) -> pd.DataFrame:
    """Say what is expected of a contact in each target, and what speaks for it.

    Parameters
    ----------
    plays
        From `plays.plays`.
    value
        One row per segment: segment, name, customers and, where there is money, value_per_customer.
    profiles
        One row per segment and feature: order_value, tenure (days) and margin_share are used.
    terms
        cost_per_contact (money, or money by channel), margin (share of what is paid that remains, or
        nothing) and value_years (years in which the value was brought, or nothing).
    effects
        Of past campaigns, one row per campaign, segment and outcome: effect (or adjusted) with its sd.
    like
        Play to the past campaigns that were like it; all campaigns stand for other plays, less surely.

    Returns
    -------
    pandas.DataFrame
        One row per target, in the order of `plays`: effect (incremental responses per contact) and
        its sd, prior (what it was before campaigns), learned_from (campaigns), response_worth (money
        paid for a response), margin_share, margin (money that remains of it), cost (money a
        contact) and lacking: why no money can be reckoned with; empty if all is known.

    Raises
    ------
    ParamsError
        If a play's channel has no cost.
    """
    rows = []
    for play in plays[plays.target].itertuples():
        own = value[value.segment == play.segment].iloc[0]
        typical = profiles[(profiles.segment == play.segment) & profiles.answer.isna()].set_index("feature")
        worth, lacking = _worth(play, own, typical, terms["value_years"])
        effect, sd, names = _response(play, effects, (like or {}).get(play.play, []))
        share = _margin_share(typical, terms["margin"])
        rows.append(
            {
                "segment": play.segment,
                "name": own["name"],
                "play": play.play,
                "contact": play.contact,
                "customers": int(own.customers),
                "cost": _cost(play, terms["cost_per_contact"]),
                "effect": effect,
                "sd": sd,
                "prior": play.response,
                "learned_from": "; ".join(names),
                "response_worth": worth,
                "margin_share": share,
                "margin": worth * share,
                "lacking": "its play pays for no contact"
                if not play.contact
                else "its play says nothing of the response"
                if pd.isna(effect)
                else lacking,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _cost(play: Any, given: float | dict[str, float]) -> float:
    """Take the cost of a contact from the params, or the usual one."""
    if not play.contact:
        return np.nan
    if not isinstance(given, dict):
        return float(given)
    known = CONTACT_COSTS | given
    if play.contact not in known:
        raise ParamsError(
            f"target.budget.cost_per_contact says nothing of '{play.contact}', the channel of the play '{play.play}'; "
            f"known: {listing(known)}.{nearest(play.contact, known)}"
        )
    return float(known[play.contact])


def _worth(play: Any, own: pd.Series, typical: pd.DataFrame, years: float | None) -> tuple[float, str]:
    """Say what is paid for a response: an order at the segment's usual value, part of a year, or money."""
    if play.worth == "money":
        return float(play.worth_times), ""
    if play.worth == "order":
        order = typical.typical.get("order_value", np.nan)
        lacking = "the value of an order is not known" if pd.isna(order) else ""
        return float(order) * play.worth_times, lacking
    if play.worth == "year":
        year, lacking = yearly(own, typical, years)
        return year * play.worth_times, lacking
    return np.nan, "its play does not say what a response is worth"


def yearly(own: pd.Series, typical: pd.DataFrame, years: float | None = None) -> tuple[float, str]:
    """Say what a customer of a segment brings a year, and what is lacking to say so.

    Value that follows from orders is spread over the time since the first one, a year at least: what
    newcomers brought in a few months is not taken for more.
    """
    if "value_per_customer" not in own or pd.isna(own.value_per_customer):
        return np.nan, "value per customer is not known"
    if years is not None:
        return float(own.value_per_customer) / years, ""
    if (
        "tenure" not in typical.index
        or typical.unit["tenure"] != "days"
        or pd.isna(typical.typical["tenure"])
    ):
        return np.nan, "the years in which the value was brought are not known: say target.budget.value_years"
    return float(own.value_per_customer) / max(float(typical.typical["tenure"]) / DAYS_PER_YEAR, 1.0), ""


def _margin_share(typical: pd.DataFrame, given: float | None) -> float:
    """Take the margin from the params, else that of the segment's orders, else all."""
    if given is not None:
        return given
    found = typical.typical.get("margin_share", np.nan)
    return 1.0 if pd.isna(found) else float(found)


def _response(play: Any, effects: pd.DataFrame | None, like: list[str]) -> tuple[float, float, list[str]]:
    """Weigh what a play is believed to bring with what campaigns measured in the segment.

    A campaign that was not like the play says less of it: by as much as the prior is unsure.
    """
    if pd.isna(play.response):
        return np.nan, np.nan, []
    mean, sd = float(play.response), (play.response_high - play.response_low) / (2 * Z90)
    found = _measured(effects, play.segment)
    if like:
        found = found[found.campaign.isin(like)]
    if found.empty:
        return mean, sd, []
    weight = 1 / found.sd**2
    pooled, off = float((weight * found.effect).sum() / weight.sum()), float(weight.sum() ** -0.5)
    mean, sd = learned(mean, sd, pooled, off if like else float(np.hypot(off, sd)))
    return mean, sd, sorted(map(str, found.campaign))


def _measured(effects: pd.DataFrame | None, segment: object) -> pd.DataFrame:
    """Take the effects on responses in a segment, adjusted where they are: campaign, effect, sd."""
    if effects is None or effects.empty:
        return pd.DataFrame(columns=["campaign", "effect", "sd"])
    of_one = effects.campaign.notna()  # rows without one put all campaigns together
    own = effects[of_one & (effects.segment == segment) & (effects.outcome == "response")]
    there = own.adjusted_sd.notna() & own.adjusted.notna()
    made = pd.DataFrame(
        {
            "campaign": own.campaign,
            "effect": own.adjusted.where(there, own.effect),
            "sd": own.adjusted_sd.where(there, own.effect_sd),
        }
    )
    return made[made.effect.notna() & (made.sd > 0)]
