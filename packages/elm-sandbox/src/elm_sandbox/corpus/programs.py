# ruff: noqa: SIM905 - lists of names read best as text
"""Reads the corpora: one function of a text file is one program."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from elm_protocols import OutcomeStatus

_ATTACKS = Path(__file__).parent / "attacks"
_BENIGN = Path(__file__).parent / "benign"
_NOTE = re.compile(r"^ +# (expect|limits): (.*)$", re.M)

ATTACK_MODULES = tuple(
    (
        "atexit builtins ctypes decimal fcntl gc itertools json linecache math mmap multiprocessing numpy os "
        "random re resource select signal socket stat struct subprocess sys tempfile threading time types"
    ).split()
)
"""What the attacks import: all that an attacker could wish for. Name them to the sandbox under test."""


@dataclass(frozen=True, slots=True)
class Attack:
    """A hostile program.

    Attributes:
        name: Name of its function, which takes the bait (see `attack_range`) and returns something true
            where it got through.
        category: What it goes for.
        source: Its source.
        expected: Statuses it must end with; empty: any.
        processes: How many processes it is allowed (`Limits.processes`).
    """

    name: str
    category: str
    source: str
    expected: frozenset[OutcomeStatus]
    processes: int


def load_attacks() -> tuple[Attack, ...]:
    """Return the attack corpus."""
    return tuple(
        _attack(path.stem, name, source)
        for path in sorted(_ATTACKS.glob("*.txt"))
        for name, source in _functions(path.read_text(encoding="utf-8"))
    )


def _functions(text: str) -> list[tuple[str, str]]:
    return [
        (node.name, ast.get_source_segment(text, node) or "")
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef)
    ]


def _attack(category: str, name: str, source: str) -> Attack:
    notes = dict(_NOTE.findall(source))
    expected = frozenset(OutcomeStatus(word) for word in notes.get("expect", "").split(", ") if word)
    processes = int(notes.get("limits", "processes=0").removeprefix("processes="))
    return Attack(name, category, source, expected, processes)


@dataclass(frozen=True, slots=True)
class HonestProgram:
    """A program that must be left alone.

    Attributes:
        name: Name of its function, which takes nothing.
        source: Its source.
        expected: Source of a function `<name>_value`, trusted, that returns what the program must return.
    """

    name: str
    source: str
    expected: str

    def value(self) -> object:
        """Return what the program must return."""
        scope: dict[str, Callable[[], object]] = {}
        exec(self.expected, scope)
        return scope[f"{self.name}_value"]()


def load_honest_programs() -> tuple[HonestProgram, ...]:
    """Return the benign corpus."""
    programs = []
    for path in sorted(_BENIGN.glob("*.txt")):
        functions = _functions(path.read_text(encoding="utf-8"))
        expected = {
            name.removesuffix("_value"): source for name, source in functions if name.endswith("_value")
        }
        programs += [
            HonestProgram(name, source, expected[name]) for name, source in functions if name in expected
        ]
    return tuple(programs)
