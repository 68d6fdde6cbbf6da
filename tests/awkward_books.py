"""Exports of books: the French accounting file, Odoo."""

from __future__ import annotations

import pandas as pd
from awkward import BOOKS, NAMES, days, full, layout

_FEC = {
    "JournalCode": "-",
    "JournalLib": "-",
    "EcritureNum": "order|-",
    "EcritureDate": "time|-",
    "CompteNum": "-",
    "CompteLib": "-",
    "CompAuxNum": "customer",
    "CompAuxLib": "-",
    "PieceRef": "order|-",
    "PieceDate": "time|-",
    "EcritureLib": "-",
    "Debit": "amount",
    "Credit": "-",
    "EcritureLet": "-",
    "DateLet": "-",
    "ValidDate": "-",
    "Montantdevise": "-",
    "Idevise": "-",
}


@layout(
    "fec_france",
    "France, fichier des écritures comptables (double entry, sales, bank and purchases)",
    transactions=_FEC,
)
def _fec(rng):
    rows, ttc_sum, notes, buyers = [], 0.0, 0.0, set()

    def entry(journal, lib, num, t, ref, label, lines):
        for account, name, aux, who, debit, credit in lines:
            rows.append(
                {
                    "JournalCode": journal,
                    "JournalLib": lib,
                    "EcritureNum": num,
                    "EcritureDate": f"{t:%Y%m%d}",
                    "CompteNum": account,
                    "CompteLib": name,
                    "CompAuxNum": aux,
                    "CompAuxLib": who,
                    "PieceRef": ref,
                    "PieceDate": f"{t:%Y%m%d}",
                    "EcritureLib": label,
                    "Debit": f"{debit:.2f}".replace(".", ","),
                    "Credit": f"{credit:.2f}".replace(".", ","),
                    "ValidDate": f"{t + pd.Timedelta(days=20):%Y%m%d}",
                    "EcritureLet": "AA" if journal == "BQ" else "",
                    "DateLet": f"{t:%Y%m%d}" if journal == "BQ" else "",
                }
            )

    for n, t in enumerate(days(rng, 75, "2024-01-02", 360)):
        c, ht = int(rng.integers(1, 40)), round(float(rng.lognormal(5.5, 0.7)), 2)
        tva = round(0.2 * ht, 2)
        aux, who, ref = f"C{c:05d}", f"Atelier {NAMES[c % 11]} {c}", f"FA24-{n + 1:04d}"
        back = n % 15 == 14
        buyers.add(c)
        clients = ("41100000", "Clients", aux, who)
        lines = [
            (*clients, ht + tva, 0),
            ("70700000", "Ventes de marchandises", "", "", 0, ht),
            ("44571000", "TVA collectée 20%", "", "", 0, tva),
        ]
        if back:
            lines, ref = [(*line[:4], line[5], line[4]) for line in lines], f"AV24-{n + 1:04d}"
            notes += ht + tva
        else:
            ttc_sum += ht + tva
        entry(
            "VT",
            "Journal des ventes",
            f"VT{n + 1:05d}",
            t,
            ref,
            f"{'Avoir' if back else 'Facture'} {ref} {who}",
            lines,
        )
        if not back and n % 3 != 2:
            entry(
                "BQ",
                "Banque",
                f"BQ{n + 1:05d}",
                t + pd.Timedelta(days=30),
                ref,
                f"VIR {who}",
                [("51200000", "Banque", "", "", ht + tva, 0), (*clients, 0, ht + tva)],
            )
        if n % 6 == 0:
            cost = round(float(rng.lognormal(5, 0.5)), 2)
            entry(
                "HA",
                "Journal des achats",
                f"HA{n + 1:05d}",
                t,
                f"FF{n:04d}",
                "Achat fournitures",
                [
                    ("60710000", "Achats", "", "", cost, 0),
                    ("44566000", "TVA déductible", "", "", round(0.2 * cost, 2), 0),
                    (
                        "40100000",
                        "Fournisseurs",
                        f"F{n % 4:05d}",
                        f"Grossiste {n % 4}",
                        0,
                        round(1.2 * cost, 2),
                    ),
                ],
            )
    BOOKS["fec_france"] = {
        "rows": len(rows),
        "customers": len(buyers),
        "invoices": 70,
        "invoiced with VAT": round(ttc_sum, 2),
        "credit notes": round(notes, 2),
    }
    return {"transactions": rows}


