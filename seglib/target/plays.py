"""What to do for each segment: the play that its profile asks for, and the rule that chose it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from seglib.assess.playbook import (
    LEAVE_ALONE,
    Check,
    Play,
    conditions,
    measures,
    requirements,
    traits,
    written,
)
from seglib.vocabulary import uncapitalised

COLUMNS = (
    "segment",
    "target",
    "play",
    "message",
    "offer",
    "channel",
    "timing",
    "measure",
    "because",
    "rule",
    "why_not",
    "requires_met",
    "merge_with",
    "contact",
    "response",
    "response_low",
    "response_high",
    "response_basis",
    "worth",
    "worth_times",
)
_APART = 3


@dataclass(frozen=True)
class Fit:
    """A play held against a segment.

    Attributes
    ----------
    margin
        Mean distance of the features that it asks for, in standard deviations; -1 without any
        condition, so that a last resort comes last.
    asked, required
        Its conditions and requirements.
    """

    play: Play
    margin: float
    asked: tuple[Check, ...]
    required: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether everything holds, as far as the data say."""
        return all(c.held is not False for c in (*self.asked, *self.required))

    @property
    def short(self) -> float:
        """By how much it fails in all."""
        return sum(c.short for c in (*self.asked, *self.required))

    @property
    def missed(self) -> str:
        """What fails."""
        return "; ".join(c.words for c in (*self.asked, *self.required) if c.held is False)


def fit(
    play: Play,
    own: dict[str, Any],
    measured: pd.Series,
    customers: float,
    sources: Iterable[str] = (),
    purpose: str | None = None,
) -> Fit:
    """Hold a play against a segment; its parameters are those of `playbook.conditions` and `requirements`."""
    far = [abs(own[name].distance) for name in play.when if name in own]
    margin = float(np.mean(far)) if far else 0.0 if play.conditional else -1.0
    return Fit(
        play,
        margin,
        tuple(conditions(play, own, measured)),
        tuple(requirements(play, own, customers, sources, purpose)),
    )


def agreeing(profiles: pd.DataFrame, stands_out: float) -> dict[object, set[object]]:
    """Find segments whose profiles agree: nowhere so far apart that it would be worth naming.

    Parameters
    ----------
    profiles
        One row per segment and feature (and answer), with its distance from all customers.
    stands_out
        Difference of distances, in standard deviations, that tells two segments apart.

    Returns
    -------
    dict
        Segment to the segments that it agrees with; mostly none. Segments of which nothing is known
        alike agree with none.

    Examples
    --------
    >>> profiles = pd.DataFrame({"segment": [1, 2, 3], "feature": "age", "answer": None, "distance": [0.5, 0.4, -0.9]})
    >>> agreeing(profiles, 0.3)
    {1: {2}, 2: {1}, 3: set()}
    """
    square = profiles.assign(answer=profiles.answer.fillna("")).pivot(
        index=["feature", "answer"], columns="segment", values="distance"
    )
    made: dict[object, set[object]] = {segment: set() for segment in square}
    for one, other in combinations(square, 2):
        apart = (square[one] - square[other]).abs()
        if apart.max() < stands_out:
            made[one].add(other)
            made[other].add(one)
    return made


def plays(
    ranking: pd.DataFrame,
    profiles: pd.DataFrame,
    value: pd.DataFrame,
    library: list[Play],
    objective: str,
    *,
    stands_out: float,
    sources: Iterable[str] = (),
    purpose: str | None = None,
) -> pd.DataFrame:
    """Choose a play for every segment; targets choose first, the most attractive before others.

    Of the plays that serve the objective and whose conditions and requirements hold, the one whose
    features lie farthest from all customers is taken; measured facts open or close a play and do
    not weigh. A play with conditions goes to one target, unless profiles agree: then both get it,
    and are proposed for merging. A play without conditions is the last resort; its text names what
    sets the segment apart. Segments that are not targets get the plays for others.

    Parameters
    ----------
    ranking
        One row per segment: segment, name, target, score, decided_by.
    profiles
        One row per segment and feature, in words.
    value
        One row per segment: segment, customers, and what is measured (`playbook.measures`).
    library
        From `playbook.library`.
    objective
        Of the project.
    stands_out
        As `agreeing` takes it.
    sources, purpose
        As `playbook.requirements` takes them.

    Returns
    -------
    pandas.DataFrame
        One row per segment, in the order of the ranking: play and its texts, because (what met its
        conditions), rule (the conditions with numbers), why_not (the nearest other play),
        requires_met, merge_with (names of segments whose profiles agree), contact (channel),
        response with its 90 % range and basis, worth (order, year or money) and worth_times. No two
        segments whose profiles differ have the same play in the same words.
    """
    own, measured = traits(profiles), measures(value, profiles)
    customers, named = value.set_index("segment").customers, ranking.set_index("segment").name
    alike = agreeing(profiles, stands_out)
    taken: dict[str, object] = {}
    rows = {}
    for row in ranking.sort_values(["score", "name"], ascending=[False, True]).itertuples():
        who = ("targets", "everyone") if row.target else ("others", "everyone")
        fits = [
            fit(
                p,
                own.get(row.segment, {}),
                measured.loc[row.segment],
                customers[row.segment],
                sources,
                purpose,
            )
            for p in library
            if objective in p.objectives and p.who in who
        ]
        free = [
            f for f in fits if f.play.play not in taken or taken[f.play.play] in alike.get(row.segment, ())
        ]
        chosen = _best(free) or _alone(library)
        if chosen.play.conditional and chosen.play.who == "targets":
            taken.setdefault(chosen.play.play, row.segment)
        because = _because(chosen) if row.target or chosen.play.conditional else row.decided_by
        rows[row.segment] = _row(row, chosen, own.get(row.segment, {}), profiles) | {
            "because": because,
            "rule": "; ".join(c.words for c in chosen.asked),
            "why_not": _why_not(chosen, fits, taken, named) if row.target else "",
            "merge_with": "; ".join(sorted(named[s] for s in alike.get(row.segment, ()))),
        }
    made = pd.DataFrame([rows[s] for s in ranking.segment], columns=list(COLUMNS))
    return _told_apart(made, profiles, alike, named, stands_out)


