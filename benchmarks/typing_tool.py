"""How many customers the typing tool assigns as the whole model does, beside chance, in finished runs.

    python benchmarks/typing_tool.py REPORTS …

REPORTS are folders of runs, as of `make demo` and of the industries (`seglib simulate --industry NAME`). Of every run that has
got as far as stage 04 the tool is chosen again, with at most eight questions; accuracy is that of a third of the customers,
who were not looked at. Writes benchmarks/results/typing_tool.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

from seglib.implement import typing
from seglib.project.store import Store
from seglib.project.typing_tool import candidates

RESULTS = Path(__file__).parent / "results" / "typing_tool.md"
HEAD = (
    "project",
    "customers",
    "segments",
    "verdict",
    "questions",
    "family",
    "accuracy",
    "largest segment",
    "least of a segment",
)


def row(run: Path) -> list[str]:
    """Choose the tool of one run."""
    store = Store(run)
    names = ("features", "segments", "variables", "structure", "value", "catalogue")
    features, segments, variables, structure, value, catalogue = (store.read(name) for name in names)
    customers = features.merge(segments[["customer", "segment"]].dropna(), on="customer")
    chosen = typing.typing_tool(
        customers,
        customers.segment,
        candidates(catalogue, variables, list(structure.variables[0]), False),
        catalogue.set_index("feature").label.to_dict(),
        value.set_index("segment")["name"].to_dict(),
        (3, 8),
        fewest=10,
        seed=0,
    )
    verdict = str(structure.structure[0])
    if chosen is None:
        return [run.parent.name, f"{len(customers):,}", "1", verdict, *["–"] * 5]
    table = typing.typing_tables(chosen)["typing"]
    least = table.accuracy[table.customers >= 30].min()
    first = table.iloc[0]
    shares = [f"{100 * share:.1f}%" for share in (first.overall, first.chance, least)]
    return [
        run.parent.name,
        f"{len(customers):,}",
        str(len(table)),
        verdict,
        str(first.questions),
        first.family,
        *shares,
    ]


def main(folders: list[str]) -> None:
    runs = sorted(path.parent for folder in folders for path in Path(folder).glob("*/*/run.json"))
    rows = []
    for run in runs:
        if (run / "tables" / "value.parquet").is_file():
            rows.append(row(run))
            print(*rows[-1], flush=True)
    lines = ["| " + " | ".join(cells) + " |" for cells in (HEAD, ["---"] * len(HEAD), *rows)]
    title = "# The typing tool, beside the whole model\n\n`python benchmarks/typing_tool.py REPORTS`; at most eight questions.\n\n"
    RESULTS.write_text(title + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:] or ["reports"])
