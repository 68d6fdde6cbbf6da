"""Exports in which rows are of payments or pieces: PayPal, Etsy."""

from __future__ import annotations

import pandas as pd
from awkward import BOOKS, days, full, layout, who

_PAYPAL = [
    "Date",
    "Time",
    "TimeZone",
    "Name",
    "Type",
    "Status",
    "Currency",
    "Gross",
    "Fee",
    "Net",
    "From Email Address",
    "To Email Address",
    "Transaction ID",
    "Shipping Address",
    "Address Status",
    "Item Title",
    "Item ID",
    "Shipping and Handling Amount",
    "Insurance Amount",
    "Sales Tax",
    "Option 1 Name",
    "Option 1 Value",
    "Option 2 Name",
    "Option 2 Value",
    "Reference Txn ID",
    "Invoice Number",
    "Custom Number",
    "Quantity",
    "Receipt ID",
    "Balance",
    "Address Line 1",
    "Address Line 2/District/Neighborhood",
    "Town/City",
    "State/Province/Region/County/Territory/Prefecture/Republic",
    "Zip/Postal Code",
    "Country",
    "Contact Phone Number",
    "Subject",
    "Note",
    "Country Code",
    "Balance Impact",
]
_PAYPAL_ROLES = {
    "Date": "time",
    "Gross": "amount",
    "From Email Address": "customer",
    "Transaction ID": "order|-",
    "Invoice Number": "order|-",
    "Item Title": "product_name|product",
    "Item ID": "product",
    "Quantity": "quantity",
}


@layout(
    "paypal_activity",
    "PayPal, activity download (buyer in From, in To for refunds)",
    transactions={c: _PAYPAL_ROLES.get(c, "-") for c in _PAYPAL},
)
def _paypal(rng):
    rows, total, buyers, balance, paid = [], 0.0, set(), 2000.0, 0
    for n, t in enumerate(days(rng, 260)):
        c, i, q = int(rng.integers(1, 90)), int(rng.integers(1, 25)), int(rng.choice([1, 1, 1, 2, 3]))
        usd = rng.random() < 0.08
        gross = round(q * (9 + i * 13 % 60 + 0.5) + (1200 if rng.random() < 0.02 else 0), 2)
        fee = round(-0.029 * gross - 0.3, 2)
        status = rng.choice(["Completed"] * 18 + ["Pending", "Denied"])
        balance += gross + fee
        base = {
            "Date": f"{t:%m/%d/%Y}",
            "Time": f"{t:%H:%M:%S}",
            "TimeZone": "PDT" if 3 < t.month < 11 else "PST",
            "Name": full(c),
            "Currency": "USD",
            "Transaction ID": f"{n:05d}XK{n * 7919 % 99991:05d}Q",
            "Item Title": f"Linen print {i}",
            "Item ID": f"LP-{i:03d}",
            "Quantity": q,
            "Invoice Number": f"INV-{20_000 + n}",
            "Town/City": ["Reno", "Salem", "Provo"][c % 3],
            "State/Province/Region/County/Territory/Prefecture/Republic": ["NV", "OR", "UT"][c % 3],
            "Zip/Postal Code": f"{89_000 + c}",
            "Country": "United States",
            "Country Code": "US",
            "Address Line 1": f"{c} Elm St",
            "Shipping Address": f"{full(c)}, {c} Elm St",
            "Address Status": "Confirmed",
            "Shipping and Handling Amount": "4.95",
            "Insurance Amount": "0.00",
            "Sales Tax": f"{0.07 * gross:.2f}",
        }
        if usd:
            base |= {"Currency": "EUR"}
        sale = base | {
            "Type": rng.choice(["Express Checkout Payment", "Website Payment"]),
            "Status": status,
            "Gross": f"{gross:,.2f}",
            "Fee": f"{fee:,.2f}",
            "Net": f"{gross + fee:,.2f}",
            "From Email Address": f"{who(c)}@mail.example",
            "To Email Address": "till@prints.example",
            "Balance": f"{balance:,.2f}",
            "Balance Impact": "Credit",
        }
        rows.append(sale)
        if status == "Completed":
            total, paid = total + gross, paid + 1
            buyers.add(c)
            if usd:
                for currency, sign in (("EUR", -1), ("USD", 1)):
                    rows.append(
                        {
                            "Date": base["Date"],
                            "Time": base["Time"],
                            "TimeZone": base["TimeZone"],
                            "Type": "General Currency Conversion",
                            "Status": "Completed",
                            "Currency": currency,
                            "Gross": f"{sign * (gross + fee) * (1 if currency == 'EUR' else 1.08):,.2f}",
                            "Fee": "0.00",
                            "Net": f"{sign * (gross + fee) * (1 if currency == 'EUR' else 1.08):,.2f}",
                            "Transaction ID": f"{n:05d}CC{currency}",
                            "Reference Txn ID": base["Transaction ID"],
                            "From Email Address": "till@prints.example",
                            "Balance": f"{balance:,.2f}",
                            "Balance Impact": "Credit" if sign > 0 else "Debit",
                        }
                    )
            if rng.random() < 0.05:
                total -= gross
                rows.append(
                    base
                    | {
                        "Type": "Payment Refund",
                        "Status": "Completed",
                        "Gross": f"-{gross:,.2f}",
                        "Fee": f"{-fee:,.2f}",
                        "Net": f"-{gross + fee:,.2f}",
                        "Transaction ID": f"{n:05d}RF",
                        "From Email Address": "till@prints.example",
                        "To Email Address": f"{who(c)}@mail.example",
                        "Reference Txn ID": base["Transaction ID"],
                        "Balance": f"{balance:,.2f}",
                        "Balance Impact": "Debit",
                    }
                )
        if n % 20 == 19:
            rows.append(
                {
                    "Date": base["Date"],
                    "Time": "23:10:00",
                    "TimeZone": base["TimeZone"],
                    "Type": "General Withdrawal",
                    "Status": "Completed",
                    "Currency": "USD",
                    "Gross": f"-{0.9 * balance:,.2f}",
                    "Fee": "0.00",
                    "Net": f"-{0.9 * balance:,.2f}",
                    "From Email Address": "till@prints.example",
                    "Transaction ID": f"{n:05d}WD",
                    "Balance": f"{0.1 * balance:,.2f}",
                    "Balance Impact": "Debit",
                }
            )
            balance *= 0.1
    BOOKS["paypal_activity"] = {
        "rows": len(rows),
        "payments completed": paid,
        "buyers": len(buyers),
        "value, refunds off, both currencies added": round(total, 2),
    }
    return {"transactions": rows}


