"""What page 07 says of the success of segments, where little of it is known yet."""

import pandas as pd
import pytest

from seglib.monitor.periods import VIEWS
from seglib.report.context import Context
from seglib.report.figures.monitor import success as drawn
from seglib.report.layouts.monitor import success as laid_out
from seglib.report.readings.monitor import success

KNOWN = {
    "days": 31,
    "season": None,
    "revenue": 900.0,
    "retention": 0.3,
    "low": 0.2,
    "high": 0.4,
    "per_customer": 3.0,
    "growth": 0.1,
    "growth_low": 0.05,
    "growth_high": 0.2,
    "held_out": 50.0,
    "gain": 1.0,
    "gain_low": 0.5,
    "gain_high": 1.5,
    "answers": 40.0,
    "satisfaction": 4.0,
    "satisfaction_low": 3.9,
    "satisfaction_high": 4.1,
    "a_year_ago": 0.1,
}


def table(buyers: int = 90, **changes: float | None) -> pd.DataFrame:
    """Two segments after a second run, in both views."""
    rows = [
        {"view": view, "segment": segment, "customers": 300, "buyers": buyers, "as_of": "2025-02-01"}
        | {"start": pd.Timestamp("2025-01-01")}
        | KNOWN
        | changes
        for view in VIEWS
        for segment in (1, 2)
    ]
    return pd.DataFrame(rows)


UNKNOWN = {
    name: float("nan") for name in KNOWN if name not in ("days", "revenue", "retention", "low", "high")
}


@pytest.mark.parametrize("buyers", [0, 5, 90])
@pytest.mark.parametrize(
    "missing",
    [(), ("growth_low", "growth_high"), ("held_out", "gain", "gain_low", "gain_high"), tuple(UNKNOWN)],
)
@pytest.mark.parametrize("kind", ["float64", "object"])
def test_whatever_is_not_known_or_too_few_is_left_out(buyers, missing, kind):
    """As after the second run, where nothing has grown yet, and in a project without a universal holdout."""
    rows = table(buyers, **dict.fromkeys(missing))
    rows[list(UNKNOWN)] = rows[list(UNKNOWN)].astype(kind)
    terms = Context("07_monitor", min_cell=10)
    said = success(rows, terms)
    known = buyers != 5 and "growth_low" not in missing
    assert said["known"] == (2 if known else 0)
    assert [row["name"] for row in said["more"]] == (["segment 1", "segment 2"] if known else [])
    assert said["gained"] == (["segment 1", "segment 2"] if known and "gain_low" not in missing else [])
    assert len(laid_out(rows, terms)) == 4
    drawn(rows, terms)
