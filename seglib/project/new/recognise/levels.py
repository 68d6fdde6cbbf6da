"""Levels of measurement of columns, by what they hold and what they are called."""

from __future__ import annotations

from dataclasses import dataclass

from seglib.project.new.recognise.answers import ordered
from seglib.project.new.recognise.columns import Column
from seglib.project.new.recognise.words import LISTS, folded, says, words
from seglib.vocabulary import words_of

_NAMES = LISTS["levels"]
_CODES = "whole numbers that look like codes"


@dataclass(frozen=True)
class Level:
    """The level of measurement of a column.

    Attributes
    ----------
    level
        binary, nominal, ordinal, interval, ratio; empty where nothing varies.
    numbers
        Numbers by answer, for ordered texts.
    reason
        Why it should be checked; empty where it need not be.
    """

    level: str
    numbers: dict[str, float] | None = None
    reason: str = ""


def level(column: Column, holds: str | None = None) -> Level:
    """Find the level of measurement of a column.

    Parameters
    ----------
    column
        What it holds.
    holds
        What the role that it plays holds, if it plays one.
    """
    if column.distinct <= 1:
        return Level("")
    if holds == "key":
        return Level("nominal")
    if column.holds == "time":
        return Level("interval")
    if column.holds == "number":
        return _of_numbers(column, holds)
    if column.distinct == 2:
        return Level("binary")
    numbers = ordered(list(column.answers))
    return Level("ordinal", numbers, "its answers have an order") if numbers else Level("nominal")


def _of_numbers(column: Column, holds: str | None) -> Level:
    """Distinguish codes, answers, dates and amounts."""
    name, whole, negative = column.name, column.whole, column.values.min() < 0
    numbered = column.distinct == column.known and says(name, "id, key") >= 0.5
    several = words(name)[-1:] != words_of(name)[-1:]  # products: how many, not which
    named_code = (
        not several
        and says(name, _NAMES["codes"]) >= 0.5 > says(name, _NAMES["amounts"])
        and column.distinct <= 60
    )
    if whole and (holds == "text" or numbered):
        return Level("nominal", None, _CODES)
    if column.distinct == 2 and whole:
        zero_one = set(column.values.unique()) <= {0.0, 1.0}
        return Level("binary", None, "" if zero_one else "two numbers, read as codes")
    if column.distinct == 2:
        return Level("ratio")
    if whole and named_code and holds != "number":
        return Level("nominal", None, _CODES)
    if whole and says(name, _NAMES["answers"]) >= 0.5 and column.values.min() >= -10:
        if column.distinct <= 11:
            return Level("ordinal", None, "answers on a scale")
        if says(name, "rank, rang, ranking, place") >= 0.5:
            return Level("ordinal", None, "places in an order")
    if says(name, _NAMES["intervals"]) >= 0.7 > says(name, _NAMES["counts"]):
        return Level("interval", None, "" if negative else "no zero that means none")
    return Level("interval" if holds is None and negative else "ratio")


def batteries(columns: list[Column], least: int = 5) -> list[list[str]]:
    """Find items of a survey: columns with the same answers, which are yes and no or whole numbers of a short scale.

    Parameters
    ----------
    columns
        Columns of which nothing else is known.
    least
        Fewer like-coded columns are no battery.
    """
    coded: dict[tuple, list[str]] = {}
    for column in columns:
        if key := _coding(column):
            coded.setdefault(key, []).append(column.name)
    return [names for names in coded.values() if len(names) >= least]


def _coding(column: Column) -> tuple | None:
    if column.flag and column.holds == "text":
        return ("flag", *sorted(column.texts))
    if column.holds == "text":
        numbers = ordered(list(column.answers))
        return ("ordered", *sorted(map(folded, numbers))) if numbers else None
    if column.whole and 3 <= column.distinct <= 11 and column.values.min() in (0, 1):
        top = int(column.values.max())
        return ("scale", int(column.values.min()), top) if top in (4, 5, 6, 7, 9, 10) else None
    return None


def default_level(column: Column) -> str:
    """Return the level that a run takes a given column for if the params name none."""
    if column.holds != "number":
        return "binary" if column.distinct == 2 else "nominal"
    if set(column.values.unique()) == {0.0, 1.0}:
        return "binary"
    return "ratio" if column.values.min() >= 0 else "interval"