_ETSY = {
    "Sale Date": "time",
    "Item Name": "product_name",
    "Buyer": "customer",
    "Quantity": "quantity",
    "Price": "price",
    "Coupon Code": "-",
    "Coupon Details": "-",
    "Discount Amount": "discount",
    "Shipping Discount": "-",
    "Order Shipping": "-",
    "Order Sales Tax": "-",
    "Item Total": "amount",
    "Currency": "-",
    "Transaction ID": "-",
    "Listing ID": "product|-",
    "Date Paid": "-",
    "Date Shipped": "-",
    "Ship Name": "-",
    "Ship Address1": "-",
    "Ship Address2": "-",
    "Ship City": "-",
    "Ship State": "-",
    "Ship Zipcode": "-",
    "Ship Country": "-",
    "Order ID": "order",
    "Variations": "-",
    "Order Type": "channel",
    "Listings Type": "-",
    "Payment Type": "payment",
    "InPerson Discount": "-",
    "InPerson Location": "-",
    "VAT Paid by Buyer": "-",
    "SKU": "product|-",
}


@layout("etsy_sold_items", "Etsy, sold order items (guests have no Buyer)", transactions=_ETSY)
def _etsy(rng):
    rows, total, off, item = [], 0.0, 0.0, 4000
    for o, t in enumerate(days(rng, 190)):
        c = int(rng.integers(1, 85))
        guest, ship, coupon = rng.random() < 0.06, float(rng.choice([0, 4.5, 8])), rng.random() < 0.2
        for _ in range(int(rng.choice([1, 1, 2, 3]))):
            i, q = int(rng.integers(1, 30)), int(rng.choice([1, 1, 1, 2, 4]))
            price = 4 + i * 7 % 45 + 0.0
            cut = round(0.1 * q * price, 2) if coupon else 0.0
            item += 1
            total, off = total + q * price, off + cut
            rows.append(
                {
                    "Sale Date": f"{t:%m/%d/%y}",
                    "Item Name": f"Fox card {i} | Greeting card, recycled paper",
                    "Buyer": "" if guest else f"{who(c)}",
                    "Quantity": q,
                    "Price": f"{price:.2f}",
                    "Coupon Code": "WELCOME10" if coupon else "",
                    "Coupon Details": "10% off" if coupon else "",
                    "Discount Amount": f"{cut:g}",
                    "Shipping Discount": "0",
                    "Order Shipping": f"{ship:g}",
                    "Order Sales Tax": "0",
                    "Item Total": f"{q * price:.2f}",
                    "Currency": "USD",
                    "Transaction ID": f"{3_700_000_000 + item * 13}",
                    "Listing ID": f"{1_500_000_000 + i}",
                    "Date Paid": f"{t:%m/%d/%Y}",
                    "Date Shipped": f"{t + pd.Timedelta(days=2):%m/%d/%Y}",
                    "Ship Name": full(c),
                    "Ship Address1": f"{c} Main St",
                    "Ship City": ["Austin", "Reno"][c % 2],
                    "Ship State": ["TX", "NV"][c % 2],
                    "Ship Zipcode": f"{78_000 + c}",
                    "Ship Country": "United States",
                    "Order ID": f"{3_000_000_000 + o * 31}",
                    "Variations": rng.choice(["", "Style: Matte", "Custom Property: Happy birthday Gran"]),
                    "Order Type": "inperson" if o % 15 == 0 else "online",
                    "Listings Type": "listing",
                    "Payment Type": rng.choice(["online_cc", "online_paypal"]),
                    "SKU": f"FOX-{i:02d}",
                }
            )
    BOOKS["etsy_sold_items"] = {
        "rows": len(rows),
        "orders": 190,
        "items before discount": round(total, 2),
        "discounts": round(off, 2),
    }
    return {"transactions": rows}
