"""The environment `p3_probsol`: puzzles co-evolved with their solutions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.random import Generator

from elm_envs_puzzles.coevolution_report import CoevolutionTally
from elm_envs_puzzles.embedding_axes import Embedder, hashed_ngrams
from elm_envs_puzzles.judging import Attempt, Verdict, describe, judge
from elm_envs_puzzles.option_checks import program_limits, require_choice
from elm_envs_puzzles.program_measures import MeasuredProgram, ProgramMeasures
from elm_envs_puzzles.puzzle import Puzzle
from elm_envs_puzzles.puzzle_children import new_puzzles
from elm_envs_puzzles.puzzle_files import TUTORIAL, load_puzzles, select_puzzles, write_puzzles
from elm_envs_puzzles.puzzle_programs import PuzzleProgram, parse_puzzle_program
from elm_envs_puzzles.skill_labelling import skill_labeller
from elm_envs_puzzles.skills import SKILL_AXES, skill_names
from elm_envs_puzzles.solving import Tally, attempt_puzzles
from elm_envs_puzzles.source_parsing import Refusal
from elm_envs_puzzles.triviality import ignored_answer, solved_by_constant
from elm_protocols import (
    OK,
    SANDBOX_ERROR,
    BehaviorSpace,
    Evaluation,
    Genotype,
    Individual,
    Json,
    MutationModel,
    Offspring,
    Origin,
    Sandbox,
    Step,
    UserError,
    content_hash,
)

SOLVER_ERROR = "solver-error"
"""The model under test gave too few attempts (it failed, not the puzzle), so difficulty is not known."""

LABEL_ERROR = "label-error"
"""The model that labels skills gave no labels."""


class P3ProbSol:
    """Co-evolve programming puzzles with their solutions.

    A genotype is a program of a puzzle `sat` and its solution `sol`. It counts only if `sol` solves `sat` and
    the puzzle is not trivial. Fitness is the puzzle's difficulty for a model under test, which draws attempts
    at it without seeing `sol`; 0 where none of them succeeds, so that puzzles beyond the model do not win.

    Args:
        mutation_model: Writes new puzzles with solutions.
        sandbox: Runs puzzles and solutions.
        solver: The model under test; None: the mutation model.
        embedder: Embeds puzzles for the measures `embedding_1`, ...; None: hashed n-grams of tokens, which
            know nothing of meaning.
        model: Labels the skills that a puzzle needs; wanted for the measure `skills` alone. A LangChain chat
            model that keeps a JSON schema, or a model that tells likelihoods, as the embedded one.
        puzzles: Where the first puzzles come from: `own` (29, shipped), `p3` (the public 1715, downloaded
            once), a file or a URL in P3's format; only those with a solution are used.
        names: Which of them: names of puzzles (`Study_1:0`) or problems (`Study_1`); empty: all.
        sha256: Checksum that the puzzle file must have; empty: any.
        fitness: `difficulty` (1 - pass@k) or `inverse` (1 / pass@k); both 0 where no attempt succeeds.
        k: Attempts that a solver would have.
        attempts: Attempts drawn, at least k; more of them estimate pass@k better.
        examples: Solved puzzles that the model under test is shown: `tutorial` (5, shipped), a file or a URL
            in P3's format; empty: none.
        draws: Most children drawn for one while their puzzles are copies of a parent's.
        measures: Of the puzzle: embedding_1, embedding_2, ..., length, statements, ast_nodes, ast_depth,
            ast_kinds, branches, skills (ten axes, no or yes).
        seconds: Time that a solution, and then the puzzle, may take.
        memory_mb: Memory that each may add.
    """

    def __init__(
        self,
        mutation_model: MutationModel,
        sandbox: Sandbox,
        *,
        solver: MutationModel | None = None,
        embedder: Embedder | None = None,
        model: Any = None,  # LangChain's type, which this package does not depend on
        puzzles: str = "own",
        names: tuple[str, ...] = (),
        sha256: str = "",
        fitness: str = "difficulty",
        k: int = 1,
        attempts: int = 4,
        examples: str = TUTORIAL,
        draws: int = 4,
        measures: tuple[str, ...] = ("embedding_1", "embedding_2"),
        seconds: float = 5.0,
        memory_mb: int = 256,
    ) -> None:
        require_choice("fitness", fitness, ("difficulty", "inverse"))
        if not 1 <= k <= attempts:
            raise UserError(
                f"pass@{k} needs k of 1 or more and at least k attempts, got {attempts} attempts."
            )
        if draws < 1:
            raise UserError(f"Option 'draws' must be at least 1, not {draws}.")
        self._draws = draws
        self._limits = program_limits(seconds, memory_mb)
        self._mutation_model = mutation_model
        self._sandbox = sandbox
        self._solver = solver or mutation_model
        self._labeller = skill_labeller(model) if "skills" in measures else None
        chosen = select_puzzles(load_puzzles(puzzles, sha256=sha256), names)
        self._seeds = tuple(puzzle.program(body) for puzzle in chosen for body in puzzle.bodies)
        if not self._seeds:
            raise UserError("None of the chosen puzzles comes with a solution to begin from; choose others.")
        self._inverse = fitness == "inverse"
        self._k, self._attempts = k, attempts
        self._examples = load_puzzles(examples) if examples else ()
        self._measures = ProgramMeasures(
            measures,
            embedder or hashed_ngrams,
            [puzzle.sat for puzzle in load_puzzles()],
            {"skills": SKILL_AXES},
        )
        self._tally = CoevolutionTally()

    @property
    def behavior_space(self) -> BehaviorSpace:
        """The axes of the chosen measures."""
        return self._measures.space

    def random(self, n: int, rng: Generator) -> list[Offspring]:
        """Return `n` puzzles with solutions, drawn from the given ones."""
        drawn = rng.integers(len(self._seeds), size=n)
        return [Offspring(genotype=self._seeds[i], origin=Origin(operator="seed")) for i in drawn]

    def mutate(self, parents: Sequence[Sequence[Individual]], rng: Generator) -> list[Offspring]:
        """Return one new puzzle with its solution for each group of parents.

        A child's `sol` gets the inputs of its `sat` (`with_shared_inputs`). A child whose puzzle is a
        parent's is drawn again, and after the last draw lost with the status `copies-parent`.
        """
        return new_puzzles(parents, self._mutation_model, rng, draws=self._draws)

    def evaluate(self, genotypes: Sequence[Genotype]) -> list[Evaluation]:
        """Return an evaluation each; asks the model under test.

        Statuses: `too-long`, `syntax`, `too-deep`, `no-puzzle`, `no-solution`, `no-answer-type`;
        `ignores-answer`, `constant-solves`; those of the sandbox for the solution; `wrong-type`, `unsolved`;
        `puzzle-timeout` and the like where the puzzle broke on the answer; `solver-error`, `label-error`.
        """
        read = [self._read(genotype) for genotype in genotypes]
        verdicts = iter(self._verdicts([entry for entry in read if isinstance(entry, PuzzleProgram)]))
        checked = [
            entry if isinstance(entry, Refusal) else self._checked(entry, next(verdicts)) for entry in read
        ]
        sound = [entry for entry in checked if not isinstance(entry, Refusal)]
        evaluated = iter(
            self._evaluated([program for program, _ in sound], [verdict for _, verdict in sound])
        )
        return [
            Evaluation(status=entry.status, feedback=entry.feedback)
            if isinstance(entry, Refusal)
            else next(evaluated)
            for entry in checked
        ]

    def on_step(self, step: Step) -> None:
        """Count a step's puzzles for the report that `illustrate` writes."""
        self._tally.add(step.evaluations)

    def illustrate(self, elites: Sequence[Individual], directory: Path) -> list[Path]:
        """Write a report on the run, and the archive's puzzles as a P3 file."""
        report, exported = directory / "puzzles.md", directory / "puzzles.json"
        report.write_text(self._tally.report(elites), encoding="utf-8")
        programs = [parse_puzzle_program(str(elite.genotype)) for elite in elites]
        write_puzzles(
            (_named(program) for program in programs if isinstance(program, PuzzleProgram)), exported
        )
        return [report, exported]

    def _read(self, genotype: Genotype) -> PuzzleProgram | Refusal:
        if not isinstance(genotype, str):
            return Refusal("no-puzzle", "The genotype is not a program's text.")
        program = parse_puzzle_program(genotype)
        return program if isinstance(program, Refusal) else ignored_answer(program) or program

    def _verdicts(self, programs: Sequence[PuzzleProgram]) -> list[Verdict]:
        attempts = [
            Attempt(program.puzzle.statement, program.answer_type, program.text) for program in programs
        ]
        return judge(attempts, self._sandbox, self._limits)

    def _checked(self, program: PuzzleProgram, verdict: Verdict) -> tuple[PuzzleProgram, Verdict] | Refusal:
        if not verdict.solved:
            return Refusal(verdict.status, verdict.feedback)
        return solved_by_constant(program, self._sandbox, self._limits) or (program, verdict)

    def _evaluated(self, programs: Sequence[PuzzleProgram], verdicts: Sequence[Verdict]) -> list[Evaluation]:
        tallies = attempt_puzzles(
            [replace(program.puzzle, docstring="") for program in programs],  # it may tell of the parent's
            self._solver,
            self._sandbox,
            attempts=self._attempts,
            limits=self._limits,
            examples=self._examples,
        )
        labels: Sequence[tuple[float, ...] | str] = [()] * len(programs)
        if self._labeller is not None and programs:
            labels = self._labeller([program.text for program in programs])
        measured = [
            MeasuredProgram(
                program.sat, program.puzzle.sat, {"skills": skills} if isinstance(skills, tuple) else {}
            )
            for program, skills in zip(programs, labels, strict=True)
        ]
        points = self._measures.measure(measured)
        return [self._evaluation(*parts) for parts in zip(verdicts, tallies, labels, points, strict=True)]

    def _evaluation(
        self, verdict: Verdict, tally: Tally, labels: tuple[float, ...] | str, point: tuple[float, ...]
    ) -> Evaluation:
        seconds = verdict.seconds + tally.usage.seconds
        if tally.attempts < self._k:
            status = SANDBOX_ERROR if SANDBOX_ERROR in tally.statuses else SOLVER_ERROR
            given = f"{tally.attempts} attempts of {self._attempts}"
            told = f"The model under test gave {given}: {dict(tally.statuses)}."
            return Evaluation(status=status, feedback=told, seconds=seconds)
        if isinstance(labels, str):
            return Evaluation(status=LABEL_ERROR, feedback=labels, seconds=seconds)
        chance = tally.pass_at(self._k)
        artifacts: dict[str, Json] = {
            "answer": describe(verdict.answer),
            "attempts": tally.attempts,
            "solved": tally.solved,
            "pass_at_k": chance,
            "k": self._k,
            "difficulty": 1.0 - chance,
        }
        if labels:
            artifacts["skills"] = skill_names(labels)
        return Evaluation(
            fitness=self._fitness(tally.solved, chance),
            measures=point,
            status=OK,
            feedback=f"{tally.solved} of {tally.attempts} attempts solve the puzzle.",
            artifacts=artifacts,
            seconds=seconds,
        )

    def _fitness(self, solved: int, chance: float) -> float:
        if not solved:
            return 0.0
        return 1.0 / chance if self._inverse else 1.0 - chance


def _named(program: PuzzleProgram) -> Puzzle:
    return replace(program.puzzle, name=f"Evolved_{content_hash(program.text)[:12]}:0", module="elm")
