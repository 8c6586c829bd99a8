"""A pool of workers: started when first needed, replaced when broken, shared by threads."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from elm_protocols import Limits, Outcome, Program, SandboxUnavailableError, UserError
from elm_sandbox.requests import encode_request
from elm_sandbox.verdicts import outcome_of, sandbox_error
from elm_sandbox.worker_process import Request, WorkerError, WorkerProcess

_ATTEMPTS = 3


class WorkerPool:
    """Runs programs on `size` workers, each one program at a time.

    Args:
        size: How many workers at most.
        start: Starts a worker; raises WorkerError.
        level: Names the isolation that a started worker gives; raises SandboxUnavailableError if too little.
        guard: Whether programs are looked at before they run.
    """

    def __init__(
        self,
        size: int,
        start: Callable[[], WorkerProcess],
        level: Callable[[WorkerProcess], str],
        *,
        guard: bool,
    ) -> None:
        self._start, self._level, self._guard = start, level, guard
        self._size = size
        self._lock = threading.Lock()
        self._closed = False
        self._reset()

    def _reset(self) -> None:
        self._idle: list[WorkerProcess] = []
        self._all: set[WorkerProcess] = set()
        self._seats = threading.BoundedSemaphore(self._size)
        self._threads = ThreadPoolExecutor(self._size, thread_name_prefix="elm-sandbox")
        self._owner = os.getpid()
        self._finalizer = weakref.finalize(self, _end_all, self._all, self._threads)

    def run(self, programs: Sequence[Program], limits: Limits) -> list[Outcome]:
        """Return one outcome a program, in order."""
        requests = [encode_request(program, limits, guard=self._guard) for program in programs]
        self._check_usable()
        if len(requests) == 1:
            return [self._run_one(requests[0])]
        return list(self._threads.map(self._run_one, requests))

    def _check_usable(self) -> None:
        with self._lock:
            if self._closed:
                raise UserError("This sandbox is closed; make a new one.")
            if (
                self._owner != os.getpid()
            ):  # a fork of the process that started the workers: they are not ours
                self._finalizer.detach()
                for worker in self._all:
                    worker.abandon()
                self._reset()

    def _run_one(self, request: Request) -> Outcome:
        with self._seats:
            reason = ""
            for _ in range(_ATTEMPTS):
                try:
                    worker = self._borrow()
                except WorkerError as error:
                    return sandbox_error(f"no worker could be started: {error}", "")
                try:
                    reply = worker.exchange(request)
                except WorkerError as error:
                    reason = str(error)
                    self._discard(worker)
                except BaseException:  # Ctrl-C in mid-exchange: the worker's channel is in disorder
                    self._discard(worker)
                    raise
                else:
                    outcome = outcome_of(reply, request.limits, request.schema, self._level(worker))
                    self._give_back(worker)
                    return outcome
            return sandbox_error(f"the worker failed {_ATTEMPTS} times: {reason}", "")

    def _borrow(self) -> WorkerProcess:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        worker = self._start()
        try:
            self._level(worker)
        except SandboxUnavailableError:
            worker.kill()
            raise
        with self._lock:
            self._all.add(worker)
        return worker

    def _give_back(self, worker: WorkerProcess) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(worker)
                return
        self._discard(worker)

    def _discard(self, worker: WorkerProcess) -> None:
        with self._lock:
            self._all.discard(worker)
        worker.kill()

    def close(self) -> None:
        """End every worker once the programs under way are done."""
        with self._lock:
            self._closed = True
        if self._owner == os.getpid():
            self._finalizer()


def _end_all(workers: set[WorkerProcess], threads: ThreadPoolExecutor) -> None:
    threads.shutdown(wait=True)
    for worker in list(workers):
        worker.kill()
    workers.clear()