def _best(fits: list[Fit]) -> Fit | None:
    """Take the fit of the widest margin; of equal ones the first in the library."""
    held = [f for f in fits if f.holds]
    return max(held, key=lambda f: round(f.margin, 9)) if held else None


def _alone(library: list[Play]) -> Fit:
    return Fit(next(p for p in library if p.play == LEAVE_ALONE), -1.0, (), ())


def _because(chosen: Fit) -> str:
    """Say what met the play's conditions."""
    if not chosen.asked:
        return "no ready-made play fits its profile"
    return "; ".join(c.plain for c in chosen.asked)


def _why_not(chosen: Fit, fits: list[Fit], taken: dict[str, object], named: pd.Series) -> str:
    """Say why the nearest other play was not taken."""
    others = [f for f in fits if f.play.conditional and f.play is not chosen.play]
    gone = [f for f in others if f.holds and f.margin > chosen.margin and f.play.play in taken]
    if gone:
        near = max(gone, key=lambda f: f.margin)
        who = uncapitalised(named[taken[near.play.play]])
        return f"{near.play.play} fits by more ({near.margin:.2f} SD) and went to {who}"
    held = [f for f in others if f.holds]
    if held:
        near = max(held, key=lambda f: f.margin)
        return f"{near.play.play} fits too, by less ({near.margin:.2f} against {chosen.margin:.2f} SD)"
    missed = [f for f in others if np.isfinite(f.short)]
    if not missed:
        return "what other plays ask for is not measured here" if others else ""
    near = min(missed, key=lambda f: f.short)
    return f"{near.play.play}: {near.missed}"


def _row(row: Any, chosen: Fit, own: dict[str, Any], profiles: pd.DataFrame) -> dict[str, object]:
    """Write a segment's play down, its texts filled in."""
    play, response = chosen.play, chosen.play.response or {}
    texts = {"apart": apart(profiles, row.segment)} | {name: written(r) for name, r in own.items()}
    worth, times = next(iter(play.value.items()), ("", np.nan))
    return {
        "segment": row.segment,
        "target": row.target,
        "play": play.play,
        **{c: filled(getattr(play, c), texts) for c in ("message", "offer", "channel", "timing", "measure")},
        "requires_met": "; ".join(c.words for c in chosen.required),
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
    return re.sub(r"\{([^{}]+)\}", lambda found: words.get(found[1], found[0]), text)


def apart(profiles: pd.DataFrame, segment: object, most: int = _APART) -> str:
    """Say in a few words what sets a segment apart; what formed the segments first."""
    own = profiles[(profiles.segment == segment) & profiles.stands_out]
    own = own.assign(far=own.distance.abs()).sort_values(
        ["segmentation", "far", "feature", "words"], ascending=[False, False, True, True]
    )
    return "; ".join(own.words.drop_duplicates().head(most)) or "nothing in particular"


def _told_apart(
    made: pd.DataFrame,
    profiles: pd.DataFrame,
    alike: dict[object, set[object]],
    named: pd.Series,
    stands_out: float,
) -> pd.DataFrame:
    """Add to texts that are the same what tells their segments apart, unless the profiles agree."""
    messages = made.set_index("segment").message
    for _, same in made.groupby(["play", "message", "offer"], sort=False):
        for segment in same.segment:
            others = [s for s in same.segment if s != segment and s not in alike[segment]]
            others = sorted(others, key=lambda s: named[s])
            said = [
                f"unlike {uncapitalised(named[s])}: {_difference(profiles, segment, s, stands_out)}"
                for s in others
            ]
            messages[segment] += f" ({'; '.join(said)})" if said else ""
    return made.assign(message=messages.to_numpy())


def _difference(profiles: pd.DataFrame, segment: object, other: object, stands_out: float) -> str:
    """Say by which feature two segments differ most."""
    square = profiles.assign(answer=profiles.answer.fillna("")).set_index(["feature", "answer", "segment"])
    rows = square.unstack("segment")
    far = (rows.distance[segment] - rows.distance[other]).abs()
    if not far.max() >= stands_out:
        return "nothing is known of both"
    at = far[far == far.max()].index.sort_values()[0]
    one, two = (square.loc[(*at, s)] for s in (segment, other))
    own, others = (written(r.to_frame().T.assign(answer=at[1] or None).iloc[0]) for r in (one, two))
    return f"{uncapitalised(one.label)} {own}, there {others}"
