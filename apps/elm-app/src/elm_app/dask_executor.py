"""Evaluation on a Dask cluster: `dask.distributed`'s own executor, with its ends told in our words."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any

from pebble import ProcessExpired

from elm_app.executors import Processes, check_limit, check_workers, usable_cores
from elm_protocols import MissingExtraError, UserError

if TYPE_CHECKING:
    from distributed import Client, LocalCluster

SECONDS_TO_CONNECT = 30.0
"""So long a scheduler may take to answer, and then its first worker to appear."""

_LOGGERS = ("distributed", "distributed.client", "tornado.application")


def dask(address: str | None = None, workers: int | None = None, limit: float | None = None) -> DaskCluster:
    """Evaluate on a Dask cluster (extra `dask`): one of this machine, or that of a scheduler.

    Args:
        address: The scheduler's, for example tcp://10.0.0.1:8786; null: a cluster on this machine.
        workers: How many worker processes on this machine, at least 1; null: as many as it may use cores. A
            scheduler brings its own.
        limit: Seconds that one evaluation may take, counted from its start; then its process is killed and
            the child counted as timeout; null: no limit. A scheduler's workers must be allowed processes of
            their own: start them with DASK_DISTRIBUTED__WORKER__DAEMON=False.

    Raises:
        MissingExtraError: dask.distributed is not installed.
        UserError: An option is out of range, the scheduler does not answer, or it has no worker.
    """
    check_workers(workers)
    check_limit(limit)
    if address is not None and workers is not None:
        raise UserError("executor.workers is for a cluster on this machine: leave it out beside an address.")
    try:
        from distributed import Client  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise MissingExtraError("elm-app", "dask", "evaluate on a Dask cluster") from error
    for name in _LOGGERS:  # a lost scheduler is one sentence of ours; they write pages
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if address is None:
        return DaskCluster(_local_cluster(workers or usable_cores()), limit)
    try:
        client = Client(address, timeout=SECONDS_TO_CONNECT)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise UserError(
            f"There is no Dask scheduler at {address}: start one with `dask scheduler`, and workers with "
            f"`dask worker {address}`."
        ) from error
    return DaskCluster(client, limit)


def _local_cluster(workers: int) -> Client:
    import dask.config  # noqa: PLC0415 (an extra)
    from distributed import Client, LocalCluster  # noqa: PLC0415 (an extra)

    with dask.config.set({"distributed.worker.daemon": False}):  # a limit takes a process of the worker's
        cluster = LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
        )
    return Client(cluster)  # type: ignore[no-untyped-call]


class DaskCluster(Executor):
    """`Client.get_executor()`; the client, and the cluster that it may have begun, end with it.

    A worker that dies costs nothing: Dask gives its task to another one. A task that has taken four workers
    with it raises `ProcessExpired`, one over the limit `TimeoutError`, and every one `UserError` once the
    scheduler is gone.

    Args:
        client: `distributed.Client`, connected to the scheduler.
        limit: Seconds a task may take from its start; None: no limit.

    Attributes:
        workers: Threads that all workers had together at the beginning, which is what evaluates at a time.

    Raises:
        UserError: There is no worker.
    """

    def __init__(self, client: Any, limit: float | None) -> None:
        self._client = client
        self._address = client.scheduler.address
        self._limit = limit
        try:
            client.wait_for_workers(1, timeout=SECONDS_TO_CONNECT)
        except TimeoutError as error:
            client.close()
            raise UserError(
                f"The Dask scheduler at {self._address} has no worker: start some with "
                f"`dask worker {self._address}`."
            ) from error
        self.workers = sum(client.nthreads().values())
        # Not pure: Dask would give an earlier result for an equal genotype.
        self._executor = client.get_executor(pure=False)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a worker call `fn`."""
        if self._client.status != "running":
            raise self._scheduler_gone()
        task = (fn,) if self._limit is None else (_within, self._limit, fn)
        inner = self._executor.submit(*task, *args, **kwargs)
        outer: Future[Any] = Future()
        outer.add_done_callback(lambda done: done.cancelled() and inner.cancel())
        inner.add_done_callback(lambda done: self._settle(outer, done))
        return outer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Give up what is under way, leave the cluster, and end it if it was begun for this."""
        self._executor.shutdown(wait=False)
        cluster = self._client.cluster
        self._client.close()
        if cluster is not None:
            _kill_workers(cluster)
            cluster.close()

    def _settle(self, outer: Future[Any], inner: Future[Any]) -> None:
        from distributed import KilledWorker  # noqa: PLC0415 (an extra)

        if not outer.set_running_or_notify_cancel():
            return
        error = self._scheduler_gone() if inner.cancelled() else inner.exception()
        if isinstance(error, KilledWorker):
            error = ProcessExpired("the workers that tried it died", code=1)  # type: ignore[no-untyped-call]
        if error is None:
            outer.set_result(inner.result())
        else:
            outer.set_exception(error)

    def _scheduler_gone(self) -> UserError:
        return UserError(
            f"The Dask scheduler at {self._address} is gone: start it and its workers again, then resume the "
            "run."
        )


def _kill_workers(cluster: LocalCluster) -> None:
    """End the workers at once; Dask itself would wait for evaluations that hang."""
    for nanny in cluster.workers.values():
        nanny.auto_restart = False
        if nanny.pid is not None:
            os.kill(nanny.pid, signal.SIGKILL)


_of_this_thread = threading.local()


def _within(limit: float, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call `fn` in a process of this worker's thread that is killed when it takes longer than `limit`."""
    if multiprocessing.current_process().daemon:
        raise UserError(
            "executor.limit needs Dask workers that may have processes of their own: start them with "
            "DASK_DISTRIBUTED__WORKER__DAEMON=False in their environment."
        )
    processes = getattr(_of_this_thread, "processes", None)
    if processes is None:
        processes = _of_this_thread.processes = Processes(1, limit)
    return processes.submit(fn, *args, **kwargs).result()