_ODOO = {
    "Order Reference": "order",
    "Order Date": "time",
    "Customer": "-",
    "Customer/ID": "customer",
    "Salesperson": "-",
    "Sales Team": "channel|-",
    "Status": "-",
    "Invoice Status": "-",
    "Currency": "-",
    "Untaxed Amount": "-",
    "Taxes": "-",
    "Total": "-",
    "Order Lines/Display Type": "-",
    "Order Lines/Product": "product|product_name",
    "Order Lines/Product/Internal Reference": "product|-",
    "Order Lines/Product/Product Category": "category",
    "Order Lines/Description": "-|product_name",
    "Order Lines/Quantity": "quantity",
    "Order Lines/Delivery Quantity": "-",
    "Order Lines/Invoiced Quantity": "-",
    "Order Lines/Unit of Measure": "-",
    "Order Lines/Unit Price": "price",
    "Order Lines/Discount (%)": "discount",
    "Order Lines/Taxes": "-",
    "Order Lines/Subtotal": "amount",
    "Order Lines/Total": "-",
}


@layout(
    "odoo_sale_lines",
    "Odoo, sales orders with lines (order's cells only in its first row)",
    transactions=_ODOO,
)
def _odoo(rng):
    rows, total, quoted = [], 0.0, 0.0
    for o, t in enumerate(days(rng, 120)):
        c, state = (
            int(rng.integers(1, 60)),
            rng.choice(["Sales Order"] * 7 + ["Quotation", "Quotation Sent", "Cancelled"]),
        )
        lines = []
        for k in range(int(rng.integers(1, 4))):
            i, q, cut = (
                int(rng.integers(1, 25)),
                int(rng.choice([1, 2, 5, 10])),
                int(rng.choice([0, 0, 0, 10])),
            )
            price = 12 + i * 17 % 90 + 0.5
            sub = round(q * price * (1 - cut / 100), 2)
            total, quoted = (total + sub, quoted) if state == "Sales Order" else (total, quoted + sub)
            if k == 0 and o % 10 == 0:
                lines.append(
                    {
                        "Order Lines/Display Type": "Section",
                        "Order Lines/Description": "Furniture",
                        "Order Lines/Quantity": "0.00",
                        "Order Lines/Unit Price": "0.00",
                        "Order Lines/Subtotal": "0.00",
                        "Order Lines/Total": "0.00",
                    }
                )
            lines.append(
                {
                    "Order Lines/Product": f"[FURN_{i:04d}] Desk part {i}",
                    "Order Lines/Product/Internal Reference": f"FURN_{i:04d}",
                    "Order Lines/Product/Product Category": [
                        "All / Saleable / Office",
                        "All / Saleable / Home",
                    ][i % 2],
                    "Order Lines/Description": f"[FURN_{i:04d}] Desk part {i}\nwith screws",
                    "Order Lines/Quantity": f"{q}.00",
                    "Order Lines/Delivery Quantity": f"{q if o % 4 else 0}.00",
                    "Order Lines/Invoiced Quantity": f"{q if o % 4 else 0}.00",
                    "Order Lines/Unit of Measure": "Units",
                    "Order Lines/Unit Price": f"{price:.2f}",
                    "Order Lines/Discount (%)": f"{cut}.00",
                    "Order Lines/Taxes": "Tax 15%",
                    "Order Lines/Subtotal": f"{sub:.2f}",
                    "Order Lines/Total": f"{1.15 * sub:.2f}",
                }
            )
        net = sum(float(line["Order Lines/Subtotal"]) for line in lines)
        head = {
            "Order Reference": f"S{o + 1:05d}",
            "Order Date": f"{t:%Y-%m-%d %H:%M:%S}",
            "Customer": f"{NAMES[c % 11]} Works {c}, {full(c)}",
            "Customer/ID": f"__export__.res_partner_{c + 40}_{c * 7919 % 65_536:04x}",
            "Salesperson": "Mitchell Admin",
            "Sales Team": ["Sales", "Website"][o % 2],
            "Status": state,
            "Invoice Status": "Fully Invoiced" if o % 4 else "To Invoice",
            "Currency": "EUR",
            "Untaxed Amount": f"{net:.2f}",
            "Taxes": f"{0.15 * net:.2f}",
            "Total": f"{1.15 * net:.2f}",
        }
        rows += [head | lines[0], *lines[1:]]
    BOOKS["odoo_sale_lines"] = {
        "rows": len(rows),
        "orders in all": 120,
        "confirmed, untaxed": round(total, 2),
        "quotations and cancelled, untaxed": round(quoted, 2),
    }
    return {"transactions": rows}
