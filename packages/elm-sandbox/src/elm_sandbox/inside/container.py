"""In a container (gVisor), where the container is the wall: an empty root, and order after each program.

The worker is process 1 of the container and alone in it with the one program it runs. It starts as the
container's root with the right to change root and user, and nothing else, and gives both up before it serves.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
from pathlib import Path

from elm_sandbox.inside import namespaces

EMPTY_ROOT = "/jail"
"""Where the bundle mounts a small tmpfs (see `elm_sandbox.bundle`)."""


def enter_empty_root() -> None:
    """Leave the container's own files behind, and its root user."""
    scratch = Path(EMPTY_ROOT + namespaces.SCRATCH)
    scratch.mkdir(mode=0o700)
    os.chown(scratch, namespaces.NOBODY, namespaces.NOBODY)
    os.chroot(EMPTY_ROOT)
    os.chdir("/")
    namespaces.give_up_root()
    os.chdir(namespaces.SCRATCH)


def processes_counted() -> int:
    """How many processes RLIMIT_NPROC counts besides a program's own children.

    The program, and the worker; but gVisor of 2022 forgets the worker, which started as another user.
    """
    pid = os.fork()
    if pid == 0:
        resource.setrlimit(resource.RLIMIT_NPROC, (2, 2))
        try:
            if os.fork() == 0:
                os._exit(0)
            os.wait()
        except BlockingIOError:
            os._exit(2)
        os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def clear_up() -> None:
    """Kill and reap whatever a program left running, and remove what it left in the scratch directory.

    Raises OSError or RecursionError where a program made that impossible: the container is then replaced.
    """
    _end_everyone_else()
    scratch = Path(namespaces.SCRATCH)
    scratch.chmod(0o700)
    os.chdir(scratch)
    for entry in scratch.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _end_everyone_else() -> None:
    while True:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return
