"""Customers on their way from segment to segment, net of what relabelling alone would move."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.linalg import sqrtm

from seglib.monitor.thresholds import DRAWS
from seglib.statistics import Z, wilson

#: Columns of the table `migration`.
COLUMNS = (
    *("source", "destination", "movement", "customers", "of", "share", "low", "high", "noise"),
    *("net", "net_low", "net_high", "value"),
)


def movements(
    earlier: pd.DataFrame, now: pd.DataFrame, identities: pd.DataFrame | None = None
) -> pd.DataFrame:
    """List for each customer the segment before and now.

    Parameters
    ----------
    earlier, now
        The table `segments` of two runs, in which a segment of the same number is the same.
    identities
        The table `identities`: who is in what became of their segment, where segments were split or merged, stayed.

    Returns
    -------
    pandas.DataFrame
        The table `movements`, one row per customer of either: customer, source (missing of who entered),
        destination (missing of who left), movement (stayed, moved, entered, left).
    """
    both = (
        earlier[["customer", "segment"]]
        .rename(columns={"segment": "source"})
        .merge(
            now[["customer", "segment"]].rename(columns={"segment": "destination"}),
            on="customer",
            how="outer",
        )
        .astype({"source": "Int64", "destination": "Int64"})
    )
    entered, left = both.source.isna(), both.destination.isna()
    stayed = (both.source == both.destination).fillna(False)
    for row in (
        [] if identities is None else identities[identities.fate.isin(["merged", "split"])].itertuples()
    ):
        stayed |= both.source.isin(row.sources) & (both.destination == row.segment).fillna(False)
    kind = np.select([entered, left, stayed], ["entered", "left", "stayed"], "moved")
    return both.assign(movement=pd.array(kind, "string"))


def confusion(noise: np.ndarray) -> np.ndarray:
    """Find the relabelling of one partition from the flow between two of them.

    The flow between two refits of the same month is two independent relabellings in sequence. Where
    relabelling keeps the sizes of segments, and as many move from one to another as return, it is the square
    root of that flow.

    Parameters
    ----------
    noise
        Customers by the segments of two refits of the same month (k × k).

    Returns
    -------
    numpy.ndarray
        k × k: the probability of each label by the segment that a customer is in. The unit matrix where
        labels say nothing of segments.
    """
    joint = (noise + noise.T) / 2 + 1e-12 * np.eye(len(noise))
    sizes = joint.sum(1)
    root = np.sqrt(sizes)
    values, vectors = np.linalg.eigh(joint / root[:, None] / root[None, :])
    if values.min() < 0.05:  # labels that hardly say which segment cannot be inverted
        return np.eye(len(noise))
    half = np.asarray(sqrtm((vectors * values) @ vectors.T)).real
    return half / root[:, None] * root[None, :]


def net_flow(observed: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Remove from a flow what relabelling alone would move.

    Observed labels are the segments before and now, each relabelled on its own; the relabelling is inverted
    on both sides (Buonaccorsi, Measurement Error, 2010, chapter 2, for two misclassified categories).

    Parameters
    ----------
    observed, noise
        Customers by segment before and now, and by the segments of two refits of one month (k × k).

    Examples
    --------
    >>> noise = np.array([[90.0, 10.0], [10.0, 90.0]])
    >>> net_flow(noise, noise).round(6).tolist()
    [[100.0, 0.0], [0.0, 100.0]]
    """
    inverse = np.linalg.inv(confusion(noise))
    return inverse.T @ observed @ inverse


def _weighted(codes: np.ndarray, weights: np.ndarray, k: int) -> np.ndarray:
    return np.bincount(codes, weights, k * k).reshape(k, k)


