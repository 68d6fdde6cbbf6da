"""The outlook: all that can be said of what segments will bring, or why it cannot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import ibis
import pandas as pd

from seglib.assess.value.assumptions import MODELS, Assumptions, priors
from seglib.assess.value.calibration import COLUMNS, calibration, miss, split_days
from seglib.assess.value.fits import fit
from seglib.assess.value.histories import histories, kept_share, too_little
from seglib.assess.value.lifetimes import brought, by_segment, lifetime, refused
from seglib.assess.value.survival import nothing, spells, survival
from seglib.errors import DataError

_TOO_SHORT = "the purchases do not reach back far enough to hold a part of them back"
#: From a day to each customer's segment on it, or to why there is none.
Then = Callable[[dt.date], tuple[pd.DataFrame | None, str]]


@dataclass(frozen=True)
class Outlook:
    """What segments will bring.

    Attributes
    ----------
    lifetime
        One row per segment (`lifetimes.lifetime`).
    calibration
        One row for all buyers and one per segment (`calibration.calibration`); only `why` where
        there is none.
    survival
        One row per segment and month (`survival.survival`); only `reason` where there are none.
    parameters
        One row per parameter: parameter, estimate, low, high.
    assumptions
        What it was reckoned under.
    fitted_on
        Customers that the models were fitted on.
    together
        Rank correlation of how often and how much customers buy.
    """

    lifetime: pd.DataFrame
    calibration: pd.DataFrame
    survival: pd.DataFrame
    parameters: pd.DataFrame
    assumptions: Assumptions
    fitted_on: int = 0
    together: float = float("nan")

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give the tables of a run by name."""
        estimates = self.parameters.reindex(columns=["parameter", "estimate", "low", "high"])
        return {
            "lifetime": self.lifetime,
            "estimates": estimates,
            "calibration": self.calibration,
            "survival": self.survival,
        }

    def terms(self) -> dict[str, object]:
        """Give what it was reckoned under, for the page."""
        return asdict(self.assumptions) | {
            "priors": priors(self.assumptions),
            "fitted_on": self.fitted_on,
            "together": self.together,
        }

    @property
    def tested(self) -> pd.DataFrame:
        """Give the rows of the calibration; none where there was none."""
        return self.calibration[self.calibration.of != "none"]


def outlook(
    tables: dict[str, ibis.Table],
    features: pd.DataFrame,
    segments: pd.DataFrame,
    as_of: dt.date,
    assumptions: Assumptions,
    then: Then,
    min_cell: int = 1,
) -> Outlook:
    """Reckon what each segment will bring, and put the model to the test.

    Parameters
    ----------
    tables
        By name, as far as they are there: transactions, returns, subscriptions.
    features, segments
        One row per customer.
    as_of
        The day before which everything is known.
    assumptions
        What is assumed; the model may be 'none'.
    then
        From a day to the segments on it (`then.segments_then`).
    min_cell
        The fewest customers that a point of a curve may stand for.
    """
    orders = tables.get("transactions")
    known = None if orders is None else histories(orders, as_of)
    past = brought(features, segments, pd.Series(dtype="int64") if known is None else known.customer)
    staying = _staying(tables.get("subscriptions"), segments, as_of, min_cell)
    if reason := _refusal(known, assumptions):
        return Outlook(refused(past, reason), _uncalibrated(reason), staying, pd.DataFrame(), assumptions)
    told = replace(assumptions, kept=kept_share(orders, tables.get("returns")))
    try:
        fitted = fit(known, told)
    except DataError as error:
        return Outlook(refused(past, _why(error)), _uncalibrated(_why(error)), staying, pd.DataFrame(), told)
    try:
        tested = _tested(orders, as_of, told, then)
    except DataError as error:
        tested = _uncalibrated(_why(error))
    ahead = by_segment(fitted, known, segments)
    made = lifetime(past, ahead, fitted, miss(tested))
    return Outlook(made, tested, staying, fitted.parameters(), told, fitted.fitted_on, fitted.together)


def _why(error: DataError) -> str:
    return str(error).removeprefix("lifetime value: ")


def _refusal(known: pd.DataFrame | None, told: Assumptions) -> str:
    if told.model not in MODELS:
        return "the params ask for no model (assess.lifetime.model: none)"
    return "there are no transactions (sources.transactions)" if known is None else too_little(known)


def _uncalibrated(why: str) -> pd.DataFrame:
    return pd.DataFrame([{"of": "none", "why": why}], columns=[*COLUMNS])


def _staying(
    subscriptions: ibis.Table | None, segments: pd.DataFrame, as_of: dt.date, min_cell: int
) -> pd.DataFrame:
    if subscriptions is None:
        return nothing("there are no subscriptions (sources.subscriptions)")
    return survival(spells(subscriptions, as_of), segments, min_cell)


def _tested(orders: ibis.Table, as_of: dt.date, told: Assumptions, then: Then) -> pd.DataFrame:
    """Calibrate, segment by segment where segments of the time can be told."""
    days = split_days(orders.time.min().to_pandas().date(), as_of)
    too_few = {day: too_little(histories(orders, day)) for day in days}
    made = [
        calibration(orders, day, as_of, told, *then(day)) for day, reason in too_few.items() if not reason
    ]
    if made:
        return pd.concat(made, ignore_index=True)
    why = next((f"before {day:%d %B %Y} {reason}" for day, reason in too_few.items()), _TOO_SHORT)
    return _uncalibrated(why)
