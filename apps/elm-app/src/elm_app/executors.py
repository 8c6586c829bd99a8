"""Executors for evaluations; each is a context manager, as `concurrent.futures` has it."""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor

from elm_protocols import UserError


def serial() -> None:
    """Evaluate in the search's own thread, one after another."""
    return


def processes(workers: int | None = None) -> ProcessPoolExecutor:
    """Evaluate in local processes.

    Args:
        workers: How many, at least 1; null: as many as this process may use cores.
    """
    if workers is not None and workers < 1:
        raise UserError(f"executor.workers must be at least 1, not {workers}.")
    return ProcessPoolExecutor(
        workers or len(os.sched_getaffinity(0)),
        # A fresh interpreter: forking a process that has threads and a loaded model can deadlock.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_leave_interrupts_to_the_search,
    )


def _leave_interrupts_to_the_search() -> None:
    """Ctrl-C reaches every process of the terminal; only the search may react, to finish cleanly."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
