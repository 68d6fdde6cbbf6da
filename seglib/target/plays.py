"""What to do for each segment: the play that its profile calls for, and what decided it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from seglib.assess import playbook
from seglib.assess.naming.profiles import square
from seglib.assess.playbook import LEAVE_ALONE, Check, Play, written
from seglib.vocabulary import Objective, uncapitalised

#: Features that say what sets a segment apart.
_APART = 3
_TEXTS = ("message", "offer", "channel", "timing", "measure")


def library(shipped: list[dict[str, Any]], own: list[dict[str, Any]], profiles: pd.DataFrame) -> list[Play]:
    """Read the library of plays, the project's own first.

    Raises
    ------
    ParamsError
        If an own play requires a feature that no segment has, or two have one name.
    """
    playbook.check_own(own, profiles)
    return playbook.library(shipped, own)


@dataclass(frozen=True)
class Fit:
    """How a play fits a segment.

    Attributes
    ----------
    margin
        Mean distance of the features that it requires, in standard deviations; -1 without any
        condition, so that a last resort comes last.
    conditions, required
        What is held against the segment's profile, and against what the project has.
    """

    play: Play
    margin: float
    conditions: tuple[Check, ...]
    required: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether everything holds, as far as the data say."""
        return not self.missed

    @property
    def short(self) -> float:
        """By how much it fails in all."""
        return sum(c.short for c in (*self.conditions, *self.required))

    @property
    def missed(self) -> list[Check]:
        """What fails."""
        return [c for c in (*self.conditions, *self.required) if c.held is False]


def fit(
    play: Play,
    own: dict[str, Any],
    measured: pd.Series,
    customers: float,
    sources: Collection[str] = (),
    purpose: str | None = None,
) -> Fit:
    """Hold a play against a segment; its parameters are those of `playbook.conditions` and `requirements`."""
    far = [abs(own[name].distance) for name in play.when if name in own]
    margin = float(np.mean(far)) if far else 0.0 if play.conditional else -1.0
    required = playbook.requirements(play, own, customers, sources, purpose)
    return Fit(play, margin, tuple(playbook.conditions(play, own, measured)), tuple(required))


def agreeing(profiles: pd.DataFrame, stands_out: float) -> dict[object, set[object]]:
    """Find segments whose profiles agree: no difference is large enough to be named.

    Parameters
    ----------
    profiles
        One row per segment and feature (and answer), with its distance from all customers.
    stands_out
        Smallest difference of distances, in standard deviations, that is named.

    Returns
    -------
    dict
        Segment to the segments that it agrees with; mostly none. Segments with no feature known of
        both agree with none.

    Examples
    --------
    >>> profiles = pd.DataFrame({"segment": [1, 2, 3], "feature": "age", "answer": None, "distance": [0.5, 0.4, -0.9]})
    >>> agreeing(profiles, 0.3)
    {1: {2}, 2: {1}, 3: set()}
    """
    distances = square(profiles)
    alike: dict[object, set[object]] = {segment: set() for segment in distances}
    for one, other in combinations(distances, 2):
        apart = (distances[one] - distances[other]).abs()
        if apart.max() < stands_out:
            alike[one].add(other)
            alike[other].add(one)
    return alike


def chosen_plays(
    ranking: pd.DataFrame,
    profiles: pd.DataFrame,
    value: pd.DataFrame,
    library: list[Play],
    objective: Objective,
    *,
    stands_out: float,
    sources: Collection[str] = (),
    purpose: str | None = None,
) -> pd.DataFrame:
    """Choose a play for every segment; targets choose first, the highest score before others.

    Of the plays that serve the objective and whose conditions and requirements hold, the one whose
    features lie farthest from all customers is taken; measured facts open or close a play and do
    not weigh. A play with conditions goes to one target, unless profiles agree: then both get it,
    and are proposed for merging. A play without conditions is the last resort; its text names what
    sets the segment apart. Segments that are not targets get the plays for others.

    Parameters
    ----------
    ranking, profiles, value
        Tables of the run.
    library
        From `library`.
    objective
        Of the project.
    stands_out
        As `agreeing` takes it.
    sources, purpose
        As `playbook.requirements` takes them.

    Returns
    -------
    pandas.DataFrame
        One row per segment, in the order of the ranking, with what the table `plays` puts into words:
        the play with its texts, conditions and required (records of `Check`), rival (the nearest
        other play and why it was not taken), alike (segments whose profiles agree), unlike (how it
        differs from segments with the same texts). No two segments whose profiles differ have the
        same play in the same words.
    """
    own, measured = playbook.traits(profiles), playbook.measures(value, profiles)
    customers = value.set_index("segment").customers
    alike = agreeing(profiles, stands_out)
    taken: dict[str, Any] = {}
    rows = {}
    for row in ranking.sort_values(["score", "name"], ascending=[False, True]).itertuples():
        who = ("targets", "everyone") if row.target else ("others", "everyone")
        facts = own.get(row.segment, {}), measured.loc[row.segment], customers[row.segment]
        fitting = [p for p in library if objective in p.objectives and p.who in who]
        fits = [fit(p, *facts, sources, purpose) for p in fitting]
        same = alike.get(row.segment, ())
        free = [f for f in fits if f.play.play not in taken or taken[f.play.play] in same]
        best = _best(free) or _alone(library)
        if best.play.conditional and best.play.who == "targets":
            taken.setdefault(best.play.play, row.segment)
        rows[row.segment] = _row(row, best, facts[0], profiles) | {
            "behind": int(customers[row.segment]),
            "rival": _rival(best, fits, taken) if row.target else {},
            "alike": sorted(same, key=str),
        }
    table = pd.DataFrame([rows[s] for s in ranking.segment])
    named = ranking.set_index("segment").name
    return table.assign(unlike=_unlike(table, profiles, alike, named, stands_out))


