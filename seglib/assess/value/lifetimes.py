"""What each segment has brought so far, and its predicted lifetime value with an interval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seglib.assess.value.assumptions import WEEK
from seglib.assess.value.expectations import HISTORY, expected, over_draws, spending_posterior
from seglib.assess.value.fits import Fitted
from seglib.statistics import ENDS, Z

#: Customers of a segment whose futures are drawn, and those by whom the parameters are judged; the
#: others are like them.
_DRAWN, _JUDGED = 1_000, 400
_FUTURE = (
    *(
        "active",
        "purchases",
        "purchases_low",
        "purchases_high",
        "lifetime_value",
        "lifetime_low",
        "lifetime_high",
    ),
    *("per_customer", "per_customer_low", "per_customer_high", "by_month"),
)
_NO_MONEY = "spend varies too much, or is known of too few customers, to be predicted"
#: The columns of what segments bring.
EMPTY = (
    *("segment", "customers", "buyers", "historic_value", "historic_margin"),
    *(*_FUTURE, "model", "days", "miss", "reason"),
)


def brought(features: pd.DataFrame, segments: pd.DataFrame, buyers: pd.Series) -> pd.DataFrame:
    """Sum up what each segment has brought so far.

    Parameters
    ----------
    features
        One row per customer; net_value (money, less returns) and gross_margin where they are known.
    segments
        One row per customer: customer, segment.
    buyers
        Customers with a purchase.

    Returns
    -------
    pandas.DataFrame
        One row per segment: segment, customers, buyers, historic_value, historic_margin (money;
        missing where it is not known).
    """
    known = segments[["customer", "segment"]].merge(features, on="customer", validate="one_to_one")
    groups = known.groupby("segment")
    made = pd.DataFrame({"customers": groups.size()})
    made["buyers"] = known.customer.isin(buyers).groupby(known.segment).sum()
    for name, feature in (("historic_value", "net_value"), ("historic_margin", "gross_margin")):
        made[name] = groups[feature].sum() if feature in known else np.nan
    return made.reset_index()


def refused(past: pd.DataFrame, reason: str) -> pd.DataFrame:
    """Build the table of `lifetime` where nothing can be predicted, with the reason.

    Parameters
    ----------
    past
        From `brought`.
    reason
        Why not.
    """
    nothing = dict.fromkeys(_FUTURE, np.nan) | {"model": "none", "days": 0, "miss": np.nan, "reason": reason}
    return past.assign(**nothing).assign(by_month=[[] for _ in range(len(past))])[[*EMPTY]]


def lifetime(past: pd.DataFrame, ahead: pd.DataFrame, fitted: Fitted, miss: float = np.nan) -> pd.DataFrame:
    """Join what each segment has brought with its predicted lifetime value.

    Parameters
    ----------
    past
        From `brought`.
    ahead
        From `by_segment`, of the same customers.
    fitted
        The models.
    miss
        By how much, in logarithms, calibration missed beyond chance; intervals are widened by it.

    Returns
    -------
    pandas.DataFrame
        One row per segment, with the columns of `EMPTY`: money and purchases are of all customers
        of the segment, and who has not bought counts as nothing; per_customer and by_month are per customer
        of the segment.
    """
    made = past.merge(
        widened(ahead.drop(columns="buyers"), 0.0 if np.isnan(miss) else miss), on="segment", how="left"
    )
    future = [c for c in ahead.columns if c not in ("segment", "buyers", "by_month")]
    if fitted.spending is None:
        future = [c for c in future if not c.startswith("value")]
    made = made.fillna(dict.fromkeys(future, 0.0))  # a segment without a buyer
    made = made.rename(
        columns={"value": "lifetime_value", "value_low": "lifetime_low", "value_high": "lifetime_high"}
    )
    for end, of in (("", "lifetime_value"), ("_low", "lifetime_low"), ("_high", "lifetime_high")):
        made[f"per_customer{end}"] = made[of] / made.customers
    made["by_month"] = [
        [x / n for x in months] if isinstance(months, list) else []
        for months, n in zip(made.by_month, made.customers, strict=True)
    ]
    assumed = fitted.assumptions
    reason = "" if fitted.spending is not None else _NO_MONEY
    return made.assign(model=assumed.model, days=assumed.days, miss=miss, reason=reason)[[*EMPTY]]


def widened(ahead: pd.DataFrame, miss: float) -> pd.DataFrame:
    """Widen intervals by an error of the model: standard deviations of logarithms are added in quadrature.

    Examples
    --------
    >>> one = pd.DataFrame({"purchases": [100.0], "purchases_low": [90.0], "purchases_high": [110.0]})
    >>> widened(one, 0.1).round(1).iloc[0].tolist()
    [100.0, 80.0, 124.4]
    """
    made, more = ahead.copy(), Z * miss
    for what in [c for c in ("purchases", "value") if c in ahead]:
        middle, low, high = (ahead[f"{what}{end}"].where(lambda c: c > 0) for end in ("", "_low", "_high"))
        lower = middle * np.exp(-np.hypot(np.log(middle / low), more))
        higher = middle * np.exp(np.hypot(np.log(high / middle), more))
        made[f"{what}_low"] = lower.fillna(ahead[f"{what}_low"])
        made[f"{what}_high"] = higher.fillna(ahead[f"{what}_high"])
    return made


def by_segment(fitted: Fitted, known: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Sum up what is predicted of each segment, with its interval.

    Parameters
    ----------
    fitted
        From `fit`.
    known
        From `histories`.
    segments
        One row per customer: customer, segment.

    Returns
    -------
    pandas.DataFrame
        One row per segment with a buyer: segment, buyers, active (number of customers), purchases
        and value (money), each but active with `_low` and `_high`, and by_month (value by the end of each month
        ahead; none without a model of spending): of what will happen, if the model holds, so
        that the interval holds both what is not known of the parameters and the chance in every
        customer's future.
    """
    rows = known[["customer", *HISTORY, "spend"]].merge(segments[["customer", "segment"]], on="customer")
    rows = rows.sort_values("customer", ignore_index=True)
    own = expected(fitted, rows, monthly=True).assign(segment=rows.segment)
    made = [_summed(fitted, rows[own.segment == segment], each) for segment, each in own.groupby("segment")]
    ends = [f"{what}{end}" for what in ("purchases", "value") for end in ("", "_low", "_high")]
    return pd.DataFrame(made, columns=["segment", "buyers", "active", *ends, "by_month"])


