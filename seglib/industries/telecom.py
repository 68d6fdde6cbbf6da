"""A telephone company: segments of usage and contract."""

from __future__ import annotations

import datetime as dt

from seglib.simulate.industry import Campaign, Industry, Item
from seglib.simulate.specification import Attribute, Contracts, Number, Planted, Purchases, Visits

_GB, _MINUTES = {"skewed": True, "decimals": 1}, {"skewed": True}

_SEGMENTS = {
    "streamers": Planted(
        0.24,
        "Young customers on unlimited data: video in the evening, hardly a call, the newest phone.",
        (200, 1300),
        {
            "birth_date": Number(25, 4, low=18, high=45), "data_gb": Number(62, 0.35, **_GB),
            "voice_minutes": Number(45, 0.4, **_MINUTES), "texts": Number(8, 0.5, **_MINUTES),
            "roaming_days": Number(4, 1.5, low=0, high=60), "data_plan_used_percent": Number(78, 10, low=0, high=100),
            "device_age_months": Number(9, 4, low=0, high=80), "operating_system": {"ios": 52, "android": 48},
        },
        Purchases(12.5, 46, {"tariff": 80, "data pass": 20}, regular=True, own=0.05, returned=0, evening=0.65,
                  discount=0.06, channels={"app": 92, "web": 8}, payments={"wallet": 62, "card": 38}),
        Visits({"login": 16, "usage": 20, "call": 0.4}, evening=0.6, channels={"app": 96, "telephone": 4},
               devices={"mobile": 97, "desktop": 3}, features={"data": 70, "videos": 25, "bill": 5}),
        Contracts({"unlimited": 88, "plus": 12}, churn=0.006),
        {"satisfaction": 7.1, "price_first": 2.9, "speed_matters": 4.8, "speed_met": 3.3}, 0.3,
        {"upgrade": (0.22, 0.11), "retention call": (0.30, 0.22)},
    ),
    "callers on old tariffs": Planted(
        0.20,
        "Long-standing customers over sixty who telephone a lot, use no data and never changed the tariff.",
        (3000, 7500),
        {
            "birth_date": Number(69, 6, low=45, high=95), "data_gb": Number(0.6, 0.5, **_GB),
            "voice_minutes": Number(620, 0.35, **_MINUTES), "texts": Number(26, 0.5, **_MINUTES),
            "roaming_days": Number(0.6, 0.8, low=0, high=30), "data_plan_used_percent": Number(12, 6, low=0, high=100),
            "device_age_months": Number(55, 9, low=0, high=120), "operating_system": {"other": 60, "android": 40},
        },
        Purchases(12.5, 21, {"tariff": 70, "calls": 30}, regular=True, own=0.05, returned=0, weekend=0.05, evening=0.04,
                  channels={"shop": 58, "telephone": 42}, payments={"direct debit": 82, "cash": 18}),
        Visits({"login": 0.7, "call": 3.2}, evening=0.04, channels={"telephone": 80, "web": 20},
               devices={"desktop": 85, "mobile": 15}, features={"bill": 90, "data": 10}),
        Contracts({"basic": 90, "plus": 10}, churn=0.0005),
        {"satisfaction": 7.9, "price_first": 3.1, "speed_matters": 1.9, "speed_met": 3.4}, 0.3,
        {"upgrade": (0.02, 0.015), "retention call": (0.05, 0.040)},
    ),
    "prepaid savers": Planted(
        0.22,
        "Customers without a contract who top up small sums, compare prices and leave for the next offer.",
        (120, 900),
        {
            "birth_date": Number(36, 9, low=18, high=75), "data_gb": Number(4.5, 0.4, **_GB),
            "voice_minutes": Number(95, 0.4, **_MINUTES), "texts": Number(14, 0.5, **_MINUTES),
            "roaming_days": Number(1.2, 1.0, low=0, high=40), "data_plan_used_percent": Number(95, 4, low=0, high=100),
            "device_age_months": Number(34, 8, low=0, high=90), "operating_system": {"android": 92, "ios": 8},
        },
        Purchases(26, 10, {"top-up": 76, "data pass": 24},
                  own=0.2, returned=0, weekend=0.45, evening=0.35, discount=0.75,
                  channels={"shop": 64, "app": 36}, payments={"voucher": 70, "cash": 30}),
        Visits({"login": 6, "usage": 3, "call": 0.6}, evening=0.4, channels={"app": 94, "telephone": 6},
               devices={"mobile": 94, "desktop": 6}, features={"balance": 80, "data": 20}),
        Contracts({"prepaid": 100}, churn=0.010),
        {"satisfaction": 5.6, "price_first": 4.6, "speed_matters": 2.8, "speed_met": 2.9}, 0.2,
        {"upgrade": (0.04, 0.020), "retention call": (0.16, 0.080)},
    ),
    "family bundles": Planted(
        0.20,
        "Households with broadband and several lines on one bill, who call when the children's line stops.",
        (900, 3600),
        {
            "birth_date": Number(44, 5, low=28, high=65), "data_gb": Number(36, 0.3, **_GB),
            "voice_minutes": Number(190, 0.3, **_MINUTES), "texts": Number(120, 0.4, **_MINUTES),
            "roaming_days": Number(6, 2.0, low=0, high=60), "data_plan_used_percent": Number(40, 8, low=0, high=100),
            "device_age_months": Number(24, 6, low=0, high=90), "operating_system": {"android": 55, "ios": 45},
            "household": Number(4.1, 0.8, low=2, high=8),
        },
        Purchases(13.5, 124, {"bundle": 74, "handset": 16, "television": 10}, regular=True,
                  own=0.05, returned=0, weekend=0.35,
                  evening=0.25, discount=0.30, channels={"web": 78, "shop": 22},
                  payments={"direct debit": 92, "card": 8}),
        Visits({"login": 8, "usage": 4, "call": 2.4}, channels={"web": 62, "app": 20, "telephone": 18},
               devices={"desktop": 55, "mobile": 45}, features={"bill": 42, "lines": 42, "data": 16}),
        Contracts({"family": 90, "plus": 10}, churn=0.002, more=2.6),
        {"satisfaction": 6.4, "price_first": 3.8, "speed_matters": 4.1, "speed_met": 2.5}, 0.3,
        {"upgrade": (0.12, 0.060), "retention call": (0.14, 0.050)},
    ),
    "roaming professionals": Planted(
        0.14,
        "Self-employed people who travel: many calls, data abroad, a bill they pass on, and no patience.",
        (600, 3200),
        {
            "birth_date": Number(46, 7, low=25, high=70), "data_gb": Number(14, 0.3, **_GB),
            "voice_minutes": Number(980, 0.3, **_MINUTES), "texts": Number(22, 0.4, **_MINUTES),
            "roaming_days": Number(42, 9, low=5, high=150), "data_plan_used_percent": Number(70, 8, low=0, high=100),
            "device_age_months": Number(10, 4, low=0, high=60), "operating_system": {"ios": 82, "android": 18},
        },
        Purchases(14, 172, {"tariff": 52, "roaming": 48}, regular=True, own=0.05, returned=0, weekend=0.03,
                  evening=0.12, channels={"web": 60, "account manager": 40}, payments={"transfer": 70, "card": 30}),
        Visits({"login": 14, "usage": 10, "call": 3.0}, evening=0.15, channels={"app": 60, "web": 28, "telephone": 12},
               devices={"mobile": 66, "desktop": 34}, features={"bill": 40, "roaming": 50, "data": 10}),
        Contracts({"business": 96, "unlimited": 4}, churn=0.003),
        {"satisfaction": 6.8, "price_first": 1.8, "speed_matters": 4.6, "speed_met": 3.8}, 0.25,
        {"upgrade": (0.16, 0.10), "retention call": (0.10, 0.060)},
    ),
}  # fmt: skip

