# ruff: noqa: SIM905 - lists of names read best as text
"""The local jail: programs run in children of a warm worker, behind namespaces, Landlock and seccomp."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from elm_protocols import Limits, Outcome, Program, SandboxUnavailableError, UserError
from elm_sandbox.inside.confinement import LAYERS, NAMESPACES, SECCOMP
from elm_sandbox.worker_pool import WorkerPool
from elm_sandbox.worker_process import Command, WorkerProcess

STANDARD_MODULES = tuple(
    "abc array bisect calendar cmath collections contextlib copy dataclasses datetime decimal enum fractions "
    "functools heapq itertools json math numbers operator random re statistics string textwrap time types "
    "typing numpy".split()
)
"""What a program may import unless the caller names other modules."""

_BOOTSTRAP = "import sys; sys.path[:] = sys.argv[1:]; from elm_sandbox.inside.worker import main; main()"


class Jail:
    """Run programs in a jail on this machine (Linux).

    A warm worker forks once per program; the child sees an empty read-only file system with a small scratch
    directory, no network, no other process, no environment, and only harmless system calls. Nothing starts
    before the first `run`.

    Args:
        workers: Programs that run at the same time; 0: one for each CPU this process may use.
        modules: What programs may import, submodules included; loaded once, ahead of time.
        guard: Refuse hopeless programs by a look at their syntax tree. Saves time; not a wall.
        layers: Walls to use: namespaces, landlock, seccomp. Resource limits always hold.
        weaker: Accept fewer walls where this machine lacks some, or `layers` leaves some out; every
            outcome's `level` names those that held.

    Raises:
        SandboxUnavailableError: On another system than Linux; and by the first `run`, where this machine
            lacks namespaces or seccomp and `weaker` is off.
    """

    def __init__(
        self,
        *,
        workers: int = 0,
        modules: tuple[str, ...] = STANDARD_MODULES,
        guard: bool = True,
        layers: tuple[str, ...] = LAYERS,
        weaker: bool = False,
    ) -> None:
        if sys.platform != "linux":
            raise SandboxUnavailableError(
                "The jail needs Linux: run `elm-sandbox serve` in a container or on a Linux host and use "
                "sandbox=remote."
            )
        if workers < 0:
            raise UserError("The jail needs 0 workers (one a CPU) or more.")
        if unknown := set(layers) - set(LAYERS):
            raise UserError(f"Unknown layer {sorted(unknown)[0]!r}: choose from {', '.join(LAYERS)}.")
        if not weaker and {NAMESPACES, SECCOMP} - set(layers):
            raise UserError("A jail without namespaces or seccomp is weaker: say weaker=true to accept it.")
        self._weaker = weaker
        self._config = {
            "modules": list(modules),
            "layers": [layer for layer in LAYERS if layer in layers],
            "in_container": False,
        }
        self._pool = WorkerPool(
            workers or len(os.sched_getaffinity(0)), self._start_worker, self._level, guard=guard
        )

    def run(self, programs: Sequence[Program], limits: Limits) -> list[Outcome]:
        """Return one outcome a program, in order; never raises for what a program did.

        Raises:
            UserError: Arguments that are not data, or limits that make no sense.
            SandboxUnavailableError: This machine gives less isolation than was asked for.
        """
        return self._pool.run(programs, limits)

    def close(self) -> None:
        """End every process; further `run` calls are errors."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start_worker(self) -> WorkerProcess:
        return WorkerProcess(worker_command(), self._config)

    def _level(self, worker: WorkerProcess) -> str:
        missing = worker.hello["missing"]
        if not self._weaker and {NAMESPACES, SECCOMP} & set(missing):
            reasons = "; ".join(f"{layer}: {reason}" for layer, reason in sorted(missing.items()))
            raise SandboxUnavailableError(
                f"This machine lacks walls of the jail ({reasons}): use sandbox=gvisor or sandbox=remote, or "
                "accept less isolation with weaker=true."
            )
        return "jail:" + ("+".join(worker.hello["layers"]) or "limits-only")


def worker_command() -> Command:
    """Return the command of a local worker: this Python, with nothing of our environment."""
    environment = {
        "PYTHONHASHSEED": "0",  # the order of sets is part of a program's result
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "LC_ALL": "C.UTF-8",
    }
    if "LD_LIBRARY_PATH" in os.environ:  # some Pythons find their own library by it
        environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    argv = [sys.executable, "-B", "-P", "-s", "-S", "-c", _BOOTSTRAP, *(path for path in sys.path if path)]
    return Command(argv, environment, clean_up=lambda: None)
