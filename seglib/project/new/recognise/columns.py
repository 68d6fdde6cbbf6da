"""What the columns of a source hold, whatever they are called."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property

import ibis
import pandas as pd
from ibis import _

from seglib.collect.columns import numbers, times
from seglib.collect.sources import Opened
from seglib.errors import DataError
from seglib.project.new.recognise.dates import fits, time_format
from seglib.project.new.recognise.sample import SAMPLE, sample, with_entries
from seglib.project.new.recognise.words import MISSING, MISSING_AMONG_NUMBERS, folded, names, says
from seglib.vocabulary import NO, YES

#: Texts of a column with more different ones are not listed.
MOST_ANSWERS = 400
#: Texts of a column with more different ones are no categories.
MOST_CATEGORIES = 60
#: The most different words among numbers that are read as missing.
_MOST_ODD, _SHORT = 2, r"[^\W\d_]{1,4}\.?"
#: How databases write nothing into files.
NULL = r"\N"
_YES, _NO = set(YES), set(NO) - {""}


@dataclass(frozen=True)
class Column:
    """What one column holds.

    Attributes
    ----------
    name
        As the source writes it.
    holds
        number, time, text or nothing.
    values
        A sample, evenly spaced: numbers, times or texts, the missing left out.
    known, distinct
        Entries that are not missing, and how many differ, over all rows.
    dates, either
        How times are written (nothing for ISO 8601), and another way that fits as well.
    missing
        Texts in it that are read as missing.
    answers
        All texts and their counts, as far as there are not too many.
    remark
        What should be checked.
    as_text
        Whether the source holds it as text, so that ids stay as they are written.
    """

    name: str
    holds: str
    values: pd.Series
    known: int
    distinct: int
    dates: str | None = None
    either: str | None = None
    missing: tuple[str, ...] = ()
    answers: dict[str, int] = field(default_factory=dict)
    remark: str = ""
    as_text: bool = False

    @cached_property
    def whole(self) -> bool:
        """Tell whether all numbers are whole."""
        return self.holds == "number" and bool((self.values % 1 == 0).all())

    @cached_property
    def flag(self) -> bool:
        """Tell whether its entries are yes and no."""
        answers = {folded(a) for a in self.answers}
        return bool(
            self.distinct == 2 == len(answers) and answers & _YES and answers & _NO and answers <= _YES | _NO
        )

    @cached_property
    def says_yes_or_no(self) -> bool:
        """Tell whether all entries are yes or no, be it one of them alone."""
        return bool(self.answers) and self.distinct <= 2 and {folded(a) for a in self.answers} <= _YES | _NO

    @cached_property
    def yes_no(self) -> bool:
        """Tell whether yes and no are among few answers, which then say whether, not which."""
        answers = {folded(a) for a in self.answers} - {"0", "1"}
        letters = {a for a in answers if len(a) == 1}
        in_words = (answers - letters) & _YES and (answers - letters) & _NO
        in_letters = {"t", "f"} <= letters or ("n" in letters and letters & (_YES - {"t"}))
        return bool(len(answers) <= 5 and (in_words or in_letters))

    @cached_property
    def texts(self) -> set[str]:
        """List the texts, folded."""
        return (
            {folded(a) for a in self.answers} if self.answers else {folded(v) for v in self.values.unique()}
        )


@dataclass(frozen=True)
class Contents:
    """What a source holds.

    Attributes
    ----------
    kind
        A key of `seglib.catalogue.sources.KINDS`.
    rows
        Of the whole source.
    columns
        By name.
    opened
        The source itself.
    """

    kind: str
    rows: int
    columns: dict[str, Column]
    opened: Opened = field(repr=False)

    @property
    def missing(self) -> list[str]:
        """List the texts that are read as missing in any column."""
        return sorted({text for column in self.columns.values() for text in column.missing})


def contents(opened: Opened) -> Contents:
    """Describe every column of a source, read as a run reads it.

    Parameters
    ----------
    opened
        The source; it is not read into memory as a whole.
    """
    table = opened.table
    rows = int(table.count().to_pandas())
    drawn = sample(table, rows)
    named = list(table.columns)
    clean = {c: _clean(table, c) for c in named}
    known = {f"known{i}": clean[c].count() for i, c in enumerate(named)}
    distinct = {f"distinct{i}": clean[c].nunique() for i, c in enumerate(named)}
    counts = table.agg(**known, **distinct).to_pandas().iloc[0]
    columns = {}
    for i, name in enumerate(named):
        n_known = int(counts[f"known{i}"])
        entries = with_entries(table.select(clean[name].name(name)), drawn[name], n_known)
        columns[name] = _column(opened, entries, n_known, int(counts[f"distinct{i}"]))
    return Contents(opened.kind, rows, columns, opened)


def _clean(table: ibis.Table, name: str) -> ibis.Value:
    column = table[name]
    return column.strip().nullif("") if column.type().is_string() else column


def _column(opened: Opened, entries: pd.Series, known: int, distinct: int) -> Column:
    name = str(entries.name)
    kind = opened.table[name].type()
    empty = Column(name, "nothing", entries.dropna(), known, distinct)
    if not known:
        return empty
    if kind.is_timestamp() or kind.is_date():
        times_ = pd.to_datetime(entries.dropna())
        return replace(empty, holds="time", values=times_.dt.tz_localize(None) if times_.dt.tz else times_)
    if kind.is_boolean():
        texts = entries.dropna().map({True: "Yes", False: "No"}).astype("string")
        return replace(empty, holds="text", values=texts, answers=texts.value_counts().to_dict())
    if kind.is_numeric():
        return _number(opened, replace(empty, values=entries.dropna().astype("float64"), holds="number"))
    if kind.is_string():
        return replace(_text(opened, entries, empty), as_text=True)
    return empty


def _answers(opened: Opened, column: Column) -> dict[str, int]:
    """Count all texts of a column that has few."""
    if column.distinct > MOST_ANSWERS:
        return {}
    text = _clean(opened.table, column.name).cast("string")
    counted = opened.table.select(answer=text).filter(_.answer.notnull()).group_by("answer").agg(n=_.count())
    ordered = counted.order_by(ibis.desc("n"), "answer").to_pandas()
    return {re.sub(r"^(-?\d+)\.0$", r"\1", a): int(n) for a, n in zip(ordered.answer, ordered.n, strict=True)}


def _number(opened: Opened, column: Column) -> Column:
    column = replace(column, answers=_answers(opened, column))
    if column.whole and column.distinct > 1 and _like_times(column):
        try:
            read = times(opened, column.name, None)
        except DataError:
            return column
        sound = opened.table.select(t=read.value, bad=read.bad)
        if not int(sound.bad.fill_null(False).sum().to_pandas() or 0):
            shown = sound.filter(_.t.notnull()).limit(SAMPLE).to_pandas().t
            return replace(column, holds="time", values=pd.to_datetime(shown))
    return column


def _like_times(column: Column) -> bool:
    """Tell whether whole numbers may be times: days as 20240131, or seconds or less since 1970 under such a name."""
    low, high = column.values.min(), column.values.max()
    if low >= 19_000_101 and high <= 99_991_231:
        return fits(column.values.astype("int64").astype("string"), "%Y%m%d")
    since_1970 = any(3e8 * unit <= low and high <= 4.2e9 * unit for unit in (1, 1e3, 1e6, 1e9))
    return (
        since_1970
        and says(column.name, names("events", "time") + ", " + names("transactions", "time")) >= 0.4
    )


def _text(opened: Opened, entries: pd.Series, empty: Column) -> Column:
    texts = entries.dropna().astype("string").str.strip()
    column = replace(empty, values=texts[texts != ""], answers=_answers(opened, empty))
    bare = _without_missing(column, MISSING)
    tried = _as_numbers(opened, bare)
    if tried is not None:
        return tried
    dated = time_format(opened, bare.name, bare.values, bare.missing)
    if dated is not None:
        return replace(bare, holds="time", values=dated.values, dates=dated.dates, either=dated.either)
    # Among many texts 'Nan' may be a name.
    return replace(bare if column.distinct <= MOST_CATEGORIES else column, holds="text")


def _without_missing(column: Column, words: frozenset[str]) -> Column:
    """Remove the texts that are read as missing; 'NA' among codes of countries is not."""
    texts = column.answers or dict.fromkeys(column.values.unique(), 1)
    codes = sum(bool(re.fullmatch(r"[A-Z]{2}", a)) for a in texts) > 0.8 * len(texts)
    gone = {a for a in texts if (folded(a) in words and not (codes and a == "NA")) or a == NULL}
    if not gone or len(gone) == len(texts):
        return column
    known = column.known - sum(column.answers.get(a, 0) for a in gone)
    return replace(
        column,
        values=column.values[~column.values.isin(gone)],
        distinct=column.distinct - len(gone),
        known=known,
        missing=tuple(sorted({*column.missing, *gone})),
        answers={a: n for a, n in column.answers.items() if a not in gone},
    )


def _as_numbers(opened: Opened, column: Column) -> Column | None:
    """Read a column of texts as numbers, where all but a few are; codes such as 01067 stay texts."""
    if column.values.empty or column.values.str.match(r"[-+]?0\d").any():
        return None
    marked = column.values[column.values.str.startswith("+")]
    if len(marked) and not marked.str.contains(r"[.,]\d{2}$").any():
        return None  # answers such as +2, or telephone numbers
    if column.values.head(500).str.contains(r"\d").mean() < 0.8:
        return None
    try:
        read = numbers(opened, column.name)
    except DataError as error:
        return replace(column, holds="text", remark=_own_words(error, column.name))
    texts = pd.DataFrame({"text": column.values})
    shown = _read_here(opened, column.name, read.value, texts)
    if shown.notna().mean() < 0.95:
        return None
    column = _without_missing(column, MISSING | MISSING_AMONG_NUMBERS)
    others = _no_numbers(opened, column, read.value)
    gone = [a for a in others if folded(a) in MISSING | MISSING_AMONG_NUMBERS]
    odd = {a: n for a, n in others.items() if a not in gone}
    if len(odd) <= _MOST_ODD and all(re.fullmatch(_SHORT, a) for a in odd) and not _says_code(column.name):
        gone += list(odd)  # letters in a few rows of numbers say why there is none
    left = sum(n for a, n in others.items() if a not in gone)
    remark = f"{left:,} entries are no numbers" if left else ""
    if len(others) - len(gone) > 20 or left > 0.01 * column.known:
        return None
    column = replace(column, missing=tuple(sorted({*column.missing, *gone})), remark=remark)
    dated = _number(opened, replace(column, holds="number", values=shown.dropna().astype("float64")))
    return replace(dated, remark=remark) if dated.holds == "time" else dated


def _says_code(name: str) -> bool:
    """Tell whether a name says codes, among which letters are codes too."""
    return any(says(name, names("transactions", role)) >= 0.45 for role in ("product", "order", "customer"))


def _own_words(error: DataError, name: str) -> str:
    """Take the name of a source and of a column off a message that will stand beside the column."""
    text = str(error)
    return re.sub(rf"^\w+: (?:column '{re.escape(name)}' )?", "", text)


def _read_here(opened: Opened, name: str, value: ibis.Value, texts: pd.DataFrame) -> pd.Series:
    """Read texts in hand as the engine reads the column that they come from."""
    text = _clean(opened.table, name).cast("string")
    read = opened.table.select(text=text, value=value)
    if len(texts) < SAMPLE // 2:
        by_text = read.filter(_.text.notnull()).distinct().to_pandas()
    else:
        wanted = ibis.memtable(texts.drop_duplicates().astype({"text": object}), schema={"text": "string"})
        by_text = read.semi_join(wanted, "text").distinct().to_pandas()
    known = by_text.drop_duplicates("text").set_index("text").value
    return texts.text.map(known)


def _no_numbers(opened: Opened, column: Column, value: ibis.Value) -> dict[str, int]:
    """Count the texts among numbers, over all rows."""
    text = _clean(opened.table, column.name)
    strange = opened.table.select(text=text, number=value)
    strange = strange.filter(_.text.notnull() & _.number.isnull() & _.text.notin(["", *column.missing]))
    texts = strange.group_by("text").agg(n=_.count()).order_by("text").limit(50).to_pandas()
    return dict(zip(texts.text, texts.n.astype(int), strict=True))
