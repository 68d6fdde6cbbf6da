"""Customers of every kind of column, models of every method on them, and customers of unexpected values."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from seglib import estimators
from seglib.implement.scoring import StoredSegmentation, stored_segmentation
from seglib.segment.segmentation import scoring_model

#: Names that need quoting, and texts that need escaping.
MONEY, SHARE, OF, MEMBER, TOWN = 'net "value"', "Anteil Größe", "order", "member?", "it's town"
LEVELS = {
    MONEY: "ratio",
    "balance": "interval",
    "age": "interval",
    "rating": "ordinal",
    SHARE: "ratio",
    MEMBER: "binary",
    "app": "binary",
    TOWN: "nominal",
    "plan": "nominal",
}
ITEMS, YES_ITEMS = ["q1", "q2", "q3"], ["y1", "y2", "y3"]
LEVELS |= dict.fromkeys(ITEMS, "ordinal") | dict.fromkeys(YES_ITEMS, "binary")
TOWNS = np.array(["L'Aquila", "a\\b", "Köln", "UK", "uk", "x%y"])
NUMBERS = [MONEY, "balance", "age", "rating", SHARE, "app"]
CATEGORIES = [TOWN, "plan"]


@cache
def customers(n: int = 600, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 3, n)
    orders = rng.poisson(3 + 4 * group).astype(float)
    table = pd.DataFrame(
        {
            "customer": [f"c{i:05d}" for i in range(n)],
            MONEY: np.where(rng.random(n) < 0.2, 0.0, rng.lognormal(2 + 2 * group, 1)),
            "balance": rng.standard_t(2, n) * 100 - 200 * group,
            "age": rng.normal(30 + 10 * group, 5),
            "rating": rng.integers(1, 4, n) + group.astype(float),
            SHARE: rng.binomial(np.maximum(orders, 1).astype(int), 0.2 + 0.2 * group) / np.maximum(orders, 1),
            OF: orders,
            MEMBER: np.where(rng.random(n) < 0.2 + 0.3 * group, "Yes", "No"),
            "app": (rng.random(n) < 0.8 - 0.3 * group).astype(float),
            TOWN: TOWNS[np.minimum(group * 2 + rng.integers(0, 2, n), 5)],
            **{q: np.clip(np.round(rng.normal(3 + 0.5 * group, 1)), 1, 5) for q in ITEMS},
            **{y: np.where(rng.random(n) < 0.3 + 0.2 * group, "yes, often", "no") for y in YES_ITEMS},
            "plan": np.where(rng.random(n) < 0.01, "rare", np.array(["s", "m", "l"])[group]),
        }
    )
    for column in ("balance", SHARE, MEMBER, TOWN, "rating", "q1", "y1"):
        table.loc[rng.random(n) < 0.1, column] = None
    return table


def strange(known: pd.DataFrame) -> pd.DataFrame:
    """Repeat a customer with one cell after the other that is not as it was."""
    values = [np.nan, np.inf, -np.inf, -5.0, -1.0, 0.0, 1e300, 1e-300, 123456789.0]
    numbers = known.select_dtypes("number").columns
    changes = [{c: v} for c in numbers.drop(["q2", "q3"]) for v in values]
    texts = ["", " ", "never seen", "other", "yes", "YES", "L'Aquila ", None, "'; drop table features; --"]
    changes += [{c: v} for c in (MEMBER, TOWN, "plan") for v in texts]
    changes += [dict.fromkeys(known.columns.drop("customer"), None)]
    changes += [dict.fromkeys(list(known.columns.drop("customer"))[:n], None) for n in (3, 5, 7, 9, 12, 14)]
    first = known.iloc[[3, 50]].to_dict("records")
    rows = pd.DataFrame([row | change for row in first for change in changes])
    rows = rows.astype(dict.fromkeys(numbers, "float64"))
    return pd.concat([known, rows.assign(customer=[f"s{i}" for i in range(len(rows))])], ignore_index=True)


#: The columns that each method is fitted on.
COLUMNS = {
    "k-means": [*NUMBERS, MEMBER],
    "k-prototypes": [*NUMBERS, MEMBER, *CATEGORIES],
    "k-modes": CATEGORIES,
    "merged mixture": ["balance", "age", MONEY, "rating"],
    "merged classes": [*NUMBERS, MEMBER, *CATEGORIES],
    "gaussian mixture": ["balance", "age", MONEY],
    "latent classes": [*NUMBERS, MEMBER, *CATEGORIES],
    "ward": [*NUMBERS, MEMBER],
    "battery of numbers": [*ITEMS, "age"],
    "battery of yes and no": [*YES_ITEMS, "age"],
}
VARIANTS = [
    *COLUMNS,
    "joined distances",
    "joined probabilities",
    "niches by distance",
    "niches by probability",
]
RULES = ["RFM rules", "purchase cycle"]


def _fitted(variant: str, prepared: pd.DataFrame) -> object:
    base = {
        "battery of numbers": "k-means",
        "battery of yes and no": "k-means",
        "joined distances": "k-means",
        "joined probabilities": "latent classes",
        "niches by distance": "k-prototypes",
        "niches by probability": "merged classes",
    }.get(variant, variant)
    method = "merged mixture" if base == "merged classes" else base
    model = estimators.build(method, 3 if not variant.startswith("joined") else 4, 0, n_init=3).fit(prepared)
    if variant.startswith("joined"):
        return estimators.Joined(model, [0, 1, 0, 2])
    if variant.startswith("niches"):
        points = np.nan_to_num(estimators.coded(prepared))
        labels = np.asarray(model.predict(prepared))
        centres = np.array([points[labels == i].mean(0) for i in range(labels.max() + 1)])
        far = np.argsort(-np.linalg.norm(points - centres[labels], axis=1))[[0, 5]]
        return estimators.NichesApart(model, centres, points[far], np.array([4.0, 3.0]))
    return model


@cache
def fitted(variant: str) -> StoredSegmentation:
    """Fit a variant; the segmentation as a run would store it."""
    table = customers()
    if variant in RULES:
        orders = rule_columns(table)
        model = (estimators.RFMSegments if variant == "RFM rules" else estimators.PurchaseCycle)().fit(
            orders.drop(columns="customer")
        )
        return _stored(model, orders, model.labels_)
    base = {"joined distances": "k-means", "joined probabilities": "latent classes"}.get(variant, variant)
    base = "k-prototypes" if variant.startswith("niches") else base
    forming = COLUMNS[base]
    plan = estimators.plan(
        table[forming],
        LEVELS,
        {SHARE: OF},
        [c for c in forming if c in (*ITEMS, *YES_ITEMS)] if "battery" in variant else (),
    )
    preparation = estimators.preparation(plan)
    prepared = preparation.fit_transform(table[estimators.inputs(plan)])
    model = _fitted(variant, prepared)
    return _stored(scoring_model(preparation, model), table, model.predict(prepared))


def rule_columns(table: pd.DataFrame) -> pd.DataFrame:
    named = {MONEY: "recency", OF: "order_count", "age": "net_value"}
    return table[["customer", *named]].rename(columns=named)


def _stored(model: object, table: pd.DataFrame, labels: np.ndarray) -> StoredSegmentation:
    segments = pd.DataFrame({"customer": table.customer, "segment": pd.factorize(labels)[0] + 1})
    return stored_segmentation(model, table, segments)


def scored_customers(variant: str) -> pd.DataFrame:
    """List the customers to be scored, the strange ones among them."""
    table = strange(customers())
    return rule_columns(table) if variant in RULES else table
