"""Print how well segments agree with the labels of public data sets, k not given, beside the peers.

Run by `python benchmarks/labelled.py FOLDER`. Iris, wine, breast cancer and digits come with scikit-learn.
The folder holds NAME.data.gz and NAME.labels0.gz of the sets in `FROM_SUITE`, as they are in the folders
`uci` and `fcps` of the benchmark suite for clustering of Gagolewski (2022, version 1), and penguins.csv of
the data that come with seaborn. The table is written to `benchmarks/results/labelled.md` too.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn import datasets
from sklearn.cluster import HDBSCAN
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score
from structure import by_gaussian, by_silhouette, one_hot
from threadpoolctl import threadpool_limits
from verdicts import judged, prepared

RESULTS = Path(__file__).resolve().parent / "results" / "labelled.md"
FROM_SUITE = {
    "real": ("ecoli", "glass", "ionosphere", "sonar", "statlog", "yeast"),
    "shapes": ("hepta", "lsun", "engytime", "tetra", "twodiamonds", "wingnut"),
}
PEERS = ("silhouette", "gaussian", "hdbscan")


def sets(folder: Path) -> Iterator[tuple[str, str, pd.DataFrame, np.ndarray]]:
    """Go through the data sets: kind, name, columns and labels."""
    for load in (datasets.load_iris, datasets.load_wine, datasets.load_breast_cancer, datasets.load_digits):
        loaded = load(as_frame=True)
        yield "real", load.__name__.removeprefix("load_"), loaded.data, loaded.target.to_numpy()
    birds = pd.read_csv(folder / "penguins.csv").dropna(subset=["bill_length_mm"], ignore_index=True)
    yield "real", "penguins", birds.drop(columns="species"), pd.factorize(birds.species)[0]
    for kind, names in FROM_SUITE.items():
        for name in names:
            rows = pd.DataFrame(np.loadtxt(folder / f"{name}.data.gz", ndmin=2)).add_prefix("x")
            yield kind, name, rows, np.loadtxt(folder / f"{name}.labels0.gz", dtype=int)


def _levels(rows: pd.DataFrame) -> dict[str, str]:
    numeric = rows.select_dtypes("number")
    levels = {c: "ratio" if numeric[c].min() >= 0 else "interval" for c in numeric}
    return levels | dict.fromkeys(rows.columns.difference(numeric.columns), "nominal")


def compared(kind: str, name: str, rows: pd.DataFrame, labels: np.ndarray) -> dict[str, object]:
    """Let all divide one data set."""
    rows = rows.loc[:, rows.nunique() > 1].sample(frac=1, random_state=0)
    labels = labels[rows.index]
    table = prepared(rows.reset_index(drop=True), _levels(rows))
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        verdict, own = judged(table)
        filled = table.fillna(table.mean(numeric_only=True))
        found = {"seglib": own, "silhouette": by_silhouette(filled)[1], "gaussian": by_gaussian(filled)[1]}
        alone = HDBSCAN(min_cluster_size=10, copy=True).fit_predict(one_hot(filled))
        found["hdbscan"] = alone
    row = {"kind": kind, "set": name, "rows": len(rows), "classes": len(np.unique(labels))}
    row |= {"verdict": verdict.word, "k": verdict.k, "niches": verdict.niches, "coarse": verdict.coarse}
    return row | {f"{n} ARI": round(adjusted_rand_score(labels, parts), 3) for n, parts in found.items()}


def markdown(table: pd.DataFrame) -> str:
    """Write a table as Markdown."""
    rows = [table.columns, ["---"] * len(table.columns), *table.astype(str).to_numpy()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def main(folder: Path) -> bool:
    """Print the table, its means, and whether the engine is ahead of each peer."""
    table = pd.DataFrame(joblib.Parallel(-1)(joblib.delayed(compared)(*each) for each in sets(folder)))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(markdown(table), encoding="utf-8")
    print(table.to_string(index=False))
    held = True
    for kind, rows in [("all", table), *table.groupby("kind")]:
        means = {name: rows[f"{name} ARI"].mean() for name in ("seglib", *PEERS)}
        good = kind == "shapes" or means["seglib"] > max(means[p] for p in PEERS)
        print(
            f"| mean ARI, {kind}, {len(rows)} sets | "
            + " | ".join(f"{n} {m:.3f}" for n, m in means.items())
            + f" | {'holds' if good else 'FAILS'} |"
        )
        held &= good
    return bool(held)


if __name__ == "__main__":
    sys.exit(not main(Path(sys.argv[1])))
