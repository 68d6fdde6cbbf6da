"""What to do for each segment: the play that its profile calls for, and what decided it."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from seglib.assess import playbook
from seglib.assess.naming.profiles import square
from seglib.assess.playbook import LEAVE_ALONE, Play, written
from seglib.target.fitting import Fit, fit, money_of, serves
from seglib.vocabulary import Objective, uncapitalised

#: Features that say what sets a segment apart.
_APART = 3
_TEXTS = ("hypothesis", "audience", "message", "offer", "channel", "timing", "measure")


def library(
    shipped: list[dict[str, Any]], own: list[dict[str, Any]], profiles: pd.DataFrame, trade: str | None = None
) -> list[Play]:
    """Read the library of plays, the project's own first; of others, where a trade is given, those worded for it.

    Raises
    ------
    ParamsError
        If an own play requires a feature that no segment has, or two have one name.
    """
    playbook.check_own(own, profiles)
    fitting = [e for e in shipped if trade is None or not e.get("trades") or trade in e["trades"]]
    return playbook.library(fitting, own)


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

    A target whose best play is known in money gets that play.

    Of the plays that serve the objective and whose conditions and requirements hold, the one whose
    features lie farthest from all customers is taken; measured facts open or close a play and do
    not weigh. A play with conditions goes to one target, unless profiles agree: then both get it,
    and are proposed for merging. A play without conditions is the last resort; its text names what
    sets the segment apart. Segments that are not targets get the plays for others.

    Parameters
    ----------
    ranking, profiles, value
        Tables of the run; the ranking's play is what earns most where `per_contact` is known.
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
    known = ranking[ranking.per_contact.notna()] if "per_contact" in ranking else ranking.head(0)
    earns = known.set_index("segment").play.to_dict() if len(known) else {}
    rows = {}
    for row in ranking.sort_values(["score", "name"], ascending=[False, True]).itertuples():
        who = ("targets", "everyone") if row.target else ("others", "everyone")
        facts = own.get(row.segment, {}), measured.loc[row.segment], customers[row.segment]
        fitting = [p for p in library if serves(p, objective) and p.who in who]
        fits = [fit(p, *facts, sources, purpose) for p in fitting]
        same = alike.get(row.segment, ())
        free = [f for f in fits if f.play.play not in taken or taken[f.play.play] in same]
        paying = next((f for f in fits if row.target and f.play.play == earns.get(row.segment)), None)
        chosen = paying or _best(free) or _alone(library)
        if chosen.play.conditional and chosen.play.who == "targets" and not paying:
            taken.setdefault(chosen.play.play, row.segment)
        rows[row.segment] = _row(row, chosen, facts[0], profiles) | {
            "behind": int(customers[row.segment]),
            "rival": _rival(chosen, fits, taken) if row.target and not paying else {},
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
    play, own = chosen.play, playbook.resolved(chosen.play, own)
    words = {name: written(r) for name, r in own.items()}
    traits_apart = "; ".join(apart(profiles, row.segment))
    words |= {"apart": traits_apart} if traits_apart else {}
    money = money_of(play)
    return {
        "segment": row.segment,
        "target": row.target,
        "decided_by": row.decided_by,
        "conditional": play.conditional,
        **{c: filled(getattr(play, c), words) for c in _TEXTS},
        "conditions": [c.record() for c in chosen.conditions],
        "required": [c.record() for c in chosen.required],
        **{c: v for c, v in money.items() if c != "campaigns"},
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
