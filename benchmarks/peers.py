"""How long the demo and features take, and what all benchmarks share.

Times are medians of five, the whole demo is one run; only ratios mean something on a shared machine.
"""

from __future__ import annotations

import importlib.metadata
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from seglib import features, simulate, sources
from seglib.store import write_frame

ROOT = Path(__file__).resolve().parent.parent


def median_of(repeats: int, work: Callable[[], object]) -> float:
    """Give the median seconds of several runs."""
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def line(what: str, ours: float, peer: str, theirs: float, bound: str, holds: bool) -> bool:
    """Print one comparison."""
    verdict = "holds" if holds else "FAILS"
    print(
        f"| {what} | {ours:.2f} s | {peer}: {theirs:.2f} s ({theirs / ours:.1f} ×); {bound} {verdict} |",
        flush=True,
    )
    return holds


def by_pandas(table: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Compute the same features as plain pandas would."""
    table = table.assign(amount=table.quantity * table.price)
    orders = table.groupby(["customer", "order_no"]).agg(
        time=("time", "min"), amount=("amount", "sum"), items=("quantity", "sum"), cut=("discount", "max"))  # fmt: skip
    orders = orders.reset_index()
    orders = orders.assign(weekend=orders.time.dt.weekday >= 5, gift=orders.time.dt.month.isin([11, 12]),
                           evening=orders.time.dt.hour >= 18, cut=orders.cut > 0)  # fmt: skip
    made = orders.groupby("customer").agg(
        first=("time", "min"), last=("time", "max"), order_count=("time", "size"), net_value=("amount", "sum"),
        order_value=("amount", "mean"), items=("items", "mean"), weekend=("weekend", "mean"),
        evening=("evening", "mean"), gift=("gift", "mean"), cut=("cut", "mean"))  # fmt: skip
    breadth = table.groupby("customer")[["product", "category"]].nunique()
    return made.join(breadth).assign(recency=(as_of - made["last"]).dt.days)


def features_beside_pandas(folder: Path) -> bool:
    """Compare behavioural and value features of about a million transactions, from a file."""
    shop = simulate.shop(60_000, seed=1)["transactions"]
    shop = shop[(shop.quantity > 0) & shop.customer_id.notna()]
    shop = shop.assign(customer=shop.customer_id.str[1:].astype("int64"), amount=shop.quantity * shop.price)
    file = folder / "t.parquet"
    write_frame(shop, file)
    as_of = simulate.AS_OF

    def ours() -> None:
        engine = sources.connect()
        table = engine.read_parquet(str(file)).rename(order="order_no")
        table = table.mutate(amount=table.amount.cast("decimal(18, 4)"))
        tables = {"transactions": table, "returns": table.filter(table.amount < 0)}
        for basis in ("behavioural", "value"):
            features.derived(basis, tables, features.Settings(as_of))

    mine = median_of(5, ours)
    theirs = median_of(5, lambda: by_pandas(pd.read_parquet(file), pd.Timestamp(as_of)))
    peer = f"pandas {importlib.metadata.version('pandas')}"
    return line(f"features of {len(shop):,} transactions", mine, peer, theirs, "not slower", mine <= theirs)


def demo(folder: Path) -> bool:
    """Time the demo from an installed environment, and its memory."""
    began = time.perf_counter()
    seglib = [sys.executable, "-m", "seglib"]
    subprocess.run([*seglib, "simulate", str(folder / "data")], cwd=ROOT, check=True, capture_output=True)
    changes = [w for kind in ("customers", "transactions", "events", "responses")
               for w in ("--set", f"sources.{kind}.path={folder}/data/{kind}.parquet")]  # fmt: skip
    subprocess.run([*seglib, "run", "params/demo.yaml", "--reports", str(folder / "reports"), *changes],
                   cwd=ROOT, check=True, capture_output=True)  # fmt: skip
    seconds = time.perf_counter() - began
    manifest = next((folder / "reports").rglob("run.json"))
    peak = max(s["peak_mb"] for s in json.loads(manifest.read_text())["stages"].values())
    holds = seconds <= 90 and peak <= 2_000
    print(f"| the demo: generate, five notebooks, pages | {seconds:.0f} s, {peak:,} MB | at most 90 s and 2,000 MB "
          f"{'holds' if holds else 'FAILS'} |")  # fmt: skip
    return holds
