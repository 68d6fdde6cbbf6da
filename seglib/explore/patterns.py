"""Patterns before segments: associations, concentration, cohorts, calendar, outliers, a map."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import combinations

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy import stats

from seglib.collect.features.orders import data_end, orders, whole_years
from seglib.explore.thresholds import LATEST_START, SHORTEST_MONTH


def cramers_v(a: pd.Series, b: pd.Series) -> float:
    """Measure the association of two nominal columns, bias-corrected (Bergsma, 2013).

    Returns
    -------
    float
        0 for none, 1 for a one-to-one relation; missing where one of them does not vary.

    Examples
    --------
    >>> a = pd.Series(["x", "y"] * 50)
    >>> round(cramers_v(a, a), 2)
    1.0
    """
    return corrected_v(pd.crosstab(a, b).to_numpy())


def corrected_v(counts: np.ndarray) -> float:
    """Measure the association in a table of counts, as `cramers_v` does.

    Examples
    --------
    >>> round(corrected_v(np.array([[30, 10], [10, 30]])), 4)
    0.4903
    """
    n, (rows, columns) = counts.sum(), counts.shape
    if n < 2 or min(rows, columns) < 2:
        return float("nan")
    chi2 = stats.chi2_contingency(counts, correction=False).statistic
    phi2 = max(0.0, chi2 / n - (rows - 1) * (columns - 1) / (n - 1))
    rows, columns = rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)
    return float(np.sqrt(phi2 / min(rows - 1, columns - 1)))


def correlation_ratio(categories: pd.Series, values: pd.Series) -> float:
    """Measure how much of a number's spread a nominal column explains (eta).

    Returns
    -------
    float
        The square root of the variance between the categories over the total; 0 to 1.

    Examples
    --------
    >>> correlation_ratio(pd.Series(list("aabb")), pd.Series([1.0, 1.0, 5.0, 5.0]))
    1.0
    """
    known = categories.notna() & values.notna()
    categories, values = categories[known], values[known]
    total = ((values - values.mean()) ** 2).sum()
    if total <= 0:
        return float("nan")
    means = values.groupby(categories, observed=True).transform("mean")
    return float(np.sqrt(((means - values.mean()) ** 2).sum() / total))


def _association(a: pd.Series, b: pd.Series, nominal: tuple[bool, bool]) -> tuple[str, float]:
    known = a.notna() & b.notna()
    a, b = a[known], b[known]
    if all(nominal):
        return "Cramér's V", cramers_v(a, b)
    if any(nominal):
        categories, values = (a, b) if nominal[0] else (b, a)
        return "correlation ratio", correlation_ratio(categories, values.rank())
    if a.nunique() < 2 or b.nunique() < 2:
        return "rank correlation", float("nan")
    return "rank correlation", float(stats.spearmanr(a, b).statistic)


def associations(features: pd.DataFrame, levels: dict[str, str], sample: int = 20_000) -> pd.DataFrame:
    """Measure the association of every pair of features by their levels of measurement.

    Parameters
    ----------
    features, levels
        One row per customer, without `customer`; the level of measurement per feature.
    sample
        Most customers used, evenly spaced; the third digit needs no more.

    Returns
    -------
    pandas.DataFrame
        The table `associations`, one row per pair.
    """
    features = features.iloc[:: max(1, len(features) // sample)]
    varying = {c: _varying(features[c]) for c in features.columns}
    text = {c for c in features if not pd.api.types.is_numeric_dtype(features[c])}
    nominal = {c: levels[c] == "nominal" or c in text for c in features.columns}
    rows = []
    for a, b in combinations(features.columns, 2):
        measure, strength = _association(features[a], features[b], (nominal[a], nominal[b]))
        both = int((features[a].notna() & features[b].notna()).sum())
        behind = min(both, varying[a], varying[b])
        rows.append(
            {"a": a, "b": b, "measure": measure, "strength": strength, "customers": both, "behind": behind}
        )
    return pd.DataFrame(rows, columns=["a", "b", "measure", "strength", "customers", "behind"])


def _varying(values: pd.Series) -> int:
    """Count the customers on whom the spread of a feature rests: those without its most frequent value."""
    counts = values.value_counts()
    return int(counts.iloc[1:].sum()) if len(counts) else 0


def strongest(associations: pd.DataFrame, most: int) -> pd.DataFrame:
    """Keep the pairs among the `most` features that are associated most."""
    known = associations.dropna(subset="strength")
    strength = pd.concat([known.set_index("a").strength.abs(), known.set_index("b").strength.abs()])
    loud = strength.groupby(level=0).max().nlargest(most).index
    return associations[associations.a.isin(loud) & associations.b.isin(loud)]


def concentration(value: pd.Series, points: int = 100) -> pd.DataFrame:
    """Trace the Lorenz curve of a value, from the customers who bring least.

    Returns
    -------
    pandas.DataFrame
        The table `concentration`, one row per point of the curve. Negative values count as nothing.
    """
    ordered = np.sort(value.dropna().clip(lower=0).to_numpy())
    total = ordered.sum()
    cumulated = np.concatenate([[0.0], ordered.cumsum() / total if total > 0 else ordered])
    steps = max(1, min(points, len(ordered)))
    at = (np.arange(steps + 1) * len(ordered) / steps).astype(int)
    return pd.DataFrame({"customers": at / len(ordered), "value": cumulated[at], "count": at})


def top_share(lorenz: pd.DataFrame, top: float = 0.2) -> float:
    """Read from a Lorenz curve what share of the value the top customers bring.

    Examples
    --------
    >>> curve = pd.DataFrame({"customers": [0, 0.8, 1.0], "value": [0, 0.3, 1.0]})
    >>> round(top_share(curve), 2)
    0.7
    """
    return float(1 - np.interp(1 - top, lorenz.customers, lorenz.value))


def cohorts(transactions: ibis.Table) -> pd.DataFrame:
    """Follow the customers who first ordered in the same month.

    Returns
    -------
    pandas.DataFrame
        The table `cohorts`, one row per cohort and age.
    """
    placed = orders(transactions)
    months = placed.select("customer", month=placed.time.year() * 12 + placed.time.month() - 1)
    first = months.group_by("customer").agg(cohort=_.month.min())
    seen = months.distinct().join(first, "customer")
    counts = seen.group_by(["cohort", "month"]).agg(active=_.count()).to_pandas()
    sizes = counts[counts.cohort == counts.month].set_index("cohort").active
    counts["age"] = counts.month - counts.cohort
    last = counts.month.max()
    grid = pd.MultiIndex.from_tuples(
        [(c, a) for c in sorted(sizes.index) for a in range(last - c + 1)], names=["cohort", "age"]
    )
    counts = counts.set_index(["cohort", "age"]).reindex(grid).reset_index()
    customers = counts.cohort.map(sizes)
    return counts.assign(
        cohort=[f"{m // 12}-{m % 12 + 1:02d}" for m in counts.cohort],
        customers=customers,
        active=counts.active.fillna(0) / customers,
    )[["cohort", "age", "customers", "active"]]


def calendar(transactions: ibis.Table, as_of: dt.date) -> pd.DataFrame:
    """Sum sales by month.

    Returns
    -------
    pandas.DataFrame
        The table `calendar`, one row per month; `whole` is False for a first or last month with days missing,
        and `years` counts the whole years that the data cover.
    """
    placed = orders(transactions)
    monthly = (
        placed.mutate(month=_.time.strftime("%Y-%m"))
        .group_by("month")
        .agg(
            orders=_.count(),
            customers=_.customer.nunique(),
            value=_.amount.sum(),
            first=_.time.min().date(),
            last=_.time.max().date(),
        )
        .order_by("month")
        .to_pandas()
    )
    whole, years = pd.Series(True, index=monthly.index), 0
    if len(monthly):
        first, last = (
            pd.Timestamp(day).date() for day in (monthly["first"].iloc[0], monthly["last"].iloc[-1])
        )
        lasts = data_end(last, as_of) - pd.Timestamp(monthly.month.iloc[-1])
        whole.iloc[0] = first.day <= LATEST_START
        whole.iloc[-1] &= lasts.days >= SHORTEST_MONTH
        years, __ = whole_years(first, last, as_of)
    monthly = monthly.drop(columns=["first", "last"])
    return monthly.assign(
        value=monthly.value.astype(float), orders=monthly.orders.astype(float), whole=whole, years=years
    )


def weekdays(transactions: ibis.Table) -> pd.DataFrame:
    """Count orders by day of the week and hour.

    Returns
    -------
    pandas.DataFrame
        One row per weekday (0 is Monday) and hour: orders, customers.
    """
    return (
        orders(transactions)
        .mutate(weekday=_.time.day_of_week.index(), hour=_.time.hour())
        .group_by("weekday", "hour")
        .agg(orders=_.count(), customers=_.customer.nunique())
        .order_by("weekday", "hour")
        .to_pandas()
    )


def outliers(features: pd.DataFrame) -> pd.DataFrame:
    """Count customers far outside the middle half of a feature (Tukey's outer fences).

    Returns
    -------
    pandas.DataFrame
        One row per numeric feature of more than ten values: lower and upper fence, outside
        (customers), share.
    """
    rows = []
    for name in features.select_dtypes("number").columns:
        values = features[name].dropna()
        low, high = values.quantile(0.25), values.quantile(0.75)
        if values.nunique() <= 10 or low == high:
            continue
        fences = low - 3 * (high - low), high + 3 * (high - low)
        outside = int(((values < fences[0]) | (values > fences[1])).sum())
        rows.append(
            {
                "feature": name,
                "lower": fences[0],
                "upper": fences[1],
                "outside": outside,
                "share": outside / len(values),
            }
        )
    return pd.DataFrame(rows, columns=["feature", "lower", "upper", "outside", "share"])


@dataclass(frozen=True)
class Layout:
    """Customers on the two dimensions along which they differ most.

    Attributes
    ----------
    points
        One row per customer drawn: first, second; the index says which rows of the prepared table.
    spread
        Share of the spread that the two dimensions carry.
    method
        principal components; multiple correspondence analysis; or factor analysis of mixed data (Pagès, 2004).
    """

    points: pd.DataFrame
    spread: float
    method: str

    def __len__(self) -> int:
        return len(self.points)


def two_dimensions(prepared: pd.DataFrame, sample: int, seed: int) -> Layout:
    """Lay prepared customers out on two dimensions.

    Columns of dtype category are categories; at most `sample` customers are drawn.
    """
    drawn = prepared.sample(min(sample, len(prepared)), random_state=seed).sort_index()
    categories = drawn.select_dtypes("category").columns
    if len(categories):
        import prince

        mixed = drawn.astype(dict.fromkeys(categories, "object")).fillna(dict.fromkeys(categories, "missing"))
        if len(categories) == len(drawn.columns):
            model, method = prince.MCA(n_components=2, random_state=seed), "multiple correspondence analysis"
        else:
            model, method = prince.FAMD(n_components=2, random_state=seed), "factor analysis of mixed data"
        model = model.fit(mixed)
        points, kept = model.row_coordinates(mixed), model.percentage_of_variance_[:2].sum() / 100
    else:
        from sklearn.decomposition import PCA

        model, method = PCA(n_components=min(2, drawn.shape[1]), random_state=seed), "principal components"
        points = pd.DataFrame(model.fit_transform(drawn), index=drawn.index)
        kept = model.explained_variance_ratio_.sum()
    points = points.reindex(columns=range(2), fill_value=0.0)
    points.columns = ["first", "second"]
    return Layout(points, float(kept), method)
