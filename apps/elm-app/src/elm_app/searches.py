"""The two ways to search, as components: whole generations, and the steady state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any, Protocol

from pebble import ThreadPool

from elm_app.composition import Parts
from elm_app.executors import FAILURES
from elm_protocols import RunObserver, Step, UserError
from elm_qd import (
    Budget,
    Evaluator,
    Lanes,
    Schedule,
    SearchResult,
    replay_generations,
    replay_steadily,
    search,
    search_steadily,
)
from elm_store import RecordedSchedule, Run, Store


@dataclass(frozen=True, slots=True)
class Session:
    """One session of a run.

    Attributes:
        seed: The search's seed.
        batch_size: Children in a generation.
        inherited: Steps that a fork has from its source.
        history: All steps on record, inherited ones included.
    """

    seed: int
    batch_size: int
    inherited: int = 0
    history: Sequence[Step] = ()


class Search(Protocol):
    """A way to search."""

    def run(
        self,
        parts: Parts,
        session: Session,
        *,
        budget: Budget,
        store: Store,
        observers: Sequence[RunObserver],
        interrupted: Event,
    ) -> SearchResult:
        """Search until the budget is used up."""
        ...

    def replay(self, parts: Parts, session: Session, run: Run) -> Iterator[Step]:
        """Yield the steps of a recorded session once more, inherited ones left out."""
        ...


def generations() -> Generations:
    """Whole generations: the same seed gives the same archive, bit for bit."""
    return Generations()


class Generations:
    """Whole generations: the same seed gives the same archive, bit for bit."""

    def run(
        self,
        parts: Parts,
        session: Session,
        *,
        budget: Budget,
        store: Store,
        observers: Sequence[RunObserver],
        interrupted: Event,
    ) -> SearchResult:
        """Search until the budget is used up."""
        return search(
            parts.algorithm,
            parts.environment,
            seed=session.seed,
            batch_size=session.batch_size,
            budget=budget,
            observers=(store, *observers),
            evaluate=parts.evaluate,
            evaluation_executor=parts.executor,
            history=session.history,
            inherited=session.inherited,
            interrupted=interrupted,
            failures=FAILURES,
            evaluation_record=store.evaluations,
        )

    def replay(self, parts: Parts, session: Session, run: Run) -> Iterator[Step]:
        """Yield the steps of a recorded session once more, inherited ones left out."""
        evaluator = Evaluator(parts.evaluate, parts.executor, FAILURES)
        return replay_generations(
            parts.algorithm,
            parts.environment,
            evaluator,
            session.history,
            seed=session.seed,
            inherited=session.inherited,
        )


class SteadyState:
    """Children are made and evaluated at the same time, and the archive grows one by one.

    Args:
        mutations: Children being made at a time (requests to the model), at least 1.
        evaluations: Children being evaluated at a time, at least 1; null: one for each worker.
    """

    def __init__(self, mutations: int = 8, evaluations: int | None = None) -> None:
        if mutations < 1 or (evaluations is not None and evaluations < 1):
            raise UserError("search.mutations and search.evaluations must be at least 1.")
        self._mutations = mutations
        self._evaluations = evaluations

    def run(
        self,
        parts: Parts,
        session: Session,
        *,
        budget: Budget,
        store: Store,
        observers: Sequence[RunObserver],
        interrupted: Event,
    ) -> SearchResult:
        """Search until the budget is used up."""
        with self._lanes(parts) as lanes:
            return search_steadily(
                parts.algorithm,
                parts.environment,
                lanes,
                seed=session.seed,
                budget=budget,
                observers=(store, *observers),
                history=session.history,
                schedule=_schedule(store.schedule.recorded()),
                inherited=session.inherited,
                schedule_observer=store.schedule,
                interrupted=interrupted,
            )

    def replay(self, parts: Parts, session: Session, run: Run) -> Iterator[Step]:
        """Yield the steps of a recorded session once more, inherited ones left out."""
        with self._lanes(parts) as lanes:
            yield from replay_steadily(
                parts.algorithm,
                parts.environment,
                lanes,
                _schedule(run.schedule),
                seed=session.seed,
                inherited=session.history[: session.inherited],
            )

    @contextmanager
    def _lanes(self, parts: Parts) -> Iterator[Lanes]:
        evaluations: int = self._evaluations or int(getattr(parts.executor, "workers", 1))
        makers, judges = _DaemonThreads(self._mutations), parts.executor or _DaemonThreads(evaluations)
        try:
            yield Lanes(makers, judges, self._mutations, evaluations, parts.evaluate, FAILURES)
        finally:
            makers.shutdown()
            if judges is not parts.executor:
                judges.shutdown()


def _schedule(recorded: RecordedSchedule) -> Schedule:
    return Schedule(recorded.asked, recorded.told)


class _DaemonThreads(Executor):
    """Pebble's pool of threads as an executor: those that hang do not keep the process from ending."""

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPool(workers)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a thread call `fn`."""
        return self._pool.schedule(fn, args=args, kwargs=kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Begin nothing more; threads at work are left to end by themselves."""
        self._pool.stop()  # type: ignore[no-untyped-call]
