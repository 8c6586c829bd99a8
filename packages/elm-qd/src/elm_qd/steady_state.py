"""The search loop in steady state: mutation and evaluation overlap, one child after another is told.

One thread coordinates. Children pass through two executors, a bounded number of them at a time; each
that is done takes its place in a queue, is told to the algorithm as a step of its own, and makes room for the
next, whose parents are drawn from the archive as it then is.
"""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Any

import numpy as np

from elm_protocols import (
    OVER_BUDGET,
    Algorithm,
    Environment,
    Evaluation,
    Genotype,
    Individual,
    Offspring,
    RunObserver,
    Step,
    UserError,
)
from elm_qd.births import ModelBudgetSpentError, bear, reevaluation
from elm_qd.failed_evaluations import TIMEOUTS, Failures, settled
from elm_qd.reevaluation import Reevaluating
from elm_qd.schedule import Schedule, ScheduleObserver
from elm_qd.search_budget import Budget
from elm_qd.search_progress import Progress, SearchResult

Evaluate = Callable[[Sequence[Genotype]], Sequence[Evaluation]]
SECONDS_BETWEEN_LOOKS = 0.1
"""So often the coordinator looks at the clock and the interrupt while nothing is done."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """The two executors, and how many children each may have at a time.

    Attributes:
        mutation: Runs `Environment.random` and `mutate`: threads.
        evaluation: Runs `evaluate`.
        mutations: Children being made at a time, 1 or more.
        evaluations: Children being evaluated at a time, 1 or more; as many again may wait for a place.
        evaluate: Evaluates genotypes; must be picklable where the executor has processes.
        failures: What the executor raises for an evaluation that it ended, and the status that this is.
    """

    mutation: Executor
    evaluation: Executor
    mutations: int
    evaluations: int
    evaluate: Evaluate
    failures: Failures = field(default_factory=lambda: TIMEOUTS)

    def __post_init__(self) -> None:
        if self.mutations < 1 or self.evaluations < 1:
            raise UserError("A steady state needs at least one mutation and one evaluation at a time.")


def search_steadily(
    algorithm: Algorithm,
    environment: Environment,
    lanes: Lanes,
    *,
    seed: int,
    budget: Budget,
    observers: Sequence[RunObserver] = (),
    history: Iterable[Step] = (),
    schedule: Schedule | None = None,
    inherited: int = 0,
    schedule_observer: ScheduleObserver | None = None,
    interrupted: Event | None = None,
) -> SearchResult:
    """Search until the budget is used up, or that of a model, each child a step of its own.

    What is random in the environment is decided by (`seed`, number of the child) alone. The order in which
    children are done is not repeatable; together with the schedule it decides the archive.

    Args:
        algorithm: Fresh, or to be brought up to date by `history`.
        environment: The domain; safe to use from several threads.
        lanes: Where children are made and evaluated.
        seed: Seed of the environment's generators, 0 or more.
        budget: When to end. Children in flight at the end are given up, but for the limits `steps` and
            `individuals`, which are met exactly, and those of a model, where they are waited for: what
            they cost is spent.
        observers: Told of every new step, in order, in this thread.
        history: Steps of an earlier session: told again, not evaluated again.
        schedule: The schedule of the earlier session. Its children in flight are made again, from the same
            parents with the same seed.
        inherited: So many of the first steps of the history come from another search, a fork's source: they
            are told and not asked for, and no part of the schedule.
        schedule_observer: Told when a child is asked for, and which child a step will be.
        interrupted: Once set, the search ends.

    Raises:
        UserError: If an argument is out of range, or the history is that of another search.
    """
    if seed < 0:
        raise UserError(f"The seed must be 0 or more, not {seed}.")
    progress = Progress(algorithm.statistics())
    asked = AskedChildren(algorithm)
    tell_again(asked, history, schedule or Schedule(), progress, inherited)
    pipeline = _Pipeline(environment, lanes, seed)
    for child, group in asked.open.items():  # in flight when the earlier session ended
        pipeline.enter(child, group)
    started = time.monotonic()
    try:
        while True:
            stopped = interrupted is not None and interrupted.is_set()
            reason = "interrupted" if stopped else progress.spent(budget, time.monotonic() - started)
            if reason:
                return progress.result(reason)
            if pipeline.refused and pipeline.empty:
                return progress.result(OVER_BUDGET)
            while pipeline.has_room and len(asked.open) < _left(budget, progress):
                if schedule_observer is not None:
                    schedule_observer.on_ask(asked.next, progress.steps)
                child = asked.next
                pipeline.enter(child, asked.ask())
            done = pipeline.next_done(SECONDS_BETWEEN_LOOKS)
            if done is None:
                continue
            child, offspring, evaluation = done
            if schedule_observer is not None:
                schedule_observer.on_tell(progress.steps, child)
            step = asked.tell(progress.steps, child, offspring, evaluation)
            progress.count(step)
            for observer in observers:
                observer.on_step(step)
    finally:
        pipeline.give_up()


def _left(budget: Budget, progress: Progress) -> float:
    """Return how many more children the budget allows."""
    return min(
        float("inf") if limit is None else limit - used
        for limit, used in ((budget.individuals, progress.individuals), (budget.steps, progress.steps))
    )


Group = tuple[Individual, ...] | Offspring
"""What a child is made from: parents, or itself where an elite is to be evaluated again."""


class AskedChildren:
    """The algorithm with its children numbered in the order in which they were asked for.

    Attributes:
        open: Children that have not been told, by number.
        next: Number of the next child.
    """

    def __init__(self, algorithm: Algorithm) -> None:
        self.open: dict[int, Group] = {}
        self.next = 0
        self._algorithm = algorithm
        self._reevaluating = algorithm if isinstance(algorithm, Reevaluating) else None  # costs 10 us to ask

    def ask(self) -> Group:
        """Ask for the next child."""
        again = self._reevaluating.ask_again(1) if self._reevaluating else []
        group: Group = reevaluation(again[0]) if again else self._algorithm.ask(1)[0]
        self.open[self.next] = group
        self.next += 1
        return group

    def inherit(self, step: Step) -> None:
        """Tell the algorithm of a step that another search made."""
        self._algorithm.tell(step.offspring, step.evaluations)

    def tell(self, index: int, child: int, offspring: Offspring, evaluation: Evaluation) -> Step:
        """Tell the algorithm of a child and return the step that this is."""
        del self.open[child]
        additions = self._algorithm.tell([offspring], [evaluation])
        return Step(index, (offspring,), (evaluation,), tuple(additions), self._algorithm.statistics())


def tell_again(
    asked: AskedChildren, history: Iterable[Step], schedule: Schedule, progress: Progress, inherited: int
) -> None:
    """Ask and tell as the recorded steps and the schedule did.

    Raises:
        UserError: If the algorithm asks for other parents than it did then.
    """
    for step in history:
        if step.index < inherited:
            asked.inherit(step)
        else:
            _tell_recorded(asked, step, schedule, step.index - inherited)
        progress.count(step)
    if progress.steps >= inherited:
        ask_as_then(asked, schedule, progress.steps)


def _tell_recorded(asked: AskedChildren, step: Step, schedule: Schedule, place: int) -> None:
    ask_as_then(asked, schedule, step.index)
    child = schedule.told[place] if place < len(schedule.told) else -1
    if child not in asked.open or _parents(asked.open[child]) != step.offspring[0].parents:
        raise UserError(
            f"The run cannot be continued, since step {step.index} does not follow from its "
            "configuration; continue it with the options, the seed and the version of its start."
        )
    asked.tell(step.index, child, step.offspring[0], step.evaluations[0])


def ask_as_then(asked: AskedChildren, schedule: Schedule, steps: int) -> list[int]:
    """Ask for the children that were asked for by the time `steps` steps had been told; return them."""
    first = asked.next
    while asked.next < len(schedule.asked) and schedule.asked[asked.next] <= steps:
        asked.ask()
    return list(range(first, asked.next))


def _parents(group: Group) -> tuple[int, ...]:
    return group.parents if isinstance(group, Offspring) else tuple(parent.id for parent in group)


def make_child(environment: Environment, group: Group, seed: int, child: int) -> Offspring:
    """Return the child with this number: a function of the group, the seed and the number."""
    if isinstance(group, Offspring):
        return group
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(child,)))
    return bear(environment, [group], rng)[0]


class _Pipeline:
    """Children on their way through the two executors; used by the coordinator's thread alone.

    Attributes:
        refused: Whether a child could not be made or evaluated for a model's limits of spending. None may
            enter then.
    """

    def __init__(self, environment: Environment, lanes: Lanes, seed: int) -> None:
        self._environment = environment
        self._lanes = lanes
        self._seed = seed
        self.refused = False
        self._events: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._making: dict[int, Future[Offspring]] = {}
        self._waiting: deque[tuple[int, Offspring]] = deque()
        self._evaluating: dict[int, Future[Sequence[Evaluation]]] = {}
        self._done: deque[tuple[int, Offspring, Evaluation]] = deque()

    @property
    def has_room(self) -> bool:
        """Whether another child may enter: neither lane is to run empty, nor a queue to grow."""
        return (
            not self.refused
            and len(self._making) < self._lanes.mutations
            and len(self._waiting) < self._lanes.evaluations
        )

    @property
    def empty(self) -> bool:
        """Whether no child is on its way."""
        return not (self._making or self._waiting or self._evaluating or self._done)

    def enter(self, child: int, group: Group) -> None:
        """Begin to make a child."""
        task = partial(make_child, self._environment, group, self._seed, child)
        self._making[child] = future = self._lanes.mutation.submit(task)
        self._tell_when_done(future, partial(self._made, child))

    def next_done(self, seconds: float) -> tuple[int, Offspring, Evaluation] | None:
        """Return a child that is done, with its offspring and evaluation.

        None where the next thing to happen was another (there may be room for a child now), or nothing
        happened in time.
        """
        if not self._done:
            try:
                self._events.get(timeout=seconds)()
            except queue.Empty:
                return None
        return self._done.popleft() if self._done else None

    def give_up(self) -> None:
        """Cancel what has not begun."""
        for making in self._making.values():
            making.cancel()
        for evaluating in self._evaluating.values():
            evaluating.cancel()

    def _tell_when_done(self, future: Future[Any], event: Callable[[], None]) -> None:
        future.add_done_callback(lambda _: self._events.put(event))

    def _made(self, child: int) -> None:
        try:
            offspring = self._making.pop(child).result()
        except ModelBudgetSpentError:
            self.refused = True
            return
        if offspring.ok:
            self._waiting.append((child, offspring))
        else:
            failed = Evaluation(status=offspring.status, feedback=offspring.feedback)
            self._done.append((child, offspring, failed))
        self._evaluate_waiting()

    def _evaluate_waiting(self) -> None:
        while self._waiting and len(self._evaluating) < self._lanes.evaluations:
            child, offspring = self._waiting.popleft()
            future = self._lanes.evaluation.submit(self._lanes.evaluate, [offspring.genotype])
            self._evaluating[child] = future
            self._tell_when_done(future, partial(self._evaluated, child, offspring))

    def _evaluated(self, child: int, offspring: Offspring) -> None:
        evaluation = settled(self._evaluating.pop(child), self._lanes.failures)
        if evaluation.status == OVER_BUDGET:
            self.refused = True
        else:
            self._done.append((child, offspring, evaluation))
        self._evaluate_waiting()
