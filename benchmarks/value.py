"""Print how long lifetime value of a million customers takes, in how much memory, and what fitting on a sample loses.

Peer: pymc-marketing by itself, as its pages show it: fitted to all customers at the mode, value of
each by `expected_customer_lifetime_value`.
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import ibis
import numpy as np
import pandas as pd

from seglib.assess.value import expectations as expecting
from seglib.assess.value import fits, histories
from seglib.assess.value import outlook as outlooks
from seglib.assess.value.assumptions import Assumptions

DAYS, UNTIL = 728, dt.date(2024, 12, 29)
TRUE = {"r": 0.5, "alpha": 8.0, "a": 0.8, "b": 2.5, "p": 6.0, "q": 4.0, "v": 60.0}


def transactions(n: int, seed: int = 0) -> pd.DataFrame:
    """Draw the orders of customers of known rates and lives, over two years."""
    rng = np.random.default_rng(seed)
    born = rng.integers(0, DAYS, n)
    rate, leaves = rng.gamma(TRUE["r"], 1 / TRUE["alpha"], n), rng.beta(TRUE["a"], TRUE["b"], n)
    mean = 1 / rng.gamma(TRUE["q"], 1 / TRUE["v"], n)
    parts, who, at = [], np.arange(n), born.astype(float)
    while len(who):
        parts.append(pd.DataFrame({"customer": who, "day": at.astype("int32")}))
        stays = np.ones(len(who), bool) if len(parts) == 1 else rng.random(len(who)) >= leaves[who]
        who = who[stays]
        at = at[stays] + rng.exponential(7 / rate[who])
        who, at = who[at < DAYS], at[at < DAYS]
    made = pd.concat(parts, ignore_index=True)
    amount = rng.gamma(TRUE["p"], mean[made.customer]).round(2)
    first = pd.Timestamp(UNTIL) - pd.Timedelta(days=DAYS)
    return pd.DataFrame(
        {"customer": made.customer, "time": first + pd.to_timedelta(made.day, unit="D"), "amount": amount}
    )


def measured(file: str) -> None:
    """Print seconds and peak of everything for these orders; run in a process of its own."""
    began = time.perf_counter()
    con = ibis.duckdb.connect()
    orders = con.read_parquet(file)
    customers = pd.DataFrame({"customer": orders.customer.nunique().to_pandas()}, index=[0])
    everyone = pd.DataFrame({"customer": np.arange(int(customers.customer[0]))})
    segments = everyone.assign(segment=1 + everyone.customer % 5)
    parts = {"start": time.perf_counter() - began}
    known = histories.histories(orders, UNTIL)
    parts["histories"] = time.perf_counter() - began
    assumptions = Assumptions()
    records = outlooks.records(
        {"transactions": orders}, everyone, segments, UNTIL, assumptions, lambda day: (segments, "")
    )
    got = outlooks.outlook(records, segments, assumptions)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        json.dumps(
            {
                "seconds": seconds,
                "gb": peak,
                "orders": int(orders.count().to_pandas()),
                "buyers": len(known),
                "fitted_on": got.fitted_on,
                "value": float(got.lifetime.lifetime_value.sum()),
                "held_back": got.calibration[got.calibration.of == "all"]
                .ratio.astype(float)
                .round(3)
                .tolist(),
            }
        )
    )


def peer(known: pd.DataFrame) -> tuple[float, float]:
    """Fit and value the same customers with pymc-marketing alone; give seconds, once compiled, and the sum of value."""
    _peer(known.head(1_000))
    return _peer(known)


def _peer(known: pd.DataFrame) -> tuple[float, float]:
    from pymc_marketing import clv

    rows = known.rename(columns={"customer": "customer_id", "spend": "monetary_value"})
    began = time.perf_counter()
    buying, spending = clv.BetaGeoModel(), clv.GammaGammaModel()
    buying.fit(data=rows[["customer_id", "frequency", "recency", "T"]], method="map", progressbar=False)
    spending.fit(
        data=rows[rows.frequency > 0][["customer_id", "frequency", "monetary_value"]],
        method="map",
        progressbar=False,
    )
    worth = spending.expected_customer_lifetime_value(
        transaction_model=buying,
        data=rows.fillna({"monetary_value": 0.0}),
        future_t=12,
        discount_rate=1.1 ** (1 / 12) - 1,
        time_unit="W",
    )
    return time.perf_counter() - began, float(worth.sum())


def loss(known: pd.DataFrame) -> tuple[int, float, float]:
    """Compare what is expected of all after fitting on the sample and on everybody: sum, and by customer."""
    sample = expecting.expected(fits.fit(known), known)
    everybody, fits.FITTED_ON = fits.FITTED_ON, len(known)
    whole = expecting.expected(fits.fit(known), known)
    fits.FITTED_ON = everybody
    apart = (sample.value - whole.value).abs().sum() / whole.value.sum()
    return everybody, float(sample.value.sum() / whole.value.sum() - 1), float(apart)


def main() -> bool:
    """Print the lines; give whether the bounds hold."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.parquet"
        transactions(1_000_000).to_parquet(file, index=False)
        done = subprocess.run(
            [sys.executable, __file__, str(file)], capture_output=True, text=True, check=True
        )
        known = histories.histories(ibis.duckdb.connect().read_parquet(file), UNTIL)
    ours = json.loads(done.stdout.splitlines()[-1])
    few = known.sample(100_000, random_state=0).sort_index()
    taken, _ = peer(few)
    on, total, each = loss(few)
    holds = ours["seconds"] <= 180 and ours["gb"] <= 6
    print(
        f"| value of {ours['buyers']:,} customers, {ours['orders']:,} orders, two tests, five segments | {ours['seconds']:.0f} s, "
        f"{ours['gb']:.1f} GB | pymc-marketing alone, fit and value of 100,000 of them, once compiled, no intervals: {taken:.1f} s; "
        f"at most 180 s and 6 GB {'holds' if holds else 'FAILS'} |",
        flush=True,
    )
    near = abs(total) <= 0.01 and each <= 0.02
    print(
        f"| value, fitted on {on:,} of 100,000 | sum {total:+.2%}, each {each:.2%} beside a fit on all | held back: expected "
        f"{' and '.join(f'{r:.1%}' for r in ours['held_back'])} of what happened; at most 1 % and 2 % "
        f"{'holds' if near else 'FAILS'} |",
        flush=True,
    )
    return holds and near


if __name__ == "__main__":
    measured(sys.argv[1]) if len(sys.argv) > 1 else sys.exit(not main())
