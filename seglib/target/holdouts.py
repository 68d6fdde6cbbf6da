"""How many to contact and how many to hold out, and what that can show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seglib.statistics import size_for_shares, visible_share
from seglib.target.thresholds import BASELINE, HOLDOUTS

COLUMNS = (
    *(
        "segment",
        "play",
        "customers",
        "contacts",
        "held_out",
        "baseline",
        "baseline_from",
        "effect",
        "visible",
    ),
    *("shows", "test_contacts", "test_held_out", "test_fits", "advice"),
)


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
        baseline (share with the outcome that is expected without a contact; campaigns, risk, orders or
        assumed), effect (expected of a contact, in shares), visible (smallest that shows, with a chance of
        80 %), shows (whether the expected one does), test_contacts and test_held_out (what a test of the
        expected effect needs, even split; missing if there is none), test_fits (whether the segment has so
        many), advice (none; pool: segments, or longer: than one campaign).
    """
    sizes = value.set_index("segment").customers
    rows = [_row(r, int(sizes[r.segment]), share) for r in best.itertuples() if not pd.isna(r.effect)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(best: Any, customers: int, share: float | None) -> dict[str, Any]:
    known = not pd.isna(best.baseline)
    effect = float(best.effect)
    baseline = float(np.clip(best.baseline if known else BASELINE, 0.0, max(1 - effect, 0.0)))
    part, visible = _smallest(baseline, effect, customers, share)
    held_out = int(np.ceil(customers * part))
    test = size_for_shares(baseline, effect) if effect > 0 else (pd.NA, pd.NA)
    shows = bool(visible <= effect)
    fits = bool(effect > 0 and sum(test) <= customers)
    return {
        "segment": best.segment,
        "play": best.play,
        "customers": customers,
        "contacts": customers - held_out,
        "held_out": held_out,
        "baseline": baseline,
        "baseline_from": best.baseline_from if known else "assumed",
        "effect": effect,
        "visible": visible,
        "shows": shows,
        "test_contacts": test[0],
        "test_held_out": test[1],
        "test_fits": fits,
        "advice": "" if shows else "longer" if fits else "pool",
    }


def _smallest(baseline: float, effect: float, customers: int, share: float | None) -> tuple[float, float]:
    """Return the share held out, and the smallest effect that shows with it."""
    tried = [share] if share is not None else list(HOLDOUTS)
    for part in tried:
        held_out = int(np.ceil(customers * part))
        visible = visible_share(baseline, customers - held_out, held_out)
        if visible <= effect:
            return part, visible
    held_out = int(np.ceil(customers * tried[0]))
    return tried[0], visible_share(baseline, customers - held_out, held_out)
