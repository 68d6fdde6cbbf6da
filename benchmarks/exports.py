"""Exports of hostile customers: who is in them who should not be, and what their cells hold.

`python benchmarks/exports.py [EXPORTS]` writes benchmarks/results/exports.md. Each export draws customers, consents,
addresses, lists and histories at random, hostile texts among them, and writes three campaigns for all destinations; the
checks are those of tests/implement/test_exports.py. Exports that were checked before are read from the temporary folder.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "exports.md"
KEPT = Path(tempfile.gettempdir()) / "seglib_exports.csv"
sys.path[:0] = [str(ROOT / "tests")]

PEOPLE = "not agreed, suppressed, held out, contacted often enough, or twice"
CELLS = "beyond limits, a formula, or a name for an advertising platform"


def checked(seed: int) -> dict[str, int]:
    """Write one export, and tell whether its people and its cells are right."""
    from hostile_exports import world
    from implement.test_exports import exported, held_against, whole_files

    from seglib.implement import delivery

    with tempfile.TemporaryDirectory() as name:
        folder, given = Path(name), world(seed)
        chosen = exported(given, folder)
        members = pd.read_parquet(folder / delivery.MEMBERS)
        return {
            "seed": seed,
            "rows": len(members),
            "files": members.file.nunique(),
            PEOPLE: _violated(partial(held_against, given, chosen, members), seed),
            CELLS: _violated(partial(whole_files, folder, members), seed),
        }


def _violated(check: Callable[[], None], seed: int) -> int:
    try:
        check()
    except AssertionError as error:
        print(seed, str(error)[:200], flush=True)
        return 1
    return 0


def main(exports: int) -> None:
    table = pd.read_csv(KEPT) if KEPT.is_file() else pd.DataFrame({"seed": pd.Series(dtype=int)})
    for seed in sorted(set(range(exports)) - set(table.seed)):
        table = pd.concat([table, pd.DataFrame([checked(seed)])], ignore_index=True)
        table.to_csv(KEPT, index=False)
    table = table[table.seed < exports]
    lines = [f"| {what} | {int(table[what].sum())} |" for what in (PEOPLE, CELLS)]
    head = (
        f"# {exports:,} exports of hostile customers\n\n`python benchmarks/exports.py {exports}`; "
        f"{int(table.rows.sum()):,} rows in {int(table.files.sum()):,} files of eleven destinations.\n\n"
        "| exports with a row or cell that is | found |\n| --- | --- |\n"
    )
    RESULTS.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
