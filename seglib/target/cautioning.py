"""The cautions that all stages raise, as objects: what a reader must know before acting, and of which segment.

A caution has a code, a severity and, where it is about one, a segment. `SEVERITY` lists all codes; the
decision page words each of them, on the card of the target that it touches or among the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import ibis
import numpy as np
import pandas as pd

from seglib.segment.thresholds import SORTS_BY_LEVEL
from seglib.target.thresholds import MAJORITY

#: Code to severity: first (dominates the whole project), stop (have it looked at before anything is done),
#: high (may turn the decision) or note.
SEVERITY: dict[str, str] = {
    "one_column": "first",
    "by_level": "first",
    "bought_once": "first",
    "one_product": "first",
    "one_month": "first",
    "one_customer": "first",
    "data_end": "first",
    "consent_unknown": "first",
    "no_demographics": "first",
    "protected": "stop",
    "unstable": "stop",
    "small": "stop",
    "undifferentiated": "stop",
    "dominated": "high",
    "overlapping": "high",
    "test_missed": "high",
    "response_assumed": "high",
    "cost_assumed": "high",
    "margin_missing": "high",
    "consent_channel": "high",
    "too_few": "high",
    "majority": "high",
    "left_out": "note",
    "filter": "note",
    "inaccessible": "note",
    "little_value": "note",
    "incomplete": "note",
    "baseline_assumed": "note",
    "baseline_unknown": "note",
}
COLUMNS = ("stage", "code", "severity", "segment", "share", "number", "text", "behind")
#: Scorecard criteria that become cautions where they are not passed.
_CRITERIA = {
    "distinct": ("segment", "overlapping"),
    "stable": ("segment", "unstable"),
    "substantial": ("assess", "small"),
    "differentiable": ("assess", "undifferentiated"),
    "accessible": ("assess", "inaccessible"),
    "substantial by value": ("assess", "little_value"),
    "measurable": ("assess", "incomplete"),
    "measurable by value": ("assess", "incomplete"),
}
#: Shares from which something dominates a project, days after which data are old, and rows left out that are named.
_ONCE, _HALF, _OLD, _LEFT = 0.9, 0.5, 60, 0.05


def cautions(
    tables: Mapping[str, pd.DataFrame],
    features: pd.DataFrame,
    segments: pd.DataFrame,
    value: str = "net_value",
) -> pd.DataFrame:
    """Collect the cautions of a run.

    Parameters
    ----------
    tables
        Tables of the run by name, as far as there are some: structure, cuts, battery, ledger, catalogue,
        calendar, products (product,
        value, customers), buyers (from `buyers`), scorecard, protected, calibration, best, ranking, plays, tests,
        value, economics.
    features, segments
        One row per customer.
    value
        Feature that holds a customer's value.

    Returns
    -------
    pandas.DataFrame
        One row per caution, the most severe first: stage, code, severity, segment (missing where it is about
        the project), share, number and text (as its sentence needs them), behind (customers it stands on).
    """
    joined = segments[["customer", "segment"]].merge(features, on="customer", how="left")
    worth = joined[value].astype("float64") if value in joined else None
    rows = [
        *_of_division(tables),
        *_of_project(tables, joined, worth),
        *_of_scorecard(tables.get("scorecard")),
        *_of_groups(tables.get("protected")),
        *_of_values(joined, worth),
        *_of_tests(tables.get("calibration")),
        *_of_plays(tables),
    ]
    order = {severity: at for at, severity in enumerate(("first", "stop", "high", "note"))}
    table = pd.DataFrame(rows, columns=[c for c in COLUMNS if c != "severity"])
    table.insert(2, "severity", table.code.map(SEVERITY))
    rank = table.severity.map(order) * 100 + table.code.map(list(SEVERITY).index)
    table = table.assign(_rank=rank).sort_values(["_rank"], kind="stable", ignore_index=True)
    table = table.astype({"segment": "Int64", "share": float, "number": float, "behind": "Int64"})
    return table.drop(columns="_rank")[list(COLUMNS)]


def products(transactions: Any) -> pd.DataFrame | None:
    """Sum up what each product brought: product, value (money), customers; none where products are not named.

    Parameters
    ----------
    transactions
        One row per product in an order, in the engine; none if there are none.
    """
    if transactions is None or not {"product", "amount"} <= set(transactions.columns):
        return None
    table = transactions.group_by("product").agg(
        value=transactions.amount.sum(), customers=transactions.customer.nunique()
    )
    return table.order_by(ibis.desc("value")).to_pandas()


def buyers(transactions: Any) -> pd.DataFrame | None:
    """Count who ordered, and who did so once: customers, once (one row); none without transactions.

    A feature that is the same of all customers is none, so that orders are counted here.
    """
    if transactions is None:
        return None
    each = transactions.group_by("customer").agg(n=transactions.order.nunique())
    return each.agg(customers=each.count(), once=(each.n == 1).sum()).to_pandas()


def _raised(stage: str, code: str, segment: Any = pd.NA, **facts: Any) -> dict[str, Any]:
    empty = {"share": np.nan, "number": np.nan, "text": "", "behind": pd.NA}
    return {"stage": stage, "code": code, "segment": segment} | empty | facts


def _of_division(tables: Mapping[str, pd.DataFrame]) -> Iterator[dict[str, Any]]:
    """Find what the segments are made of, where that is one column, or how much customers agree with everything."""
    structure, battery = tables.get("structure"), tables.get("battery")
    cuts = tables.get("cuts", pd.DataFrame(columns=["feature"]))
    columns = [str(feature) for feature in cuts.feature.unique()]
    if structure is not None and bool(structure.rule.iloc[0]):
        # which column it is stands in `cuts`, unless too few customers are on one side of it
        yield _raised("segment", "one_column", text=columns.pop(0) if columns else "")
    for column in columns:
        yield _raised("segment", "filter", text=column)
    if battery is not None and len(battery) and battery.level_share.iloc[0] >= SORTS_BY_LEVEL:
        yield _raised("segment", "by_level", share=float(battery.level_share.iloc[0]))


def _of_project(
    tables: Mapping[str, pd.DataFrame], joined: pd.DataFrame, worth: pd.Series | None
) -> Iterator[dict[str, Any]]:
    """Find what a head of marketing must hear before any segment, and what was left out."""
    buyers = tables.get("buyers")
    if buyers is not None and buyers.customers.sum() and buyers.once.sum() >= _ONCE * buyers.customers.sum():
        once = int(buyers.once.sum())
        yield _raised("collect", "bought_once", share=once / int(buyers.customers.sum()), behind=once)
    products = tables.get("products")
    if products is not None and len(products) > 1 and (part := _largest(products.value)) is not None:
        top = products.loc[part[0]]
        yield _raised(
            "collect", "one_product", share=part[1], text=str(top["product"]), behind=int(top.customers)
        )
    calendar = tables.get("calendar")
    if calendar is not None and len(calendar) > 2 and (part := _largest(calendar.value)) is not None:
        top = calendar.loc[part[0]]
        yield _raised("explore", "one_month", share=part[1], text=str(top.month), behind=int(top.customers))
    if worth is not None and worth.notna().sum() > 2 and (part := _largest(worth)) is not None:
        yield _raised("assess", "one_customer", share=_HALF)  # no exact share of one customer is published
    if "recency" in joined and joined.recency.notna().any() and (age := float(joined.recency.min())) > _OLD:
        yield _raised("collect", "data_end", number=age)
    ledger = tables.get("ledger")
    if ledger is not None:
        if not (ledger.rule == "no consent").any():
            yield _raised("collect", "consent_unknown", number=len(joined))
        for source, rules in ledger.groupby("source", sort=False):
            before, dropped = float(rules.rows_in.iloc[0]), float(rules.dropped.sum())
            if before and dropped / before >= _LEFT:
                yield _raised("collect", "left_out", share=dropped / before, number=dropped, text=str(source))
    catalogue = tables.get("catalogue")
    if catalogue is not None:
        shares = catalogue.missing_share[catalogue.basis == "demographic"].dropna()
        if len(shares) and shares.min() >= _HALF:
            yield _raised("collect", "no_demographics", share=float(shares.min()))


def _largest(values: pd.Series) -> tuple[Any, float] | None:
    """Return the entry that makes up half of a total, and its share; nothing if none does."""
    known = values.astype("float64").dropna()
    total = known.clip(lower=0).sum()
    if not total > 0 or known.max() < _HALF * total:
        return None
    return known.idxmax(), float(known.max() / total)


def _of_scorecard(scorecard: pd.DataFrame | None) -> Iterator[dict[str, Any]]:
    if scorecard is None:
        return
    for row in scorecard[~scorecard.passed & scorecard.criterion.isin(list(_CRITERIA))].itertuples():
        stage, code = _CRITERIA[row.criterion]
        yield _raised(stage, code, row.segment, number=row.measured, text=row.criterion, behind=row.customers)


def _of_groups(protected: pd.DataFrame | None) -> Iterator[dict[str, Any]]:
    if protected is None:
        return
    for row in protected[protected.nearly.astype(bool)].itertuples():
        label = row.label if pd.isna(row.answer) else f"{row.label}: {row.answer}"
        yield _raised("assess", "protected", row.segment, share=row.held, text=label, behind=row.customers)


def _of_values(joined: pd.DataFrame, worth: pd.Series | None) -> Iterator[dict[str, Any]]:
    if worth is None:
        return
    for segment, own in worth.groupby(joined.segment):
        if own.notna().sum() > 2 and _largest(own) is not None:
            yield _raised("assess", "dominated", segment, share=_HALF, behind=int(own.notna().sum()))


def _of_tests(calibration: pd.DataFrame | None) -> Iterator[dict[str, Any]]:
    if calibration is None or "covered" not in calibration:
        return
    known = calibration[calibration.ratio.notna() & calibration.covered.isin([False])]
    for row in known.itertuples():
        yield _raised(
            "assess", "test_missed", row.segment, share=row.ratio, text=str(row.since)[:10], behind=row.buyers
        )


def _of_plays(tables: Mapping[str, pd.DataFrame]) -> Iterator[dict[str, Any]]:
    """Find what the plays of the targets assume, and what cannot be shown."""
    ranking, best, plays, tests = (tables.get(name) for name in ("ranking", "best", "plays", "tests"))
    if ranking is None:
        return
    targets = set(ranking.segment[ranking.target.astype(bool)])
    if best is not None:
        known = best[best.segment.isin(targets) & (best.unknown == "")]
        for row in known.itertuples():
            if row.learned_from == "":
                yield _raised(
                    "target", "response_assumed", row.segment, share=row.effect, behind=row.customers
                )
            if row.cost_from == "assumed":
                yield _raised("target", "cost_assumed", row.segment, number=row.cost, text=row.contact)
        if len(known) and (known.margin_from == "none").any():
            yield _raised("target", "margin_missing")
    if plays is not None:
        for row in plays[plays.segment.isin(targets)].itertuples():
            for check in row.required:
                if check["kind"] == "consent" and check["held"] is None:
                    yield _raised("target", "consent_channel", row.segment, text=check["channel"])
    if tests is not None:
        for row in tests[tests.segment.isin(targets)].itertuples():
            if row.advice == "unknown":
                yield _raised("target", "baseline_unknown", row.segment, behind=row.customers)
            elif not row.shows:
                visible = row.visible if row.outcome == "share" else np.nan
                yield _raised(
                    "target", "too_few", row.segment, share=visible, text=row.advice, behind=row.customers
                )
            if row.baseline_from == "assumed":
                yield _raised(
                    "target", "baseline_assumed", row.segment, share=row.baseline, behind=row.customers
                )
    value = tables.get("value")
    if value is not None and targets:
        part = float(value.customers[value.segment.isin(targets)].sum() / value.customers.sum())
        if part > MAJORITY:
            yield _raised("target", "majority", share=part, number=len(targets))
