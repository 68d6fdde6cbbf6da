"""Niches: few customers, densely together and far from all others, who are set apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.cluster import HDBSCAN
from sklearn.neighbors import NearestNeighbors

from seglib.estimators import MAX_OVERLAP, NichesApart, coded
from seglib.segment.copula import Copula
from seglib.segment.evidence import valleys
from seglib.segment.partitions import exchange, jaccard_stability
from seglib.segment.stability import Candidate, Resampling
from seglib.segment.thresholds import NICHES, STABLE

#: Rows among which niches are looked for at the most, the fewest of a niche, and neighbours that make a density.
_MOST_ROWS, _FEWEST, _NEIGHBOURS = 5_000, 8, 3
#: More groups than these are the grain of the data, and no niches.
_MOST = 8
#: Subsamples in which a niche must be found again, and their share of the rows.
_SUBSAMPLES, _SHARE = 10, 0.8
#: Least depth of the valley around a niche, and its reach in distances of its farthest member.
_DEPTH, _REACH = 0.8, 1.25
#: Times that rows at its border are added to a dense group at the most.
_ROUNDS = 10
#: A column in which so many members have one value does not make a niche by itself.
_MOSTLY = 0.5
#: Draws of reference data beside which niches must be isolated.
_DRAWS = 4


def niches(stability: np.ndarray, sizes: np.ndarray, exchanged: np.ndarray, min_share: float) -> np.ndarray:
    """Find the niches: segments too small to be one, but stable and well separated from all others.

    Parameters
    ----------
    stability, sizes, exchanged
        Per segment its stability, its customers, and the share of them who are in another segment
        in other samples.
    min_share
        Smallest share of customers in a segment. Niches have a twentieth of the customers together
        at the most, and leave two segments; otherwise there are none.

    Examples
    --------
    >>> niches(np.array([0.99, 0.98, 0.97]), np.array([600, 390, 10]), np.array([0, 0.01, 0]), 0.02).tolist()
    [False, False, True]
    """
    small = (sizes < min_share * sizes.sum()) & (stability >= STABLE) & (exchanged <= MAX_OVERLAP)
    few = sizes[small].sum() <= NICHES * sizes.sum() and (~small).sum() >= 2
    return small if few else np.zeros(len(sizes), dtype=bool)


def set_apart(
    fit: Candidate, rows: pd.DataFrame, plan: Resampling, min_share: float, fewest: int = _FEWEST
) -> Candidate | None:
    """Set the niches among the customers of a candidate apart.

    A niche is a small dense group (HDBSCAN: Campello, Moulavi and Sander, 2013) that is stable in
    subsamples, with a valley of the density between it and the nearest segment, and that is not
    simply those who have one value in one column. It must be farther from all others, in terms of
    the distances within it, than any such group in reference data of which each segment is one cloud.

    Parameters
    ----------
    fit
        The candidate.
    rows
        One row per customer, prepared.
    plan
        Gives the seed.
    min_share
        Smallest share of customers in a segment; niches have less.
    fewest
        Fewest customers in a niche, because nothing could be published about fewer.

    Returns
    -------
    Candidate or None
        With one segment more per niche; nothing if there are none.
    """
    rng = np.random.default_rng(plan.seed)
    picked = np.sort(rng.choice(len(rows), min(len(rows), _MOST_ROWS), replace=False))
    some = rows.iloc[picked].reset_index(drop=True)
    points, own = np.nan_to_num(coded(some)), fit.labels[picked]
    k = int(fit.labels.max()) + 1
    dense = _found(some, own, k, min_share, rng)
    if not 0 < len(dense) <= _MOST:
        return None
    clouds = [Copula(some[own == s].reset_index(drop=True), rng) for s in np.unique(own)]
    by_chance = 0.0
    for _ in range(_DRAWS):
        drawn = pd.concat([cloud.draw(rng, smooth=True) for cloud in clouds], ignore_index=True)
        found = _found(drawn, np.sort(own), k, min_share, rng)
        by_chance = max([by_chance, *(group.isolation for group in found)])
    kept = [group for group in dense if group.isolation > by_chance]
    if not kept or sum(len(group.members) for group in kept) > NICHES * len(picked):
        return None
    niches = [points[group.members] for group in kept]
    centres = np.array([own_points.mean(0) for own_points in niches])
    reach = [_REACH * np.linalg.norm(p - c, axis=1).max() for p, c in zip(niches, centres, strict=True)]
    others = np.ones(len(picked), dtype=bool)
    others[np.concatenate([group.members for group in kept])] = False
    segments = np.array([points[others & (own == s)].mean(0) for s in range(k)])
    model = NichesApart(fit.model, segments, centres, np.array(reach))
    enough = np.bincount(model.predict(rows), minlength=k + len(kept))[k:] >= fewest
    if not enough.any():
        return None
    model = NichesApart(fit.model, segments, centres[enough], np.array(reach)[enough])
    return _extended(fit, model, model.predict(rows), np.array([group.stability for group in kept])[enough])


@dataclass(frozen=True)
class _Dense:
    """A small dense group: its rows, its stability, and how far it is from all others."""

    members: np.ndarray
    stability: float
    isolation: float


def _found(
    rows: pd.DataFrame, labels: np.ndarray, k: int, min_share: float, rng: np.random.Generator
) -> list[_Dense]:
    """List the small dense groups that are stable and have a valley around them."""
    points = np.nan_to_num(coded(rows))
    groups = _clear(points, labels, _small(points, 1.0, min_share), k)
    groups = [members for members in groups if not _one_value(rows, labels, members, k)]
    if not groups:
        return []
    again = _stability(points, groups, min_share, rng)
    return [
        _Dense(members, share, _isolation(points, members))
        for members, share in zip(groups, again, strict=True)
        if share >= STABLE
    ]


def _isolation(points: np.ndarray, members: np.ndarray) -> float:
    """Divide the distance from a group's members to the nearest other row by that to the nearest in it."""
    others = np.delete(points, members, axis=0)
    away = NearestNeighbors(n_neighbors=1).fit(others).kneighbors(points[members])[0]
    inside = NearestNeighbors(n_neighbors=_NEIGHBOURS + 1).fit(points[members]).kneighbors()[0][:, -1]
    return float(np.median(away) / max(np.median(inside), 1e-9))


