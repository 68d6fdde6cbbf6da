"""Print how often the number of segments is found, and nothing where nothing is, beside the peers.

Run by `make bench`, or alone: `python benchmarks/structure.py [data sets planted] [without] [seed]`.
"""

from __future__ import annotations

import importlib.metadata
import sys
import time
import warnings

import joblib
import numpy as np
import pandas as pd
from planted import NULLS, OVERLAPS, Planted, all_planted, all_without
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.mixture import GaussianMixture
from stepmix.stepmix import StepMix
from threadpoolctl import threadpool_limits

from seglib import segment
from seglib.segment.partitions import prediction_strength

KS = range(2, 9)
PEERS = {
    "silhouette": "k-means + silhouette",
    "gaussian": "Gaussian mixture + BIC",
    "stepmix": "stepmix + BIC",
}


def standardised(rows: pd.DataFrame) -> pd.DataFrame:
    """Scale numbers; answers of 0 and 1 stay."""
    numeric = [c for c in rows.select_dtypes("number") if not rows[c].isin((0, 1)).all()]
    scaled = (rows[numeric] - rows[numeric].mean()) / rows[numeric].std(ddof=0)
    return rows.assign(**scaled)


def one_hot(rows: pd.DataFrame) -> np.ndarray:
    """Write rows as peers take them: standardised dummies."""
    dummies = pd.get_dummies(rows, dtype=float)
    return ((dummies - dummies.mean()) / dummies.std(ddof=0).replace(0, 1)).to_numpy()


def by_seglib(rows: pd.DataFrame) -> tuple[int, np.ndarray, str]:
    """Give the engine's number of segments (1 for none), its segments and its verdict."""
    prepared = standardised(rows)
    methods = segment.methods("auto", prepared)
    plan = segment.Resampling(n_resamples=40, sample=2000, seed=0, n_jobs=1)
    compared = segment.compare(methods, prepared, KS, plan, min_share=0.02)
    judgement = segment.judgement(compared, prepared, plan, min_share=0.02)
    chosen = judgement.comparison
    return chosen.k, chosen.fit.labels, segment.verdict(judgement).word


def by_silhouette(rows: pd.DataFrame) -> tuple[int, np.ndarray]:
    """Choose k-means' k by the largest silhouette, which cannot answer 1."""
    coded = one_hot(rows)
    found = [KMeans(k, n_init=10, random_state=0).fit_predict(coded) for k in KS]
    sample = min(len(coded), 5000)
    best = max(found, key=lambda labels: silhouette_score(coded, labels, sample_size=sample, random_state=0))
    return best.max() + 1, best


def by_gaussian(rows: pd.DataFrame) -> tuple[int, np.ndarray]:
    """Choose a Gaussian mixture's k by BIC."""
    coded = one_hot(rows)
    fits = [GaussianMixture(k, n_init=3, reg_covar=1e-4, random_state=0).fit(coded) for k in (1, *KS)]
    best = min(fits, key=lambda fit: fit.bic(coded))
    return best.n_components, best.predict(coded)


def by_stepmix(rows: pd.DataFrame) -> tuple[int, np.ndarray]:
    """Choose latent classes' k by BIC."""
    scaled = standardised(rows)
    numeric = [c for c in scaled.select_dtypes("number") if not scaled[c].isin((0, 1)).all()]
    others = [c for c in scaled if c not in numeric]
    coded = pd.DataFrame(
        {c: scaled[c] for c in numeric} | {c: pd.factorize(scaled[c], sort=True)[0] for c in others}
    )
    measured = {"numbers": {"model": "gaussian_diag", "n_columns": len(numeric)}} if numeric else {}
    measured |= {"answers": {"model": "categorical", "n_columns": len(others)}} if others else {}
    fits = [
        StepMix(
            k,
            measurement=measured,
            n_init=3,
            max_iter=300,
            abs_tol=1e-3,
            rel_tol=1e-6,
            random_state=0,
            progress_bar=0,
        ).fit(coded.astype(float))
        for k in (1, *KS)
    ]
    best = min(fits, key=lambda fit: fit.bic(coded.astype(float)))
    return best.n_components, best.predict(coded.astype(float))


def by_hdbscan(rows: pd.DataFrame) -> tuple[int, np.ndarray]:
    """Let HDBSCAN find segments; fewer than two are none."""
    labels = HDBSCAN(min_cluster_size=10, copy=True).fit_predict(one_hot(rows))
    return max(labels.max() + 1, 1), labels


def by_gap(rows: pd.DataFrame) -> tuple[int, np.ndarray]:
    """Choose k-means' k by the gap statistic (Tibshirani, Walther and Hastie, 2001), which can answer 1."""
    coded, rng = one_hot(rows), np.random.default_rng(0)
    axes = np.linalg.svd(coded - coded.mean(0), full_matrices=False)[2]
    turned = coded @ axes.T
    drawn = [rng.uniform(turned.min(0), turned.max(0), turned.shape) for _ in range(10)]
    gaps, errors, fits = [], [], []
    for k in (1, *KS):
        fits.append(KMeans(k, n_init=3, random_state=0).fit(coded))
        logs = np.log([KMeans(k, n_init=1, random_state=0).fit(x).inertia_ for x in drawn])
        gaps.append(logs.mean() - np.log(fits[-1].inertia_))
        errors.append(logs.std() * np.sqrt(1 + 1 / len(drawn)))
    enough = [i for i in range(len(gaps) - 1) if gaps[i] >= gaps[i + 1] - errors[i + 1]]
    at = enough[0] if enough else len(gaps) - 1
    return at + 1, fits[at].labels_


