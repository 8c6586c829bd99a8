"""Executors for evaluations; each is a context manager, as `concurrent.futures` has it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
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
        initializer=_live_and_die_with_the_search,
    )


def _live_and_die_with_the_search() -> None:
    """Leave signals to the search, and end when it is gone.

    Ctrl-C, and SIGTERM to a process group, reach every process; only the search may react, to finish
    cleanly. A search that was killed cannot end its workers: they watch for it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_exit_after_parent, daemon=True).start()


def _exit_after_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