def _best(fits: list[Fit]) -> Fit | None:
    """Return the fit of the widest margin; of equal ones the first in the library."""
    held = [f for f in fits if f.holds]
    return max(held, key=lambda f: round(f.margin, 9)) if held else None


def _alone(library: list[Play]) -> Fit:
    return Fit(next(p for p in library if p.play == LEAVE_ALONE), -1.0, (), ())


def _rival(chosen: Fit, fits: list[Fit], taken: dict[str, Any]) -> dict[str, Any]:
    """Find the nearest other play and why it was not taken: taken, smaller, missed or unmeasured."""
    others = [f for f in fits if f.play.conditional and f.play is not chosen.play]
    held = [f for f in others if f.holds]
    gone = [f for f in held if f.margin > chosen.margin and f.play.play in taken]
    if gone or held:
        near = max(gone or held, key=lambda f: f.margin)
        margins = {"play": near.play.play, "margin": near.margin, "own": chosen.margin}
        why = {"why": "taken", "segment": taken[near.play.play]} if gone else {"why": "smaller"}
        return why | margins
    missed = [f for f in others if np.isfinite(f.short)]
    if not missed:
        return {"why": "unmeasured"} if others else {}
    near = min(missed, key=lambda f: f.short)
    return {"why": "missed", "play": near.play.play, "checks": [c.record() for c in near.missed]}


def _row(row: Any, chosen: Fit, own: dict[str, Any], profiles: pd.DataFrame) -> dict[str, Any]:
    """Return a segment's play, its texts filled in."""
    play, response = chosen.play, chosen.play.response or {}
    words = {name: written(r) for name, r in own.items()}
    traits_apart = "; ".join(apart(profiles, row.segment))
    words |= {"apart": traits_apart} if traits_apart else {}
    worth, times = next(iter(play.value.items()), ("", np.nan))
    return {
        "segment": row.segment,
        "target": row.target,
        "decided_by": row.decided_by,
        "play": play.play,
        "conditional": play.conditional,
        **{c: filled(getattr(play, c), words) for c in _TEXTS},
        "conditions": [c.record() for c in chosen.conditions],
        "required": [c.record() for c in chosen.required],
        "contact": play.contact or "",
        "response": response.get("mean", np.nan),
        "response_low": response.get("low", np.nan),
        "response_high": response.get("high", np.nan),
        "response_basis": response.get("basis", ""),
        "worth": worth,
        "worth_times": times,
    }


def filled(text: str, words: dict[str, str]) -> str:
    """Put words in the place of {names} in a text; what has no words stays.

    Examples
    --------
    >>> filled("They were last here {recency} ago.", {"recency": "212 days"})
    'They were last here 212 days ago.'
    """
    return re.sub(r"\{([^{}]+)\}", lambda match: words.get(match[1], match[0]), text)


def apart(profiles: pd.DataFrame, segment: object, most: int = _APART) -> list[str]:
    """List in a few words what sets a segment apart; what formed the segments first."""
    own = profiles[(profiles.segment == segment) & profiles.stands_out]
    own = own.assign(far=own.distance.abs()).sort_values(
        ["segmentation", "far", "feature", "words"], ascending=[False, False, True, True]
    )
    return list(own.words.drop_duplicates().head(most))


def _unlike(
    table: pd.DataFrame,
    profiles: pd.DataFrame,
    alike: dict[Any, set[Any]],
    named: pd.Series,
    stands_out: float,
) -> list[list[dict[str, Any]]]:
    """List for every row how its segment differs from those with the same texts, unless profiles agree."""
    unlike: dict[Any, list[dict[str, Any]]] = {segment: [] for segment in table.segment}
    for _, same in table.groupby(["play", "message", "offer"], sort=False):
        for segment in same.segment:
            others = [s for s in same.segment if s != segment and s not in alike[segment]]
            unlike[segment] = [
                {"segment": other, **_difference(profiles, segment, other, stands_out)}
                for other in sorted(others, key=lambda s: named[s])
            ]
    return list(unlike.values())


def _difference(profiles: pd.DataFrame, segment: Any, other: Any, stands_out: float) -> dict[str, str]:
    """Find the feature by which two segments differ most: its label, and what is typical of either."""
    square = profiles.assign(answer=profiles.answer.fillna("")).set_index(["feature", "answer", "segment"])
    rows = square.unstack("segment")
    far = (rows.distance[segment] - rows.distance[other]).abs()
    if not far.max() >= stands_out:
        return {}
    at = far[far == far.max()].index.sort_values()[0]
    one, two = (square.loc[(*at, s)] for s in (segment, other))
    own, theirs = (written(r.to_frame().T.assign(answer=at[1] or None).iloc[0]) for r in (one, two))
    return {"label": uncapitalised(one.label), "own": own, "theirs": theirs}
