"""A model under test draws attempts at puzzles: the tallies behind pass@k."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from elm_envs_puzzles.judging import Attempt, Verdict, judge
from elm_envs_puzzles.pass_at_k import pass_at_k
from elm_envs_puzzles.puzzle import Puzzle
from elm_protocols import (
    OK,
    SANDBOX_ERROR,
    Completion,
    Json,
    Limits,
    MutationModel,
    MutationRequest,
    Sandbox,
    Usage,
    content_hash,
)

INSTRUCTION = (
    "Complete the function sol so that sat(sol()) returns True. "
    "sol must return an answer of the type that sat's first parameter is annotated with."
)
"""What the model under test is told."""

NO_ATTEMPT = frozenset({"model-error", "timeout", "budget", SANDBOX_ERROR})
"""Statuses that say nothing of the model's skill: such draws are no attempts."""

_NO_PLACE = "no-place"
"""What an operator says that edits its parent in place, of an example that is not of the puzzle."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What a model's attempts at one puzzle came to.

    Attributes:
        puzzle: The puzzle's name.
        attempts: n, attempts that were drawn and judged.
        solved: c, those that solve the puzzle.
        statuses: How the draws ended, by status (`ok`: solved), failed draws included.
        solutions: The different programs that solve the puzzle, most frequent first.
        usage: What was spent.
    """

    puzzle: str
    attempts: int
    solved: int
    statuses: Mapping[str, int]
    solutions: tuple[str, ...]
    usage: Usage

    def pass_at(self, k: int) -> float:
        """Return the unbiased estimate of pass@k; needs at least k attempts."""
        return pass_at_k(self.attempts, self.solved, k)

    def to_json(self) -> dict[str, Json]:
        """Return the tally as JSON."""
        return {
            "puzzle": self.puzzle,
            "attempts": self.attempts,
            "solved": self.solved,
            "statuses": dict(self.statuses),
            "solutions": list(self.solutions),
            "requests": self.usage.requests,
            "prompt_tokens": self.usage.prompt_tokens,
            "completion_tokens": self.usage.completion_tokens,
            "seconds": self.usage.seconds,
        }


def tally_from_json(entry: Mapping[str, Any]) -> Tally:
    """Return the tally that `Tally.to_json` wrote.

    Raises:
        KeyError, TypeError, ValueError: If it is none.
    """
    return Tally(
        puzzle=str(entry["puzzle"]),
        attempts=int(entry["attempts"]),
        solved=int(entry["solved"]),
        statuses={str(status): int(count) for status, count in entry["statuses"].items()},
        solutions=tuple(map(str, entry["solutions"])),
        usage=Usage(
            requests=int(entry["requests"]),
            prompt_tokens=int(entry["prompt_tokens"]),
            completion_tokens=int(entry["completion_tokens"]),
            seconds=float(entry["seconds"]),
        ),
    )


def attempt_requests(
    puzzle: Puzzle, attempts: int, *, seed: int = 0, examples: Sequence[Puzzle] = ()
) -> list[MutationRequest]:
    """Return the requests by which a mutation model draws attempts at a puzzle.

    The template holds the puzzle and the solution's first lines, so every operator continues or completes
    them. The parents are solved examples (few-shot: Schuster et al. 2021, arXiv 2106.05784, section 4), or,
    without any, the puzzle with a solution that returns a constant, for operators that edit.

    Args:
        puzzle: What is to be solved.
        attempts: How many requests, each with its own seed.
        seed: Together with the puzzle decides all the seeds.
        examples: Puzzles with at least one solution.
    """
    shown = tuple(example.program(example.bodies[0]) for example in examples if example.bodies)
    identity = int(content_hash(puzzle.statement)[:16], 16)
    seeds = np.random.default_rng([seed, identity]).integers(2**31, size=attempts)
    return [
        MutationRequest(
            parents=shown or puzzle.stubs()[:1],
            seed=int(one),
            instruction=INSTRUCTION,
            template=puzzle.template,
        )
        for one in seeds
    ]