def _small(points: np.ndarray, share: float, min_share: float) -> np.ndarray:
    """Give each row its small dense group 0, 1, … in a share of all rows; -1 if it is in none."""
    least = max(int(_FEWEST * share), 2)
    if len(points) <= least:
        return np.full(len(points), -1)
    groups = HDBSCAN(min_cluster_size=least, min_samples=_NEIGHBOURS, copy=True).fit_predict(points)
    sizes = np.bincount(groups + 1)[1:]
    small = np.flatnonzero(sizes < min_share * len(points))
    number = np.full(len(points), -1)
    for i, group in enumerate(small):
        number[_grown(points, groups == group)] = i
    return number


def _grown(points: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Add to a dense group the rows at its border, as long as they double it at the most."""
    grown = inside
    for _ in range(_ROUNDS):
        away = np.linalg.norm(points - points[grown].mean(0), axis=1)
        wider = grown | (away <= _REACH * away[grown].max())
        if wider.sum() > 2 * inside.sum():
            return inside
        if (wider == grown).all():
            break
        grown = wider
    return grown


def _one_value(rows: pd.DataFrame, labels: np.ndarray, members: np.ndarray, k: int) -> bool:
    """Tell whether a niche is one by columns alone in which most members have one value.

    Filled-in cells make such groups, and habits seen in a single order.
    """
    same = [c for c in rows if rows[c].iloc[members].value_counts().max() >= _MOSTLY * len(members)]
    if not same:
        return False
    dense = np.full(len(rows), -1)
    dense[members] = 0
    rest = rows.drop(columns=same)
    return rest.empty or not _clear(np.nan_to_num(coded(rest)), labels, dense, k)


def _clear(points: np.ndarray, labels: np.ndarray, dense: np.ndarray, k: int) -> list[np.ndarray]:
    """List the members of the groups that are part of a segment, with a valley of the density around them."""
    groups = [np.flatnonzero(dense == i) for i in np.unique(dense[dense >= 0])]
    sizes = np.bincount(labels)
    groups = [m for m in groups if 2 * len(m) < sizes[np.bincount(labels[m]).argmax()]]
    apart = labels.copy()
    for i, members in enumerate(groups):
        apart[members] = k + i
    depth = valleys(points, apart) if groups else np.empty(0)
    return [members for i, members in enumerate(groups) if depth[k + i] >= _DEPTH]


def _stability(
    points: np.ndarray, groups: list[np.ndarray], min_share: float, rng: np.random.Generator
) -> np.ndarray:
    """Return the mean Jaccard similarity of each niche with the group most like it in subsamples."""
    own = np.zeros(len(points), dtype=int)
    for i, members in enumerate(groups, 1):
        own[members] = i
    found = np.zeros((_SUBSAMPLES, len(groups)))
    for at in range(_SUBSAMPLES):
        drawn = rng.choice(len(points), int(_SHARE * len(points)), replace=False)
        again = _small(points[drawn], _SHARE, min_share) + 1
        similar = jaccard_stability(own[drawn], again)[1:]
        found[at, : len(similar)] = similar if again.any() else 0
    return found.mean(0)


def _extended(fit: Candidate, model: NichesApart, labels: np.ndarray, again: np.ndarray) -> Candidate:
    k, n = len(model.segments), len(again)
    own = labels[fit.compared]
    partitions = [np.where(own >= k, own, p) for p in fit.partitions]
    moved = np.eye(k + n)
    here = own.max() + 1
    if partitions:
        moved[:here, :here] = np.mean([exchange(own, p) for p in partitions], axis=0)
    stability = np.append(fit.stability[:k], again)
    return replace(
        fit, model=model, labels=labels, stability=stability, exchange=moved, partitions=partitions
    )
