"""A retail bank: segments of financial behaviour."""

from __future__ import annotations

import datetime as dt

from seglib.simulate.industry import Campaign, Industry, Item
from seglib.simulate.specification import Attribute, Number, Planted, Purchases, Visits

_MONEY = {"skewed": True, "decimals": 2}

_SEGMENTS = {
    "salary and card": Planted(
        0.26,
        "Employees whose salary comes in here and who pay nearly everything by card; little is put aside.",
        (1200, 4000),
        {
            "birth_date": Number(37, 7, low=19, high=80), "income": Number(38000, 0.2, **_MONEY),
            "salary_account": {"yes": 97, "no": 3}, "products_held": Number(2.3, 0.6, low=1, high=9),
            "current_balance": Number(2400, 0.4, **_MONEY), "savings_balance": Number(1500, 0.5, **_MONEY),
            "investments": Number(40, 0.5, **_MONEY), "loans": Number(900, 0.5, **_MONEY),
        },
        Purchases(
            95, 34, {"groceries": 30, "dining": 25, "leisure": 15, "bills": 15, "travel": 10, "cash": 5},
            weekend=0.40, evening=0.40, returned=0.010, channels={"card": 60, "app": 34, "web": 6},
            payments={"contactless": 70, "chip": 15, "online": 15},
        ),
        Visits({"login": 22, "transfer": 6, "call": 0.3}, devices={"mobile": 85, "desktop": 15},
               channels={"app": 85, "web": 13, "telephone": 2}),
        answers={"satisfaction": 7.4, "caution": 2.8, "advice_matters": 2.6, "advice_met": 3.2},
        responds={"investment plan, spring": (0.04, 0.020), "investment plan, autumn": (0.04, 0.020)},
    ),
    "mortgage families": Planted(
        0.22,
        "Couples in their forties with a mortgage, a joint account, standing orders and a weekly shop.",
        (2000, 6000),
        {
            "birth_date": Number(43, 5, low=25, high=70), "income": Number(62000, 0.2, **_MONEY),
            "salary_account": {"yes": 96, "no": 4}, "products_held": Number(4.6, 0.7, low=2, high=9),
            "current_balance": Number(3800, 0.4, **_MONEY), "savings_balance": Number(7500, 0.5, **_MONEY),
            "investments": Number(700, 0.5, **_MONEY), "loans": Number(168000, 0.3, **_MONEY),
        },
        Purchases(
            60, 92, {"groceries": 42, "bills": 34, "children": 12, "leisure": 7, "travel": 5},
            weekend=0.60, evening=0.18, returned=0.012, channels={"card": 45, "web": 30, "standing order": 25},
            payments={"chip": 45, "direct debit": 40, "online": 15},
        ),
        Visits({"login": 12, "transfer": 4, "call": 0.8}, devices={"desktop": 55, "mobile": 45},
               channels={"web": 52, "app": 43, "telephone": 5}),
        answers={"satisfaction": 6.9, "caution": 3.4, "advice_matters": 3.6, "advice_met": 2.6},
        responds={"investment plan, spring": (0.05, 0.015), "investment plan, autumn": (0.05, 0.015)},
    ),
    "young starters": Planted(
        0.18,
        "Students and trainees: a first account, an app, small evening payments and nothing left at month's end.",
        (150, 1400),
        {
            "birth_date": Number(21, 2, low=18, high=30), "income": Number(11000, 0.25, **_MONEY),
            "salary_account": {"yes": 20, "no": 80}, "products_held": Number(1.2, 0.4, low=1, high=4),
            "current_balance": Number(260, 0.5, **_MONEY), "savings_balance": Number(90, 0.6, **_MONEY),
            "investments": Number(8, 0.5, **_MONEY), "loans": Number(40, 0.5, **_MONEY),
        },
        Purchases(
            75, 9, {"dining": 45, "leisure": 28, "groceries": 15, "travel": 12},
            weekend=0.50, evening=0.75, returned=0.008, channels={"app": 82, "card": 18},
            payments={"contactless": 88, "online": 12},
        ),
        Visits({"login": 48, "transfer": 14, "call": 0.1}, evening=0.55,
               devices={"mobile": 98, "desktop": 2}, channels={"app": 98, "web": 2}),
        answers={"satisfaction": 8.1, "caution": 1.9, "advice_matters": 2.2, "advice_met": 2.6},
        responds={"investment plan, spring": (0.02, 0.010), "investment plan, autumn": (0.02, 0.010)},
    ),
    "wealth builders": Planted(
        0.14,
        "Well-paid professionals who hold funds and shares here and want advice before they buy more.",
        (2500, 9000),
        {
            "birth_date": Number(54, 7, low=30, high=85), "income": Number(118000, 0.3, **_MONEY),
            "salary_account": {"yes": 70, "no": 30}, "products_held": Number(6.2, 0.8, low=3, high=10),
            "current_balance": Number(16000, 0.5, **_MONEY), "savings_balance": Number(52000, 0.5, **_MONEY),
            "investments": Number(145000, 0.5, **_MONEY), "loans": Number(2500, 0.6, **_MONEY),
        },
        Purchases(
            28, 310, {"securities": 35, "travel": 28, "dining": 17, "leisure": 10, "bills": 10},
            weekend=0.18, evening=0.20, returned=0.010, channels={"web": 62, "card": 24, "branch": 14},
            payments={"chip": 48, "transfer": 52},
        ),
        Visits({"login": 30, "transfer": 7, "call": 2.5}, devices={"desktop": 80, "mobile": 20},
               channels={"web": 76, "app": 18, "telephone": 6}),
        answers={"satisfaction": 7.7, "caution": 2.4, "advice_matters": 4.5, "advice_met": 3.9},
        responds={"investment plan, spring": (0.20, 0.090), "investment plan, autumn": (0.18, 0.090)},
    ),
    "cautious savers": Planted(
        0.20,
        "Pensioners who save, use the branch and cash, owe nothing and distrust shares.",
        (4000, 12000),
        {
            "birth_date": Number(70, 6, low=50, high=99), "income": Number(23000, 0.2, **_MONEY),
            "salary_account": {"yes": 4, "no": 96}, "products_held": Number(2.8, 0.6, low=1, high=7),
            "current_balance": Number(4600, 0.4, **_MONEY), "savings_balance": Number(61000, 0.5, **_MONEY),
            "investments": Number(60, 0.5, **_MONEY), "loans": Number(25, 0.5, **_MONEY),
        },
        Purchases(
            22, 68, {"cash": 46, "groceries": 32, "bills": 22},
            weekend=0.06, evening=0.03, returned=0.006, channels={"branch": 66, "card": 34},
            payments={"cash": 58, "chip": 42},
        ),
        Visits({"login": 2, "transfer": 1, "call": 1.6}, evening=0.05,
               devices={"desktop": 90, "mobile": 10}, channels={"web": 60, "telephone": 40}),
        answers={"satisfaction": 6.4, "caution": 4.5, "advice_matters": 3.9, "advice_met": 2.1},
        responds={"investment plan, spring": (0.06, 0.010), "investment plan, autumn": (0.07, 0.010)},
    ),
}  # fmt: skip

