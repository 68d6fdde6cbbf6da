"""Exports of hostile customers: who is in them who should not be, and what their cells hold.

`python benchmarks/exports.py [EXPORTS]` writes benchmarks/results/exports.md. Each export draws customers, consents,
addresses, lists and histories at random, hostile texts among them, and writes three campaigns for all destinations; the
checks are those of tests/implement/test_exports.py.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "exports.md"
sys.path[:0] = [str(ROOT / "tests")]


def main(exports: int) -> None:
    from hostile_exports import world
    from implement.test_exports import exported, held_against, whole_files

    from seglib.implement import delivery

    failed, rows, files = Counter(), 0, 0
    for seed in range(exports):
        with tempfile.TemporaryDirectory() as name:
            folder, given = Path(name), world(seed)
            chosen = exported(given, folder)
            members = pd.read_parquet(folder / delivery.MEMBERS)
            rows, files = rows + len(members), files + members.file.nunique()
            checks = {
                "not agreed, suppressed, held out, contacted often enough, or twice": lambda g=given, c=chosen, m=members: (
                    held_against(g, c, m)
                ),
                "beyond limits, a formula, or a name for an advertising platform": lambda f=folder, m=members: (
                    whole_files(f, m)
                ),
            }
            for what, check in checks.items():
                try:
                    check()
                    failed[what] += 0
                except AssertionError as error:
                    failed[what] += 1
                    print(seed, what, str(error)[:200], flush=True)
    lines = [f"| {what} | {n} |" for what, n in failed.items()]
    head = (
        f"# {exports:,} exports of hostile customers\n\n`python benchmarks/exports.py {exports}`; {rows:,} rows in "
        f"{files:,} files of eleven destinations.\n\n| exports with a row or cell that is | found |\n| --- | --- |\n"
    )
    RESULTS.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
