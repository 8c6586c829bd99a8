"""Does a program solve a puzzle? Both run in the sandbox, apart from each other.

The program's answer leaves its process as data, its type is checked on the host, and a second process that
has never seen the program asks the puzzle. So a program can neither redefine `sat` nor return an object
that compares equal to everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from elm_envs_puzzles.answer_types import AnswerType
from elm_envs_puzzles.puzzle import PREAMBLE
from elm_protocols import OK, SANDBOX_ERROR, Limits, Outcome, OutcomeStatus, Program, Sandbox

UNSOLVED = "unsolved"
"""The program ran and answered with the right type, and the puzzle does not hold for the answer."""

WRONG_TYPE = "wrong-type"
"""The program answered with something that is not of the puzzle's answer type."""

PUZZLE_PREFIX = "puzzle-"
"""Begins the status of a puzzle that broke on an answer: `puzzle-timeout`, `puzzle-memory`, ..."""

_LONG_INTEGERS = "elm_long_integers"
_LONG_INTEGERS_SOURCE = "import sys\nsys.set_int_max_str_digits(0)\n"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A program that is to solve a puzzle.

    Attributes:
        statement: Source that defines `sat`.
        answer_type: Type that the answer must have.
        program: Source that defines `sol`.
    """

    statement: str
    answer_type: AnswerType
    program: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an attempt.

    Attributes:
        status: `ok` (solved), `unsolved`, `wrong-type`, the outcome's status where the program failed,
            `puzzle-...` where the puzzle did, or `sandbox-error`.
        feedback: One line on what went wrong; empty if nothing did.
        answer: What the program answered, where status is `ok` or `unsolved`.
        seconds: Time that the program ran.
    """

    status: str
    feedback: str = ""
    answer: Any = None
    seconds: float = 0.0

    @property
    def solved(self) -> bool:
        """Whether the puzzle holds for the answer."""
        return self.status == OK

    @property
    def answered(self) -> bool:
        """Whether there is an answer of the right type."""
        return self.status in (OK, UNSOLVED)


def judge(attempts: Sequence[Attempt], sandbox: Sandbox, limits: Limits) -> list[Verdict]:
    """Return the verdict on each attempt, in order.

    Args:
        attempts: Programs and the puzzles they are to solve.
        sandbox: Runs the programs, then the puzzles.
        limits: Of each of the two runs.
    """
    programs = [sandboxed(attempt.program, "sol") for attempt in attempts]
    verdicts = [
        _solution_verdict(outcome, attempt.answer_type)
        for outcome, attempt in zip(sandbox.run(programs, limits), attempts, strict=True)
    ]
    answered = [index for index, verdict in enumerate(verdicts) if verdict.answered]
    questions = [sandboxed(attempts[index].statement, "sat", verdicts[index].answer) for index in answered]
    for index, outcome in zip(answered, sandbox.run(questions, limits), strict=True):
        verdicts[index] = _puzzle_verdict(verdicts[index], outcome)
    return verdicts


def sandboxed(source: str, entry: str, *args: object) -> Program:
    """Return the program that calls `entry`, free of Python's limit on the digits of integers in text.

    P3 was written before Python 3.11 set that limit at 4300 digits, and has puzzles that exceed it. Time
    is limited anyway. The import shares the first line, so that the lines in feedback stay true.
    """
    if not source.startswith(PREAMBLE):
        return Program(source=source, entry=entry, args=args)
    modules = {_LONG_INTEGERS: _LONG_INTEGERS_SOURCE}
    return Program(source=f"import {_LONG_INTEGERS}; {source}", entry=entry, args=args, modules=modules)


def _solution_verdict(outcome: Outcome, answer_type: AnswerType) -> Verdict:
    if not outcome.ok:
        return Verdict(str(outcome.status), f"sol: {outcome.feedback}", seconds=outcome.seconds)
    mismatch = answer_type.mismatch(outcome.value)
    if mismatch:
        return Verdict(
            WRONG_TYPE, f"sol() is not of the type {answer_type}: {mismatch}", seconds=outcome.seconds
        )
    return Verdict(UNSOLVED, answer=outcome.value, seconds=outcome.seconds)


def _puzzle_verdict(verdict: Verdict, outcome: Outcome) -> Verdict:
    answer, seconds = verdict.answer, verdict.seconds
    if outcome.ok and outcome.value is True:
        return Verdict(OK, "", answer, seconds)
    if outcome.ok:
        told = f"sat is {describe(outcome.value)} for the answer {describe(answer)}"
        return Verdict(UNSOLVED, told, answer, seconds)
    if outcome.status is OutcomeStatus.ERROR:
        told = f"sat refuses the answer {describe(answer)}: {outcome.feedback}"
        return Verdict(UNSOLVED, told, answer, seconds)
    if outcome.status is OutcomeStatus.SANDBOX_ERROR:
        return Verdict(SANDBOX_ERROR, outcome.feedback, seconds=seconds)
    return Verdict(f"{PUZZLE_PREFIX}{outcome.status}", f"sat: {outcome.feedback}", seconds=seconds)


def describe(value: object) -> str:
    """Return a value in at most about 100 characters of ASCII."""
    if isinstance(value, list):
        shown = ", ".join(describe(item)[:24] for item in value[:4])
        return f"[{shown}]" if len(value) <= 4 else f"[{shown}, ... {len(value)} in all]"
    if isinstance(value, int) and value.bit_length() > 256:
        return f"an int of {value.bit_length()} bits"
    if not isinstance(value, int | float | str | None):
        return f"a {type(value).__name__}"
    text = ascii(value[:80] if isinstance(value, str) else value)
    return text if len(text) <= 80 else f"{text[:76]}..."
