"""Text files as they come: packed or not, in any of the known encodings, marked or not."""

from __future__ import annotations

import codecs
import csv
import gzip
import shutil
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from seglib.errors import DataError

#: The longest line that is read, in bytes; a longer one is most often a quote that is not closed.
MOST_LINE = 1 << 24
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# Who sets latin-1 most often means the Windows code page, which differs in signs such as the euro's.
_CODECS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "latin-1": "cp1252"}
_CHUNK = 1 << 22
_MOST_HEAD = 1 << 20
_BINARY = {
    b"PK\x03\x04": "a workbook or another zip file",
    b"PAR1": "Parquet",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
}

csv.field_size_limit(MOST_LINE)


@dataclass(frozen=True)
class Text:
    """One text file that can be decoded.

    Attributes
    ----------
    file
        Where it is.
    encoding
        What the params call its encoding.
    codec
        What Python calls it.
    marked
        Whether it begins with a byte order mark.
    """

    file: Path
    encoding: str
    codec: str
    marked: bool = False

    def open(self) -> IO[str]:
        """Open it, unpacked and without its mark."""
        opener = gzip.open if packed(self.file) else open
        return cast("IO[str]", opener(self.file, "rt", encoding=self.codec, newline=""))

    def head(self, lines: int = 200) -> list[str]:
        """Return the first lines, and no more than about a megabyte of them."""
        head: list[str] = []
        with self.open() as stream:
            while len(head) < lines and (len(head) < 2 or sum(map(len, head)) < _MOST_HEAD):
                line = stream.readline(MOST_LINE)
                if not line:
                    break
                head.append(line)
        return head


def packed(file: Path) -> bool:
    """Return whether a file's ending says that it is packed by gzip."""
    return file.suffix.lower() == ".gz"


def _chunks(file: Path) -> Iterator[bytes]:
    """Read a file in parts, the last of which is empty."""
    try:
        with gzip.open(file, "rb") if packed(file) else file.open("rb") as stream:
            chunk = b"-"
            while chunk:
                yield (chunk := stream.read(_CHUNK))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{file.name}: is not a whole gzip file: {error}") from None
    except OSError as error:
        raise DataError(f"{file.name}: cannot be read: {error.strerror}") from None


def _codec(encoding: str, start: bytes) -> str:
    """Name Python's codec; UTF-16 without a mark has its zeros before or after Latin letters."""
    marked = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if encoding == "utf-16" and not marked:
        return "utf-16-be" if start[::2].count(0) > start[1::2].count(0) else "utf-16-le"
    return _CODECS.get(encoding, encoding)


def text_file(kind: str, file: Path, declared: str | None) -> Text:
    """Find the encoding of a text file by its mark, and check every byte against it.

    Raises
    ------
    DataError
        If it is empty, no text, damaged, or not in its encoding.
    """
    start = next(_chunks(file))
    if not start.strip():
        raise DataError(f"{kind}: {file.name} is empty; it needs rows")
    if other := next((what for mark, what in _BINARY.items() if start.startswith(mark)), None):
        raise DataError(f"{kind}: {file.name} is {other}, not text; give it the ending that says so")
    marked = next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)
    if marked and declared and marked != declared:
        raise DataError(
            f"{kind}: {file.name} is marked as {marked}, and sources.{kind}.encoding says {declared}; "
            "remove the line"
        )
    encoding = declared or marked or "utf-8"
    text = Text(file, encoding, _codec(encoding, start), bool(marked))
    _check_every_byte(kind, text)
    return text


def _check_every_byte(kind: str, text: Text) -> None:
    decoder = codecs.getincrementaldecoder(text.codec)()
    line = 1
    for chunk in _chunks(text.file):
        narrow = not text.encoding.startswith(("utf-16", "utf-32")) and b"\0" in chunk
        try:
            read = chunk.decode("latin-1") if narrow else decoder.decode(chunk, final=not chunk)
        except UnicodeError as error:
            line += chunk[: getattr(error, "start", 0)].count(b"\n")
            raise DataError(
                f"{kind}: {text.file.name} is not {text.encoding} (line {line}); set "
                f"sources.{kind}.encoding to utf-8, utf-16 or latin-1, or another, as in cp1250 or shift_jis"
            ) from None
        if "\0" in read:
            line += read[: read.index("\0")].count("\n")
            raise DataError(
                f"{kind}: {text.file.name} holds a NUL byte in line {line}; it is damaged or not text. "
                f"Export it again, or set sources.{kind}.encoding"
            )
        line += read.count("\n")


def as_utf8(text: Text, copy: Path, unmarked: bool = False) -> Path:
    """Copy a text as UTF-8, or return the file itself where it is UTF-8 already.

    With `unmarked`, a file that begins with a byte order mark is copied without it.
    """
    if text.encoding == "utf-8" and not (unmarked and text.marked):
        return text.file
    with text.open() as source, copy.open("w", encoding="utf-8", newline="") as target:
        shutil.copyfileobj(source, target, _CHUNK)
    return copy


def rows(lines: Iterable[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    r"""Split lines into rows of cells, each with the number of its last line.

    A separator " " means any run of white space; empty lines are then ignored.

    Examples
    --------
    >>> list(rows([" 1  2\n", "\n", "3\t4\n"], " "))
    [(1, ['1', '2']), (3, ['3', '4'])]
    """
    if separator != " ":
        reader = csv.reader(lines, delimiter=separator, strict=True)
        yield from ((reader.line_num, cells) for cells in reader)
        return
    for number, line in enumerate(lines, 1):
        for cells in csv.reader([" ".join(line.split())], delimiter=" ", strict=True):
            if cells:
                yield number, cells


def path_for_engine(file: Path) -> str:
    """Write a path so that the engine takes none of its signs as a pattern.

    Examples
    --------
    >>> path_for_engine(Path("a[1].csv"))
    'a[[]1].csv'
    """
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(file))
