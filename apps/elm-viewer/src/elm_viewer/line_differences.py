"""What a child changed of its parent, line by line."""

from __future__ import annotations

from difflib import SequenceMatcher

from elm_protocols import Json

MOST_COMPARED = 4000
"""Longer texts, in lines, are not compared: the comparison takes time with the square of their length."""


def line_differences(parent: str, child: str) -> list[Json] | None:
    """Return blocks [kind, parent_start, parent_end, child_start, child_end] over the lines of both texts.

    Kinds are `equal`, `delete`, `insert` and `replace`, as in `difflib`; None where a text is too long.
    """
    before, after = parent.split("\n"), child.split("\n")
    if max(len(before), len(after)) > MOST_COMPARED:
        return None
    return [list(block) for block in SequenceMatcher(None, before, after, autojunk=False).get_opcodes()]
