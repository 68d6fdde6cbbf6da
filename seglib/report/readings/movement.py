"""Facts of page 04: how segments move, who orders again, who may leave, how content customers are."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.assess.behaviour import drivers as regression
from seglib.assess.behaviour.churn import Risk
from seglib.assess.behaviour.satisfaction import Asked
from seglib.privacy import disclosure
from seglib.report.context import Context
from seglib.report.words import coarse_share

#: Drivers named in a sentence.
_NAMED = 3
#: A share of all customers is rounded to the first of these steps that leaves enough candidates for a part of it.
_STEPS = (0.01, 0.05, 0.1, 0.25)


def rounded_customers(customers: pd.Series, terms: Context) -> pd.Series:
    """Round numbers of customers so that no difference of two reveals few; none stays none.

    Examples
    --------
    >>> rounded_customers(pd.Series([487.0, 12.0, 3.0, 0.0]), Context(min_cell=10)).tolist()
    [480.0, 20.0, nan, 0.0]
    """
    return disclosure.rounded(customers.fillna(0), terms.min_cell).where(customers != 0, 0.0)


def too_few(customers: pd.Series, terms: Context) -> pd.Series:
    """Check which numbers of customers are too few to be shown, without being none."""
    return customers.astype(float).between(0, terms.min_cell, inclusive="neither")


def fewest(share: pd.Series, customers: pd.Series) -> pd.Series:
    """Count the fewest customers that a share is based on: those of whom it holds or not, whichever are fewer.

    Examples
    --------
    >>> fewest(pd.Series([0.9, 0.0]), pd.Series([200, 50])).tolist()
    [20.0, 50.0]
    """
    yes = (share * customers).astype(float).round()
    no = customers.astype(float) - yes
    return pd.DataFrame({"yes": yes.where(yes > 0), "no": no.where(no > 0)}).min(axis=1)


def ends_of(rows: pd.DataFrame, by: str) -> list[dict[str, Any]]:
    """Return the rows with the highest and the lowest value; one where there is one."""
    ordered = rows.sort_values(by, ascending=False)
    return ordered.iloc[[0] if len(ordered) == 1 else [0, -1]].to_dict("records")


def movement(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find which segments did best and worst, in customers who buy and in revenue."""
    if table.empty:
        return {"recent": None}
    known = table.dropna(subset=["growth_customers", "growth_value"])
    known = known[~too_few(known.behind, terms)]
    return {
        "recent": table.recent.iloc[0],
        "earlier": table.earlier.iloc[0],
        "customers": ends_of(known, "growth_customers") if len(known) else [],
        "value": ends_of(known, "growth_value") if len(known) else [],
        "others": [s for s in table.segment if s not in set(known.segment)],
    }


