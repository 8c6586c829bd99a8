"""The environment `p3_problem`: diverse solutions to given puzzles."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from numpy.random import Generator

from elm_envs_puzzles.embedding_axes import Embedder, hashed_ngrams
from elm_envs_puzzles.judging import Attempt, Verdict, describe, judge
from elm_envs_puzzles.option_checks import program_limits, require_choice
from elm_envs_puzzles.partial_credit import partial_credit
from elm_envs_puzzles.program_measures import MeasuredProgram, ProgramMeasures
from elm_envs_puzzles.puzzle import Puzzle
from elm_envs_puzzles.puzzle_files import load_puzzles, select_puzzles, write_puzzles
from elm_envs_puzzles.source_parsing import Refusal, parse_source
from elm_envs_puzzles.variation import vary
from elm_protocols import (
    OK,
    BehaviorSpace,
    CategoricalAxis,
    ContinuousAxis,
    Evaluation,
    Genotype,
    Individual,
    MutationModel,
    Offspring,
    Origin,
    Sandbox,
)

INSTRUCTION = (
    "Write another function sol, in another way than the ones shown, so that sat(sol()) returns True. "
    "sol must return an answer of the type that sat's first parameter is annotated with."
)
"""What the mutation model is told."""

_SHORTEST, _LONGEST = 1e-4, 10.0


@dataclass(frozen=True, slots=True)
class _Solution:
    """A genotype taken apart: its puzzle, and everything in it but the puzzle."""

    text: str
    puzzle: Puzzle
    tree: ast.Module


class P3Problem:
    """Evolve diverse solutions to one programming puzzle, or to a list of them.

    A genotype is a program: the puzzle `sat` as it stands, then a solution `sol`. Solved is fitness 1. With
    more than one puzzle, which puzzle it is becomes the first axis, so that puzzles do not compete.

    Args:
        mutation_model: Writes new solutions.
        sandbox: Runs solutions and puzzles.
        embedder: Embeds solutions for the measures `embedding_1`, ...; None: hashed n-grams of tokens, which
            know nothing of meaning.
        puzzles: Where the puzzles come from: `own` (29, shipped), `p3` (the public 1715, downloaded once), a
            file or a URL in P3's format.
        names: Which of them: names of puzzles (`Study_1:0`) or problems (`Study_1`); empty: all.
        sha256: Checksum that the puzzle file must have; empty: any.
        start: First programs: `constant` (return a constant of the right type) or `solution` (the solutions
            that come with the puzzles, where there are any).
        fitness: `graded` (an unsolved puzzle gives credit for its conditions that hold) or `solved` (1 or 0).
        measures: Of the solution: length, statements, ast_nodes, ast_depth, ast_kinds, branches,
            embedding_1, embedding_2, ..., log10_seconds (wall clock: the one measure that is not repeatable).
        seconds: Time that a solution, and then the puzzle, may take.
        memory_mb: Memory that each may add.
    """

    def __init__(
        self,
        mutation_model: MutationModel,
        sandbox: Sandbox,
        *,
        embedder: Embedder | None = None,
        puzzles: str = "own",
        names: tuple[str, ...] = (),
        sha256: str = "",
        start: str = "constant",
        fitness: str = "graded",
        measures: tuple[str, ...] = ("length", "ast_depth"),
        seconds: float = 5.0,
        memory_mb: int = 256,
    ) -> None:
        require_choice("start", start, ("constant", "solution"))
        require_choice("fitness", fitness, ("graded", "solved"))
        self._limits = program_limits(seconds, memory_mb)
        self._mutation_model = mutation_model
        self._sandbox = sandbox
        self._puzzles = select_puzzles(load_puzzles(puzzles, sha256=sha256), names)
        self._start = start
        self._graded = fitness == "graded"
        several = len(self._puzzles) > 1 and "puzzle" not in measures
        self._measures = ProgramMeasures(
            ("puzzle", *measures) if several else tuple(measures),
            embedder or hashed_ngrams,
            [f"{p.header}\n{body}" for p in load_puzzles() for body in p.bodies],
            {
                "puzzle": (CategoricalAxis("puzzle", tuple(puzzle.name for puzzle in self._puzzles)),),
                "log10_seconds": (
                    ContinuousAxis("log10_seconds", math.log10(_SHORTEST), math.log10(_LONGEST)),
                ),
            },
        )
        self._indices = {puzzle.name: float(index) for index, puzzle in enumerate(self._puzzles)}

    @property
    def behavior_space(self) -> BehaviorSpace:
        """The axes of the chosen measures."""
        return self._measures.space

    def random(self, n: int, rng: Generator) -> list[Offspring]:
        """Return `n` first programs for puzzles drawn at random."""
        return [Offspring(genotype=self._first(rng), origin=Origin(operator="seed")) for _ in range(n)]

    def mutate(self, parents: Sequence[Sequence[Individual]], rng: Generator) -> list[Offspring]:
        """Return one solution for each group of parents, to the puzzle of the group's first."""
        puzzles = [self._puzzle_of(str(group[0].genotype)) or self._puzzles[0] for group in parents]
        return vary(parents, [puzzle.template for puzzle in puzzles], INSTRUCTION, self._mutation_model, rng)

    def evaluate(self, genotypes: Sequence[Genotype]) -> list[Evaluation]:
        """Return an evaluation each.

        Statuses: `changed-puzzle`, `too-long`, `syntax`, `too-deep`, `no-solution`; those of the sandbox for
        the solution; `wrong-type`; `puzzle-timeout` and the like where the puzzle broke on the answer.
        """
        read = [self._read(genotype) for genotype in genotypes]
        solutions = [entry for entry in read if isinstance(entry, _Solution)]
        judged = iter(self._judged(solutions))
        return [_refused(entry) if isinstance(entry, Refusal) else next(judged) for entry in read]

    def illustrate(self, elites: Sequence[Individual], directory: Path) -> list[Path]:
        """Write the best program, and every puzzle that was solved with its solutions as a P3 file."""
        best, solved = directory / "best.py", directory / "solutions.json"
        best.write_text(str(elites[0].genotype), encoding="utf-8")
        bodies: dict[Puzzle, list[str]] = {}
        for elite in elites:
            text = str(elite.genotype)
            puzzle = self._puzzle_of(text)
            if puzzle is not None and elite.fitness >= 1.0:
                bodies.setdefault(puzzle, []).append(text[len(puzzle.template) :].rstrip("\n"))
        if not bodies:
            return [best]
        write_puzzles((replace(puzzle, bodies=tuple(found)) for puzzle, found in bodies.items()), solved)
        return [best, solved]

    def _first(self, rng: Generator) -> str:
        puzzle = self._puzzles[rng.integers(len(self._puzzles))]
        known = tuple(puzzle.program(body) for body in puzzle.bodies) if self._start == "solution" else ()
        programs = known or puzzle.stubs()
        return programs[rng.integers(len(programs))]

    def _puzzle_of(self, text: str) -> Puzzle | None:
        return next((puzzle for puzzle in self._puzzles if text.startswith(puzzle.template)), None)

    def _read(self, genotype: Genotype) -> _Solution | Refusal:
        text = genotype if isinstance(genotype, str) else ""
        puzzle = self._puzzle_of(text)
        if puzzle is None:
            return Refusal("changed-puzzle", "The program must begin with the puzzle and sol's first lines.")
        tree = parse_source(text)
        if isinstance(tree, Refusal):
            return tree
        if not any(isinstance(node, ast.FunctionDef) and node.name == "sol" for node in tree.body):
            return Refusal("no-solution", "The program must define the function sol.")
        given = ast.parse(puzzle.statement).body
        return _Solution(text, puzzle, ast.Module(tree.body[len(given) :], []))

    def _judged(self, solutions: Sequence[_Solution]) -> list[Evaluation]:
        attempts = [Attempt(s.puzzle.statement, s.puzzle.answer_type, s.text) for s in solutions]
        verdicts = judge(attempts, self._sandbox, self._limits)
        answered = [index for index, verdict in enumerate(verdicts) if verdict.answered]
        points = self._measures.measure([self._measured(solutions[i], verdicts[i]) for i in answered])
        fitnesses = self._fitnesses([solutions[i] for i in answered], [verdicts[i] for i in answered])
        evaluations = [
            Evaluation(status=verdict.status, feedback=verdict.feedback, seconds=verdict.seconds)
            for verdict in verdicts
        ]
        for index, point, fitness in zip(answered, points, fitnesses, strict=True):
            evaluations[index] = _valid(solutions[index], verdicts[index], point, fitness)
        return evaluations

    def _measured(self, solution: _Solution, verdict: Verdict) -> MeasuredProgram:
        duration = math.log10(max(verdict.seconds, _SHORTEST))
        given = {"puzzle": (self._indices[solution.puzzle.name],), "log10_seconds": (duration,)}
        return MeasuredProgram(solution.tree, solution.text[len(solution.puzzle.statement) :].strip(), given)

    def _fitnesses(self, solutions: Sequence[_Solution], verdicts: Sequence[Verdict]) -> list[float]:
        fitnesses = [1.0 if verdict.solved else 0.0 for verdict in verdicts]
        if not self._graded:
            return fitnesses
        unsolved = [index for index, verdict in enumerate(verdicts) if not verdict.solved]
        questions = [(solutions[i].puzzle.statement, verdicts[i].answer) for i in unsolved]
        for index, credit in zip(
            unsolved, partial_credit(questions, self._sandbox, self._limits), strict=True
        ):
            fitnesses[index] = credit
        return fitnesses


def _refused(refusal: Refusal) -> Evaluation:
    return Evaluation(status=refusal.status, feedback=refusal.feedback)


def _valid(solution: _Solution, verdict: Verdict, point: tuple[float, ...], fitness: float) -> Evaluation:
    return Evaluation(
        fitness=fitness,
        measures=point,
        status=OK,
        feedback=verdict.feedback,
        artifacts={
            "puzzle": solution.puzzle.name,
            "solved": verdict.solved,
            "answer": describe(verdict.answer),
        },
        seconds=verdict.seconds,
    )
