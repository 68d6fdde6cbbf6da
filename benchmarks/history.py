"""How long twelve months of `seglib history` take beside one run, in 100,000 customers.

`python benchmarks/history.py [CUSTOMERS]`, some 40 minutes; the result goes to benchmarks/results/history.md. Runs
and histories take turns on the same machine, so that only ratios are stated.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from peers import ROOT

from seglib.project.store import read_frame, write_frame
from seglib.simulate import generate, industry

FIRST, LAST = "2024-10-01", "2025-09-01"
#: Most that twelve months may take, in runs, by who decides of a refit.
MOST = {"never": 6.0, "ask": 12.0}
RESULT = Path(__file__).parent / "results" / "history.md"


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
    return [str(read_frame(table).verdict.iloc[0] or "none") for table in tables]


def main(customers: int) -> bool:
    """Run everything and write the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = generated(folder, customers)
        alone = [seconds("run", folder / "alone_0", *data)]
        rows = []
        for refit, most in MOST.items():
            reports = folder / refit
            taken = seconds(
                "history", reports, "--from", FIRST, "--to", LAST, "--set", f"monitor.refit={refit}", *data
            )
            alone.append(seconds("run", folder / f"alone_{len(alone)}", *data))
            rows.append((refit, most, taken, verdicts(reports)))
            print(refit, taken, alone, rows[-1][-1], flush=True)
    one = statistics.median(alone)
    lines = [
        "# Twelve months beside one run",
        "",
        f"`python benchmarks/history.py`: the shop of the demo with {customers:,} customers, {FIRST} to {LAST} by month, "
        "all seven pages each; one run is the median of three, before, between and after.",
        "",
        "| monitor.refit | runs | asked | verdicts |",
        "| --- | --- | --- | --- |",
        *(f"| {refit} | {t / one:.1f} | under {most:g} | {', '.join(v)} |" for refit, most, t, v in rows),
    ]
    RESULT.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return all(taken / one < most for _, most, taken, _ in rows)


if __name__ == "__main__":
    sys.exit(not main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
