"""Reading untrusted Python source on the host: parsed, never run, and bounded in length and nesting."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass

MAX_CHARACTERS = 50_000
"""Longest program that is looked at; the longest of P3, puzzle and solution, has about 30 000 characters."""

_MAX_NESTING = 100
"""Deepest tree that is looked at, so that recursive visits of it stay far from Python's recursion limit."""

_LONG_BITS = 10_000
"""Integers of more bits are written in hexadecimal."""

_NAME = "<evolved program>"

# An evolved program's odd escapes are no news to the user; the filter names our programs alone.
warnings.filterwarnings("ignore", module=_NAME)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a program is not evaluated: a status and one line on it."""

    status: str
    feedback: str


class _LongInteger(int):
    """An integer in a syntax tree that is written in hexadecimal.

    Python refuses to write integers of more than 4300 digits in decimal, so `ast.unparse` would raise.
    """

    def __repr__(self) -> str:
        return hex(self)


def parse_source(text: str, max_characters: int = MAX_CHARACTERS) -> ast.Module | Refusal:
    """Return the syntax tree of `text`, or the refusal `too-long`, `syntax` or `too-deep`.

    The tree is for reading and `ast.unparse`, not for `compile`.
    """
    if len(text) > max_characters:
        return Refusal("too-long", f"The program has {len(text)} characters, more than {max_characters}.")
    try:
        tree = ast.parse(text, _NAME)
    except SyntaxError as error:
        return Refusal("syntax", f"line {error.lineno or 0}: {error.msg}")
    except (ValueError, RecursionError, MemoryError) as error:
        return Refusal("syntax", f"The program cannot be parsed ({type(error).__name__}).")
    if nesting(tree) > _MAX_NESTING:
        return Refusal("too-deep", f"The program is nested more than {_MAX_NESTING} levels deep.")
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and type(node.value) is int
            and node.value.bit_length() > _LONG_BITS
        ):
            node.value = _LongInteger(node.value)
    return tree


def nesting(tree: ast.AST) -> int:
    """Return the number of levels of a syntax tree, counted without recursion."""
    depth, layer = 0, [tree]
    while layer:
        depth += 1
        layer = [child for node in layer for child in ast.iter_child_nodes(node)]
    return depth
