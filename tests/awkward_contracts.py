"""Exports with tables in the names of columns, or two ids: Chargebee, Zendesk."""

from __future__ import annotations

import pandas as pd
from awkward import BOOKS, FIRST, NAMES, days, full, layout, who

_S = "subscriptions."
_CHARGEBEE = {
    _S + "id": "-",
    "customers.id": "customer",
    "customers.email": "-",
    _S + "plan_id": "plan",
    _S + "plan_quantity": "-",
    _S + "plan_unit_price": "-",
    _S + "currency_code": "-",
    _S + "billing_period": "-",
    _S + "billing_period_unit": "-",
    _S + "mrr": "fee",
    _S + "status": "-",
    _S + "start_date": "-|start",
    _S + "trial_start": "-",
    _S + "trial_end": "-",
    _S + "started_at": "start|-",
    _S + "activated_at": "-|start",
    _S + "current_term_start": "-",
    _S + "current_term_end": "-",
    _S + "next_billing_at": "-",
    _S + "remaining_billing_cycles": "-",
    _S + "cancelled_at": "end",
    _S + "cancel_reason_code": "-",
    _S + "created_at": "-|start",
    _S + "auto_collection": "-",
    "coupons.coupon_id": "-",
}
_CHARGEBEE_PEOPLE = {
    "customers.id": "customer",
    "customers.first_name": "out",
    "customers.last_name": "out",
    "customers.email": "-",
    "customers.phone": "-",
    "customers.company": "-",
    "customers.created_at": "registered",
    "customers.auto_collection": "-",
    "customers.net_term_days": "-",
    "customers.taxability": "-",
    "customers.promotional_credits": "-",
    "customers.unbilled_charges": "-",
    "customers.pii_cleared": "-",
    "billing_addresses.city": "city",
    "billing_addresses.state": "region",
    "billing_addresses.zip": "postcode",
    "billing_addresses.country": "country",
}