def net_intervals(
    source: np.ndarray,
    destination: np.ndarray,
    noise: Sequence[tuple[np.ndarray, np.ndarray]],
    k: int,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Estimate the flow net of relabelling and its standard error, by resampling customers.

    Parameters
    ----------
    source, destination
        Segments 0, 1, …, k - 1 of the customers before and now.
    noise
        Pairs of segments of the same customers under two refits of one month; none if nothing was refitted.
    k, seed
        Number of segments; of the draws.

    Returns
    -------
    flow, error : numpy.ndarray
        k × k, in customers.
    """
    rng = np.random.default_rng(seed)
    observed = source * k + destination
    pairs = [one * k + other for one, other in noise]

    def estimate(weights: np.ndarray) -> np.ndarray:
        flow = _weighted(observed, weights, k)
        return net_flow(flow, np.sum([_weighted(p, weights, k) for p in pairs], axis=0)) if pairs else flow

    flow = estimate(np.ones(len(source)))
    drawn = np.stack([estimate(rng.poisson(1.0, len(source)).astype(float)) for _ in range(DRAWS)])
    shares = drawn / drawn.sum(axis=(1, 2), keepdims=True) * len(source)
    return flow, shares.std(axis=0, ddof=1)


def migration(
    moved: pd.DataFrame,
    value: pd.Series | None = None,
    noise: Sequence[tuple[pd.Series, pd.Series]] = (),
    seed: int = 0,
) -> pd.DataFrame:
    """Count who moved between segments, entered and left, with 95 % intervals.

    Parameters
    ----------
    moved
        The table `movements`.
    value
        Per customer (index) what they are worth now, or were when they left; money.
    noise
        Pairs of partitions of the same customers (index) by two refits of one month, in the numbers of the
        segments; none where the same model assigned both months, so that nothing was relabelled.
    seed
        Of the draws behind intervals.

    Returns
    -------
    pandas.DataFrame
        The table `migration`, one row per flow: source (missing: entered), destination (missing: left),
        movement, customers, of (all of the source; of those who entered, all who are there now), share of
        these with low and high (Wilson), noise (share that relabelling alone would move), net with net_low
        and net_high (share beyond it), value.
    """
    known = moved.assign(value=np.nan if value is None else moved.customer.map(value))
    cells = known.groupby(["source", "destination", "movement"], dropna=False)
    table = cells.agg(
        customers=("customer", "size"), value=("value", lambda v: v.sum(min_count=1))
    ).reset_index()
    there = moved.destination.notna().sum()
    table["of"] = table.source.map(moved.source.value_counts()).fillna(there).astype(int)
    table = table.assign(share=table.customers / table.of).join(wilson(table.customers, table.of))
    table = table.assign(noise=0.0, net=table.share, net_low=table.low, net_high=table.high)
    if len(noise):
        table = _netted(table, moved, noise, seed)
    return table.sort_values(["source", "destination"], na_position="last", ignore_index=True)[list(COLUMNS)]


def _netted(
    table: pd.DataFrame, moved: pd.DataFrame, noise: Sequence[tuple[pd.Series, pd.Series]], seed: int
) -> pd.DataFrame:
    """Put net flows of the customers who are in both runs in place of the plain ones."""
    both = moved.dropna(subset=["source", "destination"])
    source, destination, pairs, k, segments = _coded(both, noise)
    flow, error = net_intervals(source, destination, pairs, k, seed)
    relabelled = np.mean([_weighted(a * k + b, np.ones(len(a)), k) for a, b in pairs], axis=0)
    place = {s: i for i, s in enumerate(segments)}
    rows = table.source.notna() & table.destination.notna()
    i, j = table.source[rows].map(place).to_numpy(int), table.destination[rows].map(place).to_numpy(int)
    of = table.of[rows] * (len(source) / max(len(both), 1))
    net, half = flow[i, j] / of, Z * error[i, j] / of
    parts = {"noise": relabelled[i, j] / of, "net": net, "net_low": net - half, "net_high": net + half}
    table = table.copy()
    for column, values in parts.items():
        table.loc[rows, column] = values.clip(0, 1)
    return table


def _coded(
    both: pd.DataFrame, noise: Sequence[tuple[pd.Series, pd.Series]]
) -> tuple[np.ndarray, np.ndarray, list[tuple[np.ndarray, np.ndarray]], int, list[int]]:
    """Code the segments of the customers whom both runs and all refits know as 0, 1, …."""
    rows = both.set_index("customer")
    common = rows.index
    for one, other in noise:
        common = common.intersection(one.dropna().index).intersection(other.dropna().index)
    rows = rows.loc[common]
    frames = [rows.source, rows.destination, *(s.loc[common] for pair in noise for s in pair)]
    segments = sorted({int(s) for f in frames for s in f.unique()})
    codes = [pd.Categorical(f.astype(int), segments).codes.astype(int) for f in frames]
    return codes[0], codes[1], list(zip(codes[2::2], codes[3::2], strict=True)), len(segments), segments


def at_risk(moved: pd.DataFrame, earlier: pd.DataFrame | None, now: pd.DataFrame | None) -> pd.DataFrame:
    """Add to movements who became at risk since the run before, who recovered, and who still is.

    Parameters
    ----------
    moved
        From `movements`.
    earlier, now
        The table `risk` of both runs; nothing is known without both.
    """
    unknown = pd.Series(pd.NA, moved.index, "string")
    if earlier is None or now is None or "at_risk" not in earlier or "at_risk" not in now:
        return moved.assign(at_risk=unknown)
    was, is_now = (moved.customer.map(t.set_index("customer").at_risk) for t in (earlier, now))
    known = was.notna() & is_now.notna()
    was, is_now = (x.eq(True).fillna(False).astype(bool) for x in (was, is_now))
    word = np.select([~was & is_now, was & ~is_now, was & is_now], ["became", "recovered", "still"], "not")
    return moved.assign(at_risk=pd.Series(word, moved.index, "string").where(known))


def moved_overall(
    moved: pd.DataFrame,
    flows: pd.DataFrame,
    noise: Sequence[tuple[pd.Series, pd.Series]],
    season: bool,
    seed: int = 0,
) -> pd.DataFrame:
    """Sum up who moved.

    Returns
    -------
    pandas.DataFrame
        The table `moved`: the share of those in both runs who are in another segment, net of relabelling, with
        its 95 % interval.
    """
    both = moved.dropna(subset=["source", "destination"])
    both = both.assign(destination=both.destination.where(both.movement != "stayed", both.source))
    n, others = len(both), int((both.movement == "moved").sum())
    ends = wilson(pd.Series([others]), pd.Series([n])).iloc[0]
    share, low, high, by_noise = others / n if n else np.nan, ends.low, ends.high, 0.0
    if len(noise) and n:
        share, low, high, by_noise = _net_share(both, noise, seed)
    row = {
        "customers": n,
        "moved": others,
        "share": share,
        "low": low,
        "high": high,
        "noise": by_noise,
        "entered": int((moved.movement == "entered").sum()),
        "left": int((moved.movement == "left").sum()),
        "became_at_risk": int((moved.at_risk == "became").sum()),
        "recovered": int((moved.at_risk == "recovered").sum()),
        "season": season,
    }
    return pd.DataFrame([row])


def _net_share(
    both: pd.DataFrame, noise: Sequence[tuple[pd.Series, pd.Series]], seed: int
) -> tuple[float, float, float, float]:
    source, destination, pairs, k, _ = _coded(both, noise)
    rng, n = np.random.default_rng(seed), len(source)

    def share(weights: np.ndarray) -> float:
        flow = _weighted(source * k + destination, weights, k)
        net = net_flow(flow, np.sum([_weighted(a * k + b, weights, k) for a, b in pairs], axis=0))
        return float(1 - np.trace(net) / net.sum())

    middle = share(np.ones(n))
    spread = float(np.std([share(rng.poisson(1.0, n).astype(float)) for _ in range(DRAWS)], ddof=1))
    by_noise = float(np.mean([(a != b).mean() for a, b in pairs]))
    low, high = (float(np.clip(middle + sign * Z * spread, 0, 1)) for sign in (-1, 1))
    return float(np.clip(middle, 0, 1)), low, high, by_noise
