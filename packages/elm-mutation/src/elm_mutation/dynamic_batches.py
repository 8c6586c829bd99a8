"""Jobs of several threads, run together.

A model on an accelerator, or on a processor's wide registers, writes several replies in hardly more time than
one. Operators ask from several threads at once; here their requests meet, as in the dynamic batching of
inference servers.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

GATHERING_SECONDS = 0.01
"""How long a batch that is not full waits for more jobs: little beside the time of a reply."""


class DynamicBatches(Generic[Job, Result]):
    """Runs jobs in batches, one batch at a time, whichever threads they come from.

    Args:
        work: Returns the results of a batch, in order.
        group: Jobs of one batch are alike in this.
        most: Most jobs of a batch, at least 1.
    """

    def __init__(
        self, work: Callable[[list[Job]], list[Result]], group: Callable[[Job], Hashable], most: int
    ) -> None:
        self._work = work
        self._group = group
        self._most = most
        self._waiting: deque[tuple[Job, Future[Result]]] = deque()
        self._queue = threading.Lock()
        self._turn = threading.Lock()

    def run(self, jobs: Sequence[Job]) -> list[Result]:
        """Return the results of jobs, in order; may run jobs of other threads with them.

        Raises:
            Exception: What `work` raised for a batch that one of the jobs was in.
        """
        futures: list[Future[Result]] = [Future() for _ in jobs]
        with self._queue:
            self._waiting.extend(zip(jobs, futures, strict=True))
        while not _all_done(futures):
            with self._turn:
                if not _all_done(futures):
                    self._run_batch()
        return [future.result() for future in futures]

    def _run_batch(self) -> None:
        if len(self._waiting) < self._most:
            time.sleep(GATHERING_SECONDS)
        jobs, futures = zip(*self._next_batch(), strict=True)
        try:
            for future, result in list(zip(futures, self._work(list(jobs)), strict=True)):
                future.set_result(result)
        except Exception as error:  # noqa: BLE001 (raised again in each thread that waits for a job)
            for future in futures:
                future.set_exception(error)
        finally:
            for future in futures:
                future.cancel()  # those left, after what is no Exception: an interrupt

    def _next_batch(self) -> list[tuple[Job, Future[Result]]]:
        """Take the longest waiting job, and others of its group, off the queue."""
        with self._queue:
            group = self._group(self._waiting[0][0])
            alike = [entry for entry in self._waiting if self._group(entry[0]) == group][: self._most]
            for entry in alike:
                self._waiting.remove(entry)
        return alike


def _all_done(futures: Sequence[Future[Result]]) -> bool:
    return all(future.done() for future in futures)
