"""The gVisor backend: the same worker, in a container of runsc's user-space kernel."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from elm_protocols import Limits, Outcome, Program, SandboxUnavailableError, UserError
from elm_sandbox.bundle import write_bundle
from elm_sandbox.inside.confinement import SECCOMP
from elm_sandbox.jail import STANDARD_MODULES, worker_command
from elm_sandbox.worker_pool import WorkerPool
from elm_sandbox.worker_process import Command, WorkerError, WorkerProcess

PLATFORMS = ("systrap", "ptrace", "kvm")
"""Fastest first among those that run without special hardware; kvm, which may hang, last."""

_PREFIX = "elm-sandbox-gvisor-"
_PROBE_SECONDS = 15.0
_DELETE_SECONDS = 30.0
_ENVIRONMENT = {"PATH": os.defpath}


class GVisor:
    """Run programs in a gVisor container on this machine (Linux, with `runsc` installed; no Docker).

    A container holds one long-lived worker that forks once per program, so that its start is paid once.
    A container that misbehaves is destroyed and replaced. Nothing starts before the first `run`.

    Args:
        workers: Containers, each running one program at a time; 0: one for each CPU this process may use.
        modules: What programs may import, submodules included; loaded once, ahead of time.
        guard: Refuse hopeless programs by a look at their syntax tree. Saves time; not a wall.
        platform: How gVisor catches system calls: systrap, ptrace or kvm; empty: the first that works.
        scratch_bytes: Size of a container's scratch directory, whatever `Limits.file_bytes` allows beyond.
        runsc: The runsc command.

    Raises:
        SandboxUnavailableError: On another system than Linux; and by the first `run`, where runsc is missing
            or runs no container.
    """

    def __init__(
        self,
        *,
        workers: int = 0,
        modules: tuple[str, ...] = STANDARD_MODULES,
        guard: bool = True,
        platform: str = "",
        scratch_bytes: int = 2**20,
        runsc: str = "runsc",
    ) -> None:
        if sys.platform != "linux":
            raise SandboxUnavailableError(
                "gVisor needs Linux: use sandbox=remote with a server that runs it."
            )
        if workers < 0:
            raise UserError("gVisor needs 0 workers (one a CPU) or more.")
        if platform and platform not in PLATFORMS:
            raise UserError(f"Unknown platform {platform!r}: choose from {', '.join(PLATFORMS)}.")
        if scratch_bytes < 65536:
            raise UserError("A container needs a scratch directory of 65536 bytes or more.")
        self._platform, self._scratch_bytes, self._runsc = platform, scratch_bytes, runsc
        self._choice = threading.Lock()
        self._cleared = False
        self._config = {"modules": list(modules), "layers": [SECCOMP], "in_container": True}
        self._pool = WorkerPool(
            workers or len(os.sched_getaffinity(0)), self._start_worker, self._level, guard=guard
        )

    def run(self, programs: Sequence[Program], limits: Limits) -> list[Outcome]:
        """Return one outcome a program, in order; never raises for what a program did.

        Raises:
            UserError: Arguments that are not data, or limits that make no sense.
            SandboxUnavailableError: runsc is missing or runs no container here.
        """
        return self._pool.run(programs, limits)

    def close(self) -> None:
        """Destroy every container; further `run` calls are errors."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start_worker(self) -> WorkerProcess:
        runsc = shutil.which(self._runsc)
        if runsc is None:
            raise SandboxUnavailableError(
                f"gVisor needs the command '{self._runsc}': install it (Debian, Ubuntu: apt install runsc)."
            )
        with self._choice:  # one thread clears up and finds the platform, the others then know it
            if not self._cleared:
                _remove_leftovers(runsc)
                self._cleared = True
            if not self._platform:
                self._platform = working_platform(runsc)
        try:
            command = self._container(runsc)
        except OSError as error:
            raise WorkerError(f"no bundle could be written: {error.strerror}") from None
        return WorkerProcess(command, self._config)

    def _container(self, runsc: str) -> Command:
        directory = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        worker = worker_command()
        write_bundle(directory, worker.argv, worker.environment, scratch_bytes=self._scratch_bytes)
        call = [runsc, *_options(self._platform), "--root", str(directory / "state")]
        argv = [*call, "run", "--bundle", str(directory), directory.name]
        return Command(argv, _ENVIRONMENT, clean_up=lambda: _remove(runsc, directory))

    def _level(self, worker: WorkerProcess) -> str:
        return "+".join([f"gvisor:{self._platform}", *worker.hello["layers"]])


def _remove(runsc: str, directory: Path) -> None:
    """Destroy the container of a bundle, if it still is one, and remove the bundle and its state."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):  # already gone, or beyond our reach
        call = [runsc, "--root", str(directory / "state"), "delete", "--force", directory.name]
        _call(call, _DELETE_SECONDS)
    shutil.rmtree(directory, ignore_errors=True)


def _remove_leftovers(runsc: str) -> None:
    """Remove what processes of this user left behind that were killed before they could do it themselves."""
    for directory in Path(tempfile.gettempdir()).glob(_PREFIX + "*-*"):
        owner = directory.name.removeprefix(_PREFIX).split("-")[0]
        with contextlib.suppress(OSError):
            if (
                owner.isdigit()
                and directory.stat().st_uid == os.geteuid()
                and not Path("/proc", owner).exists()
            ):
                _remove(runsc, directory)


def _call(call: Sequence[str], seconds: float) -> subprocess.CompletedProcess[bytes]:
    """Run runsc on pipes alone: as root, it makes its standard streams nobody's, be it /dev/null."""
    return subprocess.run(
        call, input=b"", capture_output=True, env=_ENVIRONMENT, timeout=seconds, check=False
    )


def _options(platform: str) -> list[str]:
    options = [f"--platform={platform}", "--network=none", "--ignore-cgroups"]
    return options if os.geteuid() == 0 else [*options, "--rootless"]


def working_platform(runsc: str) -> str:
    """Return the first platform on which runsc runs `true` here.

    Raises:
        SandboxUnavailableError: None works; with runsc's last word on each.
    """
    failures = []
    for platform in PLATFORMS:
        failure = _failure_of(runsc, platform)
        if not failure:
            return platform
        failures.append(f"{platform}: {failure}")
    raise SandboxUnavailableError(
        f"runsc runs no container here ({'; '.join(failures)}): use sandbox=jail or sandbox=remote."
    )


def _failure_of(runsc: str, platform: str) -> str:
    """Run `true` on a platform; return why that failed, or nothing."""
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-") as state:
        call = [runsc, *_options(platform), "--root", state, "do", "/bin/true"]
        try:
            done = _call(call, _PROBE_SECONDS)
        except OSError as error:
            return str(error.strerror)
        except subprocess.TimeoutExpired:
            return f"no answer in {_PROBE_SECONDS:g} s"
    if done.returncode == 0:
        return ""
    return (done.stderr.decode("utf-8", "replace").strip() or f"exit code {done.returncode}").splitlines()[
        -1
    ][:150]
