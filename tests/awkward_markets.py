"""Exports with rows that repeat others: eBay, Adyen."""

from __future__ import annotations

import pandas as pd
from awkward import BOOKS, days, full, layout, who

_EBAY = {
    "Sales Record Number": "-",
    "Order Number": "order",
    "Buyer Username": "customer",
    "Buyer Name": "-",
    "Buyer Email": "-",
    "Buyer Note": "-",
    "Buyer City": "-",
    "Buyer State": "-",
    "Buyer Zip": "-",
    "Buyer Country": "-",
    "Item Number": "product|-",
    "Item Title": "product_name",
    "Custom Label": "product|-",
    "Sold Via Promoted Listings": "-",
    "Quantity": "quantity",
    "Sold For": "price",
    "Shipping And Handling": "-",
    "Item Location": "-",
    "eBay Collect And Remit Tax Rate": "-",
    "eBay Collect And Remit Tax Type": "-",
    "Seller Collected Tax": "-",
    "eBay Collected Tax": "-",
    "Electronic Waste Recycling Fee": "-",
    "Total Price": "-",
    "eBay Collected Tax and Fees Included in Total": "-",
    "Payment Method": "payment",
    "Sale Date": "time",
    "Paid On Date": "-",
    "Ship By Date": "-",
    "Shipped On Date": "-",
    "Feedback Left": "-",
    "Feedback Received": "-",
    "My Item Note": "-",
    "Shipping Service": "-",
    "Tracking Number": "-",
    "Transaction ID": "-",
    "Variation Details": "-",
}


@layout("ebay_orders", "eBay, orders report (a summary row before the items of an order)", transactions=_EBAY)
def _ebay(rng):
    rows, total, tx = [], 0.0, 0
    for o, t in enumerate(days(rng, 170)):
        c, many = int(rng.integers(1, 80)), rng.random() < 0.2
        ship = float(rng.choice([0, 4.99, 9.0]))
        tax = f"${0.06 * 30:.2f}"
        order = {
            "Sales Record Number": 1000 + o,
            "Order Number": f"{o % 25:02d}-{11_000 + o}-{o * 97 % 99_991:05d}",
            "Buyer Username": f"{who(c)}_shop",
            "Buyer Name": full(c),
            "Buyer Email": f"{c:04x}@members.example",
            "Buyer City": ["Reno", "Salem"][c % 2],
            "Buyer State": ["NV", "OR"][c % 2],
            "Buyer Zip": f"{89_000 + c}",
            "Buyer Country": "United States",
            "Payment Method": rng.choice(["PayPal", "Credit card", "Apple Pay"]),
            "Sale Date": f"{t:%b-%d-%y}",
            "Paid On Date": f"{t:%b-%d-%y}",
            "Ship By Date": f"{t + pd.Timedelta(days=3):%b-%d-%y}",
            "Shipping Service": "USPS Ground Advantage",
            "Feedback Left": "No",
            "Feedback Received": rng.choice(["", "Positive"]),
            "Buyer Note": rng.choice(["", "", "", "please leave with neighbour"]),
        }
        items = []
        for _ in range(2 + o % 2 if many else 1):
            i, q = int(rng.integers(1, 30)), int(rng.choice([1, 1, 1, 1, 3]))
            price, tx = 8 + i * 11 % 70 + 0.99, tx + 1
            total += q * price
            items.append(
                (
                    q,
                    price,
                    {
                        "Item Number": f"{405_000_000_000 + i * 7919}",
                        "Item Title": f"Vintage tin no {i}",
                        "Custom Label": "" if i % 4 == 0 else f"TIN{i:03d}",
                        "Quantity": q,
                        "Sold For": f"${price:,.2f}",
                        "Item Location": "Boise, Idaho",
                        "Sold Via Promoted Listings": rng.choice(["No", "Yes"]),
                        "Transaction ID": f"{2_800_000_000 + tx}",
                        "Tracking Number": f"9400{o:012d}",
                    },
                )
            )
        worth = sum(q * p for q, p, _ in items)
        whole = {
            "Shipping And Handling": f"${ship:.2f}",
            "Total Price": f"${worth + ship + 1.8:,.2f}",
            "eBay Collected Tax": tax,
            "Seller Collected Tax": "$0.00",
            "eBay Collected Tax and Fees Included in Total": "Yes",
            "Electronic Waste Recycling Fee": "$0.00",
        }
        if many:
            rows.append(order | whole | {"Quantity": sum(q for q, *_ in items), "Sold For": f"${worth:,.2f}"})
            rows += [order | item for *_, item in items]
        else:
            rows.append(order | whole | items[0][2])
    BOOKS["ebay_orders"] = {
        "rows": len(rows),
        "orders": 170,
        "value of items, without summary rows": round(total, 2),
    }
    return {"transactions": rows}


