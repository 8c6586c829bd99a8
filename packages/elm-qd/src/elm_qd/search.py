"""The search loop, in generations: ask, mutate, evaluate, tell.

Same seed, same algorithm, same outputs of the models: same archive, bit for bit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from threading import Event

import numpy as np
from numpy.random import Generator

from elm_protocols import (
    Addition,
    AddStatus,
    Algorithm,
    Environment,
    Evaluation,
    Genotype,
    Individual,
    Offspring,
    Origin,
    RunObserver,
    Statistics,
    Step,
    UserError,
)
from elm_qd.reevaluation import REEVALUATION, Reevaluating
from elm_qd.search_budget import Budget

Evaluate = Callable[[Sequence[Genotype]], Sequence[Evaluation]]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """How a search ended.

    Attributes:
        reason: `steps`, `individuals`, `seconds`, `tokens`, `target_fitness`, `stagnation` (the limit of
            the budget that was reached), or `interrupted`.
        statistics: Figures of the archive at the end.
        steps: Generations done, re-run history included.
        tokens: Tokens spent on language models, re-run history included.
    """

    reason: str
    statistics: Statistics
    steps: int
    tokens: int


def search(
    algorithm: Algorithm,
    environment: Environment,
    *,
    seed: int,
    budget: Budget,
    batch_size: int = 8,
    observers: Sequence[RunObserver] = (),
    evaluate: Evaluate | None = None,
    evaluation_executor: Executor | None = None,
    history: Iterable[Step] = (),
    interrupted: Event | None = None,
) -> SearchResult:
    """Search in generations until the budget is used up.

    Each generation asks the algorithm for `batch_size` groups of parents, has the environment make a
    random individual for each empty group and a child for each other one, evaluates, and tells the
    algorithm. What is random in the environment is decided by (`seed`, index of the generation) alone,
    so a search is resumed by its `history` and needs no state of the environment.

    Args:
        algorithm: Fresh, or to be brought up to date by `history`.
        environment: The domain.
        seed: Seed of the environment's generators, 0 or more.
        budget: When to end.
        batch_size: Offspring of a generation.
        observers: Told of every new step, in order, in this thread.
        evaluate: Evaluates genotypes; None: `environment.evaluate`. Must be picklable where the executor
            has processes.
        evaluation_executor: Evaluates the children of a generation concurrently, one a task; None: in
            this thread, as one batch.
        history: Steps of an earlier run of the same search, from its first on: they are told to the
            algorithm again, not evaluated again, and observers do not see them.
        interrupted: Once set, the search ends after the current generation.

    Returns:
        Why it ended, and the final figures.

    Raises:
        UserError: If an argument is out of range, or the history is that of another search.
    """
    if seed < 0:
        raise UserError(f"The seed must be 0 or more, not {seed}.")
    if batch_size < 1:
        raise UserError(f"The batch size must be at least 1, not {batch_size}.")
    progress = _Progress(algorithm.statistics())
    for step in history:
        _tell_again(algorithm, step, progress.steps)
        progress.count(step)
    started = time.monotonic()
    while True:
        stopped = interrupted is not None and interrupted.is_set()
        reason = "interrupted" if stopped else progress.spent(budget, time.monotonic() - started)
        if reason:
            return SearchResult(reason, progress.statistics, progress.steps, progress.tokens)
        size = batch_size
        if budget.individuals is not None:
            size = min(size, budget.individuals - progress.individuals)
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(progress.steps,)))
        again = algorithm.ask_again(size) if isinstance(algorithm, Reevaluating) else []
        offspring = [_reevaluation(elite) for elite in again]
        offspring += _offspring(environment, algorithm.ask(size - len(again)), rng)
        evaluations = _evaluations(offspring, evaluate or environment.evaluate, evaluation_executor)
        additions = algorithm.tell(offspring, evaluations)
        step = Step(
            progress.steps,
            tuple(offspring),
            tuple(evaluations),
            tuple(additions),
            algorithm.statistics(),
        )
        progress.count(step)
        for observer in observers:
            observer.on_step(step)


@dataclass
class _Progress:
    """What a search has done so far."""

    statistics: Statistics
    steps: int = 0
    individuals: int = 0
    tokens: int = 0
    barren: int = 0

    def count(self, step: Step) -> None:
        self.statistics = step.statistics
        self.steps += 1
        self.individuals += len(step.offspring)
        self.tokens += sum(child.origin.usage.tokens for child in step.offspring)
        gains = any(a.status in (AddStatus.NEW, AddStatus.IMPROVED) for a in step.additions)
        self.barren = 0 if gains else self.barren + 1

    def spent(self, budget: Budget, seconds: float) -> str:
        """Return the name of the limit that is reached, or an empty text."""
        used = {
            "target_fitness": self.statistics.best,
            "steps": self.steps,
            "individuals": self.individuals,
            "tokens": self.tokens,
            "stagnation": self.barren,
            "seconds": seconds,
        }
        for name, value in used.items():
            limit = getattr(budget, name)
            if limit is not None and value >= limit:  # the best of an empty archive is NaN: no target
                return name
        return ""


def _reevaluation(elite: Individual) -> Offspring:
    return Offspring(genotype=elite.genotype, parents=(elite.id,), origin=Origin(operator=REEVALUATION))


def _offspring(
    environment: Environment, groups: Sequence[tuple[Individual, ...]], rng: Generator
) -> list[Offspring]:
    """Return one child a group, in order: random ones for the empty groups."""
    wanted = sum(not group for group in groups)
    fresh = iter(environment.random(wanted, rng) if wanted else ())
    parents = [group for group in groups if group]
    children = iter(environment.mutate(parents, rng) if parents else ())
    return [next(children) if group else next(fresh) for group in groups]


def _evaluations(
    offspring: Sequence[Offspring], evaluate: Evaluate, executor: Executor | None
) -> list[Evaluation]:
    """Return one evaluation a child, in order; a failed child's says why there is none."""
    born = [child.genotype for child in offspring if child.ok]
    if executor is None:
        results = iter(evaluate(born) if born else ())
    else:
        tasks = [executor.submit(evaluate, [genotype]) for genotype in born]
        results = iter([task.result()[0] for task in tasks])
    return [
        next(results) if child.ok else Evaluation(status=child.status, feedback=child.feedback)
        for child in offspring
    ]


def _tell_again(algorithm: Algorithm, step: Step, index: int) -> Sequence[Addition]:
    """Ask and tell as the stored step did.

    Raises:
        UserError: If the algorithm asks for other parents than it did then.
    """
    size = len(step.offspring)
    again = algorithm.ask_again(size) if isinstance(algorithm, Reevaluating) else []
    groups = [*((elite,) for elite in again), *algorithm.ask(size - len(again))]
    asked = [tuple(parent.id for parent in group) for group in groups]
    if step.index != index or asked != [child.parents for child in step.offspring]:
        raise UserError(
            f"The run cannot be continued, since step {index} does not follow from its configuration; "
            "continue it with the options, the seed and the version that it was started with."
        )
    return algorithm.tell(step.offspring, step.evaluations)
