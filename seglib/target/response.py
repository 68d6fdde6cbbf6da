"""What a play can bring in each segment: the response to a contact, its worth, its cost, its chance to pay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from seglib.errors import ParamsError, listing, nearest
from seglib.statistics import Z
from seglib.target.baselines import baseline
from seglib.target.pooling import posterior

#: What a contact usually costs, with the work behind it, in euro: assumptions.
CONTACT_COSTS: dict[str, float] = {
    "e-mail": 0.05,
    "app": 0.02,
    "web": 0.02,
    "advertising": 0.3,
    "letter": 0.9,
    "telephone": 5.0,
    "visit": 100.0,
}
#: Units of a currency to a euro, to one digit: enough to carry an assumption over.
UNITS: dict[str, float] = {
    **dict.fromkeys(["EUR", "USD", "GBP", "CHF"], 1.0),
    "AUD": 2.0,
    "CAD": 1.5,
    "NZD": 2.0,
    "SGD": 1.5,
    "PLN": 4.0,
    "RON": 5.0,
    "BGN": 2.0,
    "BRL": 6.0,
    "SEK": 10.0,
    "NOK": 10.0,
    "DKK": 7.0,
    "CNY": 8.0,
    "HKD": 9.0,
    "ILS": 4.0,
    "AED": 4.0,
    "SAR": 4.0,
    "MYR": 5.0,
    "PEN": 4.0,
    "ZAR": 20.0,
    "MXN": 20.0,
    "CZK": 25.0,
    "TWD": 35.0,
    "THB": 40.0,
    "UAH": 45.0,
    "TRY": 40.0,
    "EGP": 50.0,
    "PHP": 60.0,
    "RUB": 100.0,
    "INR": 90.0,
    "JPY": 150.0,
    "ISK": 150.0,
    "KES": 150.0,
    "PKR": 300.0,
    "HUF": 400.0,
    "ARS": 1000.0,
    "CLP": 1000.0,
    "KRW": 1500.0,
    "NGN": 1500.0,
    "COP": 4500.0,
    "IDR": 17000.0,
    "VND": 26000.0,
}
COLUMNS = (
    *(
        "segment",
        "play",
        "contact",
        "customers",
        "cost",
        "cost_from",
        "effect",
        "sd",
        "prior",
        "learned_from",
    ),
    *(
        "response_worth",
        "worth_sd",
        "margin_share",
        "margin_from",
        "margin",
        "gain",
        "gain_sd",
        "per_contact",
    ),
    *("low", "high", "chance", "break_even", "outcome"),
    *("baseline", "baseline_sd", "baseline_from", "unknown"),
)


def options(
    candidates: pd.DataFrame,
    economics: pd.DataFrame,
    terms: dict[str, Any],
    effects: pd.DataFrame,
    outcomes: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Compute what a contact of each play that fits is expected to bring, and the chance that it pays.

    Parameters
    ----------
    candidates
        From `plays.candidates`: one row per segment and play that fits.
    economics, effects
        Tables of the run; campaigns like the play (all, with less weight, if it names none) update its
        response.
    terms
        cost_per_contact (money, or money by channel) and currency (ISO 4217, or none).
    outcomes
        From `baselines.outcomes`, of the windows of the plays; none without orders.

    Returns
    -------
    pandas.DataFrame
        One row per segment and play, the columns `COLUMNS`: effect (incremental responses per contact)
        with its sd, prior (before campaigns), learned_from (campaigns), response_worth (money paid for
        a response), margin (what remains of it), gain (margin per contact, before its cost), per_contact
        (gain less cost) with its 95 % interval, chance (that it is above 0), break_even (effect at which
        it is 0), outcome, baseline, baseline_sd and baseline_from (as `baselines.baseline` returns them)
        and unknown: why there is no money (contact, response, worth, order, value, years, risk,
        satisfaction or cost); empty if all is known.

    Raises
    ------
    ParamsError
        If a play's channel has no cost.
    """
    known = economics.set_index("segment")
    windows = {} if outcomes is None else outcomes.set_index(["segment", "days"]).to_dict("index")
    learned_by_play = {
        name: posterior(rows, effects, list(known.index))
        for name, rows in candidates.groupby("play", sort=False)
    }
    rows = [
        _option(c, known.loc[c.segment], learned_by_play[c.play].loc[c.segment], terms)
        | baseline(
            c,
            known.loc[c.segment],
            windows.get((c.segment, c.days)),
            learned_by_play[c.play].loc[c.segment, "held_out"],
        )
        for c in candidates.itertuples()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _option(
    candidate: Any, own: pd.Series, learned_effect: pd.Series, terms: dict[str, Any]
) -> dict[str, Any]:
    """Multiply what is known of one play in one segment; errors by the variance of a product (Goodman, 1960)."""
    cost, cost_from = _cost(candidate, terms)
    reach, reach_se, no_reach = _reach(candidate, own)
    worth, worth_sd, no_worth = _worth(candidate, own)
    effect, sd = product(learned_effect["mean"], learned_effect["sd"], reach, reach_se)
    margin, margin_sd = worth * own.margin_share, worth_sd * own.margin_share
    gain, gain_sd = product(effect, sd, margin, margin_sd)
    unknown = (
        "contact"
        if not candidate.contact
        else "response"
        if np.isnan(learned_effect["mean"])
        else no_reach or no_worth or ("" if np.isfinite(cost) else "cost")
    )
    known = unknown == ""
    return {
        "segment": candidate.segment,
        "play": candidate.play,
        "contact": candidate.contact,
        "customers": int(own.customers),
        "cost": cost,
        "cost_from": cost_from,
        "effect": effect,
        "sd": sd,
        "prior": float(candidate.response) * reach,
        "learned_from": learned_effect["learned_from"],
        "response_worth": worth,
        "worth_sd": worth_sd,
        "margin_share": own.margin_share,
        "margin_from": own.margin_from,
        "margin": margin,
        "gain": gain if known else np.nan,
        "gain_sd": gain_sd if known else np.nan,
        "per_contact": gain - cost if known else np.nan,
        "low": gain - cost - Z * gain_sd if known else np.nan,
        "high": gain - cost + Z * gain_sd if known else np.nan,
        "chance": chance_to_pay(gain, gain_sd, cost) if known else np.nan,
        "break_even": cost / margin if known and margin > 0 and cost <= margin else np.nan,
        "unknown": unknown,
    }


def product(a: float, a_sd: float, b: float, b_sd: float) -> tuple[float, float]:
    """Return mean and standard deviation of the product of two independent numbers."""
    spread = np.sqrt((a * b_sd) ** 2 + (b * a_sd) ** 2 + (a_sd * b_sd) ** 2)
    return float(a * b), float(spread)


def chance_to_pay(gain: float, sd: float, cost: float) -> float:
    """Compute the chance that what a contact brings is more than it costs.

    Examples
    --------
    >>> round(chance_to_pay(0.2, 0.1, 0.1), 2), chance_to_pay(0.0, 0.0, 0.0)
    (0.84, 0.0)
    """
    return float(stats.norm.sf((cost - gain) / sd)) if sd > 0 else float(gain > cost)


def _cost(candidate: Any, terms: dict[str, Any]) -> tuple[float, str]:
    """Return the cost of a contact and whether it is given; what is usual, carried over to the currency, if not."""
    given = terms["cost_per_contact"]
    if not candidate.contact:
        return np.nan, ""
    if not isinstance(given, dict):
        return float(given), "given"
    if candidate.contact in given:
        return float(given[candidate.contact]), "given"
    if candidate.contact not in CONTACT_COSTS:
        known = CONTACT_COSTS | given
        raise ParamsError(
            f"target.budget.cost_per_contact has no cost of '{candidate.contact}', the channel of the play "
            f"'{candidate.play}'; set it. Known: {listing(known)}.{nearest(candidate.contact, known)}"
        )
    units = UNITS.get(terms.get("currency") or "EUR", np.nan)
    return CONTACT_COSTS[candidate.contact] * units, "assumed"


def _reach(candidate: Any, own: pd.Series) -> tuple[float, float, str]:
    """Return the share of those contacted of whom the response is a share, its error, and why it is unknown."""
    if candidate.of == "customers":
        return 1.0, 0.0, ""
    share, error = own[candidate.of], own[f"{candidate.of}_se"]
    return (
        float(share),
        float(error),
        ("risk" if candidate.of == "at_risk" else "satisfaction") * int(pd.isna(share)),
    )


def _worth(candidate: Any, own: pd.Series) -> tuple[float, float, str]:
    """Return what is paid for a response, its error, and why it is unknown: an order, part of a year, or money."""
    if candidate.worth == "money":
        return float(candidate.worth_times), 0.0, ""
    if candidate.worth in ("order", "year"):
        times = candidate.worth_times
        worth, error = own[candidate.worth] * times, own[f"{candidate.worth}_se"] * times
        why = "order" if candidate.worth == "order" else own.unknown or "value"
        return float(worth), float(error), why if pd.isna(worth) else ""
    return np.nan, np.nan, "worth"


def expected(
    plays: pd.DataFrame, options: pd.DataFrame, value: pd.DataFrame, tests: pd.DataFrame
) -> pd.DataFrame:
    """Select what is expected of the targets' plays: one row per target, in the order of `plays`.

    Parameters
    ----------
    plays, options, value
        Tables of the run.
    tests
        From `holdouts.tests`: those held out are not contacted, so that `customers` is what is left.
    """
    chosen = plays.loc[plays.target.astype(bool), ["segment", "play"]]
    own = chosen.merge(options, on=["segment", "play"], how="left").reset_index(drop=True)
    sizes = value.set_index("segment")
    contacts = tests.set_index("segment").contacts.reindex(own.segment).to_numpy()
    own = own.assign(
        name=own.segment.map(sizes["name"]),
        unknown=own.unknown.fillna("contact").astype(object),
        contact=own.contact.fillna("").astype(object),
        learned_from=own.learned_from.fillna("").astype(object),
        customers=own.segment.map(sizes.customers).astype(int),
    )
    kept = own.customers.where(pd.isna(contacts), contacts).astype(int)
    return own.assign(customers=kept)[["name", *COLUMNS]]
