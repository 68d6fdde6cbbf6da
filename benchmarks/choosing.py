"""How long it takes to choose the number of segments of a real survey, beside plain scikit-learn."""

from __future__ import annotations

import importlib.metadata
import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from peers import ROOT, line, median_of
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from seglib.segment import stability

PAIRS, STARTS, KS = 100, 10, range(2, 9)
#: Seconds on two cores; R's flexclust takes 91.
MOST = 45


def answers() -> pd.DataFrame:
    """Read the McDonald's answers from the reference data.

    Raises
    ------
    FileNotFoundError
        If SEGLIB_REFERENCE_DATA names no folder that holds them.
    """
    folder = ROOT / os.environ.get("SEGLIB_REFERENCE_DATA", "../shared/data")
    file = Path(folder) / "mcdonalds" / "mcdonalds.csv.gz"
    if not file.is_file():
        raise FileNotFoundError(
            f"{file} is needed; name the folder of reference data in SEGLIB_REFERENCE_DATA"
        )
    return (pd.read_csv(file).iloc[:, :11] == "Yes").astype(float)


def by_scikit_learn(rows: np.ndarray) -> dict[int, float]:
    """Choose as one would with plain calls, which use the cores themselves."""
    rng = np.random.default_rng(0)
    agreement: dict[int, list[float]] = {k: [] for k in KS}
    for _ in range(PAIRS):
        samples = rng.integers(0, len(rows), (2, len(rows)))
        for k in KS:
            found = [KMeans(k, n_init=STARTS).fit(rows[drawn]).predict(rows) for drawn in samples]
            agreement[k] += [adjusted_rand_score(a, b) for a, b in pairwise(found)]
    return {k: float(np.median(values)) for k, values in agreement.items()}


def choosing() -> bool:
    """Compare 100 bootstrap pairs for 2 to 8 segments, 10 starts each."""
    rows = answers()

    def ours() -> None:
        plan = stability.Resampling(2 * PAIRS, len(rows), seed=0, starts=(STARTS, STARTS), halvings=0)
        stability.resample("k-means", KS, rows, plan)

    mine = median_of(5, ours)
    theirs = median_of(5, lambda: by_scikit_learn(rows.to_numpy()))
    peer = f"scikit-learn {importlib.metadata.version('scikit-learn')}"
    return line(
        "choosing k on McDonald's, 100 bootstrap pairs",
        mine,
        peer,
        theirs,
        f"not slower, and at most {MOST} s",
        mine <= theirs and mine <= MOST,
    )


if __name__ == "__main__":
    raise SystemExit(not choosing())
