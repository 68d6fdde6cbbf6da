"""Whether there are segments at all, how many, and which of them to keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from seglib.estimators import MAX_OVERLAP, METHODS
from seglib.stability import RESAMPLE_STARTS, STABLE, TRUSTED, Candidate, resample, silhouette

STRUCTURES = ("natural", "reproducible", "constructive", "none")
#: Kaufman and Rousseeuw (1990): up to an average silhouette of .25 no substantial structure.
SUBSTANTIAL_SILHOUETTE = 0.25
#: Silhouettes on a sample do not differ by less.
SAME_SILHOUETTE = 0.02
#: Two solutions that agree to this are one; the simpler method then gives the segments.
SAME_PARTITION = 0.9
#: Data sets drawn of each reference, and rows of each at the most.
_DRAWS, _MOST_ROWS = 5, 2000
#: A segment that loses so many customers to one neighbour in other samples overlaps it.
OVERLAPS = 0.25


# References without structure


def shuffled(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Shuffle every column by itself: the same distributions, nothing that joins them."""
    return pd.DataFrame({c: rows[c].array.take(rng.permutation(len(rows))) for c in rows.columns}, copy=True)


def correlated(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw one cloud with the same distributions and, among numbers, the same rank correlations.

    A correlated Gaussian is drawn, and each of its columns is replaced, in the same order, by
    the sorted values of the column of `rows`. Categories and answers of yes and no are shuffled:
    that some answers go together is what segments of answers consist of.
    """
    made = shuffled(rows, rng)
    numbers = [c for c in rows.select_dtypes("number") if rows[c].nunique() > 2]
    wanted = 2 * np.sin(np.pi / 6 * rows[numbers].corr("spearman").fillna(0).to_numpy(copy=True))
    np.fill_diagonal(wanted, 1)
    nearest = np.linalg.eigh(wanted)  # which may lie just outside of what a Gaussian can have
    root = nearest.eigenvectors * np.sqrt(np.maximum(nearest.eigenvalues, 0))
    drawn = rng.normal(size=(len(rows), len(numbers))) @ root.T
    for c, column in zip(numbers, drawn.T, strict=True):
        made[c] = np.sort(rows[c].to_numpy())[column.argsort().argsort()]
    return made


REFERENCES = {"shuffled": shuffled, "correlated": correlated}
#: What a reference is, for sentences.
_IS = {
    "shuffled": "where every column is shuffled by itself",
    "correlated": "in one cloud with the same columns and correlations",
}


@dataclass(frozen=True)
class Reference:
    """A candidate where there is nothing to find.

    Attributes
    ----------
    kind
        Key of `REFERENCES`.
    agreement
        Adjusted Rand index of each pair of resamples, over all draws.
    silhouette
        Mean over the draws.
    """

    kind: str
    agreement: np.ndarray
    silhouette: float

    @property
    def is_(self) -> str:
        """What the reference is, in words."""
        return _IS[self.kind]

    @property
    def most(self) -> float:
        """Agreement that 95 of 100 pairs do not exceed."""
        return float(np.quantile(self.agreement, 0.95))


def references(
    method: str, fit: Candidate, rows: pd.DataFrame, *, n_resamples: int, seed: int, n_jobs: int = -1
) -> list[Reference]:
    """Measure what a candidate achieves on data without structure.

    Parameters
    ----------
    method, fit
        The candidate.
    rows
        One row per customer, prepared. With fewer than two columns of numbers there is no cloud
        to correlate, and shuffled columns are the only reference.
    n_resamples
        In all, over several draws of each reference.
    seed, n_jobs
        As `stability.resample` takes them.
    """
    made, k = [], len(fit.recovery)
    numbers = [c for c in rows.select_dtypes("number") if rows[c].nunique() > 2]
    kinds = {kind: draw for kind, draw in REFERENCES.items() if kind != "correlated" or len(numbers) > 1}
    for kind, draw in kinds.items():
        rng = np.random.default_rng([seed, len(made)])
        agreement, separated = [], []
        for _ in range(_DRAWS):
            few = rng.choice(len(rows), min(len(rows), _MOST_ROWS), replace=False)
            drawn = draw(rows.iloc[np.sort(few)].reset_index(drop=True), rng)
            pairs = max(2, n_resamples // (2 * _DRAWS))
            found = resample(method, [k], drawn, n_resamples=2 * pairs, sample=len(drawn), seed=seed,
                             halvings=0, starts=(RESAMPLE_STARTS, RESAMPLE_STARTS), n_jobs=n_jobs,
                             like={k: fit.model}).get(k)  # fmt: skip
            agreement += list(found.agreement) if found else [0.0] * pairs
            separated.append(silhouette(drawn, found.labels, seed) if found else 0.0)
        made.append(Reference(kind, np.array(agreement), float(np.mean(separated))))
    return made


def reference_table(by_chance: list[Reference]) -> pd.DataFrame:
    """Write references as rows: reference, agreement (95 % of pairs are below), silhouette."""
    rows = [(r.kind, r.most, r.silhouette) for r in by_chance]
    return pd.DataFrame(rows, columns=["reference", "agreement", "silhouette"])


# The choice


def choose(
    candidates: pd.DataFrame, fits: dict[tuple[str, int], Candidate], min_share: float
) -> pd.DataFrame:
    """Choose a candidate, and the next best number of segments.

    1. Merged components that stay apart, each large enough and coming back, are segments that
       the data hold; the largest number of them is chosen. If a method of prototypes gives the
       same segments, it is taken, for it is simpler; and also if it gives as many that are
       stable where these are not quite.
    2. Otherwise the candidates whose every segment is stable and large enough. Each method is
       represented by its largest silhouette, if that says anything; below
       `SUBSTANTIAL_SILHOUETTE` nothing is separated, and the most segments that come back are
       taken. Of methods whose silhouettes differ by less than `SAME_SILHOUETTE` the one whose
       weakest segment comes back most.
    3. Otherwise the candidate whose weakest segment comes back most, and the verdict says so.

    Returns
    -------
    pandas.DataFrame
        The candidates with separated, chosen and next_best (bool), and for the one chosen
        apart: the overlap of its segments, if they lie apart.
    """
    made = candidates.assign(separated=(candidates.overlap <= MAX_OVERLAP) & (candidates.weakest >= TRUSTED)
                             & (candidates.smallest >= min_share))  # fmt: skip
    best = _simplest(_best(made), made, fits)
    rest = made[made.k != made.k[best]]
    second = _simplest(_best(rest), rest, fits) if len(rest) else None
    apart = made[made.separated & (made.k == made.k[best])]
    same = [i for i in apart.index if _alike(made, i, best, fits)]
    overlap = made.overlap[same].min() if same else np.nan
    return made.assign(
        chosen=made.index == best, next_best=made.index == second,
        apart=np.where(made.index == best, overlap, np.nan),
    )  # fmt: skip


def _best(table: pd.DataFrame) -> int:
    separated = table[table.separated]
    if len(separated):
        return int(separated.k.idxmax())
    plain = table[table.overlap.isna()]
    plain = plain if len(plain) else table
    admissible = plain[plain.admissible]
    if admissible.empty:
        return int(plain.weakest.idxmax())
    best = admissible.loc[[_of_one_method(rows) for _, rows in admissible.groupby("method", sort=False)]]
    most = best.silhouette.max()
    alike = best[best.silhouette.fillna(-1) >= (most if most == most else -1) - SAME_SILHOUETTE]
    return int(alike.weakest.idxmax())


def _of_one_method(rows: pd.DataFrame) -> int:
    separated = rows.silhouette.max() >= SUBSTANTIAL_SILHOUETTE
    return int(rows.silhouette.idxmax() if separated else rows.k.idxmax())


def _alike(table: pd.DataFrame, one: int, other: int, fits: dict[tuple[str, int], Candidate]) -> bool:
    found = [fits[table.method[i], table.k[i]].labels for i in (one, other)]
    return adjusted_rand_score(*found) >= SAME_PARTITION


def _simplest(best: int, table: pd.DataFrame, fits: dict[tuple[str, int], Candidate]) -> int:
    """Give the first method, in the order of `METHODS`, that finds the same segments.

    Where merged components lie apart but come back less than a stable segment must, and another
    method has as many segments that are all stable, those are taken.
    """
    as_many = table[(table.k == table.k[best]) & (table.weakest >= TRUSTED)]
    order = list(METHODS)
    for at in sorted(as_many.index, key=lambda i: order.index(table.method[i])):
        if _alike(table, best, at, fits):
            best = int(at)
            break
    stable = as_many[as_many.admissible & as_many.overlap.isna()]
    if len(stable) and not table.admissible[best] and table.separated[best]:
        return int(stable.weakest.idxmax())
    return best


# The verdict


def verdict(candidates: pd.DataFrame, by_chance: list[Reference]) -> tuple[str, str]:
    """Say whether there are segments, and why, in a word and a sentence.

    Parameters
    ----------
    candidates
        From `choose`.
    by_chance
        From `references`, of the chosen candidate.

    Returns
    -------
    str
        One of `STRUCTURES`.
    str
        The reason.
    """
    chosen = candidates[candidates.chosen].iloc[0]
    k = int(chosen.k)
    beaten = [chosen.agreement > r.most or chosen.silhouette > r.silhouette + SAME_SILHOUETTE
              for r in by_chance]  # fmt: skip
    against = _against(chosen, by_chance, beaten)
    back = f"the weakest comes back to {_nearly(chosen.weakest)} in other samples"
    if chosen.apart == chosen.apart:
        return "natural", (
            f"The {k} segments lie apart: {_at_most(chosen.apart)} of one would be put into another, and "
            f"{back}; {against}."
        )
    if all(beaten) and chosen.admissible:
        return "reproducible", (
            f"The {k} segments blend into each other (silhouette {chosen.silhouette:.2f}), yet even {back}; "
            f"{against}."
        )
    if chosen.admissible:
        return "constructive", (
            f"The {k} segments come back, but so do cuts through data without segments: {against}. They divide "
            "the customers usefully at best; they were not found."
        )  # fmt: skip
    if all(beaten):
        return "constructive", (
            f"The customers differ from one cloud, but no division is found again: {back}, below the {STABLE:.0%} "
            f"of a stable one; {against}."
        )  # fmt: skip
    return "none", f"Nothing holds the customers together: {back}, and {against}."


def _nearly(share: float) -> str:
    return f"{share:.0%}" if share < 0.995 or share == 1 else "over 99%"


def _at_most(overlap: float) -> str:
    return f"at most {overlap:.1%}" if overlap >= 0.001 else "under 0.1%"


def _against(chosen: pd.Series, by_chance: list[Reference], beaten: list[bool]) -> str:
    """Compare with the reference that comes closest to the candidate."""
    at = min(range(len(by_chance)), key=lambda i: (beaten[i], -by_chance[i].most))
    closest = by_chance[at]
    if beaten[at] and chosen.agreement <= closest.most:
        return (
            f"their silhouette is {chosen.silhouette:.2f}, and {closest.silhouette:.2f} {closest.is_}"
        )
    return (
        f"two resamples agree to {chosen.agreement:.2f} (adjusted Rand index), and {closest.is_} "
        f"95 of 100 pairs agree to {closest.most:.2f} or less"
    )


def over_segmented(candidates: pd.DataFrame) -> int | None:
    """Give the number of segments of the chosen method from which on not all can be trusted."""
    chosen = candidates[candidates.chosen].iloc[0]
    finer = candidates[(candidates.method == chosen.method) & (candidates.k > chosen.k)]
    failing = finer[finer.weakest < TRUSTED]
    return int(failing.k.min()) if len(failing) else None


# The gates of single segments


def gates(own: pd.DataFrame, min_share: float) -> pd.DataFrame:
    """Flag segments that do not come back, are too small, or overlap a neighbour.

    Parameters
    ----------
    own
        The rows of the chosen candidate from `stability.compare`.
    min_share
        Smallest share of customers (0 to 1).

    Returns
    -------
    pandas.DataFrame
        One row per segment: part, returns, large_enough, distinct (bool), neighbour, flags (what
        is wrong, in words; empty if nothing).
    """
    made = own[["part", "neighbour"]].assign(
        returns=own.recovery >= TRUSTED, large_enough=own["size"] >= min_share * own["size"].sum(),
        distinct=own.exchanged < OVERLAPS,
    )  # fmt: skip
    words = {"returns": "does not come back", "large_enough": "too small", "distinct": "overlaps its neighbour"}
    return made.assign(flags=[
        "; ".join(word for gate, word in words.items() if not row[gate]) for _, row in made.iterrows()
    ])  # fmt: skip


def merges(flagged: pd.DataFrame) -> np.ndarray:
    """Say which segment each becomes if flagged ones are merged into their neighbours.

    Returns
    -------
    numpy.ndarray
        Per part the segment 0, 1, … it belongs to afterwards.

    Examples
    --------
    >>> flagged = pd.DataFrame({"part": [0, 1, 2], "neighbour": [2, 0, 0], "flags": ["", "too small", ""]})
    >>> merges(flagged).tolist()
    [0, 0, 1]
    """
    into = np.arange(len(flagged))
    for row in flagged.itertuples():
        if row.flags:
            into[into == into[row.part]] = into[row.neighbour]
    return np.unique(into, return_inverse=True)[1]
