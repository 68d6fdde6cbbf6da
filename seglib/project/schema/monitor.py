"""The schema of monitoring: who decides on a refit, and when an alert is given."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from seglib.project.schema.strict import Part, Positive, Share, Strict


class Monitor(Strict):
    """What is compared with earlier runs, and when an alert is given.

    Attributes
    ----------
    refit
        Who decides when the stored model no longer fits. ask: the stored model assigns the customers, a refit
        beside it is judged, and an alert says if it should take over; auto: the refit takes over when the
        verdict is refresh or rebuild; never: the stored model assigns the customers, and nothing is refitted.
    psi
        Population stability index beyond its expectation from which a changed distribution is an alert.
    missing
        Increase of the share of missing values of a feature that is an alert.
    volume
        Relative change in the number of customers, or of rows per day of a table, that is an alert.
    moved
        Share of customers who moved between segments, beyond relabelling noise, that is an alert.
    false_alarms
        Share of false discoveries among the columns that are called changed.
    forecast
        Ratio of realised to forecast profit of a campaign, below which there is an alert.
    """

    refit: Literal["ask", "auto", "never"] = "ask"
    psi: Positive = Field(0.1)
    missing: Part = Field(0.05)
    volume: Positive = Field(0.3)
    moved: Part = Field(0.1)
    false_alarms: Part = Field(0.01, le=0.5)
    forecast: Share = Field(0.5)