@layout(
    "chargebee_export",
    "Chargebee, subscriptions and customers export (prices in cents, by month and by year)",
    subscriptions=_CHARGEBEE,
    customers=_CHARGEBEE_PEOPLE,
)
def _chargebee(rng):
    contracts, people, mrr = [], [], 0
    for c, t in enumerate(days(rng, 160, "2022-02-01", 900)):
        key = f"AzqYk{c * 7919 % 99_991:05d}Tn"
        place = c % 3
        people.append(
            {
                "customers.id": key,
                "customers.first_name": FIRST[c % 16].title(),
                "customers.last_name": NAMES[c % 11],
                "customers.email": f"{who(c)}@firm.example",
                "customers.company": f"{NAMES[c % 11]} GmbH" if c % 2 else "",
                "customers.created_at": f"{t - pd.Timedelta(days=c % 9):%Y-%m-%d %H:%M:%S}",
                "customers.auto_collection": "on",
                "customers.net_term_days": "0",
                "customers.taxability": "taxable",
                "customers.promotional_credits": "0",
                "customers.unbilled_charges": "0",
                "customers.pii_cleared": "active",
                "billing_addresses.city": ["Hof", "Graz", "Lyon"][place],
                "billing_addresses.state": ["BY", "ST", "ARA"][place],
                "billing_addresses.zip": f"{10_000 + c * 83}",
                "billing_addresses.country": ["DE", "AT", "FR"][place],
            }
        )
        for k in range(2 if c % 9 == 0 else 1):
            yearly, level = rng.random() < 0.3, int(rng.integers(0, 3))
            month = [900, 2900, 9900][level]
            seats = int(rng.choice([1, 1, 1, 3, 10]))
            status = rng.choice(["active"] * 6 + ["cancelled"] * 3 + ["non_renewing", "in_trial"])
            gone = t + pd.Timedelta(days=int(rng.integers(40, 200)))
            live = status in ("active", "non_renewing")
            value = (month * 10 // 12 if yearly else month) * seats if live else 0
            mrr += value
            end = (
                gone
                if status == "cancelled"
                else pd.Timestamp("2026-11-30")
                if status == "non_renewing"
                else None
            )
            contracts.append(
                {
                    _S + "id": f"16BPg{c:05d}{k}",
                    "customers.id": key,
                    "customers.email": f"{who(c)}@firm.example",
                    _S
                    + "plan_id": f"{['basic', 'team', 'scale'][level]}-{'yearly' if yearly else 'monthly'}-eur",
                    _S + "plan_quantity": seats,
                    _S + "plan_unit_price": month * 10 if yearly else month,
                    _S + "currency_code": "EUR",
                    _S + "billing_period": "1",
                    _S + "billing_period_unit": "year" if yearly else "month",
                    _S + "mrr": value,
                    _S + "status": status,
                    _S + "trial_start": f"{t:%Y-%m-%d %H:%M:%S}",
                    _S + "trial_end": f"{t + pd.Timedelta(days=14):%Y-%m-%d %H:%M:%S}",
                    _S + "started_at": f"{t:%Y-%m-%d %H:%M:%S}",
                    _S + "activated_at": ""
                    if status == "in_trial"
                    else f"{t + pd.Timedelta(days=14):%Y-%m-%d %H:%M:%S}",
                    _S + "current_term_start": "2024-08-01 00:00:00",
                    _S + "current_term_end": "2024-09-01 00:00:00",
                    _S + "next_billing_at": "2024-09-01 00:00:00" if status == "active" else "",
                    _S + "cancelled_at": "" if end is None else f"{end:%Y-%m-%d %H:%M:%S}",
                    _S + "cancel_reason_code": rng.choice(["Not Paid", "Too expensive"])
                    if status == "cancelled"
                    else "",
                    _S + "created_at": f"{t:%Y-%m-%d %H:%M:%S}",
                    _S + "auto_collection": "on",
                    "coupons.coupon_id": "BETA50" if c % 17 == 0 else "",
                }
            )
    BOOKS["chargebee_export"] = {
        "contracts": len(contracts),
        "customers": len(people),
        "MRR in EUR (column is in cents)": mrr / 100,
    }
    return {"subscriptions": contracts, "customers": people}


_ZENDESK = {
    "Summation column": "-",
    "Id": "-",
    "Requester": "-",
    "Requester id": "customer",
    "Requester external id": "-|customer",
    "Requester email": "-",
    "Requester domain": "-",
    "Submitter": "-",
    "Assignee": "-",
    "Group": "-",
    "Subject": "-",
    "Tags": "-",
    "Status": "-",
    "Priority": "-",
    "Via": "channel",
    "Ticket type": "type",
    "Created at": "time",
    "Updated at": "-",
    "Assigned at": "-",
    "Organization": "-",
    "Due date": "-",
    "Initially assigned at": "-",
    "Solved at": "-",
    "Resolution time": "-",
    "Satisfaction Score": "-",
    "Group stations": "-",
    "Assignee stations": "-",
    "Reopens": "-",
    "Replies": "-",
    "First reply time in minutes": "-",
    "First resolution time in minutes": "-",
    "Full resolution time in minutes": "-",
    "Agent wait time in minutes": "-",
    "Requester wait time in minutes": "-",
    "On hold time in minutes": "-",
}


_ZENDESK_PEOPLE = {
    "id": "customer",
    "name": "-",
    "email": "-",
    "created_at": "registered",
    "updated_at": "-",
    "time_zone": "-",
    "phone": "-",
    "locale": "-",
    "organization_id": "-",
    "role": "-",
    "verified": "-",
    "external_id": "-",
    "tags": "-",
    "suspended": "-",
    "last_login_at": "-",
    "notes": "-",
}


@layout(
    "zendesk_tickets",
    "Zendesk, ticket and user export (two ids of a requester, minutes that are no seconds)",
    events=_ZENDESK,
    customers=_ZENDESK_PEOPLE,
)
def _zendesk(rng):
    rows = []
    for n, t in enumerate(days(rng, 320)):
        c, m = int(rng.integers(1, 90)), int(rng.integers(3, 4000))
        solved = rng.random() < 0.9
        rows.append(
            {
                "Summation column": "1",
                "Id": 40_000 + n,
                "Requester": full(c),
                "Requester id": f"{360_000_000_000 + c * 7919}",
                "Requester external id": "" if c % 5 == 0 else f"CUST-{c:05d}",
                "Requester email": f"{who(c)}@mail.example",
                "Requester domain": "mail.example",
                "Submitter": full(c),
                "Assignee": ["Sam Agent", "Sue Agent"][n % 2],
                "Group": ["Support", "Billing"][n % 2],
                "Subject": f"Order {n} did not arrive",
                "Tags": "delivery late vip" if c % 7 == 0 else "delivery",
                "Status": "Closed" if solved else "Open",
                "Priority": rng.choice(["", "Low", "Normal", "High", "Urgent"]),
                "Via": rng.choice(["Mail", "Web form", "Chat", "Phone call (inbound)"]),
                "Ticket type": rng.choice(["Question", "Problem", "Incident", "Task"]),
                "Created at": f"{t:%Y-%m-%d %H:%M}",
                "Updated at": f"{t + pd.Timedelta(days=4):%Y-%m-%d %H:%M}",
                "Assigned at": f"{t + pd.Timedelta(minutes=9):%Y-%m-%d %H:%M}",
                "Organization": "" if c % 3 else "Birch Ltd",
                "Initially assigned at": f"{t + pd.Timedelta(minutes=9):%Y-%m-%d %H:%M}",
                "Solved at": f"{t + pd.Timedelta(minutes=m):%Y-%m-%d %H:%M}" if solved else "",
                "Resolution time": m // 60 if solved else "",
                "Satisfaction Score": rng.choice(["Not Offered", "Offered", "Good", "Bad"]),
                "Group stations": "1",
                "Assignee stations": "1",
                "Reopens": rng.choice(["0", "0", "1"]),
                "Replies": int(rng.integers(0, 6)),
                "First reply time in minutes": int(rng.integers(1, 900)),
                "First resolution time in minutes": m if solved else "",
                "Full resolution time in minutes": m if solved else "",
                "Agent wait time in minutes": int(rng.integers(0, 300)),
                "Requester wait time in minutes": int(rng.integers(1, 900)),
                "On hold time in minutes": "0",
            }
        )
    BOOKS["zendesk_tickets"] = {"rows": 320, "requesters": len({r["Requester id"] for r in rows})}
    people = [
        {
            "id": f"{360_000_000_000 + c * 7919}",
            "name": full(c),
            "email": f"{who(c)}@mail.example",
            "created_at": f"2023-{c % 12 + 1:02d}-{c % 28 + 1:02d}T08:0{c % 10}:00Z",
            "updated_at": "2025-08-20T10:00:00Z",
            "time_zone": "Berlin",
            "locale": ["de", "en-US"][c % 2],
            "organization_id": "" if c % 3 else "3600011",
            "role": "end-user",
            "verified": ["true", "false"][c % 2],
            "external_id": "" if c % 5 == 0 else f"CUST-{c:05d}",
            "tags": "vip" if c % 7 == 0 else "",
            "suspended": "false",
            "last_login_at": "2025-08-01T09:00:00Z" if c % 4 else "",
            "notes": "prefers a call" if c % 11 == 0 else "",
        }
        for c in range(1, 91)
    ]
    return {"events": rows, "customers": people}
