"""Days that a params file names by a rule, and the days of a history."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable

from seglib.errors import ParamsError, listing, nearest


def _first_of_quarter(today: dt.date) -> dt.date:
    return today.replace(month=today.month - (today.month - 1) % 3, day=1)


#: By rule, the day on which what it names is over: nothing from this day on is used.
RULES: dict[str, Callable[[dt.date], dt.date]] = {
    "yesterday": lambda today: today,
    "last week": lambda today: today - dt.timedelta(days=today.weekday()),
    "last month": lambda today: today.replace(day=1),
    "last quarter": _first_of_quarter,
    "last year": lambda today: today.replace(month=1, day=1),
}


def resolved(value: object, today: dt.date) -> object:
    """Resolve a rule to the first day after what it names; anything else is returned as it is.

    Examples
    --------
    >>> resolved("last month", dt.date(2025, 9, 17)), resolved("last week", dt.date(2025, 9, 17))
    (datetime.date(2025, 9, 1), datetime.date(2025, 9, 15))
    """
    rule = " ".join(value.casefold().split()) if isinstance(value, str) else ""
    return RULES[rule](today) if rule in RULES else value


def known(value: object) -> str:
    """Say what `as_of` may be, and the rule that a text is nearest to."""
    return f"a date, as in 2011-12-10, or {listing(RULES)}.{nearest(str(value), RULES)}"


def day(text: str, option: str) -> dt.date:
    """Read a day of the command line: a date or a rule.

    Raises
    ------
    ParamsError
        If it is neither.
    """
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        found = resolved(text, dt.date.today())
        if isinstance(found, dt.date):
            return found
        raise ParamsError(f"{option}: found '{text}'; allowed: {known(text)}") from None


_STEPS = {"day": 0, "week": 0, "month": 1, "quarter": 3, "year": 12}


def every(text: str) -> tuple[int, int]:
    """Read a step: so many days and months.

    Raises
    ------
    ParamsError
        If it is none.

    Examples
    --------
    >>> every("month"), every("2 weeks"), every("quarter")
    ((0, 1), (14, 0), (0, 3))
    """
    match = re.fullmatch(r"(?:(\d{1,3}) +)?([a-z]+?)s?", text.strip().casefold())
    number = int(match[1] or 1) if match else 0
    if not match or match[2] not in _STEPS or not number:
        raise ParamsError(
            f"--every: found '{text}'; allowed: {listing(_STEPS)}, or several, as in '2 weeks'."
            f"{nearest(text, _STEPS)}"
        )
    if months := _STEPS[match[2]]:
        return 0, number * months
    return number * (7 if match[2] == "week" else 1), 0


def _months_later(day: dt.date, months: int) -> dt.date:
    """Add months; a day that a month does not have is its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def days(first: dt.date, last: dt.date, step: tuple[int, int]) -> list[dt.date]:
    """List the days of a history, the first and, where the steps meet it, the last among them.

    Raises
    ------
    ParamsError
        If there is none, or there are more than 1,000.

    Examples
    --------
    >>> [f"{d:%m-%d}" for d in days(dt.date(2025, 1, 31), dt.date(2025, 4, 30), (0, 1))]
    ['01-31', '02-28', '03-31', '04-30']
    """
    if first > last:
        raise ParamsError(
            f"--from {first} is after the last day, {last}; name an earlier day, or a later --to"
        )
    found: list[dt.date] = []
    while (day := _months_later(first + len(found) * dt.timedelta(step[0]), len(found) * step[1])) <= last:
        found.append(day)
        if len(found) > 1000:
            raise ParamsError(
                f"--from {first} --to {last}: more than 1,000 runs; name a longer step in --every"
            )
    return found