def by_prediction_strength(rows: pd.DataFrame) -> tuple[int, np.ndarray]:
    """Choose the largest k of k-means whose prediction strength is .8 (Tibshirani and Walther, 2005)."""
    coded, rng = one_hot(rows), np.random.default_rng(0)
    halves = [rng.permutation(len(coded)) for _ in range(5)]
    chosen = 1
    for k in KS:
        strengths = []
        for order in halves:
            first, second = order[: len(order) // 2], order[len(order) // 2 :]
            one = KMeans(k, n_init=3, random_state=0).fit(coded[first])
            other = KMeans(k, n_init=3, random_state=0).fit(coded[second])
            strengths.append(prediction_strength(other.labels_, one.predict(coded[second])))
        chosen = k if np.mean(strengths) >= 0.8 else chosen
    return chosen, KMeans(chosen, n_init=10, random_state=0).fit_predict(coded)


def found(case: Planted) -> dict[str, object]:
    """Let all find what was planted."""
    began = time.perf_counter()
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        k, labels, word = by_seglib(case.rows)
        answers = {
            "seglib": (k, labels),
            "silhouette": by_silhouette(case.rows),
            "gaussian": by_gaussian(case.rows),
            "stepmix": by_stepmix(case.rows),
        }
    row = {
        "kind": case.kind,
        "overlap": case.overlap,
        "shape": case.shape,
        "sizes": case.sizes,
        "k": case.k,
        "verdict": word,
        "seconds": time.perf_counter() - began,
    }
    for name, (n, own) in answers.items():
        row |= {
            f"{name} k": n,
            f"{name} right": n == case.k,
            f"{name} ARI": adjusted_rand_score(case.truth, own),
        }
    return row


def nothing(kind: str, rows: pd.DataFrame) -> dict[str, object]:
    """Let all judge a data set without segments."""
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        _, _, word = by_seglib(rows)
        return {
            "kind": kind,
            "verdict": word,
            "seglib": word in ("none", "constructive"),
            "gaussian": by_gaussian(rows)[0] == 1,
            "hdbscan": by_hdbscan(rows)[0] < 2,
            "silhouette": False,
        }


def planted_table(n: int, seed: int) -> bool:
    """Print how often k is found, and how well segments agree with the truth, by overlap."""
    table = pd.DataFrame(joblib.Parallel(-1)(joblib.delayed(found)(case) for case in all_planted(n, seed)))
    print(f"\n| k found (mean ARI), {n} data sets | seglib | " + " | ".join(PEERS.values()) + " | bound |")
    print("| --- " * 6 + "|")
    held = True
    for overlap in OVERLAPS:
        rows = table[table.overlap == overlap]
        right = {name: rows[f"{name} right"].mean() for name in ("seglib", *PEERS)}
        ari = {name: rows[f"{name} ARI"].mean() for name in ("seglib", *PEERS)}
        good = right["seglib"] > max(right[p] for p in PEERS) and ari["seglib"] >= max(ari[p] for p in PEERS)
        if overlap == "least":
            sure = rows.verdict.isin(("natural", "reproducible")).mean()
            good &= right["seglib"] >= 0.9 and sure >= 0.95
        cells = " | ".join(f"{right[name]:.0%} ({ari[name]:.2f})" for name in ("seglib", *PEERS))
        print(f"| overlap {overlap} | {cells} | {'holds' if good else 'FAILS'} |")
        held &= good
    print(
        f"| natural or reproducible where overlap is least | {sure:.0%} | | | | at least 95 % "
        f"{'holds' if sure >= 0.95 else 'FAILS'} |",
        flush=True,
    )
    return bool(held)


def nothing_table(n: int, seed: int) -> bool:
    """Print how often nothing is found where nothing is."""
    table = pd.DataFrame(joblib.Parallel(-1)(joblib.delayed(nothing)(*case) for case in all_without(n, seed)))
    print(
        f"\n| nothing found, {n} data sets | seglib | silhouette | Gaussian mixture + BIC | HDBSCAN | bound |"
    )
    print("| --- " * 6 + "|")
    names = ("seglib", "silhouette", "gaussian", "hdbscan")
    for kind in NULLS:
        rows = table[table.kind == kind]
        print(f"| {kind} | " + " | ".join(f"{rows[name].mean():.0%}" for name in names) + " | |")
    holds = table.seglib.mean() >= 0.95
    print(
        "| all | "
        + " | ".join(f"{table[name].mean():.0%}" for name in names)
        + f" | at least 95 % {'holds' if holds else 'FAILS'} |",
        flush=True,
    )
    return bool(holds)


def main(n_planted: int = 120, n_without: int = 100, seed: int = 0) -> bool:
    """Print both tables."""
    versions = {name: importlib.metadata.version(name) for name in ("scikit-learn", "stepmix")}
    print("Peers: " + ", ".join(f"{name} {version}" for name, version in versions.items()), flush=True)
    return all([planted_table(n_planted, seed), nothing_table(n_without, seed)])


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
