"""From the syntax tree's positions to offsets in the text."""

from __future__ import annotations

import ast
import re

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")  # Python's lines; str.splitlines knows more line ends


class SourceText:
    """A program's text whose syntax-tree nodes can be found in it.

    Args:
        text: The program.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = _LINE.findall(text)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def offset(self, line: int, column: int) -> int:
        """Return the character offset of a line (from 1) and a column in UTF-8 bytes (from 0)."""
        prefix = self._lines[line - 1].encode()[:column] if line <= len(self._lines) else b""
        return self._starts[line - 1] + len(prefix.decode())

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Return the offsets of a node's first character and of the one after its last."""
        end_line, end_column = node.end_lineno, node.end_col_offset
        if end_line is None or end_column is None:
            raise ValueError("The node does not come from parsed text.")
        return self.offset(node.lineno, node.col_offset), self.offset(end_line, end_column)

    def line_prefix(self, offset: int) -> str:
        """Return what stands before `offset` on its line."""
        return self.text[self.text.rfind("\n", 0, offset) + 1 : offset]
