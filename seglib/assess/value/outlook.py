"""The outlook: predicted lifetime value of segments, its tests, and how long customers subscribe."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import ibis
import pandas as pd

from seglib.assess.value.assumptions import MODELS, Assumptions
from seglib.assess.value.calibration import COLUMNS, HeldBack, calibration, held_back, miss, split_days
from seglib.assess.value.fits import fit
from seglib.assess.value.histories import histories, kept_share, too_little
from seglib.assess.value.lifetimes import brought, by_segment, lifetime, refused
from seglib.assess.value.survival import nothing, spells, survival
from seglib.errors import DataError

_TOO_SHORT = "the purchases do not reach back far enough to hold a part of them back"
#: From a day to each customer's segment on it, or to why there is none.
Then = Callable[[dt.date], tuple[pd.DataFrame | None, str]]


@dataclass(frozen=True)
class Records:
    """What purchases and contracts hold for the outlook, read once from the tables.

    Attributes
    ----------
    brought
        One row per segment: what it has brought so far (`lifetimes.brought`).
    buyers
        From `histories`; none without transactions.
    kept
        Share of what is paid that does not go back with returns.
    tests
        What is held back to test the model.
    untested
        Why there is no test, if there is none.
    refusal
        Why nothing can be predicted, if so.
    staying
        The table `survival`.
    """

    brought: pd.DataFrame
    buyers: pd.DataFrame | None
    kept: float
    tests: list[HeldBack]
    untested: str
    refusal: str
    staying: pd.DataFrame


@dataclass(frozen=True)
class Outlook:
    """What segments are predicted to bring.

    Attributes
    ----------
    lifetime, calibration, survival, estimates
        The tables of these names.
    assumptions
        The assumptions behind it.
    fitted_on
        Customers that the models were fitted on.
    together
        Rank correlation of how often and how much customers buy.
    """

    lifetime: pd.DataFrame
    calibration: pd.DataFrame
    survival: pd.DataFrame
    estimates: pd.DataFrame
    assumptions: Assumptions
    fitted_on: int = 0
    together: float = float("nan")

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables of a run by name."""
        return {name: getattr(self, name) for name in ("lifetime", "estimates", "calibration", "survival")}

    def facts(self) -> dict[str, object]:
        """Return the assumptions, and how the models were fitted."""
        return asdict(self.assumptions) | {"fitted_on": self.fitted_on, "together": self.together}

    @property
    def tested(self) -> pd.DataFrame:
        """The rows of the calibration; none where there was none."""
        return self.calibration[self.calibration.of != "none"]


def records(
    tables: dict[str, ibis.Table],
    features: pd.DataFrame,
    segments: pd.DataFrame,
    as_of: dt.date,
    assumptions: Assumptions,
    then: Then,
) -> Records:
    """Read what purchases and contracts hold for the outlook.

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
        From a day to the segments on it (`EarlierSegments.on`).
    """
    orders = tables.get("transactions")
    buyers = None if orders is None else histories(orders, as_of)
    past = brought(features, segments, pd.Series(dtype="int64") if buyers is None else buyers.customer)
    refusal = _refusal(buyers, assumptions)
    kept, untested = 1.0, refusal
    tests: list[HeldBack] = []
    if not refusal:
        kept = kept_share(orders, tables.get("returns"))
        tests, untested = _tests(orders, as_of, then)
    staying = _staying(tables.get("subscriptions"), segments, as_of)
    return Records(past, buyers, kept, tests, untested, refusal, staying)


def outlook(records: Records, segments: pd.DataFrame, assumptions: Assumptions) -> Outlook:
    """Predict what each segment will bring, and test the model on what is held back.

    Parameters
    ----------
    records
        From `records`.
    segments
        One row per customer: customer, segment.
    assumptions
        What is assumed.
    """
    assumed = replace(assumptions, kept=records.kept)
    if records.refusal or records.buyers is None:
        return _refused(records, records.refusal, assumed)
    try:
        fitted = fit(records.buyers, assumed)
    except DataError as error:
        return _refused(records, _why(error), assumed)
    try:
        tested = [calibration(test, assumed) for test in records.tests]
        calibrated = pd.concat(tested, ignore_index=True) if tested else _uncalibrated(records.untested)
    except DataError as error:
        calibrated = _uncalibrated(_why(error))
    predicted = by_segment(fitted, records.buyers, segments)
    table = lifetime(records.brought, predicted, fitted, miss(calibrated))
    return Outlook(
        table, calibrated, records.staying, fitted.parameters(), assumed, fitted.fitted_on, fitted.together
    )


def _refused(records: Records, reason: str, assumed: Assumptions) -> Outlook:
    estimates = pd.DataFrame(columns=["parameter", "estimate", "low", "high"])
    return Outlook(
        refused(records.brought, reason), _uncalibrated(reason), records.staying, estimates, assumed
    )


def _why(error: DataError) -> str:
    return str(error).removeprefix("lifetime value: ")


def _refusal(buyers: pd.DataFrame | None, assumed: Assumptions) -> str:
    if assumed.model not in MODELS:
        return "the params ask for no model (assess.lifetime.model: none)"
    return "there are no transactions (sources.transactions)" if buyers is None else too_little(buyers)


def _uncalibrated(why: str) -> pd.DataFrame:
    return pd.DataFrame([{"of": "none", "why": why}], columns=[*COLUMNS])


def _staying(subscriptions: ibis.Table | None, segments: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    if subscriptions is None:
        return nothing("there are no subscriptions (sources.subscriptions)")
    return survival(spells(subscriptions, as_of), segments)


def _tests(orders: ibis.Table, as_of: dt.date, then: Then) -> tuple[list[HeldBack], str]:
    """Hold back parts of the period, segment by segment where segments of the time are known."""
    days = split_days(orders.time.min().to_pandas().date(), as_of)
    too_few = {day: too_little(histories(orders, day)) for day in days}
    tests = [held_back(orders, day, as_of, *then(day)) for day, reason in too_few.items() if not reason]
    why = next((f"before {day:%d %B %Y} {reason}" for day, reason in too_few.items()), _TOO_SHORT)
    return tests, "" if tests else why
