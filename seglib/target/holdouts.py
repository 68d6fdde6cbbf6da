"""How many to contact and how many to hold out, and what that can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from seglib.statistics import size_for_means, size_for_shares, visible_mean, visible_share
from seglib.target.thresholds import BASELINE, HOLDOUTS

COLUMNS = (
    *("segment", "play", "customers", "contacts", "held_out", "outcome", "baseline", "baseline_sd"),
    *("baseline_from", "effect", "visible", "shows", "test_contacts", "test_held_out", "test_fits", "advice"),
)


@dataclass(frozen=True)
class Comparison:
    """What is compared between those who are contacted and those who are held out.

    Attributes
    ----------
    effect
        Expected of a contact, in the unit of the outcome.
    baseline
        Share with the outcome that is expected without a contact.
    sd
        Standard deviation of the outcome between customers, where it is a mean and not a share.
    """

    effect: float
    baseline: float
    sd: float | None = None

    @property
    def known(self) -> bool:
        """Whether anything can be sized."""
        return self.baseline == self.baseline and (self.sd is None or self.sd > 0)

    def visible(self, contacts: int, held_out: int) -> float:
        """Compute the smallest effect that so many customers show; missing if it is not known, or not possible."""
        if not self.known:
            return np.nan
        if self.sd is None:
            return visible_share(self.baseline, contacts, held_out)
        return visible_mean(self.sd, contacts, held_out)

    def needed(self) -> tuple[Any, Any]:
        """Compute how many customers show the expected effect, half of them held out."""
        if not (self.known and self.effect > 0):
            return pd.NA, pd.NA
        if self.sd is None:
            return size_for_shares(self.baseline, self.effect)
        return size_for_means(self.sd, self.effect)


def tests(best: pd.DataFrame, value: pd.DataFrame, share: float | None = None) -> pd.DataFrame:
    """Compute, for the best play of each segment, how many are held out and the smallest effect that shows.

    Parameters
    ----------
    best
        From `scoring.best_plays`: one row per segment.
    value
        The table `value`.
    share
        Held out, if the params say so; else the smallest of `HOLDOUTS` with which the expected effect
        shows, or the first if none does: to hold out half would cost much and show nothing.

    Returns
    -------
    pandas.DataFrame
        One row per segment with a response, the columns `COLUMNS`: contacts and held_out (customers),
        outcome, baseline, baseline_sd and baseline_from (as `baselines.baseline` returns them; a share of
        which nothing is known is assumed to be `BASELINE`), effect (expected of a contact, in the unit of the
        outcome: share, orders per customer, or money paid per customer), visible (smallest that shows, with a
        chance of 80 %), shows (whether the expected one does), test_contacts and test_held_out (what a test
        of the expected effect needs, even split; missing if there is none), test_fits (whether the segment has
        so many), advice (none; unknown: no baseline; pool: segments, or longer: than one campaign).
    """
    sizes = value.set_index("segment").customers
    rows = [_row(r, int(sizes[r.segment]), share) for r in best.itertuples() if not pd.isna(r.effect)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(best: Any, customers: int, share: float | None) -> dict[str, Any]:
    compared = _compared(best)
    part, visible = _smallest(compared, customers, share)
    held_out = int(np.ceil(customers * part))
    test = compared.needed()
    shows = bool(visible <= compared.effect)
    fits = bool(not pd.isna(test[0]) and sum(test) <= customers)
    advice = "" if shows else "unknown" if not compared.known else "longer" if fits else "pool"
    return {
        "segment": best.segment,
        "play": best.play,
        "customers": customers,
        "contacts": customers - held_out,
        "held_out": held_out,
        "outcome": best.outcome,
        "baseline": compared.baseline,
        "baseline_sd": best.baseline_sd,
        "baseline_from": best.baseline_from,
        "effect": compared.effect,
        "visible": visible,
        "shows": shows,
        "test_contacts": test[0],
        "test_held_out": test[1],
        "test_fits": fits,
        "advice": advice,
    }


def _compared(best: Any) -> Comparison:
    """Express the expected response in the unit that is measured; a share leaves room for its effect."""
    effect = float(best.effect)
    if best.outcome == "share":
        baseline = BASELINE if pd.isna(best.baseline) else best.baseline
        return Comparison(effect, float(np.clip(baseline, 0.0, max(1 - effect, 0.0))))
    unit = float(best.response_worth) if best.outcome == "spend" else 1.0
    return Comparison(effect * unit, float(best.baseline), float(best.baseline_sd))


def _smallest(compared: Comparison, customers: int, share: float | None) -> tuple[float, float]:
    """Return the share held out, and the smallest effect that shows with it."""
    tried = [share] if share is not None else list(HOLDOUTS)
    for part in tried:
        held_out = int(np.ceil(customers * part))
        visible = compared.visible(customers - held_out, held_out)
        if visible <= compared.effect:
            return part, visible
    held_out = int(np.ceil(customers * tried[0]))
    return tried[0], compared.visible(customers - held_out, held_out)
