"""How times are written."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass

import ibis
import pandas as pd
from ibis import _

from seglib.collect.columns import times, try_strptime
from seglib.collect.sources import Opened
from seglib.errors import DataError
from seglib.project.new.recognise.words import LISTS

_DAYS = LISTS["dates"]
_HOURS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S")
#: What may be a time of ISO 8601, which is then left to the reader of a run.
_LIKE_A_TIME = r"^\d{4}[-/]\d"
#: Years by which systems say that something has no end.
_ENDLESS = r"(?:[29]999|4712)"


@dataclass(frozen=True)
class Dated:
    """How a column writes its times.

    Attributes
    ----------
    values
        The sample, read.
    dates
        The pattern; nothing for ISO 8601.
    either
        The pattern with day and month changed about, where it fits as well.
    """

    values: pd.Series
    dates: str | None
    either: str | None = None


def time_format(opened: Opened, name: str, sample: pd.Series, missing: tuple[str, ...] = ()) -> Dated | None:
    """Find how a column writes times, or nothing if it holds none.

    A pattern must fit every row of the source, not of the sample alone: only there a 13th tells the day from
    the month.

    Parameters
    ----------
    opened, name
        The source and the column, which holds texts.
    sample
        Texts of it.
    missing
        Texts that are read as missing.
    """
    first = sample.head(200)
    if first.empty or not first.str.contains(r"\d").all() or first.str.len().max() > 40:
        return None
    if first.str.contains(_LIKE_A_TIME).all() and _read_by_the_run(opened, name, missing):
        return Dated(_as_the_run_reads(opened, name, sample), None)
    if first.str.len().max() > 32:
        return None
    shaped = [p for p in (d + h for d in _DAYS for h in _HOURS) if fits(first, p) and fits(sample, p)]
    kept = [p for p in shaped if _fits_whole(opened, name, p, missing)]
    if not kept:
        return None
    return Dated(read_as(sample, kept[0]), kept[0], kept[1] if len(kept) > 1 else None)


def _read_by_the_run(opened: Opened, name: str, missing: tuple[str, ...]) -> bool:
    """Check whether a run reads every entry as a time without being told how."""
    try:
        read = times(opened, name, None)
    except DataError:
        return False
    text = opened.table[name].strip().nullif("")
    filled = opened.table.select(text=text, read=read.value).filter(_.text.notnull())
    if missing:
        filled = filled.filter(_.text.notin(missing))
    return not int(filled.filter(_.read.isnull()).count().to_pandas())


def _as_the_run_reads(opened: Opened, name: str, sample: pd.Series) -> pd.Series:
    text = opened.table[name].strip().nullif("")
    read = opened.table.select(text=text, read=times(opened, name, None).value)
    wanted = ibis.memtable(
        sample.drop_duplicates().to_frame("text").astype(object), schema={"text": "string"}
    )
    known = read.semi_join(wanted, "text").distinct().to_pandas().drop_duplicates("text")
    return pd.to_datetime(sample.map(known.set_index("text").read)).dropna()


def read_as(texts: pd.Series, pattern: str) -> pd.Series:
    """Read texts by a pattern; missing where they are none of it, and where they say that there is no end.

    Years as 9999, by which a system says that something runs on, are more than nanoseconds since 1970 can count;
    they are kept, in microseconds.

    Examples
    --------
    >>> read_as(pd.Series(["31.12.9999", "1.2.2024", "soon"]), "%d.%m.%Y").dt.year.tolist()
    [9999.0, 2024.0, nan]
    """
    read = pd.to_datetime(texts, format=pattern, errors="coerce").astype("datetime64[us]")
    rest = texts[read.isna() & texts.str.contains(_ENDLESS)]
    for text in rest.unique():
        with contextlib.suppress(ValueError):
            read = read.mask(texts == text, dt.datetime.strptime(text, pattern))
    return read


def fits(texts: pd.Series, pattern: str) -> bool:
    """Check whether all texts are times of a pattern, and of this century or the one before."""
    if pattern == "%Y%m%d" and not texts.str.fullmatch(rf"(19|20)\d{{6}}|{_ENDLESS}\d{{4}}").all():
        return False
    return bool(read_as(texts, pattern).notna().all())


def _fits_whole(opened: Opened, name: str, pattern: str, missing: tuple[str, ...]) -> bool:
    text = opened.table[name].strip().nullif("")
    filled = opened.table.select(text=text, read=try_strptime(text, pattern)).filter(_.text.notnull())
    if missing:
        filled = filled.filter(_.text.notin(missing))
    return not int(filled.filter(_.read.isnull()).count().to_pandas())
