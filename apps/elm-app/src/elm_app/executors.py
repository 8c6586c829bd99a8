"""Executors for evaluations; each is a context manager, as `concurrent.futures` has it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any

from pebble import CONSTS, ProcessExpired, ProcessPool

from elm_protocols import UserError

FAILURES = {TimeoutError: "timeout", ProcessExpired: "crashed"}
"""What the executors raise for an evaluation that they ended, and the status that this is."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serial() -> None:
    """Evaluate in the search's own thread, one after another."""
    return


def processes(workers: int | None = None, limit: float | None = None) -> Processes:
    """Evaluate in local processes.

    Args:
        workers: How many, at least 1; null: as many as this process may use cores.
        limit: Seconds that one evaluation may take, counted from its start; then its process is killed and
            the child counted as timeout; null: no limit.
    """
    check_workers(workers)
    check_limit(limit)
    return Processes(workers or usable_cores(), limit)


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def check_workers(workers: int | None) -> None:
    """Raise a UserError unless `workers` is null or at least 1."""
    if workers is not None and workers < 1:
        raise UserError(f"executor.workers must be at least 1, not {workers}.")


def check_limit(limit: float | None) -> None:
    """Raise a UserError unless `limit` is null or above 0 seconds."""
    if limit is not None and not limit > 0:
        raise UserError(f"executor.limit must be above 0 seconds, not {limit}.")


class Processes(Executor):
    """Pebble's pool of processes as an executor: a task over its limit is killed with its process.

    The future of such a task raises `TimeoutError`, that of one whose process died `ProcessExpired`.

    Args:
        workers: How many processes.
        limit: Seconds a task may take from its start; None: no limit.
    """

    def __init__(self, workers: int, limit: float | None) -> None:
        self.workers = workers
        CONSTS.term_timeout = 0.1  # the workers ignore SIGTERM, see below: do not wait before SIGKILL
        self._limit = limit
        resource_tracker.ensure_running()  # where a first process starts it, it lets signals through again
        self._pool = ProcessPool(
            workers,
            # A fresh interpreter: forking a process that has threads and a loaded model can deadlock.
            context=multiprocessing.get_context("spawn"),
            initializer=_live_and_die_with_the_search,
        )

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a process call `fn`."""
        with _signals_held_back():  # the pool starts with its first task
            return self._pool.schedule(fn, args=args, kwargs=kwargs, timeout=self._limit)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes at once; what they were at is lost to this process only."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        if wait:
            self._pool.join()


@contextmanager
def _signals_held_back() -> Iterator[None]:
    """Keep signals from this thread, and from the threads and processes that it starts meanwhile.

    A process that starts has no handlers yet: Ctrl-C would kill it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _live_and_die_with_the_search() -> None:
    """Leave signals to the search, and end when it is gone.

    Ctrl-C, and SIGTERM to a process group, reach every process; only the search may react, to finish
    cleanly. A search that was killed cannot end its workers: they watch for it.
    """
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)  # what this process starts shall be as usual
    threading.Thread(target=_exit_after_parent, daemon=True).start()


def _exit_after_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
