"""The SQL that Spark is sent, so that an expression means the same there as in the embedded engine."""

from __future__ import annotations

import re

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

from seglib.errors import DataError, listing

Sql = sge.Expression

#: Java's letter for each directive of strptime, alone and beside another one.
_LETTERS = {
    "%Y": ("yyyy", "yyyy"),
    "%y": ("yy", "yy"),
    "%m": ("M", "MM"),
    "%d": ("d", "dd"),
    "%H": ("H", "HH"),
    "%I": ("h", "hh"),
    "%M": ("m", "mm"),
    "%S": ("s", "ss"),
    "%f": ("SSSSSS", "SSSSSS"),
    "%p": ("a", "a"),
    "%b": ("MMM", "MMM"),
    "%B": ("MMMM", "MMMM"),
    "%j": ("D", "DDD"),
}
#: Two digits of a year from here on are of the last century.
_FIRST_OF_LAST_CENTURY = 2069


def java_pattern(pattern: str) -> str:
    """Write a pattern of strptime as Java reads it.

    Raises
    ------
    DataError
        If it holds a directive that has no counterpart.

    Examples
    --------
    >>> java_pattern("%d/%m/%Y")
    'd/M/yyyy'
    >>> java_pattern("%Y%m%dT%H:%M")
    "yyyyMMdd'T'H:m"
    """
    parts = re.findall(r"%.|[A-Za-z]+|.", pattern, re.DOTALL)
    strange = {part for part in parts if part[0] == "%" and part not in _LETTERS and part != "%%"}
    if strange:
        raise DataError(
            f"dates: Spark cannot read '{listing(strange)}'; allowed there: {listing(_LETTERS, 20)}"
        )
    letters = []
    for i, part in enumerate(parts):
        beside = any(other in _LETTERS for other in parts[max(i - 1, 0) : i] + parts[i + 1 : i + 2])
        if part in _LETTERS:
            letters.append(_LETTERS[part][beside])
        else:
            letters.append(f"'{part}'" if part.isalpha() else {"%%": "%", "'": "''"}.get(part, part))
    return "".join(letters)


class SparkCompiler(PySparkCompiler):
    r"""ibis' own, and what the embedded engine means where Spark means something else.

    Text is stripped of all white space, not of blanks alone; a pattern's groups are \1, \2; what is
    not a number is not missing; numbers are divided as IEEE 754 says; rounding is half away from zero
    by a number's bits; a float becomes the nearest integer, and text as the embedded engine writes it.
    """

    __slots__ = ()

    def visit_Strip(self, op: ops.Strip, *, arg: Sql) -> Sql:
        # Spark reads \\v and \\f in a text as the letters.
        return self.f.btrim(arg, self.f.concat(" \t\n\r", self.f.anon.char(11), self.f.anon.char(12)))

    def visit_RegexReplace(self, op: ops.RegexReplace, *, arg: Sql, pattern: Sql, replacement: Sql) -> Sql:
        groups = re.sub(r"\\(\d)", r"$\1", replacement.this.replace("$", r"\$"))
        return self.f.regexp_replace(arg, pattern, sge.convert(groups))

    def visit_StringSplit(self, op: ops.StringSplit, *, arg: Sql, delimiter: Sql) -> Sql:
        return self.f.anon.split(arg, self.f.concat(r"\Q", delimiter, r"\E"))

    def visit_IsNull(self, op: ops.IsNull, *, arg: Sql) -> Sql:
        return sge.Is(this=arg, expression=sge.Null())

    def visit_NotNull(self, op: ops.NotNull, *, arg: Sql) -> Sql:
        return sge.Not(this=self.visit_IsNull(op, arg=arg))

    def visit_IsNan(self, op: ops.IsNan, *, arg: Sql) -> Sql:
        return arg.eq(self._double("NaN"))

    def visit_IsInf(self, op: ops.IsInf, *, arg: Sql) -> Sql:
        return self.f.abs(arg).eq(self._double("Infinity"))

    def visit_Divide(self, op: ops.Divide, *, left: Sql, right: Sql) -> Sql:
        left, right = self.cast(left, dt.float64), self.cast(right, dt.float64)
        return self.if_(right.eq(0), left * self._double("Infinity"), self.binop(sge.Div, left, right))

    def visit_Cast(self, op: ops.Cast, *, arg: Sql, to: dt.DataType) -> Sql:
        if op.arg.dtype.is_floating() and to.is_integer():
            arg = self.f.rint(arg)
        if op.arg.dtype.is_floating() and to.is_string():
            return self._float_as_text(arg)
        if op.arg.dtype.is_floating() and to.is_decimal():
            arg = self._rounded(arg, to.scale)
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_TryCast(self, op: ops.TryCast, *, arg: Sql, to: dt.DataType) -> Sql:
        if op.arg.dtype.is_floating() and to.is_integer():
            arg = self.f.rint(arg)
        return super().visit_TryCast(op, arg=arg, to=to)

    def visit_Round(self, op: ops.Round, *, arg: Sql, digits: Sql | None) -> Sql:
        if op.arg.dtype.is_floating() and isinstance(op.digits, ops.Literal):
            return self._rounded(arg, op.digits.value)
        return super().visit_Round(op, arg=arg, digits=digits)

    def _rounded(self, arg: Sql, digits: int | None) -> Sql:
        """Round half away from zero by the number's bits; Spark would by its shortest digits."""
        scale = sge.convert(10.0 ** (digits or 0))
        return self.binop(sge.Div, self.f.round(self.binop(sge.Mul, arg, scale)), scale)

    def _double(self, text: str) -> Sql:
        return self.cast(sge.convert(text), dt.float64)

    def _float_as_text(self, arg: Sql) -> Sql:
        """Write a number without an exponent as long as the embedded engine does."""
        text = self.cast(arg, dt.string)
        size = self.f.abs(arg)
        whole = sge.and_(arg.eq(self.f.rint(arg)), size < 1e15)
        digits = self.f.concat(self.cast(self.cast(arg, dt.int64), dt.string), ".0")
        plain = self.f.rtrim("0", self.cast(self.cast(text, dt.Decimal(38, 20)), dt.string))
        short = self.f.lower(self.f.replace(text, "Infinity", "inf"))
        rest = self.if_(sge.and_(size >= 1e-4, size < 1e15), plain, short)
        return self.if_(whole, digits, rest)

    def visit_ScalarUDF(self, op: ops.ScalarUDF, **arguments: Sql) -> Sql:
        if op.__func_name__ != "try_strptime":
            return super().visit_ScalarUDF(op, **arguments)
        pattern = op.args[1]
        read = self.f.anon.try_to_timestamp(arguments["text"], sge.convert(java_pattern(pattern.value)))
        if "%y" not in pattern.value:
            return read
        earlier = self.binop(sge.Sub, read, self.f.anon.make_interval(100))
        return self.if_(self.f.year(read) >= _FIRST_OF_LAST_CENTURY, earlier, read)
