"""Print how fast and how small k-prototypes is beside kmodes and scikit-learn, and how it grows.

Each function prints its lines and says whether its bounds hold. Times are medians of five, of ten
for kmodes from Huang's start. Memory is measured once, in a process of its own: by how much its
peak rises while fitting (Linux only).
"""

from __future__ import annotations

import importlib.metadata
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from kmodes.kprototypes import KPrototypes as Huang
from peers import line, median_of
from sklearn.cluster import KMeans
from sklearn.preprocessing import OneHotEncoder
from threadpoolctl import threadpool_limits

from seglib.estimators import KPrototypes
from seglib.estimators.mixed_rows import MixedEncoding
from seglib.estimators.prototypes import Prototypes, descend

CATEGORIES = list("abcde")


def customers(n: int) -> pd.DataFrame:
    """Make five segments in six numbers and six categories of five levels."""
    rng = np.random.default_rng(0)
    segment = rng.integers(0, 5, n, dtype=np.int8)
    centers = rng.normal(0, 1.5, (5, 6))
    columns = {f"x{j}": rng.normal(centers[segment, j]) for j in range(6)}
    for j in range(6):
        level = np.where(rng.random(n) < 0.6, (segment + j) % 5, rng.integers(0, 5, n, dtype=np.int8))
        columns[f"c{j}"] = pd.Categorical.from_codes(level, CATEGORIES)
    return pd.DataFrame(columns)


def one_hot(rows: pd.DataFrame) -> np.ndarray:
    """Encode as who has numbers alone to give would: float64, a column per level."""
    texts = rows.select_dtypes("category")
    return np.hstack([rows.select_dtypes("number"), OneHotEncoder(sparse_output=False).fit_transform(texts)])


def version(of: str) -> str:
    return f"{of} {importlib.metadata.version(of)}"


# kmodes


def beside_kmodes() -> bool:
    """Compare 10,000 rows: our ten starts with ten of kmodes from Huang's start and five from Cao's."""
    rows = customers(10_000)
    cells = rows.astype(dict.fromkeys(rows.select_dtypes("category"), str)).to_numpy(object)
    ours = KPrototypes(5, gamma=1.0, n_init=10, random_state=0)
    mine = median_of(5, lambda: ours.fit(rows)) / 10
    held, costs = True, []
    for init, starts in (("Huang", 10), ("Cao", 5)):
        seconds = []
        for seed in range(starts):
            began = time.perf_counter()
            peer = Huang(5, gamma=1.0, init=init, n_init=1, random_state=seed).fit(
                cells, categorical=list(range(6, 12))
            )
            seconds.append(time.perf_counter() - began)
            costs.append(peer.cost_)
        theirs = statistics.median(seconds)
        no_dearer = ours.inertia_ <= min(costs) * (1 + 1e-7)
        bound = f"100 × and no dearer than the best of {len(costs)} ({ours.inertia_:.2f}, {min(costs):.2f})"
        held &= line(
            f"k-prototypes, one start, 10,000 × 12, {init}",
            mine,
            version("kmodes"),
            theirs,
            bound,
            theirs / mine >= 100 and no_dearer,
        )
    return held


# scikit-learn


def beside_k_means() -> bool:
    """Compare a million rows with k-means of the same rows one-hot; making that is not counted."""
    rows = customers(1_000_000)
    wide = one_hot(rows)
    mine = median_of(5, lambda: KPrototypes(5, gamma=1.0, n_init=3, random_state=0).fit(rows))
    theirs = median_of(5, lambda: KMeans(5, n_init=3, random_state=0).fit(wide))
    what = "k-prototypes, three starts, 1,000,000 × 12"
    return line(what, mine, f"k-means, {version('scikit-learn')}", theirs, "at most 2 ×", mine <= 2 * theirs)


def peak() -> int:
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def resident() -> int:
    return resource.getpagesize() * int(Path("/proc/self/statm").read_text().split()[1])


def rise(method: str, file: str) -> None:
    """Print by how many bytes the peak rises while fitting; run in a process of its own."""
    given = np.load(file) if method == "k-means" else pd.read_pickle(file)
    ours = KPrototypes(5, gamma=1.0, n_init=3, random_state=0)
    model = KMeans(5, n_init=3, random_state=0) if method == "k-means" else ours
    # what reading has used and given back must not hide what fitting uses
    ballast = np.ones(max(0, peak() - resident()) // 8)
    before = peak()
    model.fit(given)
    print(peak() - before, ballast[:0].sum())


def memory() -> bool:
    """Compare the memory of fitting a million rows with k-means', and with the encoded rows."""
    rows = customers(1_000_000)
    risen = {}
    with tempfile.TemporaryDirectory() as folder:
        files = {"k-prototypes": f"{folder}/rows.pickle", "k-means": f"{folder}/wide.npy"}
        rows.to_pickle(files["k-prototypes"])
        np.save(files["k-means"], one_hot(rows))
        for method, file in files.items():
            command = [sys.executable, __file__, method, file]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            risen[method] = int(done.stdout.split()[0])
    mine, theirs = risen["k-prototypes"], risen["k-means"]
    encoded = 1_000_000 * (6 * 4 + 6)  # float32 and int8
    holds = mine <= 1.2 * theirs and mine <= 3 * encoded
    print(
        f"| k-prototypes, memory of fitting 1,000,000 × 12 | {mine / 1e6:.0f} MB, {mine / encoded:.1f} × the encoded rows | "
        f"k-means, {version('scikit-learn')}: {theirs / 1e6:.0f} MB; at most 1.2 × that and 3 × the encoded rows "
        f"{'holds' if holds else 'FAILS'} |",
        flush=True,
    )
    return holds


# Growth


def ten_iterations(n: int) -> Callable[[], float]:
    """Prepare a measurement of about ten iterations from a given start, in ns per row and iteration."""
    rows = customers(n)
    encoding = MixedEncoding(rows)
    encoded = encoding.rows(rows)
    first = encoded.chosen(np.arange(5))
    start = Prototypes(first.numbers.T.astype(float), first.codes())
    repeats = max(1, 2_000_000 // n)

    def measure() -> float:
        began = time.perf_counter()
        n_iter = sum(len(descend(encoded, start, 1 / encoding.scale**2, 10, 0.0)[1]) for _ in range(repeats))
        return 1e9 * (time.perf_counter() - began) / (n * n_iter)

    return measure


def growth() -> bool:
    """Compare the time per row and iteration of ten thousand to ten million rows.

    The sizes take turns, so that what else the machine does meets all of them.
    """
    measures = {n: ten_iterations(n) for n in (10_000, 100_000, 1_000_000, 10_000_000)}
    with threadpool_limits(1, user_api="blas"):  # as fit does
        turns = [{n: measure() for n, measure in measures.items()} for _ in range(5)]
    taken = {n: statistics.median(turn[n] for turn in turns) for n in measures}
    ratio = max(taken.values()) / min(taken.values())
    told = "; ".join(f"{n:,} rows: {ns:.0f} ns" for n, ns in taken.items())
    print(
        f"| k-prototypes, per row and iteration | {told} | within 1.5 × of the least: {ratio:.2f} × "
        f"{'holds' if ratio <= 1.5 else 'FAILS'} |",
        flush=True,
    )
    return ratio <= 1.5


def main() -> None:
    """Run all comparisons; exit 1 if a bound fails."""
    held = [beside_kmodes(), beside_k_means(), memory(), growth()]
    sys.exit(not all(held))


if __name__ == "__main__":
    rise(*sys.argv[1:]) if len(sys.argv) > 1 else main()
