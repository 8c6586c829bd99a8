"""The search loop, in generations: ask, mutate, evaluate, tell.

Same seed, same algorithm, same outputs of the models: same archive, bit for bit.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from threading import Event

from elm_protocols import (
    OVER_BUDGET,
    Addition,
    Algorithm,
    Environment,
    RunObserver,
    Step,
    UserError,
)
from elm_qd.births import ModelBudgetSpentError
from elm_qd.failed_evaluations import TIMEOUTS, Failures
from elm_qd.generation import Evaluate, EvaluationRecord, Evaluator, generation
from elm_qd.reevaluation import Reevaluating
from elm_qd.search_budget import Budget
from elm_qd.search_progress import Progress, SearchResult


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
    inherited: int = 0,
    interrupted: Event | None = None,
    failures: Failures = TIMEOUTS,
    evaluation_record: EvaluationRecord | None = None,
) -> SearchResult:
    """Search in generations until the budget is used up, or that of a model.

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
        inherited: So many of the first steps of the history come from another search, a fork's source: they
            are told and not asked for.
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
    evaluator = Evaluator(
        evaluate or environment.evaluate, evaluation_executor, failures, evaluation_record, interrupted
    )
    progress = Progress(algorithm.statistics())
    for step in history:
        if step.index < inherited:
            algorithm.tell(step.offspring, step.evaluations)
        else:
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
        try:
            made = generation(algorithm, environment, evaluator, seed=seed, index=progress.steps, size=size)
        except ModelBudgetSpentError:
            return progress.result(OVER_BUDGET)
        if made is None:
            continue  # interrupted
        progress.count(made)
        for observer in observers:
            observer.on_step(made)


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
