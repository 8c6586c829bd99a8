"""Programs as spans of text with a class each, so that a page can colour them without parsing HTML."""

from __future__ import annotations

import re

from pygments import lex  # type: ignore[import-untyped, unused-ignore]
from pygments.lexers.data import JsonLexer  # type: ignore[import-untyped, unused-ignore]
from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped, unused-ignore]
from pygments.token import (  # type: ignore[import-untyped, unused-ignore]
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    String,
    _TokenType,
)

from elm_protocols import Json

MOST_HIGHLIGHTED = 200_000
"""Longer texts, in characters, are shown plain."""

_CLASSES: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "comment"),
    (String, "string"),
    (Number, "number"),
    (Keyword.Constant, "number"),
    (Keyword, "keyword"),
    (Operator.Word, "keyword"),
    (Name.Function, "function"),
    (Name.Class, "function"),
    (Name.Decorator, "function"),
    (Name.Builtin, "builtin"),
    (Name.Tag, "keyword"),
)
_PYTHON = re.compile(
    r"^(def \w+\(|class \w+[(:]|import \w|from [\w.]+ import |@\w+|[ \t]+return\b)", re.MULTILINE
)


def language_of(text: str) -> str:
    """Return `python` for what looks like a program, else `text`."""
    return "python" if _PYTHON.search(text) else "text"


def unified_line_ends(text: str) -> str:
    """Return `text` with a line feed for every line's end and no byte order mark, as lexers have it."""
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def highlighted_lines(text: str, language: str) -> list[Json]:
    """Return the lines of `text`, each a flat list: class, text, class, text, ...

    Args:
        text: Untrusted; its lines end in line feeds (see `unified_line_ends`).
        language: `python`, `json` or `text`.
    """
    if language == "text" or len(text) > MOST_HIGHLIGHTED:
        return [["", line] for line in text.split("\n")]
    lexer = (
        PythonLexer(stripnl=False, ensurenl=False)
        if language == "python"
        else JsonLexer(stripnl=False, ensurenl=False)
    )
    lines: list[list[Json]] = [[]]
    for kind, value in lex(text, lexer):
        name = _class_of(kind)
        for number, piece in enumerate(value.split("\n")):
            if number:
                lines.append([])
            if piece:
                lines[-1] += [name, piece]
    return list(lines)


def _class_of(kind: _TokenType) -> str:
    return next((name for parent, name in _CLASSES if kind in parent), "")