TELECOM = Industry(
    title="A telephone company",
    as_of=dt.date(2025, 6, 1),
    segments=_SEGMENTS,
    columns={
        "customers": {"customer": "account", "consent": "profiling", "registered": "since",
                      "email": "email", "phone": "contact_phone"},
        "transactions": {"order": "bill", "customer": "account", "time": "paid_at", "category": "item",
                         "amount": "amount", "discount": "rebate", "channel": "channel", "payment": "paid_by"},
        "events": {"customer": "account", "time": "time", "type": "event", "channel": "channel",
                   "device": "device", "feature": "looked_at", "seconds": "seconds"},
        "responses": {"customer": "account", "item": "item", "score": "score", "time": "time", "seconds": "seconds"},
        "campaigns": {"customer": "account", "campaign": "campaign", "time": "time", "channel": "channel",
                      "holdout": "control", "responded": "accepted", "cost": "cost", "revenue": "revenue"},
        "subscriptions": {"customer": "account", "start": "from", "end": "until", "plan": "tariff", "fee": "fee",
                          "renewals": "renewals"},
    },
    attributes={
        "birth_date": Attribute(Number(45, 15, low=18, high=95), missing=0.04, before="years"),
        "city_size": Attribute(Number(60000, 1.2, skewed=True, low=300)),
        "household": Attribute(Number(2.0, 0.9, low=1, high=8)),
        "operating_system": Attribute({"android": 1}, missing=0.02),
        "data_gb": Attribute(Number(5, 0.5, **_GB), impossible=99999),
        "voice_minutes": Attribute(Number(100, 0.5, **_MINUTES)),
        "texts": Attribute(Number(10, 0.5, **_MINUTES)),
        "roaming_days": Attribute(Number(1, 1, low=0)),
        "data_plan_used_percent": Attribute(Number(50, 10, low=0, high=100), missing=0.03),
        "device_age_months": Attribute(Number(24, 8, low=0), missing=0.05),
    },
    items={
        "satisfaction": Item("satisfaction", 0, 10),
        "cheapest_wins": Item("price_first"), "compare_tariffs": Item("price_first"),
        "pay_for_service": Item("price_first", reverse=True),
        "speed_matters": Item("speed_matters"), "speed_met": Item("speed_met"),
    },
    campaigns={
        "upgrade": Campaign(95, "app", 0.02, 140.0),
        "retention call": Campaign(200, "telephone", 6.50, 90.0, reach=0.3),
    },
    plans={"prepaid": 8.0, "basic": 17.0, "plus": 29.0, "unlimited": 45.0, "family": 59.0, "business": 85.0},
    forming=("data_gb", "voice_minutes", "texts", "data_plan_used_percent", "amount"),
    customers=6000, days=365, event_days=120, term=24, prefix="T",
)  # fmt: skip
