"""Predictions of what each customer buys and brings in the days ahead."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seglib.assess.value.assumptions import WEEK, Assumptions
from seglib.assess.value.fits import Fitted, interpreted
from seglib.vocabulary import DAYS_PER_MONTH, DAYS_PER_YEAR

#: Histories that are worked on at once.
_CHUNK = 100_000
#: What the model of buying knows of a customer.
HISTORY = ["frequency", "recency", "T"]


def expected(fitted: Fitted, known: pd.DataFrame, monthly: bool = False) -> pd.DataFrame:
    """Predict what each customer buys and brings.

    Parameters
    ----------
    fitted
        From `fit`.
    known
        From `histories`.
    monthly
        Whether the value by the end of each month ahead is returned too: value_1, value_2, …

    Returns
    -------
    pandas.DataFrame
        One row per row of `known`: customer, active (probability), purchases (days with a purchase
        expected in the days ahead), spend (money expected of such a day; missing without a model
        of spending), value (money: discounted month by month, less returns, times the margin;
        missing likewise).
    """
    alike = known[HISTORY].drop_duplicates(ignore_index=True)
    model = fitted.buying.at()
    assumed = fitted.assumptions
    months = round(assumed.days / DAYS_PER_MONTH) if fitted.spending is not None else 1
    ends = np.linspace(0, assumed.days, max(1, months) + 1)
    parts = [_future(model, alike[n : n + _CHUNK], assumed, ends) for n in range(0, len(alike), _CHUNK)]
    future = pd.concat([alike, pd.concat(parts, ignore_index=True)], axis=1)
    made = known[["customer", *HISTORY]].merge(future, on=HISTORY, how="left", validate="many_to_one")
    made["spend"] = spend(fitted, known).to_numpy()
    made["value"] = made.worth * made.spend
    by_month = [c for c in made if c.startswith("value_")] if monthly else []
    made[by_month] = made[by_month].mul(made.spend, axis=0)
    return made[["customer", "active", "purchases", "spend", "value", *by_month]]


def _future(model: Any, rows: pd.DataFrame, assumed: Assumptions, ends: np.ndarray) -> pd.DataFrame:
    """Predict activity, purchases, and purchases weighed by what their money is worth today."""
    each = rows.assign(customer_id=np.arange(len(rows)))
    with interpreted():
        until = [model.expected_purchases(each, future_t=end / WEEK).to_numpy().ravel() for end in ends[1:]]
        active = model.expected_probability_alive(each).to_numpy().ravel()
    middle = (ends[1:] + ends[:-1]) / 2 / DAYS_PER_YEAR
    worth = assumed.margin * assumed.kept * (1 + assumed.discount_rate) ** -middle
    summed = np.cumsum(worth[:, None] * np.diff(until, axis=0, prepend=0), axis=0)
    by_month = {f"value_{month}": row for month, row in enumerate(summed, 1)}
    return pd.DataFrame({"active": active, "purchases": until[-1], "worth": summed[-1], **by_month})


def spend(fitted: Fitted, known: pd.DataFrame) -> pd.Series:
    """Predict the money of a customer's day with a purchase: Gamma-Gamma, or missing."""
    if fitted.spending is None:
        return pd.Series(np.nan, index=known.index)
    paid = known.spend.gt(0)
    rows = pd.DataFrame(
        {
            "customer_id": np.arange(len(known)),
            "frequency": known.frequency.where(paid, 0).to_numpy(),
            "monetary_value": known.spend.where(paid, 0.0).to_numpy(),
        }
    )
    return pd.Series(fitted.spending.at().expected_customer_spend(rows).to_numpy().ravel(), index=known.index)


def over_draws(fitted: Fitted, known: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Predict the purchases and the money of all these customers together, draw by draw."""
    assumed, draws = fitted.assumptions, fitted.buying.draws
    rows = known[HISTORY].assign(customer_id=np.arange(len(known)))
    with interpreted():
        each = fitted.buying.at(draws).expected_purchases(rows, future_t=assumed.days / WEEK).to_numpy()[0]
    if fitted.spending is None:
        return each.sum(axis=1), np.full(len(draws), np.nan)
    shape, scale, p = spending_posterior(fitted.spending.draws, known)
    usual = p * scale / np.maximum(shape - 1, 0.05)
    return each.sum(axis=1), (each * usual).sum(axis=1)


def spending_posterior(draws: pd.DataFrame, known: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return shape and scale of each customer's own gamma of spending, and p: a row per draw."""
    p, q, v = (draws[name].to_numpy()[:, None] for name in ("p", "q", "v"))
    paid = known.frequency.where(known.spend > 0, 0).to_numpy()
    total = paid * known.spend.where(known.spend > 0, 0.0).to_numpy()
    return q + p * paid, v + total, p