BANKING = Industry(
    title="A retail bank",
    as_of=dt.date(2025, 7, 1),
    segments=_SEGMENTS,
    columns={
        "customers": {"customer": "customer_no", "consent": "may_profile", "registered": "customer_since",
                      "email": "email", "phone": "phone"},
        "transactions": {"order": "booking_no", "customer": "customer_no", "time": "booked_at",
                         "amount": "amount", "category": "purpose", "channel": "channel",
                         "payment": "paid_by"},
        "events": {"customer": "customer_no", "time": "time", "type": "event", "channel": "channel",
                   "device": "device", "seconds": "seconds"},
        "responses": {"customer": "customer_no", "item": "question", "score": "answer",
                      "time": "answered_at", "seconds": "seconds"},
        "campaigns": {"customer": "customer_no", "campaign": "campaign", "time": "contacted_at",
                      "channel": "channel", "holdout": "held_out", "responded": "opened_a_plan",
                      "cost": "cost", "revenue": "first_year_fees"},
    },
    attributes={
        "birth_date": Attribute(Number(45, 15, low=18, high=95), before="years"),
        "income": Attribute(Number(35000, 0.4, **_MONEY), missing=0.08, impossible=-1),
        "region": Attribute({"north": 24, "east": 16, "south": 28, "west": 14, "capital": 18}),
        "household": Attribute(Number(2.4, 1.1, low=1, high=7)),
        "salary_account": Attribute({"yes": 1, "no": 1}),
        "products_held": Attribute(Number(2, 1, low=1, high=10)),
        "current_balance": Attribute(Number(2000, 0.5, **_MONEY)),
        "savings_balance": Attribute(Number(2000, 0.5, **_MONEY), missing=0.01),
        "investments": Attribute(Number(50, 0.5, **_MONEY)),
        "loans": Attribute(Number(50, 0.5, **_MONEY)),
    },
    items={
        "satisfaction": Item("satisfaction", 0, 10),
        "shares_are_gambling": Item("caution"), "sleep_before_saving": Item("caution"),
        "risk_is_fun": Item("caution", reverse=True),
        "advice_matters": Item("advice_matters"), "advice_met": Item("advice_met"),
    },
    campaigns={
        "investment plan, spring": Campaign(110, "letter", 1.40, 210.0),
        "investment plan, autumn": Campaign(270, "e-mail", 0.08, 190.0),
    },
    forming=("salary_account", "current_balance", "savings_balance", "investments", "loans",
             "purchases_a_year", "amount"),
    customers=6000, days=365, event_days=120, prefix="B",
)  # fmt: skip