_ADYEN = {
    "Company Account": "-",
    "Merchant Account": "-",
    "Psp Reference": "order|-",
    "Merchant Reference": "order",
    "Payment Method": "payment",
    "Booking Date": "time",
    "TimeZone": "-",
    "Main Currency": "-",
    "Main Amount": "amount|-",
    "Record Type": "-",
    "Payment Currency": "-",
    "Received (PC)": "-",
    "Authorized (PC)": "-",
    "Captured (PC)": "amount|-",
    "Settlement Currency": "-",
    "Payable (SC)": "-",
    "Commission (SC)": "-",
    "Markup (SC)": "-",
    "Scheme Fees (SC)": "-",
    "Interchange (SC)": "-",
    "Processing Fee Currency": "-",
    "Processing Fee (FC)": "-",
    "User Name": "-",
    "Payment Method Variant": "-",
    "Modification Merchant Reference": "-",
    "Shopper Reference": "customer",
    "Reserved1": "-",
    "Reserved2": "-",
}


@layout(
    "adyen_accounting",
    "Adyen, payment accounting report (one row per state of a payment)",
    transactions=_ADYEN,
)
def _adyen(rng):
    rows, total, refunds = [], 0.0, 0.0
    for n, t in enumerate(days(rng, 95)):
        c, amount = int(rng.integers(1, 55)), round(float(rng.lognormal(3.6, 0.6)), 2)
        state = rng.choice(["settled"] * 8 + ["refused", "refunded"])
        base = {
            "Company Account": "WickCo",
            "Merchant Account": "WickCo_ECOM",
            "Psp Reference": f"88{n:06d}VZ{n * 31 % 997:03d}KQ",
            "Merchant Reference": f"ORD-{50_000 + n}",
            "Payment Method": ["mc", "visa", "ideal"][n % 3],
            "TimeZone": "CET",
            "Main Currency": "EUR",
            "Main Amount": f"{amount:.2f}",
            "Payment Currency": "EUR",
            "User Name": "system",
            "Payment Method Variant": ["mccredit", "visadebit", "ideal"][n % 3],
            "Shopper Reference": f"shopper-{c:05d}",
        }
        steps = [("Received", {"Received (PC)": f"{amount:.2f}"}, 0)]
        if state == "refused":
            steps.append(("Refused", {"Received (PC)": f"-{amount:.2f}"}, 0))
        else:
            total += amount
            steps += [
                (
                    "Authorised",
                    {
                        "Received (PC)": f"-{amount:.2f}",
                        "Authorized (PC)": f"{amount:.2f}",
                        "Processing Fee Currency": "EUR",
                        "Processing Fee (FC)": "0.11",
                    },
                    0,
                ),
                ("SentForSettle", {"Authorized (PC)": f"-{amount:.2f}", "Captured (PC)": f"{amount:.2f}"}, 1),
                (
                    "Settled",
                    {
                        "Captured (PC)": f"-{amount:.2f}",
                        "Settlement Currency": "EUR",
                        "Payable (SC)": f"{0.985 * amount:.2f}",
                        "Markup (SC)": f"{0.006 * amount:.2f}",
                        "Scheme Fees (SC)": f"{0.004 * amount:.2f}",
                        "Interchange (SC)": f"{0.005 * amount:.2f}",
                    },
                    3,
                ),
            ]
        if state == "refunded":
            refunds += amount
            steps += [
                ("SentForRefund", {"Captured (PC)": f"-{amount:.2f}"}, 9),
                (
                    "Refunded",
                    {
                        "Captured (PC)": f"{amount:.2f}",
                        "Settlement Currency": "EUR",
                        "Payable (SC)": f"-{amount:.2f}",
                    },
                    11,
                ),
            ]
        for kind, cells, later in steps:
            rows.append(
                base
                | cells
                | {"Record Type": kind, "Booking Date": f"{t + pd.Timedelta(days=later):%Y-%m-%d %H:%M:%S}"}
            )
    BOOKS["adyen_accounting"] = {
        "rows": len(rows),
        "payments": 95,
        "settled": round(total, 2),
        "refunded": round(refunds, 2),
    }
    return {"transactions": rows}
