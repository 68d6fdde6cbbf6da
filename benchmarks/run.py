"""Run all benchmarks and print their tables; exit 1 if a bound fails. Run by `make bench`."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from pathlib import Path

import choosing
import features
import k_prototypes
import peers
import segmenting
import structure
import value


def main() -> None:
    """Run everything, the slowest last."""
    print(
        f"{dt.date.today()}, Python {sys.version.split()[0]}\n| what | seglib | peer |\n| --- | --- | --- |"
    )
    with tempfile.TemporaryDirectory() as folder:
        held = [peers.demo(Path(folder)), features.beside_sql(Path(folder), 1_000_000)]
    held += [
        k_prototypes.beside_kmodes(),
        k_prototypes.beside_k_means(),
        k_prototypes.memory(),
        k_prototypes.growth(),
    ]
    held += [choosing.choosing(), segmenting.main(), structure.main(), value.main()]
    sys.exit(not all(held))


if __name__ == "__main__":
    main()
