"""The typing tool: a few questions that assign a newcomer to a segment."""

from seglib.implement.typing.choosing import Chosen, typing_tables, typing_tool
from seglib.implement.typing.sql import typing_query
from seglib.implement.typing.tool import TypingTool
from seglib.implement.typing.workbook import workbook

__all__ = ["Chosen", "TypingTool", "typing_query", "typing_tables", "typing_tool", "workbook"]
