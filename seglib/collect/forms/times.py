"""How times are written: ISO 8601, a pattern, days or seconds that are counted, and the zone of their clock.

Times are local to the business: what a clock showed is what is read, unless a time zone is named to which
offsets are then brought.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import ibis
from ibis import _
from ibis.expr.datatypes import Timestamp

#: A zone after a time of day: Z, UTC, an offset, or an offset and UTC.
_ZONE = r"(Z|z|UTC|GMT|[-+]\d{2}(?::?\d{2})?(?: ?(?:UTC|GMT|Z))?)"
_ZONE_AT_END = rf"\d(?: ?[AaPp]\.?[Mm]\.?)? ?{_ZONE}$"
_ISO = (
    r"^(\d{4}-\d{1,2}-\d{1,2}(?:[ T](?:[01]?\d|2[0-3]):\d{1,2}(?::\d{1,2}(?:\.\d+)?)?)?)"
    rf" ?{_ZONE}?$"
)
_IS_ISO, _IS_COUNT = re.compile(_ISO), re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE]\+?\d+)?")
#: How dates may be written, the likelier first; times of day may follow.
_DATES = (
    *("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y.%m.%d"),
    *("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%m-%d-%y"),
    *("%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%d/%b/%Y"),
    *("%a, %d %b %Y", "%A, %B %d, %Y", "%Y-%m", "%m/%Y", "%Y"),
)
_HOURS = (
    *("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S", "T%H:%M", ", %H:%M", ", %H:%M:%S"),
    *(", %I:%M %p", ", %I:%M:%S %p", " %H:%M:%S.%f", " %I:%M%p"),
)
_WHOLE = ("%Y%m%dT%H%M%S", "%Y%m%d %H:%M", "%Y%m%d %H:%M:%S", "%a %b %d %H:%M:%S %Y")
PATTERNS = (*_WHOLE, *(date + hour for date in _DATES for hour in _HOURS))
#: Units in which times are counted since 1970, the microseconds of each, and what a params file calls them.
_COUNTED = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": 0.001}
WORDS = {"seconds": "s", "milliseconds": "ms", "microseconds": "us", "nanoseconds": "ns", "excel": "days"}
#: The least and greatest count of each: years 1982 to 2100.
_SINCE_1970 = (4e8, 4.2e9)
#: Digits of dates without marks, and the pattern of each.
_COMPACT = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
#: Days of a spreadsheet, which counts from the end of 1899: the last day of 9999.
_LAST_DAY = 2_958_465
_FIRST_DAY = 25_569


@ibis.udf.scalar.builtin
def try_strptime(text: str, pattern: str) -> dt.datetime:
    """Read a time by a pattern, missing where it does not fit (DuckDB)."""
    raise NotImplementedError


@ibis.udf.scalar.builtin(name="make_timestamp", signature=(("int64",), Timestamp()))
def from_microseconds(count: int) -> dt.datetime:
    """Read a count of microseconds since 1970 as a time (DuckDB)."""
    raise NotImplementedError


@ibis.udf.scalar.builtin(name="timezone", signature=(("string", Timestamp()), Timestamp(timezone="UTC")))
def on_clock_of(zone: str, time: dt.datetime) -> dt.datetime:
    """Read a time as shown by the clock of a zone (DuckDB)."""
    raise NotImplementedError


@ibis.udf.scalar.builtin(name="timezone", signature=(("string", Timestamp(timezone="UTC")), Timestamp()))
def shown_in(zone: str, time: dt.datetime) -> dt.datetime:
    """Write a moment as the clock of a zone showed it (DuckDB)."""
    raise NotImplementedError


@dataclass(frozen=True)
class Clock:
    """How the times of a column are written.

    Attributes
    ----------
    unit
        iso, pattern, compact (digits without marks), days (of a spreadsheet), s, ms, us or ns since 1970.
    pattern
        As strptime reads it.
    offsets
        Minutes that its clocks are ahead of UTC, as far as they are written; None where none is.
    """

    unit: str = "iso"
    pattern: str = ""
    offsets: tuple[int | None, ...] = ()

    @property
    def zoned(self) -> bool:
        """Whether a zone can change what is read."""
        return self.unit in _COUNTED or any(offset is not None for offset in self.offsets)

    @property
    def words(self) -> str:
        """How they are read, for the list of sources; nothing where that needs no words."""
        counted = {"days": "days of a spreadsheet", "compact": self.pattern, "pattern": self.pattern}
        names = {unit: f"{name} since 1970" for name, unit in WORDS.items()}
        return counted.get(self.unit, names.get(self.unit, ""))


def clock(cells: ibis.Value, declared: str | None = None) -> Clock | None:
    """Find how the times of a column are written; nothing where no way fits.

    Parameters
    ----------
    cells
        Texts or numbers.
    declared
        A pattern, or one of `WORDS`. Where all texts are ISO 8601 and none follows it, they are read so.
    """
    if declared in WORDS:
        return Clock(WORDS[declared])
    if cells.type().is_numeric():
        return _counted(cells.cast("float64"))
    text = cells.strip().nullif("")
    some = text.name("text").as_table().filter(_.text.notnull()).limit(5_000).text.to_pandas()
    if some.empty:
        return Clock()
    iso = some.map(lambda text: _IS_ISO.match(text.replace("/", "-")) is not None)
    if declared:
        pattern = re.sub(r" ?%[zZ]", "", declared)
        fits = int(_fitting(text, [pattern]).get(pattern, 0))
        return (
            Clock(offsets=_offsets(text))
            if iso.all() and not fits
            else Clock("pattern", pattern, _offsets(text))
        )
    if some.map(lambda text: _IS_COUNT.fullmatch(text) is not None).mean() > 0.5:
        found = _counted(text.try_cast("float64"))
        if found is not None:
            return found
    if iso.any():
        return Clock(offsets=_offsets(text))
    return None


def _counted(values: ibis.Value) -> Clock | None:
    """Find in which unit times are counted, by how large the numbers are."""
    low, high = _SINCE_1970
    within = {unit: values.between(low * 1e6 / each, high * 1e6 / each) for unit, each in _COUNTED.items()}
    within |= {
        str(digits): values.between(18 * 10.0 ** (digits - 2), 10.0**digits) & _is_date(values, digits)
        for digits in _COMPACT
    }
    within["days"] = values.between(10_000, 80_000)
    sums = {name: hit.cast("int64").sum() for name, hit in within.items()}
    table = values.name("value").as_table()
    counts = table.agg(n=values.count(), **sums).to_pandas().iloc[0].fillna(0)
    best = max(within, key=lambda name: counts[name])
    if counts[best] <= 0.5 * counts.n:
        return None
    return Clock("compact", _COMPACT[int(best)]) if best.isdigit() else Clock(best)


def _is_date(values: ibis.Value, digits: int) -> ibis.Value:
    """Check the month and the day of dates that are written as digits."""
    days = (values / 10.0 ** (digits - 8)).floor()
    month, day = (days / 100).floor() % 100, days % 100
    return month.between(1, 12) & day.between(1, 31) & (values.floor() == values)


def _zone(text: ibis.Value) -> ibis.Value:
    """Find the zone that is written after a time of day."""
    timed = text.re_search(r"\d:\d")
    return timed.ifelse(text.re_extract(_ZONE_AT_END, 1), "").nullif("")


def _minutes(zone: ibis.Value) -> ibis.Value:
    """Return the minutes by which the clock of a zone is ahead of UTC."""
    sign = zone.startswith("-").ifelse(-1, 1)
    hours, minutes = (zone.re_extract(r"^[-+](\d{2}):?(\d{2})?", n).nullif("") for n in (1, 2))
    size = hours.try_cast("int64").fill_null(0) * 60 + minutes.try_cast("int64").fill_null(0)
    return zone.notnull().ifelse(sign * size, ibis.null("int64"))


def _offsets(text: ibis.Value) -> tuple[int | None, ...]:
    table = text.name("text").as_table()
    found = table.filter(_.text.notnull()).select(minutes=_minutes(_zone(table.text))).distinct().limit(60)
    minutes = found.minutes.to_pandas()
    there = sorted({int(m) for m in minutes.dropna()})
    return (*there, *([None] if minutes.isna().any() else []))


def read_times(cells: ibis.Value, how: Clock, zone: str | None = None) -> ibis.Value:
    """Read cells as times, missing where they are none.

    Parameters
    ----------
    cells
        Texts or numbers.
    how
        From `clock`.
    zone
        The time zone (IANA) of the business, to whose clock offsets and counts are brought.
    """
    if cells.type().is_string():
        cells = cells.strip().nullif("")
    if how.unit in (*_COUNTED, "days"):
        return _from_counts(cells if cells.type().is_numeric() else cells.try_cast("float64"), how.unit, zone)
    if how.unit == "compact":
        digits = cells if cells.type().is_string() else cells.try_cast("int64").cast("string")
        return try_strptime(digits.re_replace(r"\.0*$", ""), how.pattern)
    iso, zoned = how.unit == "iso", any(offset is not None for offset in how.offsets)
    if iso:
        read = iso_time(cells)
    else:
        bare = cells.re_replace(rf"(\d(?: ?[AaPp]\.?[Mm]\.?)?) ?{_ZONE}$", r"\1") if zoned else cells
        read = try_strptime(bare, how.pattern)
    if not zone or not zoned:
        return read
    minutes = _minutes(_zone(cells))
    moment = read - minutes.fill_null(0).as_interval("m")
    return minutes.isnull().ifelse(read, shown_in(zone, on_clock_of("UTC", moment)))


def iso_time(text: ibis.Value) -> ibis.Value:
    """Read a text of ISO 8601 as a time, missing where it is none; a zone is passed over."""
    return text.replace("/", "-").re_extract(_ISO, 1).nullif("").try_cast("timestamp")


def _from_counts(count: ibis.Value, unit: str, zone: str | None) -> ibis.Value:
    count = count.cast("float64") if not count.type().is_integer() else count
    if unit == "days":
        whole = (count > 0) & (count < _LAST_DAY + 1)
        size = ((count.cast("float64") - _FIRST_DAY) * 86_400).round().cast("int64") * 1_000_000
        return whole.ifelse(from_microseconds(whole.ifelse(size, 0)), ibis.null("timestamp"))
    each = _COUNTED[unit]
    fits = (count >= 0) & (count < _SINCE_1970[1] * 1e6 / each)
    size = count * each if each >= 1 else count / round(1 / each)
    read = from_microseconds(fits.ifelse(size.round().cast("int64"), 0))
    read = shown_in(zone, on_clock_of("UTC", read)) if zone else read
    return fits.ifelse(read, ibis.null("timestamp"))


def _fitting(text: ibis.Value, patterns: list[str]) -> dict[str, int]:
    """Count by pattern the texts that follow it; to the engine alone, 24 would be a year of four digits."""
    bare = text.re_replace(rf"(\d:\d\d(?:[.]\d+)?(?: ?[AaPp]\.?[Mm]\.?)?) ?{_ZONE}$", r"\1")
    table = text.name("text").as_table()
    long = bare.re_search(r"\d{4}")
    fits = [try_strptime(bare, p).notnull() & (long if "%Y" in p else True) for p in patterns]
    sums = {f"p{n}": fit.cast("int64").sum() for n, fit in enumerate(fits)}
    counts = table.agg(**sums).to_pandas().iloc[0].fillna(0) if patterns else {}
    return {p: int(counts[f"p{n}"]) for n, p in enumerate(patterns)}


def patterns_of(cells: ibis.Value) -> list[str]:
    """List the patterns that all texts of a column follow, the likelier first.

    More than one is left where nothing tells the day from the month.
    """
    text = cells.strip().nullif("")
    table = text.name("text").as_table().filter(_.text.notnull())
    few = table.limit(200).cache()
    n = int(few.count().to_pandas())
    on_few = [p for p, hits in _fitting(few.text, list(PATTERNS)).items() if n and hits == n]
    total = int(table.count().to_pandas()) if on_few else 0
    return [p for p, hits in _fitting(table.text, on_few).items() if hits == total]
