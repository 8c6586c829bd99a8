"""The types that answers to puzzles may have, checked to the letter.

P3 names the type of every answer: `int`, `float`, `str`, `bool`, or `List[...]` of one of these, nested
(Schuster et al. 2021, arXiv 2106.05784, section 3). A tuple is no `List[int]`, and neither is a list that
holds a bool.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_SCALARS: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool}
_MAX_DEPTH = 5
_LIST = re.compile(r"\s*(?:typing\s*\.\s*)?(?:List|list)\s*\[(.*)\]\s*", re.DOTALL)

_PROBES: dict[type, tuple[Any, ...]] = {
    int: (0, 1, -1, 2, 10),
    float: (0.0, 1.0, -1.0, 0.5),
    str: ("", "a", "0", " "),
    bool: (True, False),
}


@dataclass(frozen=True, slots=True)
class AnswerType:
    """A scalar type inside `depth` lists.

    Attributes:
        scalar: `int`, `float`, `str` or `bool`.
        depth: How many lists it is nested in, 0 to 5.
    """

    scalar: type
    depth: int = 0

    def __str__(self) -> str:
        return "List[" * self.depth + self.scalar.__name__ + "]" * self.depth

    def mismatch(self, value: object) -> str:
        """Return why `value` is not of this type, as one clause; empty where it is."""
        layer: Sequence[object] = (value,)
        for _ in range(self.depth):
            for item in layer:
                if type(item) is not list:
                    return f"{type(item).__name__} found where {self} has a list"
            layer = [item for items in layer for item in items]  # type: ignore[attr-defined]
        for item in layer:
            if type(item) is not self.scalar:
                return f"{type(item).__name__} found where {self} has {self.scalar.__name__}"
        return ""

    def probes(self) -> tuple[Any, ...]:
        """Return a few constants of this type, those that a solver would try without reading the puzzle."""
        values = _PROBES[self.scalar]
        for _ in range(self.depth):
            values = ([], *([value] for value in values))
        return values


def parse_answer_type(text: str) -> AnswerType | None:
    """Return the type that an annotation names, None if answers cannot have it."""
    for depth in range(_MAX_DEPTH + 1):
        nested = _LIST.fullmatch(text)
        if nested is None:
            scalar = _SCALARS.get(text.strip())
            return AnswerType(scalar, depth) if scalar else None
        text = nested[1]
    return None
