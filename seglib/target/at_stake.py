"""What is at stake in each segment, in money: what customers bring, may leave with, and could bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from seglib.statistics import Z
from seglib.target.thresholds import ATTAINABLE
from seglib.vocabulary import DAYS_PER_YEAR, Objective

#: Numbers of a segment that stakes and plays stand on; a standard error beside those that are estimated.
COLUMNS = (
    *("segment", "customers", "order", "order_se", "year", "year_se", "year_from", "stock", "unknown"),
    *("margin_share", "margin_from", "at_risk", "at_risk_se", "dissatisfied", "dissatisfied_se"),
    *("headroom", "found", "unmet", "unmet_low", "need"),
)


@dataclass(frozen=True)
class Money:
    """What the params say of money.

    Attributes
    ----------
    margin
        Gross margin of the project, as a share of revenue; none if not given.
    value
        Feature that holds what a customer has brought, where there are no transactions.
    value_years
        Years in which that value was brought; none if not given.
    """

    margin: float | None = None
    value: str | None = None
    value_years: float | None = None


def economics(
    features: pd.DataFrame,
    segments: pd.DataFrame,
    value: pd.DataFrame,
    terms: Money,
    lifetime: pd.DataFrame | None = None,
    scorecard: pd.DataFrame | None = None,
    unmet: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Collect what money says of each segment; all are means per customer, with their standard errors.

    Parameters
    ----------
    features, segments
        One row per customer; used are order_value, net_value, gross_margin, tenure,
        satisfaction and the feature of `terms.value`.
    value
        The table `value`: size, and share at risk.
    terms
        What the params say of money.
    lifetime, scorecard, unmet
        Tables of the run, as far as there are some.

    Returns
    -------
    pandas.DataFrame
        One row per segment, the columns `COLUMNS`: order (money paid for an order), year (revenue of the
        12 months ahead as predicted, else of a past year: year_from), stock (value as the data hold it, where
        its years are not known), margin_share (share that remains
        after the cost of goods; 1 where amounts are revenue: margin_from is given, orders or none),
        at_risk and dissatisfied (shares), headroom (revenue a year that the segment's customers are below
        its best quarter, mean), found (0 to 1: how much better than chance descriptors find more such
        customers), unmet and need (share of customers to whom the need with the largest gap is
        important and not met), unknown (why a year is not known: value or years).
    """
    joined = segments[["customer", "segment"]].merge(features, on="customer", validate="one_to_one")
    groups = joined.groupby("segment")
    made = pd.DataFrame({"customers": groups.size()})
    made["order"], made["order_se"] = _mean(joined.get("order_value"), joined.segment, made.index)
    yearly, unknown = _yearly(joined, terms)
    made["year"], made["year_se"] = _mean(yearly, joined.segment, made.index)
    stock = joined[terms.value].astype("float64") if unknown == "years" else None
    made["stock"], _ = _mean(stock, joined.segment, made.index)
    made["headroom"] = _headroom(stock if yearly is None else yearly, joined.segment).reindex(made.index)
    made["year_from"] = np.where(made.year.notna(), "past", "none")
    made = _predicted(made, lifetime, terms)
    made["unknown"] = np.where(made.year.isna(), unknown or "value", "")
    made["margin_share"], made["margin_from"] = _margin(joined, made.index, terms)
    made["at_risk"], made["at_risk_se"] = _at_risk(value, made.index)
    unhappy = _dissatisfied(joined.get("satisfaction"))
    made["dissatisfied"], made["dissatisfied_se"] = _mean(unhappy, joined.segment, made.index)
    made["found"] = _found(scorecard, made.index)
    return made.join(_needs(unmet)).reset_index().reindex(columns=list(COLUMNS))


def _mean(values: pd.Series | None, segments: pd.Series, index: pd.Index) -> tuple[pd.Series, pd.Series]:
    """Return the mean by segment and its standard error; missing where it is known of fewer than two."""
    if values is None or not pd.api.types.is_numeric_dtype(values):
        empty = pd.Series(np.nan, index=index)
        return empty, empty
    groups = values.astype("float64").groupby(segments)
    known = groups.count()
    mean, error = groups.mean(), groups.std(ddof=1) / np.sqrt(known)
    return mean.where(known > 1).reindex(index), error.where(known > 1).reindex(index)


def _yearly(joined: pd.DataFrame, terms: Money) -> tuple[pd.Series | None, str]:
    """Compute what each customer brings a year, or why that is unknown.

    Value from orders is spread over the time since the first one, at least a year: what newcomers
    brought in a few months is not extrapolated. Where all bought once, the first order is the last one,
    and tenure no feature of its own.
    """
    if terms.value is not None and terms.value_years is not None:
        return joined[terms.value].astype("float64") / terms.value_years, ""
    since = joined.get("tenure", joined.get("recency"))
    if terms.value is None and "net_value" in joined and since is not None:
        return joined.net_value / (since / DAYS_PER_YEAR).clip(lower=1.0), ""
    return None, "value" if terms.value is None else "years"


def _headroom(yearly: pd.Series | None, segments: pd.Series) -> pd.Series:
    """Compute the mean distance below what the best quarter of the same segment brings at least."""
    if yearly is None:
        return pd.Series(dtype=float)
    attainable = yearly.groupby(segments).transform(lambda own: own.quantile(ATTAINABLE))
    return (attainable - yearly).clip(lower=0.0).groupby(segments).mean()


