"""What a play can bring each target: the response to a contact, its worth and its cost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from seglib.assess.playbook import Play
from seglib.errors import DataError, ParamsError, listing, nearest
from seglib.statistics import Z90
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
    *("segment", "name", "play", "contact", "customers", "cost", "effect", "sd", "prior", "learned_from"),
    *("response_worth", "margin_share", "margin", "unknown"),
)
Number = TypeVar("Number", float, pd.Series)


def expected(
    plays: pd.DataFrame,
    value: pd.DataFrame,
    profiles: pd.DataFrame,
    terms: dict[str, Any],
    effects: pd.DataFrame,
    library: Iterable[Play] = (),
) -> pd.DataFrame:
    """Compute what is expected of a contact in each target, from the play and from past campaigns.

    Parameters
    ----------
    plays, value, profiles, effects
        Tables of the run; of the profiles order_value, tenure (days) and margin_share are used.
    terms
        cost_per_contact (money, or money by channel), margin (share of what is paid that remains, or
        none) and value_years (years in which the value was brought, or none).
    library
        The plays; those that name past campaigns like them learn from these alone, others from all
        campaigns, with less weight.

    Returns
    -------
    pandas.DataFrame
        One row per target, in the order of `plays`: effect (incremental responses per contact) and
        its sd, prior (what it was before campaigns), learned_from (campaigns), response_worth (money
        paid for a response), margin_share, margin (money that remains of it), cost (money per
        contact) and unknown: why there is no money (contact, response, worth, order, value or
        years); empty if all is known.

    Raises
    ------
    ParamsError
        If a play's channel has no cost.
    """
    like = {
        p.play: list(p.response["campaigns"]) for p in library if p.response and p.response.get("campaigns")
    }
    rows = []
    for play in plays[plays.target].itertuples():
        own = value[value.segment == play.segment].iloc[0]
        typical = profiles[(profiles.segment == play.segment) & profiles.answer.isna()].set_index("feature")
        worth, unknown = _worth(play, own, typical, terms["value_years"])
        effect, sd, campaigns = _response(play, effects, like.get(play.play, []))
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
                "learned_from": "; ".join(campaigns),
                "response_worth": worth,
                "margin_share": share,
                "margin": worth * share,
                "unknown": "contact" if not play.contact else "response" if pd.isna(effect) else unknown,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _cost(play: Any, given: float | dict[str, float]) -> float:
    """Return the cost of a contact from the params, or the usual one."""
    if not play.contact:
        return np.nan
    if not isinstance(given, dict):
        return float(given)
    costs = CONTACT_COSTS | given
    if play.contact not in costs:
        raise ParamsError(
            f"target.budget.cost_per_contact has no cost of '{play.contact}', the channel of the play '{play.play}'; "
            f"set it. Known: {listing(costs)}.{nearest(play.contact, costs)}"
        )
    return float(costs[play.contact])


def _worth(play: Any, own: pd.Series, typical: pd.DataFrame, years: float | None) -> tuple[float, str]:
    """Return what is paid for a response, and why that is unknown: an order, part of a year, or money."""
    if play.worth == "money":
        return float(play.worth_times), ""
    if play.worth == "order":
        order = float(typical.typical.get("order_value", np.nan))
        return order * play.worth_times, "order" if np.isnan(order) else ""
    if play.worth == "year":
        year, unknown = yearly(own, typical, years)
        return year * play.worth_times, unknown
    return np.nan, "worth"


def yearly(own: pd.Series, typical: pd.DataFrame, years: float | None = None) -> tuple[float, str]:
    """Compute what a customer of a segment brings a year, and why that is unknown.

    Value that follows from orders is spread over the time since the first one, at least a year: what
    newcomers brought in a few months is not extrapolated.
    """
    if "value_per_customer" not in own or pd.isna(own.value_per_customer):
        return np.nan, "value"
    if years is not None:
        return float(own.value_per_customer) / years, ""
    tenure = typical.reindex(columns=["typical", "unit"]).reindex(["tenure"]).iloc[0]
    if tenure.unit != "days" or pd.isna(tenure.typical):
        return np.nan, "years"
    return float(own.value_per_customer) / max(float(tenure.typical) / DAYS_PER_YEAR, 1.0), ""


def _margin_share(typical: pd.DataFrame, given: float | None) -> float:
    """Return the margin from the params, else that of the segment's orders, else all."""
    if given is not None:
        return given
    share = typical.typical.get("margin_share", np.nan)
    return 1.0 if pd.isna(share) else float(share)


def _response(play: Any, effects: pd.DataFrame, like: list[str]) -> tuple[float, float, list[str]]:
    """Weigh what a play assumes against what campaigns measured in the segment.

    A campaign that was not like the play says less of it: its variance grows by that of the prior.
    """
    if pd.isna(play.response):
        return np.nan, np.nan, []
    mean, sd = float(play.response), (play.response_high - play.response_low) / (2 * Z90)
    measured = _measured(effects, play.segment)
    if like:
        measured = measured[measured.campaign.isin(like)]
    if measured.empty:
        return mean, sd, []
    weight = 1 / measured.sd**2
    pooled, off = float((weight * measured.effect).sum() / weight.sum()), float(weight.sum() ** -0.5)
    mean, sd = learned(mean, sd, pooled, off if like else float(np.hypot(off, sd)))
    return mean, sd, sorted(map(str, measured.campaign))


def _measured(effects: pd.DataFrame, segment: object) -> pd.DataFrame:
    """Select the effects on responses in a segment, adjusted where they are: campaign, effect, sd."""
    single = effects.campaign.notna()  # rows without one put all campaigns together
    own = effects[single & (effects.segment == segment) & (effects.outcome == "response")]
    adjusted = own.adjusted_sd.notna() & own.adjusted.notna()
    effect, sd = own.adjusted.where(adjusted, own.effect), own.adjusted_sd.where(adjusted, own.effect_sd)
    rows = pd.DataFrame({"campaign": own.campaign, "effect": effect, "sd": sd})
    return rows[rows.effect.notna() & (rows.sd > 0)]


def learned(
    prior_mean: Number, prior_sd: Number, measured: Number, measured_sd: Number
) -> tuple[Number, Number]:
    """Weigh what was assumed and what was measured by their precision (normal prior, normal data).

    Parameters
    ----------
    prior_mean, prior_sd
        Of the effect as the play assumes it; the sd is above zero.
    measured, measured_sd
        From campaigns, the sd above zero; where either is missing, the prior stays.

    Returns
    -------
    mean, sd
        Of the effect, given both (Gelman et al., Bayesian Data Analysis, 2013, section 2.5).

    Raises
    ------
    DataError
        If a standard deviation is not above zero: nothing is known for certain.

    Examples
    --------
    >>> mean, sd = learned(0.02, 0.01, 0.04, 0.01)
    >>> round(mean, 4), round(sd, 4)
    (0.03, 0.0071)
    """
    old, new = pd.Series(prior_sd, dtype="float64"), pd.Series(measured_sd, dtype="float64")
    if not (old > 0).all() or (new <= 0).any():
        raise DataError(
            "An effect has a standard deviation that is not above zero; set how far it can be off."
        )
    known = np.isfinite(measured) & np.isfinite(measured_sd)
    weight = np.where(known, 1 / np.square(np.where(known, measured_sd, 1.0)), 0.0)
    total = 1 / np.square(prior_sd) + weight
    mean = (prior_mean / np.square(prior_sd) + weight * np.where(known, measured, 0.0)) / total
    sd = 1 / np.sqrt(total)
    return (mean, sd) if isinstance(prior_mean, pd.Series) else (float(mean), float(sd))
