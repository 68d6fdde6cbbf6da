"""How long stage `segment` takes, on the demo and on a million customers.

Run by `make bench`, or alone: `python benchmarks/segmenting.py [customers]`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from peers import ROOT

#: Seconds on two cores that otherwise do nothing.
MOST_FOR_DEMO, MOST_FOR_MILLION = 20, 180
_SEGMENTS = 5
_PARAMS = """title: Many customers
objective: growth
as_of: 2024-12-31
sources: {{customers: {{path: {file}, columns: {{customer: customer_id, monetary: spend}}}}}}
bases: {{behavioural: [usage_0, usage_1, usage_2, usage_3, usage_4, visits, returns], value: auto, demographic: [age]}}
segment: {{on: [behavioural, value]}}
"""


def customers(n: int, seed: int = 3) -> pd.DataFrame:
    """Draw customers of five planted segments: seven habits, what they spent, and an age."""
    rng = np.random.default_rng(seed)
    part = rng.choice(_SEGMENTS, n)
    x = 2 * rng.normal(size=(_SEGMENTS, 6))[part] + rng.normal(size=(n, 6))
    usage = {f"usage_{i}": x[:, i].round(3) for i in range(5)}
    others = {
        "visits": rng.poisson(2 + part),
        "returns": rng.poisson(0.3 * (1 + part)),
        "spend": np.exp(3 + 0.5 * x[:, 5]).round(2),
        "age": rng.integers(18, 80, n),
    }
    return pd.DataFrame({"customer_id": np.arange(n) + 1_000_000} | usage | others)


def seconds_of_stage(params: Path, reports: Path, *changes: str) -> float:
    """Run a project up to stage `segment`, and give the seconds that this stage took."""
    command = [
        sys.executable,
        "-m",
        "seglib",
        "run",
        str(params),
        "--to",
        "segment",
        "--reports",
        str(reports),
    ]
    subprocess.run([*command, *changes], cwd=ROOT, check=True, capture_output=True)
    manifest = json.loads(next(reports.rglob("run.json")).read_text())
    return float(manifest["stages"]["segment"]["seconds"])


def main(n: int = 1_000_000) -> bool:
    """Print both times, and whether they are within their bounds."""
    with tempfile.TemporaryDirectory() as folder:
        file, params = Path(folder) / "customers.parquet", Path(folder) / "many.yaml"
        customers(n).to_parquet(file, index=False)
        params.write_text(_PARAMS.format(file=file))
        many = seconds_of_stage(params, Path(folder) / "many")
        subprocess.run(
            [sys.executable, "-m", "seglib", "simulate", f"{folder}/data"],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        kinds = ("customers", "transactions", "events", "responses")
        changes = [w for k in kinds for w in ("--set", f"sources.{k}.path={folder}/data/{k}.parquet")]
        demo = seconds_of_stage(ROOT / "params" / "demo.yaml", Path(folder) / "demo", *changes)
    held = True
    for what, took, most in (("the demo", demo, MOST_FOR_DEMO), (f"{n:,} customers", many, MOST_FOR_MILLION)):
        held &= took <= most
        print(
            f"| stage segment, {what} | {took:.0f} s | at most {most} s {'holds' if took <= most else 'FAILS'} |",
            flush=True,
        )
    return held


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
