"""Do the solutions that come with puzzles solve them?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from elm_envs_puzzles.judging import Attempt, Verdict, judge
from elm_envs_puzzles.puzzle import Puzzle
from elm_protocols import OK, Limits, Sandbox

_BATCH = 32


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict on one given solution.

    Attributes:
        puzzle: The puzzle's name.
        solution: Which of its solutions, from 0.
        verdict: What became of it.
    """

    puzzle: str
    solution: int
    verdict: Verdict


def verify_puzzles(puzzles: Sequence[Puzzle], sandbox: Sandbox, limits: Limits) -> Iterator[Verification]:
    """Run every given solution of every puzzle, and yield the verdicts in order."""
    given = [(puzzle, index) for puzzle in puzzles for index in range(len(puzzle.bodies))]
    for start in range(0, len(given), _BATCH):
        batch = given[start : start + _BATCH]
        attempts = [Attempt(p.statement, p.answer_type, p.program(p.bodies[index])) for p, index in batch]
        for (puzzle, index), verdict in zip(batch, judge(attempts, sandbox, limits), strict=True):
            yield Verification(puzzle.name, index, verdict)


def summarize_verifications(puzzles: Sequence[Puzzle], results: Sequence[Verification]) -> str:
    """Return how many solutions hold, as a few lines of text, those that do not by name."""
    statuses = Counter(result.verdict.status for result in results)
    solved = {result.puzzle for result in results if result.verdict.solved}
    with_solution = sum(bool(puzzle.bodies) for puzzle in puzzles)
    lines = [
        f"{len(puzzles)} puzzles, {with_solution} with a solution, {len(solved)} solved by it",
        f"{statuses[OK]} of {len(results)} solutions hold",
    ]
    lines += [
        f"{result.puzzle} solution {result.solution}: {result.verdict.status}: {result.verdict.feedback}"
        for result in results
        if not result.verdict.solved
    ]
    return "\n".join(lines)
