"""The typing tool as a spreadsheet whose formulas assign newcomers."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from seglib.implement.typing.tool import Question, TypingTool

_BOLD, _INPUT = Font(bold=True), PatternFill("solid", fgColor="FFF5DD")


def workbook(tool: TypingTool, words: Mapping[str, str], rows: int = 500) -> bytes:
    """Write a typing tool as an Excel file.

    Parameters
    ----------
    tool
        The tool.
    words
        What sheets and columns are called: customers, model, customer, segment, name, question, answer,
        usual, taken, note.
    rows
        Newcomers that it has room for; a row without any answer stays empty.

    Returns
    -------
    bytes
        The file: a sheet in which answers are typed, and one with the weights that its formulas read.
    """
    book = Workbook()
    people, model = book.active, book.create_sheet(words["model"])
    people.title = words["customers"]
    ranges = _write_model(model, tool, words)
    header = [words["customer"], *(q.label for q in tool.questions), words["segment"], words["name"]]
    taken = [f"{words['taken']}: {q.label}" for q in tool.questions]
    for at, title in enumerate([*header, *taken, *(tool.names if tool.intercept else ())], 1):
        _text(people, 1, at, title)
        people.cell(1, at).font = _BOLD
        people.column_dimensions[get_column_letter(at)].width = min(max(12, len(title)), 40)
    people.freeze_panes = "B2"
    for row in range(2, rows + 2):
        _write_row(people, row, tool, ranges)
    for at, q in enumerate(tool.questions, 2):
        if q.options:
            choice = DataValidation(type="list", formula1=f"={ranges[q.feature]}", allow_blank=True)
        else:
            choice = DataValidation(type="decimal", operator="between", formula1="-1E+100", formula2="1E+100")
        people.add_data_validation(choice)
        choice.add(f"{get_column_letter(at)}2:{get_column_letter(at)}{rows + 1}")
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def _text(sheet: Worksheet, row: int, at: int, text: str) -> None:
    """Write a text, which is never taken for a formula."""
    cell = sheet.cell(row, at)
    cell.value = "".join(c for c in text if c.isprintable())
    cell.data_type = "s"


def _write_model(sheet: Worksheet, tool: TypingTool, words: Mapping[str, str]) -> dict[str, str]:
    """Write segments, questions, options and weights; return where they are."""
    name = quote_sheetname(sheet.title)
    last = get_column_letter(3 + len(tool.segments))
    for at, title in enumerate((words["question"], words["answer"], words["usual"]), 1):
        _text(sheet, 2, at, title)
    for k, (number, called) in enumerate(zip(tool.segments, tool.names, strict=True)):
        sheet.cell(1, 4 + k).value = number
        _text(sheet, 2, 4 + k, called)
        if tool.intercept:
            sheet.cell(3, 4 + k).value = tool.intercept[k]
    ranges = {"segments": f"{name}!$D$1:${last}$1", "names": f"{name}!$D$2:${last}$2"}
    ranges["sheet"] = name
    row = 4
    for q in tool.questions:
        _text(sheet, row, 1, q.label)
        first = row
        if q.options:
            for i, option in enumerate(q.options):
                _text(sheet, row, 2, option)
                for k, weight in enumerate(q.weights[i] if q.weights else ()):
                    sheet.cell(row, 4 + k).value = weight
                row += 1
            _text(sheet, first, 3, q.usual)
        else:
            sheet.cell(row, 3).value = q.usual
            for offset, weights in enumerate((q.linear, q.square)):
                for k, weight in enumerate(weights):
                    sheet.cell(row + offset, 4 + k).value = weight
            row += 2
        ranges[q.feature] = f"{name}!$B${first}:$B${row - 1}"
        ranges[f"{q.feature} row"] = str(first)
    _text(sheet, row + 1, 1, words["note"])
    return ranges


def _write_row(sheet: Worksheet, row: int, tool: TypingTool, ranges: Mapping[str, str]) -> None:
    """Write the formulas of one newcomer: what is taken of each answer, what it says, the segment."""
    n = len(tool.questions)
    taken = {q.feature: f"${get_column_letter(n + 4 + i)}{row}" for i, q in enumerate(tool.questions)}
    for i, q in enumerate(tool.questions):
        cell = f"${get_column_letter(2 + i)}{row}"
        sheet.cell(row, 2 + i).fill = _INPUT
        answer = _option(q, cell, ranges) if q.options else _number(q, cell, ranges, scaled=not tool.nodes)
        sheet.cell(row, n + 4 + i).value = "=" + answer
    if tool.nodes:
        position = _branch(tool, 0, taken)
    else:
        first = 2 * n + 4
        for k in range(len(tool.segments)):
            sheet.cell(row, first + k).value = "=" + _sum(tool, k, taken, ranges)
        last = get_column_letter(first + len(tool.segments) - 1)
        scores = f"${get_column_letter(first)}{row}:${last}{row}"
        position = f"MATCH(MAX({scores}),{scores},0)"
    numbers, names, segment = ranges["segments"], ranges["names"], f"${get_column_letter(n + 2)}{row}"
    empty = f"COUNTA($B{row}:${get_column_letter(n + 1)}{row})=0"
    sheet.cell(row, n + 2).value = f'=IF({empty},"",INDEX({numbers},1,{position}))'
    sheet.cell(row, n + 3).value = f'=IF({segment}="","",INDEX({names},1,MATCH({segment},{numbers},0)))'


def _number(q: Question, cell: str, ranges: Mapping[str, str], scaled: bool) -> str:
    """Return the number that is taken of a cell."""
    usual = f"{ranges['sheet']}!$C${ranges[f'{q.feature} row']}"
    taken = f"IF(ISNUMBER({cell}),{cell},{usual})"
    return f"LN(1+MAX({taken},0))" if q.log and scaled else taken


def _option(q: Question, cell: str, ranges: Mapping[str, str]) -> str:
    """Return the position of the option that is taken of a cell; letters count as they are written."""
    usual, other = q.options.index(q.usual) + 1, q.options.index(q.other) + 1
    options = ranges[q.feature]
    exact = f'EXACT({cell}&"",{options})'
    place = f"SUMPRODUCT({exact}*(ROW({options})-{int(ranges[f'{q.feature} row']) - 1}))"
    return f'IF({cell}&""="",{usual},IF(SUMPRODUCT({exact}*1)=0,{other},{place}))'


def _sum(tool: TypingTool, k: int, taken: Mapping[str, str], ranges: Mapping[str, str]) -> str:
    """Add up the weights of the answers for one segment."""
    at, sheet = get_column_letter(4 + k), ranges["sheet"]
    terms = [f"{sheet}!${at}$3"]
    for q in tool.questions:
        first, cell = int(ranges[f"{q.feature} row"]), taken[q.feature]
        if q.options:
            terms.append(f"INDEX({sheet}!${at}${first}:${at}${first + len(q.options) - 1},{cell},1)")
        else:
            terms.append(f"{sheet}!${at}${first}*{cell}")
            if any(q.square):
                terms.append(f"{sheet}!${at}${first + 1}*POWER({cell},2)")
    return "+".join(terms)


def _branch(tool: TypingTool, at: int, taken: Mapping[str, str]) -> str:
    """Write a tree as nested conditions."""
    node = tool.nodes[at]
    if not node.feature:
        return str(node.segment + 1)
    q = next(q for q in tool.questions if q.feature == node.feature)
    cell = taken[q.feature]
    condition = f"{cell}={q.options.index(node.option) + 1}" if node.option else f"{cell}<={node.at_most!r}"
    yes, no = (_branch(tool, way, taken) for way in (node.yes, node.no))
    return f"IF({condition},{yes},{no})"