def shown_sales(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Return what each segment ordered by month as far as it may be shown.

    Of a rounded number of mean customers, so that the sales of a month less those of the other
    segments reveal few customers of none.
    """
    customers = rounded_customers(table.customers.astype(float), terms)
    each = table.value.astype(float) / table.customers.astype(float).where(table.customers > 0, 1.0)
    return table.assign(customers=customers, value=each * customers)


def monthly(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find the strongest month of each segment."""
    known = shown_sales(table, terms)
    known = known[known.value > 0]
    best = known.loc[known.groupby("segment").value.idxmax()]
    return {"months": best.assign(month=best.month.dt.strftime("%Y-%m")).to_dict("records")}


def _with_share(row: dict[str, Any], terms: Context) -> dict[str, Any]:
    """Write the share of a row: exact with its interval, or coarse without one."""
    few = terms.hides(fewest(pd.Series([row["share"]]), pd.Series([row["customers"]])).iloc[0])
    text = coarse_share(row["share"], row["customers"], terms.min_cell)
    return row | {"text": text, "ends": not few}


def retention(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find the segments with the highest and lowest retention, at the oldest age that several reach."""
    known = table[~too_few(table.customers, terms)].dropna(subset="share")
    if known.empty:
        return {"age": None}
    reached = known.groupby("age").size()
    age = reached.index[reached >= min(2, reached.max())].max()
    rows = [_with_share(row, terms) for row in ends_of(known[known.age == age], "share")]
    return {"age": int(age), "rows": rows}


def next_orders(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find which segments place a second order most and least often within the days, beside all customers."""
    second = table[(table.step == 2) & table.soon.notna()]
    behind = fewest(second.ordered / second.customers, second.customers)
    second = second[~too_few(behind, terms)]
    own, everyone = second[second.segment.notna()], second[second.segment.isna()]
    if own.empty or everyone.empty:
        return {"rows": []}
    return {"rows": ends_of(own, "soon"), "all": everyone.soon.iloc[0], "days": int(second.days.iloc[0])}


def churn(table: pd.DataFrame, risk: Risk, terms: Context) -> dict[str, Any]:
    """Find how many customers are at risk, by which rule, and in which segments most and fewest."""
    known = table[~too_few(table.customers, terms) & (table.customers > 0)]
    without, late = len(risk.borrowed), risk.borrowed.overdue.dropna().astype(float)
    all_orders = len(risk.customers.dropna()) + without
    rhythm = {
        "without": coarse_share(without / all_orders, all_orders, terms.min_cell) if without else "",
        "borrowed": coarse_share(late.mean(), len(late), terms.min_cell) if len(late) else "",
    }
    if known.empty:
        return {"rule": "", **rhythm}
    n = float(table.customers.sum())
    step = next((s for s in _STEPS if s * n >= terms.min_cell), 0.5)
    judged = len(risk.customers.dropna())
    return {
        "rule": risk.rule,
        "feature": risk.defines[0],
        "overall": round(float(table.at_risk.sum()) / n / step) * step,
        "about": step > _STEPS[0],
        "rows": [_with_share(row, terms) for row in ends_of(known, "share")],
        "seasonal": coarse_share(risk.seasonal, judged, terms.min_cell) if risk.seasonal else "",
        **rhythm,
    }


def drivers(explained: regression.Drivers, terms: Context) -> dict[str, Any]:
    """Find what is significantly associated with being at risk, or why that is not known."""
    facts = {
        "reason": explained.reason,
        "columns": explained.columns,
        "per_column": regression.PER_COLUMN,
        "least_auc": regression.LEAST_AUC,
        "left_out": list(explained.left_out),
        "strongest": [],
        "auc": None,
        "leaking": regression.leaking(explained.table),
        "split": explained.split,
    }
    if explained.table.empty:
        return facts
    rows = explained.table
    rows = rows[rows.significant.astype(bool) & ~too_few(rows.behind, terms)]
    strongest = [_driver(row) for row in rows.head(_NAMED).to_dict("records")]
    return facts | {"auc": explained.table.auc.iloc[0], "strongest": [] if explained.reason else strongest}


def _driver(row: dict[str, Any]) -> dict[str, Any]:
    """Turn an odds ratio so that it is above one: what goes with a higher risk, and against what."""
    if row["odds_ratio"] >= 1:
        return row
    turned = {"odds_ratio": 1 / row["odds_ratio"], "low": 1 / row["high"], "high": 1 / row["low"]}
    return row | turned | {"answer": row["against"], "against": row["answer"]}


def shown_answers(table: pd.DataFrame, terms: Context) -> pd.Series:
    """Count the customers behind each row of satisfaction; 1 where a row is not shown.

    With a segment of few answers goes another of the same item, because the item's total is known.
    """
    hides = table.answers.groupby(table["item"]).transform(lambda n: disclosure.hidden(n, terms.min_cell))
    return table.answers.astype(float).mask(hides.astype(bool), 1.0)


def satisfaction(table: pd.DataFrame, asked: Asked, terms: Context) -> dict[str, Any]:
    """Find which segments are most and least content, item by item."""
    items = []
    for item, rows in table.groupby("item", sort=False):
        known = rows[~too_few(shown_answers(rows, terms), terms)].dropna(subset="mean")
        promoters = bool(len(known)) and bool(known.nps.notna().all())
        ends = ends_of(known, "nps" if promoters else "mean") if len(known) else []
        answers = int(known.answers.sum())
        items.append({"item": item, "answers": answers, "promoters": promoters, "rows": ends})
    return {"items": items, "unused": asked.unused}
