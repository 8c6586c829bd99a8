"""Guards against puzzles that are none: each refusal has a status of its own.

- `ignores-answer`: `sat` never reads its first parameter.
- `constant-solves`: one of a few constants that a solver would try blindly is right.
- `copies-parent`: the puzzle is its parent's but for names, comments, docstrings and layout.
"""

from __future__ import annotations

import ast
import copy

from elm_envs_puzzles.judging import describe, sandboxed
from elm_envs_puzzles.puzzle_programs import PuzzleProgram
from elm_envs_puzzles.source_parsing import Refusal
from elm_protocols import OK, SANDBOX_ERROR, Limits, OutcomeStatus, Sandbox

IGNORES_ANSWER = "ignores-answer"
CONSTANT_SOLVES = "constant-solves"
COPIES_PARENT = "copies-parent"

_PROBE_SECONDS = 1.0


def ignored_answer(program: PuzzleProgram) -> Refusal | None:
    """Return the refusal of a puzzle whose `sat` never reads its first parameter."""
    answer = program.sat.args.args[0].arg
    body = [node for statement in program.sat.body for node in ast.walk(statement)]
    if any(
        isinstance(node, ast.Name) and node.id == answer and isinstance(node.ctx, ast.Load) for node in body
    ):
        return None
    return Refusal(IGNORES_ANSWER, f"sat never looks at its answer '{answer}'.")


def solved_by_constant(program: PuzzleProgram, sandbox: Sandbox, limits: Limits) -> Refusal | None:
    """Return the refusal of a puzzle that a blind constant solves (`AnswerType.probes`).

    A constant that makes the puzzle raise or hang does not solve it.
    """
    probes = program.answer_type.probes()
    short = Limits(
        seconds=min(limits.seconds, _PROBE_SECONDS),
        memory_bytes=limits.memory_bytes,
        output_bytes=limits.output_bytes,
        seed=limits.seed,
    )
    questions = [sandboxed(program.puzzle.statement, "sat", probe) for probe in probes]
    outcomes = sandbox.run(questions, short)
    for probe, outcome in zip(probes, outcomes, strict=True):
        if outcome.status == OK and outcome.value is True:
            return Refusal(CONSTANT_SOLVES, f"The constant {describe(probe)} solves the puzzle.")
    broken = [outcome for outcome in outcomes if outcome.status is OutcomeStatus.SANDBOX_ERROR]
    return Refusal(SANDBOX_ERROR, broken[0].feedback) if broken else None


def same_puzzle(one: PuzzleProgram, other: PuzzleProgram) -> bool:
    """Return whether two puzzles are the same but for names, comments, docstrings and layout."""
    return _skeleton(one.sat) == _skeleton(other.sat)


def _skeleton(function: ast.FunctionDef) -> str:
    """Return the function's tree with its own names numbered in order of appearance."""
    bare = copy.deepcopy(function)
    if ast.get_docstring(bare) is not None:
        bare.body = bare.body[1:]
    numbers: dict[str, str] = {}
    for node in ast.walk(bare):
        if isinstance(node, ast.arg):
            node.arg = numbers.setdefault(node.arg, f"v{len(numbers)}")
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            numbers.setdefault(node.id, f"v{len(numbers)}")
    for node in ast.walk(bare):
        if isinstance(node, ast.Name):
            node.id = numbers.get(node.id, node.id)
    return ast.dump(bare)