def _predicted(made: pd.DataFrame, lifetime: pd.DataFrame | None, terms: Money) -> pd.DataFrame:
    """Take the next 12 months as predicted where they are: the lifetime table counts margin, if one is given."""
    if lifetime is None or lifetime.empty:
        return made
    own = lifetime[lifetime.per_customer.notna()].set_index("segment")
    scale = 365 / own.days / (terms.margin or 1.0)
    ahead = (own.per_customer * scale).reindex(made.index)
    error = ((own.per_customer_high - own.per_customer_low) * scale / (2 * Z)).reindex(made.index)
    known = ahead.notna()
    return made.assign(
        year=ahead.where(known, made.year),
        year_se=error.where(known, made.year_se),
        year_from=np.where(known, "predicted", made.year_from),
    )


def _margin(joined: pd.DataFrame, index: pd.Index, terms: Money) -> tuple[pd.Series, str | pd.Series]:
    """Return the margin of the params, else that of the orders' costs, else all."""
    if terms.margin is not None:
        return pd.Series(terms.margin, index=index), "given"
    if not {"gross_margin", "net_value"} <= set(joined):
        return pd.Series(1.0, index=index), "none"
    kept = joined.gross_margin.notna() & joined.net_value.notna()
    sums = joined[kept].groupby("segment")[["gross_margin", "net_value"]].sum().reindex(index)
    share = (sums.gross_margin / sums.net_value.where(sums.net_value > 0)).clip(-1, 1)
    return share.fillna(1.0), pd.Series(np.where(share.notna(), "orders", "none"), index=index)


def _at_risk(value: pd.DataFrame, index: pd.Index) -> tuple[pd.Series, pd.Series]:
    """Return the share at risk and its standard error, two successes and failures added (Agresti and Coull, 1998)."""
    if "at_risk" not in value:
        empty = pd.Series(np.nan, index=index)
        return empty, empty
    own = value.set_index("segment").reindex(index)
    n = own.risk_known.astype("float64") if "risk_known" in own else own.customers.astype("float64")
    near = (own.at_risk.astype("float64") * n + 2) / (n + 4)
    return own.at_risk.astype("float64"), np.sqrt(near * (1 - near) / (n + 4))


def _dissatisfied(answers: pd.Series | None) -> pd.Series | None:
    """Find who answered in the lower half of the scale."""
    if answers is None or not pd.api.types.is_numeric_dtype(answers) or answers.notna().sum() < 2:
        return None
    known = answers.astype("float64")
    return (known < (known.min() + known.max()) / 2).where(known.notna()).astype(float)


def _found(scorecard: pd.DataFrame | None, index: pd.Index) -> pd.Series:
    """Return the Gini coefficient, 2 AUC - 1, of finding the segment's customers by descriptors."""
    if scorecard is None:
        return pd.Series(np.nan, index=index)
    auc = scorecard[scorecard.criterion == "accessible"].set_index("segment").measured
    return (2 * auc.astype("float64") - 1).clip(lower=0.0).reindex(index)


def _needs(unmet: pd.DataFrame | None) -> pd.DataFrame:
    """Return the need of each segment that is unmet for most of its customers, if it is significantly unmet."""
    columns = {"unmet": "float64", "unmet_low": "float64", "need": "object"}
    if unmet is None or unmet.empty:
        return pd.DataFrame({c: pd.Series(dtype=t) for c, t in columns.items()})
    own = unmet[unmet.missing.astype(bool) & unmet.unmet.notna()]
    own = own.sort_values(["unmet", "need"], ascending=[False, True]).drop_duplicates("segment")
    return own.set_index("segment")[["unmet", "unmet_lower", "need"]].set_axis(list(columns), axis=1)


def stakes(economics: pd.DataFrame, objective: Objective) -> pd.DataFrame:
    """Compute what is at stake in each segment for the objective: per customer, and of the segment.

    Retention: the margin that leaves with those at risk; growth: the headroom; acquisition: a new
    customer's margin, of the segment as far as descriptors find such customers, else of all;
    service: the margin of those who are dissatisfied; development: the margin of those whose need
    is unmet; allocation: the margin. All a year; where the years of a value are not known, of the value as
    the data hold it, which orders the segments all the same.

    Returns
    -------
    pandas.DataFrame
        One row per segment: segment, stake (money a year per customer, or of the value held; missing where a
        part of it is not known), at_stake (of the segment; per new customer it is the same), missing_part
        (risk, value, years, satisfaction, need or nothing), acts (whether it calls for something to be
        developed).
    """
    e = economics
    year = e.year.fillna(e.stock) * e.margin_share
    alike = (e.found.fillna(0.0)).to_numpy()
    everywhere = (
        float((year * e.customers).sum() / e.customers[year.notna()].sum()) if year.notna().any() else np.nan
    )
    parts: dict[str, tuple[pd.Series, pd.Series, str]] = {
        "retention": (year, e.at_risk, "risk"),
        "growth": (e.headroom * e.margin_share, e.customers * 0 + 1.0, ""),
        "acquisition": (alike * year + (1 - alike) * everywhere, e.customers * 0 + 1.0, ""),
        "service": (year, e.dissatisfied, "satisfaction"),
        "development": (year, e.unmet, "need"),
        "allocation": (year, e.customers * 0 + 1.0, ""),
    }
    worth, share, of = parts[objective]
    worth, share = worth.astype("float64"), share.astype("float64")
    unknown = e.unknown.where(e.unknown != "", "value")
    held = e.year.isna() & e.stock.notna()
    missing = np.where(worth.isna() | held, unknown, np.where(share.isna(), of, ""))
    each = worth * share
    whole = each if objective == "acquisition" else each * e.customers
    acts = (share > 0) & (objective == "development")
    return pd.DataFrame(
        {"segment": e.segment, "stake": each, "at_stake": whole, "missing_part": missing, "acts": acts}
    )
