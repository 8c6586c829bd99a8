"""The search loop, in generations: ask, mutate, evaluate, tell.

Same seed, same algorithm, same outputs of the models: same archive, bit for bit.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future, as_completed, wait
from dataclasses import dataclass
from functools import partial
from threading import Event, Thread
from typing import Protocol, TypeVar

import numpy as np

from elm_protocols import (
    Addition,
    Algorithm,
    Environment,
    Evaluation,
    Genotype,
    Offspring,
    RunObserver,
    Step,
    UserError,
)
from elm_qd.births import bear, exactly, reevaluation
from elm_qd.failed_evaluations import TIMEOUTS, Failures, settled
from elm_qd.reevaluation import Reevaluating
from elm_qd.search_budget import Budget
from elm_qd.search_progress import Progress, SearchResult

T = TypeVar("T")
Evaluate = Callable[[Sequence[Genotype]], Sequence[Evaluation]]

GRACE_SECONDS = 2.0
"""So long a generation may go on after the interrupt: the whole end has to fit into five seconds."""


class EvaluationRecord(Protocol):
    """Keeps the evaluations of a generation that is not over."""

    def find(self, genotype: Genotype) -> Evaluation | None:
        """Return the evaluation of a genotype, if it is on record."""
        ...

    def record(self, genotype: Genotype, evaluation: Evaluation) -> None:
        """Put the evaluation of a genotype on record."""
        ...


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
    failures: Failures = TIMEOUTS,
    evaluation_record: EvaluationRecord | None = None,
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
        interrupted: Once set, the search ends after the current generation, or without it if that takes
            more than `GRACE_SECONDS`. With it, generations run in a daemon thread of their own.
        failures: What the executor raises for an evaluation that it ended, and the status that this is.
        evaluation_record: Keeps each evaluation as it ends, and is asked before one is computed.

    Returns:
        Why it ended, and the final figures.

    Raises:
        UserError: If an argument is out of range, or the history is that of another search.
    """
    if seed < 0:
        raise UserError(f"The seed must be 0 or more, not {seed}.")
    if batch_size < 1:
        raise UserError(f"The batch size must be at least 1, not {batch_size}.")
    evaluator = _Evaluator(evaluate or environment.evaluate, failures, evaluation_record)
    progress = Progress(algorithm.statistics())
    for step in history:
        _tell_again(algorithm, step, progress.steps)
        progress.count(step)
    started = time.monotonic()
    while True:
        stopped = interrupted is not None and interrupted.is_set()
        reason = "interrupted" if stopped else progress.spent(budget, time.monotonic() - started)
        if reason:
            return progress.result(reason)
        size = batch_size
        if budget.individuals is not None:
            size = min(size, budget.individuals - progress.individuals)
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(progress.steps,)))
        again = algorithm.ask_again(size) if isinstance(algorithm, Reevaluating) else []
        groups = algorithm.ask(size - len(again))
        offspring = [reevaluation(elite) for elite in again]
        born = _unless_interrupted(partial(bear, environment, groups, rng), interrupted)
        if born is None:
            continue  # to the end
        offspring += born
        judge = partial(_evaluations, offspring, evaluator, evaluation_executor)
        evaluations = _unless_interrupted(judge, interrupted)
        if evaluations is None:
            continue
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


def _unless_interrupted(work: Callable[[], T], interrupted: Event | None) -> T | None:
    """Return what `work` returns; None where the interrupt came and it took too long after that."""
    if interrupted is None:
        return work()
    future: Future[T] = Future()
    Thread(target=_run, args=(work, future), daemon=True).start()
    deadline = math.inf
    while not wait([future], timeout=0.1).done:
        if interrupted.is_set():
            deadline = min(deadline, time.monotonic() + GRACE_SECONDS)
        if time.monotonic() >= deadline:
            return None
    return future.result()


def _run(work: Callable[[], T], future: Future[T]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 (raised again by `Future.result`)
        future.set_exception(error)


@dataclass(frozen=True, slots=True)
class _Evaluator:
    """How genotypes are evaluated, and where the evaluations of an unfinished generation are kept."""

    evaluate: Evaluate
    failures: Failures
    record: EvaluationRecord | None

    def here(self, genotypes: Sequence[Genotype]) -> Sequence[Evaluation]:
        """Evaluate in this thread, as one batch."""
        return exactly(len(genotypes), self.evaluate(genotypes) if genotypes else (), "evaluate")

    def elsewhere(self, genotypes: Sequence[Genotype], executor: Executor) -> list[Evaluation]:
        """Evaluate concurrently, keeping each evaluation as it ends."""
        found = [self.record.find(genotype) if self.record else None for genotype in genotypes]
        tasks = {
            executor.submit(self.evaluate, [genotype]): i
            for i, genotype in enumerate(genotypes)
            if found[i] is None
        }
        for task in as_completed(tasks):
            i = tasks[task]
            found[i] = evaluation = settled(task, self.failures)
            if self.record is not None:
                self.record.record(genotypes[i], evaluation)
        return [evaluation for evaluation in found if evaluation is not None]


def _evaluations(
    offspring: Sequence[Offspring], evaluator: _Evaluator, executor: Executor | None
) -> list[Evaluation]:
    """Return one evaluation a child, in order; a failed child's says why there is none."""
    born = [child.genotype for child in offspring if child.ok]
    results = iter(evaluator.here(born) if executor is None else evaluator.elsewhere(born, executor))
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
