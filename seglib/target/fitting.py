"""Which plays fit a segment: their conditions on its profile, and what they require."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from seglib.assess import playbook
from seglib.assess.playbook import Check, Play
from seglib.vocabulary import Objective

#: What of a play money is computed from.
_MONEY = (
    *("play", "contact", "response", "response_low", "response_high", "of", "response_basis"),
    *("campaigns", "worth", "worth_times", "days", "outcome"),
)


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
    own = playbook.resolved(play, own)
    far = [abs(own[name].distance) for name in play.when if name in own]
    margin = float(np.mean(far)) if far else 0.0 if play.conditional else -1.0
    required = playbook.requirements(play, own, customers, sources, purpose)
    return Fit(play, margin, tuple(playbook.conditions(play, own, measured)), tuple(required))


def candidates(
    profiles: pd.DataFrame,
    value: pd.DataFrame,
    library: list[Play],
    objective: Objective,
    *,
    sources: Collection[str] = (),
    purpose: str | None = None,
) -> pd.DataFrame:
    """List the plays that fit each segment and contact customers, as far as they state a response.

    Parameters
    ----------
    profiles, value
        Tables of the run.
    library
        From `library`.
    objective
        Of the project; where budget is allocated, plays of all objectives compete that address own customers.
    sources, purpose
        As `playbook.requirements` takes them.

    Returns
    -------
    pandas.DataFrame
        One row per segment and play, those that fit most closely first: segment, play, contact, margin (of
        the fit, in standard deviations), response with its range and `of`, campaigns, worth, worth_times, days,
        outcome.
    """
    own, measured = playbook.traits(profiles), playbook.measures(value, profiles)
    customers = value.set_index("segment").customers
    rows = []
    for segment in value.segment:
        facts = own.get(segment, {}), measured.loc[segment], customers[segment]
        fits = [
            fit(p, *facts, sources, purpose)
            for p in library
            if p.response and p.who != "others" and serves(p, objective)
        ]
        held = sorted((f for f in fits if f.holds), key=lambda f: -round(f.margin, 9))
        held = [f for f in held if f.play.conditional] or held  # a play for everyone is the last resort
        rows += [{"segment": segment, "margin": f.margin, **money_of(f.play)} for f in held]
    return pd.DataFrame(rows, columns=["segment", "margin", *_MONEY])


def serves(play: Play, objective: Objective) -> bool:
    """Check whether a play serves an objective; where a budget is allocated, all that keep or grow customers do."""
    if objective == "allocation":
        return not {"retention", "growth", "service", "allocation"}.isdisjoint(play.objectives)
    return objective in play.objectives


def money_of(play: Play) -> dict[str, Any]:
    """Return what money is computed from: its response, and what a response is worth."""
    response = play.response or {}
    worth, times = next(iter(play.value.items()), ("", np.nan))
    return {
        "play": play.play,
        "contact": play.contact or "",
        "response": response.get("mean", np.nan),
        "response_low": response.get("low", np.nan),
        "response_high": response.get("high", np.nan),
        "of": response.get("of", "customers"),
        "response_basis": response.get("basis", ""),
        "campaigns": tuple(response.get("campaigns", ())),
        "worth": worth,
        "worth_times": times,
        "days": play.days,
        "outcome": play.outcome,
    }
