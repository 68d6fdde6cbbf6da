"""02: what patterns there are before any segment.

`associations`     which features say the same, pair by pair
`strongest`        the pairs among the features that are associated most
`concentration`    the Lorenz curve of value
`cohorts`          customers by month of their first order, and how many order again
`calendar`         sales by month
`weekdays`         orders by day of the week and hour
`outliers`         customers beyond Tukey's outer fences
`two_dimensions`   customers on a map
"""

from seglib.explore.patterns import (
    associations,
    calendar,
    cohorts,
    concentration,
    outliers,
    strongest,
    two_dimensions,
    weekdays,
)

__all__ = [
    "associations",
    "calendar",
    "cohorts",
    "concentration",
    "outliers",
    "strongest",
    "two_dimensions",
    "weekdays",
]
