"""Published and recomputed figures, against the real tables."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from seglib import estimators
from seglib.collect import build as collect
from seglib.collect import ledger, sources
from seglib.collect.eligible import select_eligible
from seglib.collect.features import Settings
from seglib.estimators import KPrototypes, RFMSegments
from seglib.project.store import read_frame
from seglib.segment import stability

RETAIL = {
    "customer": "CustomerID",
    "order": "InvoiceNo",
    "time": "InvoiceDate",
    "product": "StockCode",
    "quantity": "Quantity",
    "price": "UnitPrice",
}


@pytest.fixture(scope="module")
def retail(reference):
    engine = sources.connect()
    spec = {"path": str(reference / "online_retail" / "OnlineRetail.parquet")}
    opened = sources.open_source(engine, "transactions", reference, spec)
    eligible = select_eligible(
        {"transactions": opened},
        {"transactions": RETAIL},
        dt.date(2011, 12, 10),
        terms={"transactions": ledger.Terms(cancelled_prefix="C")},
    )
    return eligible


def test_online_retail_ledger_equals_the_reference(retail):
    ledger = retail.ledger.query("source == 'transactions'").set_index("rule")
    assert ledger.rows_in.iloc[0] == 541_909
    lost = (ledger.dropped + ledger.set_aside).to_dict()
    assert lost == {
        "no customer id": 135_080,
        "duplicate row": 5_225,
        "no time": 0,
        "implausible time": 0,
        "on or after as_of": 0,
        "no amount": 0,
        "cancellation or return": 8_872,
        "price not above zero": 40,
    }
    assert ledger.rows_out.loc[
        ["no customer id", "duplicate row", "cancellation or return", "price not above zero"]
    ].tolist() == [406_829, 401_604, 392_732, 392_692]
    assert round(ledger.value["cancellation or return"], 2) == -608_689.47


def test_online_retail_purchases_equal_the_reference(retail):
    bought = retail.tables["transactions"]
    found = bought.agg(orders=bought.order.nunique(), value=bought.amount.sum()).to_pandas().iloc[0]
    assert len(retail.ids) == 4_338
    assert found.orders == 18_532
    assert float(found.value) == pytest.approx(8_887_208.89, abs=0.01)


def test_a_cancellation_reduces_its_customers_value(retail):
    bases = {"value": "auto", "behavioural": "auto"}
    settings = Settings(dt.date(2011, 12, 10))
    features = collect.build_features(retail.customers, retail.tables, bases, settings).features
    back = retail.tables["returns"].amount.sum().to_pandas()
    assert features.net_value.sum() == pytest.approx(8_887_208.89 + float(back), abs=0.01)
    assert features.order_count.sum() == 18_532
    assert float(back) < 0


def test_rfm_segments_equal_the_published_ones(reference):
    orders = read_frame(reference / "rfm_orders" / "orders.parquet")
    days = (pd.Timestamp("2006-12-31") - pd.to_datetime(orders.order_date)).dt.days
    grouped = orders.assign(days=days).groupby("customer_id")
    table = pd.DataFrame(
        {"recency": grouped.days.min(), "frequency": grouped.size(), "monetary": grouped.revenue.sum()}
    )
    table["segment"] = RFMSegments().fit(table).labels_
    by = table.groupby("segment")
    found = {name: (len(rows), int(rows.frequency.sum()), int(rows.monetary.sum())) for name, rows in by}
    assert len(table) == 995
    assert found == {
        "Champions": (35, 316, 31_646),
        "Potential Loyalist": (342, 2_211, 204_856),
        "Loyal Customers": (170, 799, 76_562),
        "Promising": (9, 28, 4_249),
        "New Customers": (104, 329, 28_837),
        "Can't Lose Them": (47, 274, 32_446),
        "At Risk": (28, 216, 22_227),
        "Need Attention": (10, 57, 4_562),
        "About To Sleep": (102, 283, 23_449),
        "Lost": (148, 393, 35_324),
    }


@pytest.fixture(scope="module")
def mcdonalds(reference):
    table = pd.read_csv(reference / "mcdonalds" / "mcdonalds.csv.gz")
    return table, (table.iloc[:, :11] == "Yes").astype(float)


def test_mcdonalds_k_means_equals_the_recomputed_solution(mcdonalds):
    _, answers = mcdonalds
    model = KMeans(4, n_init=10, random_state=0).fit(answers)
    assert model.inertia_ == pytest.approx(1_602.93, abs=0.005)
    assert sorted(np.bincount(model.labels_), reverse=True) == [580, 324, 309, 240]


def test_mcdonalds_k_prototypes_of_numbers_is_as_good(mcdonalds):
    _, answers = mcdonalds
    published = KMeans(4, n_init=10, random_state=0).fit(answers)
    model = KPrototypes(4, n_init=50, random_state=0).fit(answers)
    assert model.inertia_ <= 1_602.935
    assert adjusted_rand_score(published.labels_, model.labels_) > 0.95


def test_mcdonalds_stability_equals_that_of_flexclust(mcdonalds, monkeypatch):
    """From random starts, as flexclust's; from better ones four segments agree still more."""
    _, answers = mcdonalds
    from_random = dataclasses.replace(
        estimators.METHODS["k-means"],
        make=lambda k, seed, n_init: KMeans(k, init="random", n_init=n_init, random_state=seed),
    )
    monkeypatch.setitem(estimators.METHODS, "from random starts", from_random)
    plan = stability.Resampling(120, sample=1453, seed=0, starts=(50, 10), halvings=0, n_jobs=1)
    found = stability.resample("from random starts", range(2, 7), answers, plan)
    medians = {k: float(np.median(fit.agreement)) for k, fit in found.items()}
    assert medians == pytest.approx({2: 0.96, 3: 0.91, 4: 0.76, 5: 0.66, 6: 0.64}, abs=0.1)
    assert min(medians[k] for k in (2, 3, 4)) > 0.7 > max(medians[k] for k in (5, 6))
    assert sorted(found[4].stability) == pytest.approx([0.88, 0.9, 0.9, 0.92], abs=0.05)
    assert min(found[5].stability) == pytest.approx(0.7, abs=0.08)


def test_mcdonalds_through_the_preparation_is_the_same(mcdonalds):
    table, _ = mcdonalds
    given = table.iloc[:, :11].astype("string")
    plan = estimators.plan(given, dict.fromkeys(given, "binary"))
    prepared = estimators.preparation(plan).fit_transform(given)
    assert set(plan.transformation) == {"as 0 and 1"}
    model = estimators.build("k-means", 4, seed=0).fit(prepared)
    assert model.inertia_ == pytest.approx(1_602.93, abs=0.005)


def test_soybean_k_modes_recovers_the_four_diseases(reference):
    table = pd.read_csv(reference / "soybean" / "soybean.csv.gz", header=None, dtype=str)
    model = KPrototypes(4, init="cao", gamma=1.0).fit(table.iloc[:, :-1])
    assert model.inertia_ == 199
    assert adjusted_rand_score(table.iloc[:, -1], model.labels_) == 1.0
