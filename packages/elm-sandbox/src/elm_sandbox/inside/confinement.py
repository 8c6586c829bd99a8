"""What the worker does to a child, just forked, before anything of the program is looked at."""

from __future__ import annotations

import itertools
import math
import os
import resource
import signal
import time
from collections.abc import Collection
from dataclasses import dataclass

from elm_sandbox.inside import kernel, landlock, namespaces, seccomp

NAMESPACES, LANDLOCK, SECCOMP = "namespaces", "landlock", "seccomp"
LAYERS = (NAMESPACES, LANDLOCK, SECCOMP)
"""Independent walls, outermost first. Resource limits always hold."""

MAX_OPEN_FILES = 64
"""For a program, and for the worker, so that all that a program inherits can be closed in few calls."""
_STACK_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one program may use (see `elm_protocols.Limits`)."""

    seconds: float
    memory_bytes: int
    output_bytes: int
    processes: int
    file_bytes: int
    seed: int
    guard: bool


@dataclass(frozen=True, slots=True)
class Walls:
    """The layers in force, prepared once for all children.

    Attributes:
        layers: Those of `LAYERS` that hold.
        counted: How many processes RLIMIT_NPROC counts besides those that the program starts: itself, the
            worker. None: it counts all of the user, so that a program may start none.
        landlock_abi: Version of Landlock, 0 without.
        address_space: Bytes of address space the worker itself takes up, which a child inherits.
        data_space: The part of it that is private and writable.
    """

    layers: Collection[str]
    counted: int | None
    landlock_abi: int
    address_space: int
    data_space: int


def confine_child(bounds: Bounds, walls: Walls, keep: Collection[int]) -> None:
    """Raise every wall around this process. Raises OSError where one does not stand.

    Args:
        bounds: The program's limits.
        walls: The layers to use.
        keep: Descriptors that stay open, besides 0, 1 and 2.
    """
    spaces = NAMESPACES in walls.layers
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if spaces:
        namespaces.enter_program_namespaces(bounds.file_bytes)
    _set_limits(bounds, 0 if walls.counted is None else walls.counted + bounds.processes)
    kernel.drop_capabilities()
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    if LANDLOCK in walls.layers:
        landlock.restrict_to(namespaces.SCRATCH if spaces else None, walls.landlock_abi)
    _close_all_but(keep)
    if SECCOMP in walls.layers:
        only_signal = None if spaces else os.getpid()
        seccomp.install_filter(
            seccomp.packed_filter(may_start_processes=bounds.processes > 0, only_signal=only_signal)
        )
    used = time.process_time()  # gVisor counts what a busy machine makes us wait, so that this can be seconds
    _set_limit(resource.RLIMIT_CPU, math.ceil(used + bounds.seconds))
    # Of the two, the first alone would leave a program the room of what the worker maps without filling it.
    _set_limit(resource.RLIMIT_DATA, walls.data_space + bounds.memory_bytes)
    _set_limit(resource.RLIMIT_AS, walls.address_space + bounds.memory_bytes)


def limit_open_files() -> None:
    """Let this process and its children have few descriptors, of low numbers."""
    _set_limit(resource.RLIMIT_NOFILE, MAX_OPEN_FILES)


def _set_limits(bounds: Bounds, processes: int) -> None:
    _set_limit(resource.RLIMIT_CORE, 0)
    _set_limit(resource.RLIMIT_FSIZE, bounds.file_bytes)
    limit_open_files()
    _set_limit(resource.RLIMIT_STACK, _STACK_BYTES)
    _set_limit(resource.RLIMIT_MEMLOCK, 0)
    _set_limit(resource.RLIMIT_NPROC, processes)


def _set_limit(kind: int, value: int) -> None:
    """Set both limits, never above the present hard limit."""
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _close_all_but(keep: Collection[int]) -> None:
    edges = [2, *sorted(keep), MAX_OPEN_FILES]
    for low, high in itertools.pairwise(edges):
        os.closerange(low + 1, high)
