"""How long the demo takes, and what all benchmarks share; only ratios mean something on a shared machine."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

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


def demo(folder: Path) -> bool:
    """Time the demo from an installed environment, and its memory."""
    began = time.perf_counter()
    seglib = [sys.executable, "-m", "seglib"]
    subprocess.run([*seglib, "simulate", str(folder / "data")], cwd=ROOT, check=True, capture_output=True)
    changes = [
        w
        for kind in ("customers", "transactions", "events", "responses")
        for w in ("--set", f"sources.{kind}.path={folder}/data/{kind}.parquet")
    ]
    subprocess.run(
        [*seglib, "run", "params/demo.yaml", "--reports", str(folder / "reports"), *changes],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    seconds = time.perf_counter() - began
    manifest = next((folder / "reports").rglob("run.json"))
    peak = max(s["peak_mb"] for s in json.loads(manifest.read_text())["stages"].values())
    holds = seconds <= 90 and peak <= 2_000
    print(
        f"| the demo: generate, five notebooks, pages | {seconds:.0f} s, {peak:,} MB | at most 90 s and 2,000 MB "
        f"{'holds' if holds else 'FAILS'} |"
    )
    return holds