def _summed(fitted: Fitted, rows: pd.DataFrame, own: pd.DataFrame) -> dict[str, Any]:
    """Sum up one segment."""
    # by who they are and not by the number of the segment, which means nothing
    rng = np.random.default_rng([fitted.assumptions.seed, len(own), int(own.customer.min())])
    some = np.sort(rng.permutation(len(own))[:_DRAWN])
    few = some[np.sort(rng.permutation(len(some))[:_JUDGED])]
    made: dict[str, Any] = {"segment": own.segment.iloc[0], "buyers": len(own), "active": own.active.sum()}
    by_month = (
        own.filter(regex="^value_[0-9]").sum() if fitted.spending is not None else pd.Series(dtype=float)
    )
    made["by_month"] = by_month.tolist()
    chances = _chances(fitted, rows.iloc[some], own.iloc[some], rng)
    judged = over_draws(fitted, rows.iloc[few])
    sure = (own.purchases.iloc[few].sum(), (own.purchases * own.spend).iloc[few].sum(skipna=False))
    for what, chance, sums, own_sum in zip(("purchases", "value"), chances, judged, sure, strict=True):
        middle = float(own[what].sum(skipna=False))
        drawn = middle * sums / own_sum + np.sqrt(len(own) / len(some)) * chance
        low, high = np.quantile(drawn, ENDS)
        made |= {what: middle, f"{what}_low": max(low, 0.0), f"{what}_high": max(high, 0.0)}
    return made


def _chances(
    fitted: Fitted, rows: pd.DataFrame, own: pd.DataFrame, rng: np.random.Generator
) -> list[np.ndarray]:
    """Draw by how much these customers' purchases, and their money, will differ from what is expected."""
    assumed, theta = fitted.assumptions, fitted.buying.middle
    shape = (assumed.draws, len(rows))
    rate = rng.gamma(
        theta["r"] + rows.frequency.to_numpy(), 1 / (theta["alpha"] + rows["T"].to_numpy()), shape
    )
    bought = _until_gone(fitted, rows, rate, rng) * (rng.random(shape) < own.active.to_numpy())
    purchases = bought.sum(axis=1) - own.purchases.sum()
    if fitted.spending is None:
        return [purchases, np.full(assumed.draws, np.nan)]
    gamma, scale, p = spending_posterior(fitted.spending.middle.to_frame().T, rows)
    money = (
        rng.gamma(np.where(bought > 0, p * bought, 1.0)) / rng.gamma(gamma, 1 / scale, shape) * (bought > 0)
    )
    today = (
        own.value.sum() / (own.purchases * own.spend).sum()
    )  # what money of the days ahead is worth, less costs
    return [purchases, money.sum(axis=1) * today - own.value.sum()]


def _until_gone(fitted: Fitted, rows: pd.DataFrame, rate: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw the purchases of customers who are active, until they leave or the days are over."""
    assumed, theta, weeks = fitted.assumptions, fitted.buying.middle, fitted.assumptions.days / WEEK
    if assumed.model == "pareto/nbd":
        rates = rng.gamma(theta["s"], 1 / (theta["beta"] + rows["T"].to_numpy()), rate.shape)
        return rng.poisson(rate * np.minimum(rng.exponential(1 / np.maximum(rates, 1e-12)), weeks))
    stayed = rows.frequency.to_numpy() + (assumed.model == "mbg/nbd")
    leaves = np.clip(rng.beta(theta["a"], theta["b"] + stayed, rate.shape), 1e-12, 1)
    return np.minimum(rng.poisson(rate * weeks), rng.geometric(leaves))
