"""One generation: asked, made, evaluated, told."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, as_completed, wait
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Thread
from typing import Protocol, TypeVar

import numpy as np

from elm_protocols import OVER_BUDGET, Algorithm, Environment, Evaluation, Genotype, Offspring, Step
from elm_qd.births import ModelBudgetSpentError, bear, exactly, reevaluation
from elm_qd.failed_evaluations import TIMEOUTS, Failures, settled
from elm_qd.reevaluation import Reevaluating

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


@dataclass(frozen=True, slots=True)
class Evaluator:
    """How genotypes are evaluated, and where the evaluations of an unfinished generation are kept."""

    evaluate: Evaluate
    executor: Executor | None
    failures: Failures = field(default_factory=lambda: TIMEOUTS)
    record: EvaluationRecord | None = None
    interrupted: Event | None = None

    def evaluations(self, genotypes: Sequence[Genotype]) -> Sequence[Evaluation]:
        """Return one evaluation a genotype, in order."""
        return self._here(genotypes) if self.executor is None else self._elsewhere(genotypes, self.executor)

    def _here(self, genotypes: Sequence[Genotype]) -> Sequence[Evaluation]:
        """Evaluate in this thread, as one batch."""
        return exactly(len(genotypes), self.evaluate(genotypes) if genotypes else (), "evaluate")

    def _elsewhere(self, genotypes: Sequence[Genotype], executor: Executor) -> list[Evaluation]:
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


def _evaluations(offspring: Sequence[Offspring], evaluator: Evaluator) -> list[Evaluation]:
    """Return one evaluation a child, in order; a failed child's says why there is none.

    Raises:
        ModelBudgetSpentError: If the limits of a judging model's spending left no room for one of them.
    """
    born = [child.genotype for child in offspring if child.ok]
    evaluated = evaluator.evaluations(born)
    if any(evaluation.status == OVER_BUDGET for evaluation in evaluated):
        raise ModelBudgetSpentError
    results = iter(evaluated)
    return [
        next(results) if child.ok else Evaluation(status=child.status, feedback=child.feedback)
        for child in offspring
    ]


def generation(
    algorithm: Algorithm,
    environment: Environment,
    evaluator: Evaluator,
    *,
    seed: int,
    index: int,
    size: int,
) -> Step | None:
    """Run generation number `index` of `size` children; what is random in it follows from `seed` and `index`.

    Returns:
        The step; None where the evaluator's interrupt came and the algorithm was not told.

    Raises:
        ModelBudgetSpentError: If a model's limits of spending left no room for a child or its evaluation; the
            algorithm was not told.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(index,)))
    again = algorithm.ask_again(size) if isinstance(algorithm, Reevaluating) else []
    groups = algorithm.ask(size - len(again))
    born = _unless_interrupted(partial(bear, environment, groups, rng), evaluator.interrupted)
    if born is None:
        return None
    offspring = [*map(reevaluation, again), *born]
    evaluations = _unless_interrupted(partial(_evaluations, offspring, evaluator), evaluator.interrupted)
    if evaluations is None:
        return None
    additions = algorithm.tell(offspring, evaluations)
    return Step(index, tuple(offspring), tuple(evaluations), tuple(additions), algorithm.statistics())


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
