"""The ten programming skills of ACES as a behaviour space, labelled by a language model.

Source: Pourcel et al. 2023, "ACES: Generating Diverse Programming Puzzles with Autotelic Language Models and
Semantic Descriptors", arXiv 2310.10692 version 1: each puzzle is a point of {0, 1}^10, one entry a skill that
is needed to solve it. (Later versions use twenty skills.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from elm_protocols import CategoricalAxis, Json

SKILLS: Mapping[str, str] = {
    "sorting_and_searching": "putting data in order, or finding an element or a pattern in it",
    "counting_and_combinatorics": "counting occurrences or possibilities, permutations, combinations",
    "trees_and_graphs": "nodes and edges: traversal, paths, cycles, connectivity",
    "mathematics": "arithmetic, algebra, equations, probability, number theory, logic",
    "bit_manipulation": "work on single bits: shifts, masks, exclusive or",
    "string_manipulation": "building, splitting, replacing, parsing or matching text",
    "geometry_and_grids": "shapes, angles, coordinates, boards and grids",
    "recursion_and_dynamic_programming": "solving by way of smaller instances of the same problem",
    "stacks_and_queues": "last-in-first-out or first-in-first-out storage",
    "optimization": "finding the least, the greatest, the shortest or the best",
}
"""Name and meaning of each skill, in the paper's order."""

SKILL_AXES = tuple(CategoricalAxis(name, ("no", "yes")) for name in SKILLS)
"""One axis a skill: measure 1.0 where the puzzle needs it, else 0.0. A grid over them has 1024 niches."""

REPLY_SCHEMA: dict[str, Any] = {
    "title": "Skills",
    "description": "Whether each programming skill is needed to solve the puzzle.",
    "type": "object",
    "properties": {name: {"type": "boolean", "description": meaning} for name, meaning in SKILLS.items()},
    "required": list(SKILLS),
    "additionalProperties": False,
}
"""JSON schema that constrains the model's reply: ten booleans, so that even a tiny model's reply ends."""


def skill_prompt(program: str) -> str:
    """Return the question for one puzzle with its solution."""
    listed = "\n".join(f"- {name}: {meaning}" for name, meaning in SKILLS.items())
    return (
        "This Python program has a puzzle sat and a function sol whose result makes sat return True.\n\n"
        f"```python\n{program.strip()}\n```\n\n"
        f"For each of these skills say whether it is needed to solve the puzzle, true or false:\n{listed}"
    )


def label_skills(programs: Sequence[str], labeller: Any) -> list[tuple[float, ...] | str]:
    """Label puzzles with the skills they need.

    Args:
        programs: Puzzle and solution of each.
        labeller: A LangChain model held to `REPLY_SCHEMA`.

    Returns:
        For each program ten numbers, 0.0 or 1.0, in the order of `SKILLS`; or one line on why the model
        gave no labels.
    """
    replies = labeller.batch([skill_prompt(program) for program in programs], return_exceptions=True)
    return [_labels(reply) for reply in replies]


def skill_names(labels: Sequence[float]) -> list[Json]:
    """Return the names of the skills that ten labels hold."""
    return [name for name, label in zip(SKILLS, labels, strict=True) if label]


def _labels(reply: object) -> tuple[float, ...] | str:
    if isinstance(reply, Exception):
        return f"The model gave no labels ({type(reply).__name__})."
    if not isinstance(reply, Mapping) or any(type(reply.get(name)) is not bool for name in SKILLS):
        return "The model's reply lacks a yes or no for each skill."
    return tuple(float(reply[name]) for name in SKILLS)