def attempt_puzzles(
    puzzles: Sequence[Puzzle],
    solver: MutationModel,
    sandbox: Sandbox,
    *,
    attempts: int,
    limits: Limits,
    seed: int = 0,
    examples: Sequence[Puzzle] = (),
) -> list[Tally]:
    """Let the model draw `attempts` at each puzzle and judge them; one tally a puzzle, in order.

    Equal programs are judged once and count as often as they were drawn. An operator that edits its parent
    in place finds nothing of the puzzle in the examples and is given the puzzle with a constant instead.
    """
    requests = [
        request
        for puzzle in puzzles
        for request in attempt_requests(
            puzzle, attempts, seed=seed, examples=[e for e in examples if e.sat != puzzle.sat]
        )
    ]
    completions = list(solver.generate(requests))
    editing = [index for index, completion in enumerate(completions) if completion.status == _NO_PLACE]
    if examples and editing:
        stubs = [puzzle.stubs()[:1] for puzzle in puzzles for _ in range(attempts)]
        edited = solver.generate([replace(requests[i], parents=stubs[i]) for i in editing])
        for index, completion in zip(editing, edited, strict=True):
            completions[index] = completion
    groups = [completions[start : start + attempts] for start in range(0, len(completions), attempts)]
    different = list(
        dict.fromkeys(
            Attempt(puzzle.statement, puzzle.answer_type, completion.text)
            for puzzle, group in zip(puzzles, groups, strict=True)
            for completion in group
            if completion.text is not None
        )
    )
    verdicts = dict(zip(different, judge(different, sandbox, limits), strict=True))
    return [_tally(puzzle, group, verdicts) for puzzle, group in zip(puzzles, groups, strict=True)]


def _tally(puzzle: Puzzle, completions: Sequence[Completion], verdicts: Mapping[Attempt, Verdict]) -> Tally:
    statuses: Counter[str] = Counter()
    solutions: Counter[str] = Counter()
    for completion in completions:
        status = completion.status
        if completion.text is not None:
            status = verdicts[Attempt(puzzle.statement, puzzle.answer_type, completion.text)].status
            if status == OK:
                solutions[completion.text] += 1
        statuses[status] += 1
    return Tally(
        puzzle=puzzle.name,
        attempts=sum(count for status, count in statuses.items() if status not in NO_ATTEMPT),
        solved=statuses[OK],
        statuses=dict(statuses),
        solutions=tuple(text for text, _ in solutions.most_common()),
        usage=sum((completion.origin.usage for completion in completions), Usage()),
    )


def measure_pass_at_k(
    puzzles: Sequence[Puzzle],
    solver: MutationModel,
    sandbox: Sandbox,
    *,
    attempts: int = 100,
    limits: Limits | None = None,
    seed: int = 0,
    examples: Sequence[Puzzle] = (),
) -> Iterator[Tally]:
    """Measure a model on a set of puzzles: yield one tally after the other, so that progress can be shown.

    Args:
        puzzles: For the published anchor, `p3_test_split(load_puzzles("p3"))`: Haluptzok et al. (ICLR 2023,
            arXiv 2207.14502) report 22 of these 228 solved within 100 attempts by a model of 125M parameters.
        solver: The model under test: any mutation model, through any operator.
        sandbox: Runs the programs.
        attempts: n, drawn at each puzzle; at least the largest k of interest.
        limits: Of each run in the sandbox; None: the sandbox's defaults.
        seed: Decides the seeds of all requests.
        examples: Solved puzzles to show as parents (few-shot).
    """
    for puzzle in puzzles:
        yield from attempt_puzzles(
            [puzzle],
            solver,
            sandbox,
            attempts=attempts,
            limits=limits or Limits(),
            seed=seed,
            examples=examples,
        )


def summarize_tallies(tallies: Sequence[Tally], ks: Sequence[int] = (1, 10, 100)) -> str:
    """Return the benchmark's result as a few lines of text.

    Only puzzles with at least k attempts enter pass@k, and their number is said.
    """
    solved = sum(tally.solved > 0 for tally in tallies)
    most = max((tally.attempts for tally in tallies), default=0)
    usage = sum((tally.usage for tally in tallies), Usage())
    lines = [f"solved {solved} of {len(tallies)} puzzles within {most} attempts"]
    for k in ks:
        enough = [tally.pass_at(k) for tally in tallies if tally.attempts >= k]
        if enough:
            lines.append(f"pass@{k} {sum(enough) / len(enough):.4f} (over {len(enough)} puzzles)")
    statuses: Counter[str] = Counter()
    for tally in tallies:
        statuses.update(tally.statuses)
    lines.append("attempts: " + ", ".join(f"{status} {count}" for status, count in statuses.most_common()))
    lines.append(f"{usage.requests} requests, {usage.tokens} tokens, {usage.seconds:.0f} s of model time")
    return "\n".join(lines)
