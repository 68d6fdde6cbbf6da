"""The bounds by which patterns are judged: name, value, unit and source."""

from __future__ import annotations

#: The first month is whole if its first order is no later than on this day of the month.
LATEST_START = 3
#: The last month is whole if the data hold so many of its days.
SHORTEST_MONTH = 28
