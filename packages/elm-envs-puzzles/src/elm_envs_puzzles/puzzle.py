"""Puzzles in the format of P3 (Python Programming Puzzles): `sat(answer, ...)` and solutions `sol(...)`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from elm_envs_puzzles.answer_types import AnswerType, parse_answer_type
from elm_envs_puzzles.long_literals import with_readable_literals
from elm_protocols import Json, UnreadableFileError

PREAMBLE = "from typing import List\n\n\n"
"""What stands before every puzzle: P3 allows its annotations this one import."""

_TEXT_FIELDS = ("name", "sat", "ans_type", "sol_header", "sol_docstring")


@dataclass(frozen=True, slots=True)
class Puzzle:
    """A puzzle with the solutions that are known for it.

    Attributes:
        name: Its name; in P3 `Problem:instance`.
        sat: Source of `def sat(answer: type, inputs=defaults...)`, which returns True for a right answer.
        answer_type: Type that the answer must have.
        header: First line of a solution, `def sol(inputs=defaults...):`.
        docstring: The task in English as the solution's docstring, indented; may be empty.
        bodies: Bodies of the known solutions, indented.
        module: P3's file of origin.
        notes: Free text.
        weight: P3's weight of this puzzle among all.
    """

    name: str
    sat: str
    answer_type: AnswerType
    header: str = "def sol():"
    docstring: str = ""
    bodies: tuple[str, ...] = ()
    module: str = ""
    notes: str = ""
    weight: float = 1.0

    @property
    def statement(self) -> str:
        """Source of the puzzle alone."""
        return PREAMBLE + self.sat

    @property
    def template(self) -> str:
        """What every program that solves the puzzle begins with: the puzzle, `sol`'s header and docstring."""
        head = f"{self.statement}\n\n\n{self.header}\n"
        return head + (f"{self.docstring}\n" if self.docstring else "")

    def program(self, body: str) -> str:
        """Return the program that solves the puzzle with this body of `sol`."""
        return f"{self.template}{body}\n"

    def stubs(self) -> tuple[str, ...]:
        """Return programs to begin from: each returns a constant of the right type."""
        return tuple(self.program(f"    return {value!r}") for value in self.answer_type.probes())

    def to_json(self) -> dict[str, Json]:
        """Return the puzzle as an entry of a P3 file."""
        return {
            "name": self.name,
            "sat": self.sat,
            "ans_type": str(self.answer_type),
            "sol_header": self.header,
            "sol_docstring": self.docstring,
            "sol_bodies": list(self.bodies),
            "module": self.module,
            "notes": self.notes,
            "weight": self.weight,
        }


def puzzle_from_json(entry: object, position: int) -> Puzzle:
    """Return the puzzle of one entry of a P3 file.

    Args:
        entry: The entry as JSON gave it.
        position: Its place in the file, for the message.

    Raises:
        UnreadableFileError: If it is not a puzzle.
    """
    if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
        raise UnreadableFileError(f"Entry {position} of the puzzle file is not a puzzle with a name.")
    name = entry["name"]
    _require_texts(entry, name)
    answer_type = parse_answer_type(entry["ans_type"])
    if answer_type is None:
        raise UnreadableFileError(
            f"Puzzle '{name}' has the answer type '{entry['ans_type']}', which P3 lacks."
        )
    if not re.search(r"^def sat\(", entry["sat"], re.MULTILINE):
        raise UnreadableFileError(f"Puzzle '{name}' has no function 'sat' in its field 'sat'.")
    if not re.match(r"def sol\(", entry["sol_header"]):
        raise UnreadableFileError(f"Puzzle '{name}' has no function 'sol' in its field 'sol_header'.")
    return Puzzle(
        name=name,
        sat=with_readable_literals(entry["sat"]),
        answer_type=answer_type,
        header=with_readable_literals(entry["sol_header"]),
        docstring=entry["sol_docstring"],
        bodies=tuple(entry["sol_bodies"]),
        module=str(entry.get("module", "")),
        notes=str(entry.get("notes", "")),
        weight=float(entry.get("weight", 1.0)),
    )


def _require_texts(entry: Mapping[str, Any], name: str) -> None:
    for field in _TEXT_FIELDS:
        if not isinstance(entry.get(field), str):
            raise UnreadableFileError(f"Puzzle '{name}' lacks the text '{field}' in the puzzle file.")
    bodies = entry.get("sol_bodies")
    if not isinstance(bodies, list) or not all(isinstance(body, str) for body in bodies):
        raise UnreadableFileError(f"Puzzle '{name}' lacks the list of texts 'sol_bodies' in the puzzle file.")
    if not isinstance(entry.get("weight", 1.0), int | float):
        raise UnreadableFileError(f"Puzzle '{name}' has a weight that is not a number in the puzzle file.")
