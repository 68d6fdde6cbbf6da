"""Columns read as what their role says, or the rows that cannot be."""

from __future__ import annotations

import ibis
from ibis import _

from seglib.catalogue.sources import KINDS
from seglib.collect.forms import marks
from seglib.collect.forms.answers import understood
from seglib.collect.forms.numerals import Numerals, expression
from seglib.collect.forms.times import WORDS, Clock, clock, patterns_of, read_times, shown_in
from seglib.collect.forms.times import try_strptime as try_strptime
from seglib.collect.ledger import Terms
from seglib.collect.refusals import Read, examples, first_rows
from seglib.collect.sources import Opened, text_key
from seglib.errors import DataError
from seglib.privacy import personal
from seglib.vocabulary import BLANK

#: Amounts are exact sums of this.
MONEY = "decimal(18, 4)"
#: Quantities, whose sums are exact likewise.
PIECES = "decimal(18, 3)"
_MOST_MONEY = 1e13
#: Different entries that are searched for personal data.
_MOST_SEARCHED = 20_000


def time_form(opened: Opened, column: str, dates: str | None = None) -> Clock | None:
    """Find how a column writes its times; nothing where no way fits without being declared.

    Parameters
    ----------
    dates
        As `sources.KIND.dates` says it, for this column.
    """
    key = (column, ("time", dates))
    if key not in opened.forms:
        opened.forms[key] = clock(opened.table[column], dates)
    return opened.forms[key]


def times(
    opened: Opened,
    column: str,
    dates: str | dict[str, str] | None,
    role: str = "time",
    zone: str | None = None,
) -> Read:
    """Read a column as times.

    Parameters
    ----------
    dates
        How times are written, or by column; found if absent.
    zone
        The time zone of the business, to whose clock offsets are brought.

    Raises
    ------
    DataError
        If it holds neither times, numbers nor text, or its offsets differ and no zone is named.
    """
    cells, place = opened.table[column], f"sources.{opened.kind}"
    if cells.type().is_timestamp() or cells.type().is_date():
        aware = zone and cells.type().is_timestamp() and cells.type().timezone
        return Read(shown_in(zone, cells) if aware else cells.cast("timestamp"), ibis.literal(False))
    if not (cells.type().is_string() or cells.type().is_numeric()):
        raise DataError(
            f"{opened.kind}: column '{column}' holds {cells.type()} where times are expected; "
            f"check {place}.columns.{role}"
        )
    declared = dates.get(column) if isinstance(dates, dict) else dates
    if cells.type().is_numeric() and declared and declared not in WORDS:
        cells = cells.cast("int64").cast("string")
        how = clock(cells, declared)
    else:
        how = time_form(opened, column, declared)
    there = cells.notnull() if cells.type().is_numeric() else cells.strip().nullif("").notnull()
    read = ibis.null("timestamp") if how is None else read_times(cells, how, zone)
    if how is not None and len(how.offsets) > 1 and not zone:
        shown = examples(opened, column, there)
        raise DataError(
            f"{opened.kind}: column '{column}' holds times of {len(how.offsets)} time zones{shown}; "
            f"set {place}.timezone to that of the business, as in Europe/London"
        )

    def remedy() -> str:
        fit = patterns_of(cells) if cells.type().is_string() and how is None else []
        if len(fit) > 1:
            return f"set {place}.dates to '{fit[0]}' or '{fit[1]}', which both fit every row"
        if fit:
            return f"set {place}.dates to '{fit[0]}', which fits every row"
        return (
            f"allowed: ISO 8601, or set how they are written in {place}.dates, as in %d/%m/%Y, list texts that "
            f"mean missing in {place}.missing, or set {place}.rules.unreadable: blank"
        )

    return Read(read, there & read.isnull(), "times in column '{column}' cannot be read", remedy)


def number_form(opened: Opened, column: str) -> Numerals:
    """Find how a column of texts writes its numbers, from all of its cells.

    Raises
    ------
    DataError
        If they can be read in two ways, or are of several currencies.
    """
    key = (column, "number")
    if key in opened.forms:
        return opened.forms[key]
    text = opened.table[column].strip().nullif("")
    found = marks.shapes(text, first=marks.SOME)
    if not (marks.settled(found) and not _not_plain(opened, text)):
        found = marks.shapes(text)
    try:
        form = marks.numerals(
            found,
            opened.decimal if opened.decimal_by == "declared" else None,
            usual=opened.decimal if opened.decimal_by else "",
            comma="," if opened.how.get("separator", "").startswith(";") else "",
        )
    except DataError as error:
        place = f"sources.{opened.kind}"
        reason = str(error).replace("KEY", f"{place}.decimal").replace("WHERE", f"{place}.where")
        raise DataError(f"{opened.kind}: column '{column}' {reason}") from None
    opened.forms[key] = form
    return form


def _not_plain(opened: Opened, text: ibis.Value) -> int:
    blank = text.isnull() | text.lower().isin(BLANK)
    return int(opened.table.filter(~blank & ~text.re_search(marks.PLAIN)).count().to_pandas())


def numbers(opened: Opened, column: str) -> Read:
    """Read a column as numbers; infinite ones and implausible amounts cannot be read.

    Raises
    ------
    DataError
        If it holds neither numbers nor text, or its numbers can be read in two ways.
    """
    cells = opened.table[column]
    if cells.type().is_string():
        text = cells.strip().nullif("")
        read = expression(text, number_form(opened, column))
        blank = text.isnull() | text.lower().isin(["nan"])
        bad = ~blank & (read.isnull() | _endless(read))
        problem = f"are text, not numbers (or infinite, or above {_MOST_MONEY:.0e})"
        place = f"sources.{opened.kind}"
        remedy = (
            f"list texts that mean missing in {place}.missing, set {place}.decimal, or set "
            f"{place}.rules.unreadable: blank"
        )
        return Read(finite(read).value, bad, f"entries of column '{{column}}' {problem}", remedy)
    if cells.type().is_numeric():
        return finite(cells.cast("float64"))
    raise DataError(f"{opened.kind}: column '{column}' holds {cells.type()} where numbers are expected")


