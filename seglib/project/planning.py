"""Before money is spent: how many customers a campaign needs, and how long it takes to know."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from seglib.collect import sources
from seglib.errors import RunError
from seglib.implement import power
from seglib.implement.vocabulary import DAYS, SHARE
from seglib.project.params import Params
from seglib.project.store import Store

#: Days over which newcomers are counted.
_YEAR = 365


def plan(
    params: Params, reports: Path, effect: float | None, share: float | None, days: int | None
) -> pd.DataFrame:
    """Plan the test of each segment of a project's run; columns as `power.plan` returns them.

    Parameters
    ----------
    params, reports
        The project, and the folder of its runs.
    effect
        The wanted effect, in responses per contact; that of each segment's play if absent.
    share, days
        Held out, and measured over; as the params say if absent.

    Raises
    ------
    RunError
        If the run has not got as far as its targets.
    """
    store = Store(reports / params.name / params.as_of.isoformat())
    if store.stage("target").get("state") != "done":
        raise RunError(
            f"{params.name} as of {params.as_of} has no targets yet; run it first: seglib run --to target"
        )
    segments, value, plays = (store.read(name) for name in ("segments", "value", "plays"))
    terms = params.implement
    window = days or terms.days or DAYS
    orders = store.scan("transactions", sources.connect()) if store.has("transactions") else None
    outcomes = power.outcomes(orders, segments, params.as_of, window)
    rates = outcomes.rate if terms.outcome.rate is None else outcomes.rate * 0 + terms.outcome.rate
    rates = rates if terms.outcome.rate is None else rates.fillna(terms.outcome.rate)
    effects = plays.set_index("segment").response
    effects = effects if effect is None else pd.Series(effect, index=effects.index)
    held = share or terms.holdout.share or params.target.holdout or SHARE
    return power.plan(value, rates, _inflow(store, segments), effects, held, window)


def _inflow(store: Store, segments: pd.DataFrame) -> pd.Series:
    """Count the customers a day who joined each segment in the last year, where it is known when they came."""
    features = store.read("features")
    if "tenure" not in features:
        return pd.Series(dtype="float64")
    joined = segments.merge(features[["customer", "tenure"]], on="customer")
    return joined[joined.tenure < _YEAR].groupby("segment").size() / _YEAR
