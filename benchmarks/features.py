"""Print how fast and how small the features of 50 million transactions are beside SQL and pandas.

Behavioural, value and purchase-cycle features of a million customers, from a Parquet file to
pandas. Each measurement is a process of its own; they take turns, so that what else the machine
does meets all of them. Only ratios mean something on a shared machine. `--customers N` changes
the size (50 transactions a customer); `--large` does 200 million transactions, ours alone, under
8 GB, what does not fit into the engine's memory going to the temporary folder.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import ibis
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from seglib.collect import features, sources
from seglib.collect.features.orders import orders

AS_OF = dt.date(2025, 1, 1)
BASES = ("behavioural", "value", "purchase_cycle")
MOST_GB, MOST_GB_LARGE = 6, 8
#: The engine's share of the memory; the rest is for the tables handed to pandas.
ENGINE, ENGINE_LARGE = "3GB", "4GB"
TURNS = 3
#: Pandas is compared on so many rows, for more of them do not fit into its memory.
PANDAS_ROWS = 2_000_000


def generate(file: Path, customers: int, seed: int = 1) -> None:
    """Write 50 transactions a customer in the order of their times, typed as a run keeps them.

    Half of the orders are of customers who come and go, and half of a few who are always there;
    three transactions make an order, and one in fifty goes back.
    """
    n = 50 * customers
    with tempfile.TemporaryDirectory() as folder:
        engine = duckdb.connect(config={"memory_limit": "2GB", "temp_directory": folder})
        uniform = [
            f"hash({i} * 100 + {j} + {seed}) / 18446744073709551616::DOUBLE"
            for i, j in (("i", 1), ("i", 2), ("o", 3), ("o", 4), ("o", 5))
        ]
        engine.execute(f"""
            COPY (
              WITH lines AS (SELECT i, i // 3 AS o FROM range({n}) AS r(i)),
              drawn AS (SELECT *, {", ".join(f"{u} AS u{k}" for k, u in enumerate(uniform))} FROM lines)
              SELECT 1 + floor({customers} * CASE WHEN u2 < 0.5 THEN u3 * u3
                       ELSE least(0.8 * i / {n} + 0.2 * u3, 0.9999999) END)::BIGINT AS customer,
                'O' || o AS "order",
                TIMESTAMP '2022-01-01' + to_seconds((o * 3 / {n} * 94600000)::BIGINT) AS time,
                'P' || floor(u0 * u0 * 20000)::INT AS product,
                'C' || (floor(u0 * u0 * 20000)::INT % 40) AS category,
                (1 + floor(u1 * 4))::DECIMAL(18, 3) AS quantity,
                (CASE WHEN u1 < 0.02 THEN -1 ELSE 1 END * (1 + floor(u1 * 4))
                  * round(1 + u0 * 99, 2))::DECIMAL(18, 4) AS amount,
                CASE WHEN u4 > 0.8 THEN 0.1 ELSE 0 END AS discount,
                CASE WHEN u4 < 0.5 THEN 'web' WHEN u4 < 0.9 THEN 'shop' ELSE 'app' END AS channel,
                CASE WHEN u3 < 0.3 THEN 'yes' ELSE 'no' END AS loyalty,
                round(0.6 * amount, 2)::DECIMAL(18, 4) AS cost
              FROM drawn) TO '{file}' (FORMAT parquet, ROW_GROUP_SIZE 200000)""")
        engine.close()


def by_seglib(file: str, memory: str) -> pd.DataFrame:
    """Compute the features as a run does."""
    engine = sources.connect(memory=memory)
    lines = engine.read_parquet(file)
    bought, back = lines.filter(lines.amount >= 0), lines.filter(lines.amount < 0)
    tables: dict[str, ibis.Table] = {
        "transactions": bought,
        "returns": back,
        "orders": orders(bought).cache(),
    }
    settings = features.Settings(AS_OF, min_cell=1)  # what the query does not fold either
    frames = [f for basis in BASES for f in features.derived(basis, tables, settings).frames]
    made = frames[0]
    for frame in frames[1:]:
        made = made.merge(frame, on="customer", how="left", validate="one_to_one")
    return made


SQL = """
WITH placed AS MATERIALIZED (
  SELECT customer, "order", min(time) AS time, sum(amount) AS amount, sum(quantity) AS items,
    max(discount > 0) AS cut, min(channel) AS channel, max(loyalty = 'yes') AS loyal,
    sum(amount - cost::DECIMAL(18, 4)) AS margin
  FROM lines WHERE amount >= 0 GROUP BY customer, "order"),
breadth AS (
  SELECT customer, count(DISTINCT product) AS product_breadth, count(DISTINCT category) AS category_breadth
  FROM lines WHERE amount >= 0 GROUP BY customer),
back AS (
  SELECT customer, sum(amount) AS amount, sum(amount + abs(cost::DECIMAL(18, 4))) AS margin
  FROM lines WHERE amount < 0 GROUP BY customer),
history AS MATERIALIZED (
  SELECT customer, date_diff('day', max(time::DATE), $as_of) AS recency,
    date_diff('day', min(time::DATE), $as_of) AS tenure, count(*) AS order_count,
    (tenure - recency) / nullif(count(*) - 1, 0) AS days_between_orders, sum(amount) AS gross,
    sum(items) / count(*) AS items_per_order, avg((isodow(time) >= 6)::INT) AS weekend_share,
    avg((month(time) IN (11, 12))::INT) AS gift_season_share, avg((hour(time) >= 18)::INT) AS evening_share,
    avg(cut::INT) AS discount_share, avg(loyal::INT) AS loyalty_share, sum(margin) AS margin,
    avg((channel IN ('web', 'app'))::INT) AS online_share, count(DISTINCT channel) AS channel_breadth
  FROM placed GROUP BY customer),
channels AS (
  SELECT customer, first(channel ORDER BY n DESC, channel) AS main_channel
  FROM (SELECT customer, channel, count(*) AS n FROM placed GROUP BY customer, channel) GROUP BY customer),
before AS (
  SELECT customer, date_diff('day', max(time::DATE), $as_of) AS previous, count(*) AS n
  FROM placed JOIN history USING (customer) WHERE date_diff('day', time::DATE, $as_of) > recency
  GROUP BY customer),
typical AS (
  SELECT median(greatest(days_between_orders, 1)) AS gap FROM history WHERE days_between_orders IS NOT NULL),
usual AS (
  SELECT gap, quantile_cont(greatest(days_between_orders, 1) / gap, 0.8) AS lapsing,
    quantile_cont(greatest(days_between_orders, 1) / gap, 0.95) AS lapsed
  FROM history, typical WHERE days_between_orders IS NOT NULL GROUP BY gap),
rhythm AS (
  SELECT h.*, u.*, b.previous - recency AS silence,
    coalesce(((order_count - 1) * greatest(days_between_orders, 1) + 2 * gap) / (order_count + 1), gap) AS own,
    coalesce(((b.n - 1) * greatest((tenure - b.previous) / nullif(b.n - 1, 0), 1) + 2 * gap) / (b.n + 1), gap) AS own_before
  FROM history h LEFT JOIN before b USING (customer), usual u)
SELECT rhythm.* EXCLUDE (gross, margin, gap, lapsing, lapsed, silence, own, own_before)
    REPLACE (CASE WHEN order_count > 2 THEN days_between_orders END AS days_between_orders), main_channel,
  product_breadth, category_breadth, (gross + coalesce(back.amount, 0))::DOUBLE AS net_value,
  gross::DOUBLE / order_count AS order_value, (rhythm.margin + coalesce(back.margin, 0))::DOUBLE AS gross_margin,
  CASE WHEN net_value > 0 THEN gross_margin / net_value END AS margin_share,
  least(greatest(coalesce(-back.amount::DOUBLE, 0) / gross::DOUBLE, 0), 1) AS return_share,
  CASE WHEN recency > lapsed * own THEN 'lapsed' WHEN recency > lapsing * own THEN 'lapsing'
    WHEN silence > lapsed * own_before THEN 'reactivated' WHEN order_count < 2 THEN 'first-time'
    ELSE 'repeat' END AS purchase_stage,
  own - recency AS days_to_next_order, recency / own AS overdue_ratio
FROM rhythm JOIN breadth USING (customer) JOIN channels USING (customer) LEFT JOIN back USING (customer)
"""


def by_sql(file: str, memory: str) -> pd.DataFrame:
    """Compute the same columns by one query written by hand."""
    with tempfile.TemporaryDirectory() as folder:
        engine = duckdb.connect(config={"memory_limit": memory, "temp_directory": folder})
        engine.execute(f"CREATE VIEW lines AS FROM '{file}'")
        return engine.execute(SQL, {"as_of": AS_OF}).df()


def by_pandas(file: str, memory: str) -> pd.DataFrame:
    """Compute most of the columns by plain pandas: those that need no second look at orders."""
    table = pq.read_table(file)
    for name in ("amount", "cost", "quantity"):  # as numbers, not as objects that pandas would be slow with
        table = table.set_column(table.schema.get_field_index(name), name, table[name].cast("double"))
    lines = table.to_pandas()
    bought, back = lines[lines.amount >= 0], lines[lines.amount < 0]
    bought = bought.assign(loyal=bought.loyalty == "yes", cut=bought.discount > 0)
    bought = bought.assign(margin=bought.amount - bought.cost)
    placed = (
        bought.groupby(["customer", "order"])
        .agg(
            time=("time", "min"),
            amount=("amount", "sum"),
            items=("quantity", "sum"),
            cut=("cut", "max"),
            channel=("channel", "min"),
            loyal=("loyal", "max"),
            margin=("margin", "sum"),
        )
        .reset_index()
    )
    placed = placed.assign(
        day=placed.time.dt.normalize(),
        weekend=placed.time.dt.weekday >= 5,
        evening=placed.time.dt.hour >= 18,
        gift=placed.time.dt.month.isin([11, 12]),
        online=placed.channel.isin(["web", "app"]),
    )
    made = placed.groupby("customer").agg(
        first=("day", "min"),
        last=("day", "max"),
        order_count=("time", "size"),
        gross=("amount", "sum"),
        items=("items", "mean"),
        weekend=("weekend", "mean"),
        evening=("evening", "mean"),
        gift=("gift", "mean"),
        cut=("cut", "mean"),
        loyal=("loyal", "mean"),
        online=("online", "mean"),
        margin=("margin", "sum"),
        channels=("channel", "nunique"),
    )
    breadth = bought.groupby("customer")[["product", "category"]].nunique()
    returned = back.groupby("customer").amount.sum()
    counted = placed.groupby(["customer", "channel"]).size().reset_index(name="n")
    main = counted.sort_values("n", kind="stable").groupby("customer").channel.last()
    made = made.join(breadth).join(returned.rename("back")).join(main).fillna({"back": 0.0})
    gap = (made["last"] - made["first"]).dt.days / (made.order_count - 1).where(made.order_count > 1)
    recency = (pd.Timestamp(AS_OF) - made["last"]).dt.days
    return made.assign(recency=recency, gap=gap, net_value=made.gross + made.back, overdue=recency / gap)


WAYS: dict[str, Callable[[str, str], pd.DataFrame]] = {
    "seglib": by_seglib,
    "sql": by_sql,
    "pandas": by_pandas,
}


def worker(way: str, file: str, memory: str, out: str) -> None:
    """Print seconds and peak memory of one way; run in a process of its own."""
    began = time.perf_counter()
    made = WAYS[way](file, memory)
    seconds = time.perf_counter() - began
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    if out:
        made.to_parquet(out)
    print(json.dumps({"seconds": seconds, "gigabytes": gigabytes, "customers": len(made)}))


def measured(way: str, file: Path, memory: str, out: Path | None = None) -> dict[str, float]:
    """Run one way in a process of its own."""
    command = [sys.executable, __file__, "--worker", way, str(file), memory, str(out or "")]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def in_turns(
    ways: list[str], file: Path, memory: str, out: Path | None = None
) -> dict[str, dict[str, float]]:
    """Measure several ways by turns: median seconds and greatest memory of each."""
    taken = [
        {way: measured(way, file, memory, out and out.with_suffix(f".{way}")) for way in ways}
        for _ in range(TURNS)
    ]
    return {
        way: {
            "seconds": statistics.median(turn[way]["seconds"] for turn in taken),
            "gigabytes": max(turn[way]["gigabytes"] for turn in taken),
        }
        for way in ways
    }


def agree(one: Path, other: Path) -> None:
    """Stop unless both ways gave the same values.

    Raises
    ------
    AssertionError
        With the first column that differs.
    """
    mine, theirs = (pd.read_parquet(p).sort_values("customer", ignore_index=True) for p in (one, other))
    assert set(mine) == set(theirs), set(mine) ^ set(theirs)
    for column in mine:
        if pd.api.types.is_numeric_dtype(mine[column]):
            np.testing.assert_allclose(
                mine[column].astype(float), theirs[column].astype(float), rtol=1e-9, atol=1e-9, err_msg=column
            )
        else:
            pd.testing.assert_series_equal(
                mine[column].astype(str), theirs[column].astype(str), check_dtype=False
            )


def told(what: str, ours: str, peer: str, holds: bool) -> bool:
    print(f"| {what} | {ours} | {peer} {'holds' if holds else 'FAILS'} |", flush=True)
    return holds


def beside_sql(folder: Path, customers: int) -> bool:
    """Compare with a query written by hand, with pandas, and with fewer rows."""
    n = 50 * customers
    sizes = {"all": customers, "a part": min(customers, PANDAS_ROWS // 50), "few": max(1, customers // 50)}
    files = {name: folder / f"{name}.parquet" for name in sizes}
    for name, size in sizes.items():
        generate(files[name], size)
    few = in_turns(["seglib", "sql"], files["few"], ENGINE, folder / "few")
    agree(folder / "few.seglib", folder / "few.sql")
    part = in_turns(["seglib", "pandas"], files["a part"], ENGINE)
    full = in_turns(["seglib", "sql"], files["all"], ENGINE, folder / "all")
    agree(folder / "all.seglib", folder / "all.sql")
    ours, engine = full["seglib"], f"SQL by hand, DuckDB {importlib.metadata.version('duckdb')}"
    what = f"features of {n:,} transactions"
    ratio = ours["seconds"] / full["sql"]["seconds"]
    held = [
        told(
            what,
            f"{ours['seconds']:.0f} s",
            f"{engine}: {full['sql']['seconds']:.0f} s; ours is {ratio:.2f} ×, "
            "the same values; at most 1.3 ×",
            ratio <= 1.3,
        )
    ]
    share = part["seglib"]["seconds"] / part["pandas"]["seconds"]
    held.append(
        told(
            f"features of {50 * sizes['a part']:,} transactions",
            f"{part['seglib']['seconds']:.1f} s",
            f"pandas {importlib.metadata.version('pandas')}: {part['pandas']['seconds']:.1f} s; ours is {share:.2f} × ; at most 1/3",
            share <= 1 / 3,
        )
    )
    held.append(
        told(
            f"{what}, peak memory",
            f"{ours['gigabytes']:.1f} GB",
            f"SQL by hand: {full['sql']['gigabytes']:.1f} GB; below {MOST_GB} GB",
            ours["gigabytes"] < MOST_GB,
        )
    )
    growth = ours["seconds"] / few["seglib"]["seconds"]
    rows = customers / sizes["few"]
    held.append(
        told(
            f"{what} beside {50 * sizes['few']:,}",
            f"{growth:.0f} × the time",
            f"at most linear, {rows:.0f} ×:",
            growth <= rows,
        )
    )
    return all(held)


def large(folder: Path) -> bool:
    """Measure 200 million transactions of four million customers once."""
    file = folder / "large.parquet"
    generate(file, 4_000_000)
    found = measured("seglib", file, ENGINE_LARGE)
    return told(
        "features of 200,000,000 transactions, peak memory",
        f"{found['seconds']:.0f} s, {found['gigabytes']:.1f} GB",
        f"below {MOST_GB_LARGE} GB",
        found["gigabytes"] < MOST_GB_LARGE,
    )


def main() -> None:
    """Run the comparisons; exit 1 if a bound fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000, help="50 transactions each")
    parser.add_argument("--large", action="store_true", help="200 million transactions instead")
    parser.add_argument("--worker", nargs=4, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.worker:
        worker(*chosen.worker)
        return
    with tempfile.TemporaryDirectory() as folder:
        held = large(Path(folder)) if chosen.large else beside_sql(Path(folder), chosen.customers)
    sys.exit(not held)


if __name__ == "__main__":
    main()