def _endless(read: ibis.Value) -> ibis.Value:
    return (read.isinf() | (read.abs() > _MOST_MONEY)).fill_null(False)


def finite(read: ibis.Value) -> Read:
    """Mark infinite numbers and implausible amounts as bad."""
    bad = _endless(read)
    value = ibis.ifelse(bad, ibis.null("float64"), read).nullif(float("nan"))
    problem = f"entries of column '{{column}}' are infinite or above {_MOST_MONEY:.0e}"
    return Read(value, bad, problem, "fix them in the source")


def flags(opened: Opened, column: str, answers: dict[str, float] | None = None) -> Read:
    """Read a column as yes or no, wholly or not at all.

    Parameters
    ----------
    answers
        1 for answers that mean yes and 0 for those that mean no, as `levels` gives them.
    """
    text = opened.table[column].cast("string").strip().nullif("")
    found = opened.table.select(text=text).filter(_.text.notnull()).distinct().limit(1_000).text.to_pandas()
    yes, no = understood(found, answers)
    value = ibis.cases((text.isin(yes), True), (text.isin(no), False)) if yes or no else ibis.null("boolean")
    blank = text.isnull() | text.lower().isin(BLANK)
    problem = "entries of column '{column}' are neither yes nor no"
    remedy = (
        f"allowed: yes and no, true and false, 1 and 0; or set levels.{column}, as in {{ANSWER: 1, OTHER: 0}}"
    )
    return Read(value, ~blank & value.isnull(), problem, remedy)


def texts(opened: Opened, column: str) -> Read:
    """Read a column as text, blanks as missing."""
    cells = opened.table[column]
    text = text_key(cells) if cells.type().is_numeric() else cells.cast("string").strip().nullif("")
    return Read(text, ibis.literal(False))


#: Roles whose entries are shown on pages, and may hold more than they should.
SHOWN_KEYS = frozenset(["product", "category"])
#: Signs without which an entry holds no identifier: an at sign, or seven digits.
_TELLING = r"@|([0-9][^0-9]{0,3}){7}"


def masked(text: ibis.Value, found: dict[str, str]) -> ibis.Value:
    """Write the kind of personal data in place of entries that hold some.

    Parameters
    ----------
    text
        A column of texts.
    found
        From `personal_entries`.
    """
    kinds = sorted(set(found.values()))
    by_kind = [(text.isin([e for e, k in found.items() if k == kind]), f"[{kind}]") for kind in kinds]
    return ibis.cases(*by_kind, else_=text) if by_kind else text


def personal_entries(opened: Opened, column: str) -> dict[str, str]:
    """Find the entries of a column that hold an identifier of a person, each with its kind."""
    key = (column, "personal")
    if key not in opened.forms:
        text = texts(opened, column).value
        some = opened.table.select(text=text).filter(_.text.re_search(_TELLING)).distinct()
        opened.forms[key] = personal.identifying(some.limit(_MOST_SEARCHED).text.to_pandas().tolist())
    return opened.forms[key]


def read(opened: Opened, role: str, column: str, terms: Terms | None = None) -> Read:
    """Read a column as what its role holds.

    Raises
    ------
    DataError
        If its type cannot be read so.
    """
    holds, terms = KINDS[opened.kind].role(role).holds, terms or Terms()
    if holds == "time":
        return times(opened, column, terms.dates, role, terms.timezone)
    if holds == "flag":
        return flags(opened, column, terms.answers.get(column))
    if holds == "number":
        return numbers(opened, column)
    found = texts(opened, column)
    if column in terms.allow or role == "postcode":
        return found
    return Read(masked(found.value, personal_entries(opened, column)), found.bad)


def require_some(opened: Opened, columns: dict[str, str]) -> None:
    """Refuse a role whose column is entirely missing.

    Raises
    ------
    DataError
        With the first of them.
    """
    counts = {role: opened.table[c].count() for role, c in columns.items()}
    counted = opened.table.agg(**counts).to_pandas().iloc[0] if counts else {}
    for role, column in columns.items():
        if not counted[role]:
            raise DataError(
                f"{opened.kind}: column '{column}' is missing in every row; "
                f"check sources.{opened.kind}.columns.{role}"
            )


def unique_keys(opened: Opened, different: ibis.Table, column: str) -> None:
    """Refuse customers who have more than one row.

    Parameters
    ----------
    opened
        The source, whose rows are named.
    different
        Its rows that count: each different row once, or all.
    column
        The id.

    Raises
    ------
    DataError
        With the number of ids and the first rows, never with an id.
    """
    keys = different.select(key=text_key(different[column])).filter(_.key.notnull())
    n = int(keys.group_by("key").agg(n=_.count()).filter(_.n > 1).count().to_pandas())
    if n:
        key = text_key(opened.table[column])
        twice = (key.count().over(ibis.window(group_by=key)) > 1) & key.notnull()
        raise DataError(
            f"{opened.kind}: {n:,} ids in column '{column}' are in more than one row"
            f"{first_rows(opened.table, twice)}; one row per customer is needed: "
            f"fix the source, or set sources.{opened.kind}.rules.repeated_id: drop"
        )
