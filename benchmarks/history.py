"""How long twelve months of `seglib history` take beside one run, in 100,000 customers.

`python benchmarks/history.py never` and `… ask`, some 20 and 40 minutes; the result goes to
benchmarks/results/history.md. One run is the median of one before and one after, on the same machine, so that only
ratios are stated.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from peers import ROOT

from seglib.project.store import read_frame, write_frame
from seglib.simulate import generate, industry

FIRST, LAST = "2024-10-01", "2025-09-01"
#: Most that twelve months may take, in runs, by who decides of a refit.
MOST = {"never": 6.0, "ask": 12.0}
RESULT = Path(__file__).parent / "results" / "history.md"
ROWS = RESULT.with_suffix(".csv")


def generated(folder: Path, customers: int) -> list[str]:
    """Write the shop with so many customers and a year more of events and answers, and give the options that read it."""
    longer = {"event_days": 430, "survey_days": 730}
    tables = generate(industry("demo").model_copy(update=longer), customers, seed=7)
    for kind, table in tables.items():
        write_frame(table, folder / f"{kind}.parquet")
    kinds = [kind for kind in tables if kind != "truth"]
    return [word for kind in kinds for word in ("--set", f"sources.{kind}.path={folder}/{kind}.parquet")]


def seconds(command: str, reports: Path, *options: str) -> float:
    """Time a command of seglib on the demo's params file; it may end with alerts."""
    words = [sys.executable, "-m", "seglib", command, "params/demo.yaml", "--reports", str(reports), *options]
    began = time.perf_counter()
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    if ended.returncode not in (0, 3):
        sys.exit(
            f"seglib {command} ended with {ended.returncode}:\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}"
        )
    return time.perf_counter() - began


def verdicts(reports: Path) -> list[str]:
    """Give what each run of a history says of its segments, the oldest first; the first one has nothing before it."""
    tables = sorted(reports.glob("demo/*/tables/refit.parquet"))
    return [str(read_frame(table).verdict.fillna("not judged").iloc[0]) for table in tables]


def main(refit: str, customers: int, first: str) -> bool:
    """Run everything, keep the row, and write the table of all rows that there are."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = generated(folder, customers)
        alone = [seconds("run", folder / "before", *data)]
        reports = folder / "history"
        options = ("--from", first, "--to", LAST, "--set", f"monitor.refit={refit}", *data)
        taken = seconds("history", reports, *options)
        alone.append(seconds("run", folder / "after", *data))
        words = ", ".join(f"{n} {word}" for word, n in pd.Series(verdicts(reports)).value_counts().items())
        months = len(list(reports.glob("demo/*/run.json")))
    row = {"refit": refit, "customers": customers, "months": months, "runs": taken / statistics.median(alone)}
    row |= {"verdicts": words or "not judged"}
    kept = pd.read_csv(ROWS) if ROWS.is_file() else pd.DataFrame()
    rows = pd.concat([kept, pd.DataFrame([row])]).drop_duplicates(
        ["refit", "customers", "months"], keep="last"
    )
    rows.to_csv(ROWS, index=False)
    lines = [
        "# Months beside one run",
        "",
        f"`python benchmarks/history.py never` and `… ask`: the shop of the demo by month until {LAST}, all pages of "
        "each month; one run is the median of one before and one after, on the same machine. Asked of twelve months "
        "of 100,000 customers: under 6 and under 12 runs.",
        "",
        "| monitor.refit | customers | months | runs | runs a month | verdicts |",
        "| --- | --- | --- | --- | --- | --- |",
        *(
            f"| {r.refit} | {r.customers:,} | {r.months} | {r.runs:.1f} | {r.runs / r.months:.2f} | {r.verdicts} |"
            for r in rows.itertuples()
        ),
    ]
    RESULT.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return row["runs"] < MOST[refit]


if __name__ == "__main__":
    who, *more = sys.argv[1:]
    sys.exit(not main(who, int(more[0]) if more else 100_000, more[1] if len(more) > 1 else FIRST))
