"""What each segment has brought since the first run, beside the lifetime value that was predicted then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from seglib.monitor.history import Past
from seglib.vocabulary import DAYS_PER_YEAR

#: Columns of the table `since_first`.
COLUMNS = (
    *("segment", "since", "days", "horizon", "customers", "predicted", "predicted_low", "predicted_high"),
    *("buyers", "expected", "realised", "ratio", "inside"),
    *("campaigns", "cost", "profit", "profit_low", "profit_high", "roi"),
)


@dataclass(frozen=True)
class Money:
    """What customers paid, and what of it is left.

    Attributes
    ----------
    paid
        Since the first run: customer, time, amount; what was returned is negative.
    buyers
        Customers who had bought before the first run, who alone are predicted.
    margin
        As a share of revenue; 1 where it is not known.
    discount_rate
        Per year.
    """

    paid: pd.DataFrame
    buyers: pd.Series
    margin: float = 1.0
    discount_rate: float = 0.0


def predicted_first(pasts: list[Past]) -> Past | None:
    """Find the first run in which lifetime value was predicted; the first run where none was."""
    known = [past for past in pasts[:-1] if past.column("lifetime", "lifetime_value") is not None]
    known = [past for past in known if past.tables["lifetime"].lifetime_value.notna().any()]
    return known[0] if known else pasts[0] if len(pasts) > 1 else None


def since_first(pasts: list[Past], money: Money, outcomes: pd.DataFrame | None = None) -> pd.DataFrame:
    """Compare predicted with realised lifetime value, and sum up what campaigns returned.

    Customers stay in the segment of that run. Realised value is counted as it was predicted: of customers who had
    bought, less returns, times the margin, discounted.

    Parameters
    ----------
    pasts
        The runs, the oldest first.
    money
        What customers paid since.
    outcomes
        The table `outcomes`; campaigns that have ended count, in the segment in which customers were assigned.

    Returns
    -------
    pandas.DataFrame
        The table `since_first`, one row per segment of the first run with a prediction; `inside` (whether the
        realised value is within the predicted interval) is missing until the predicted days are over.
    """
    past = predicted_first(pasts)
    if past is None:
        return pd.DataFrame(columns=list(COLUMNS))
    segments = past.tables["segments"][["customer", "segment"]]
    start, now = (pd.Timestamp(p.as_of) for p in (past, pasts[-1]))
    table = segments.groupby("segment").size().rename("customers").to_frame()
    table = table.join(_predicted(past, table.index))
    elapsed = (now - start).days
    table = table.assign(since=past.as_of.isoformat(), days=elapsed)
    until = start + pd.to_timedelta(table.horizon.where(table.horizon > 0, elapsed).clip(upper=elapsed), "D")
    kept = money.paid[money.paid.time >= start].merge(segments, on="customer")
    kept = kept[kept.customer.isin(money.buyers) & (kept.time < kept.segment.map(until))]
    years = (kept.time - start).dt.total_seconds() / 86400 / DAYS_PER_YEAR
    worth = kept.amount * money.margin * (1 + money.discount_rate) ** -years
    table["realised"] = (
        worth.groupby(kept.segment).sum().reindex(table.index, fill_value=0.0) / table.customers
    )
    table["buyers"] = kept.groupby("segment").customer.nunique().reindex(table.index, fill_value=0)
    table["expected"] = [_by(r.by_month, r.horizon, elapsed) for r in table.itertuples()]
    table["ratio"] = (table.realised / table.expected).where(table.expected > 0)
    over = table.predicted.notna() & (table.days >= table.horizon)
    within = table.realised.between(table.predicted_low, table.predicted_high)
    table["inside"] = within.astype("boolean").where(over)
    return table.join(_returned(outcomes)).reset_index().reindex(columns=list(COLUMNS))


def _predicted(past: Past, segments: pd.Index) -> pd.DataFrame:
    """Read what was predicted per customer; missing where nothing was."""
    names = {"per_customer": "predicted", "per_customer_low": "predicted_low"}
    names |= {"per_customer_high": "predicted_high", "days": "horizon", "by_month": "by_month"}
    table = past.tables.get("lifetime")
    known = pd.DataFrame(index=segments) if table is None else table.set_index("segment")
    return known.reindex(segments).reindex(columns=list(names)).rename(columns=names)


def _by(by_month: Any, horizon: float, elapsed: int) -> float:
    """Interpolate what was predicted by the end of each month; missing where that was not kept."""
    values = [] if np.ndim(by_month) == 0 else list(by_month)
    if not values:
        return np.nan
    return float(np.interp(elapsed, np.linspace(0, horizon, len(values) + 1), [0.0, *values]))


def _returned(outcomes: pd.DataFrame | None) -> pd.DataFrame:
    """Sum up cost and profit of campaigns that have ended and can be trusted, by segment."""
    columns = ["campaigns", "cost", "profit", "profit_low", "profit_high", "roi"]
    if outcomes is None:
        return pd.DataFrame(columns=columns, dtype=float)
    suspicious = outcomes.campaign[outcomes.verdict == "not trustworthy"]
    known = outcomes[outcomes.ended & outcomes.segment.notna() & ~outcomes.campaign.isin(suspicious)]
    known = known.assign(
        below=(known.profit - known.profit_low) ** 2, above=(known.profit_high - known.profit) ** 2
    )
    groups = known.groupby(known.segment.astype("int64"))
    sums = groups[["cost", "profit"]].sum().assign(campaigns=groups.size())
    reach = np.sqrt(groups[["below", "above"]].agg(lambda x: x.sum(skipna=False)))
    return sums.assign(
        profit_low=sums.profit - reach.below,
        profit_high=sums.profit + reach.above,
        roi=(sums.profit / sums.cost).where(sums.cost > 0),
    )[columns]
