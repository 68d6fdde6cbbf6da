"""Before money is spent: how many customers a campaign needs, and how long it takes to know."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from seglib.collect import sources
from seglib.errors import RunError
from seglib.implement import audiences, power
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
        Held out, and measured over; as the params say if absent, else as the card of page 05 says.

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
    tests = store.read("power") if store.has("power") else None
    cards = plays[["segment"]].assign(**audiences.card(plays, tests))
    seen = power.outcomes(orders, segments, params.as_of, window)
    known = power.baselines(seen, cards, {"outcome": terms.outcome.model_dump()})
    cards = cards.set_index("segment")
    responses = plays.set_index("segment").response if effect is None else effect
    known = known.assign(effect=responses * cards.unit.where(known.outcome != "share", 1.0))
    usual = share or terms.holdout.share or params.target.holdout
    held = cards.card_share.fillna(SHARE) if usual is None else cards.card_share * 0 + usual
    return power.plan(value, known, _inflow(store, segments), held.fillna(usual or SHARE), window)


def _inflow(store: Store, segments: pd.DataFrame) -> pd.Series:
    """Count the customers a day who joined each segment in the last year, where it is known when they came."""
    features = store.read("features")
    if "tenure" not in features:
        return pd.Series(dtype="float64")
    joined = segments.merge(features[["customer", "tenure"]], on="customer")
    return joined[joined.tenure < _YEAR].groupby("segment").size() / _YEAR
