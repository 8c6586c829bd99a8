"""One program from fork to last breath: the worker's side, which holds the clock and sees how it ended."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from elm_sandbox.inside import container, frames, guest, kernel
from elm_sandbox.inside.confinement import Bounds, Walls, confine_child

_CHUNK = 65536
_PHASE_BYTES = 4096
_SETUP_SECONDS = 20.0
_EXIT_SECONDS = 1.0
_GLANCE_SECONDS = 0.1
_SETUP_FAILED = 3


@dataclass(slots=True)
class Observation:
    """How a program went, seen from outside it. No word of the program's is in here.

    Attributes:
        phase: What trusted code said before the program's first line: b"" (never ready), then see `guest`.
        note: Its reason, where it refused the program; the failure, where set-up failed.
        exit_code: Exit code, or None if ended by a signal.
        signal: The signal, or 0.
        timed_out: The clock ended it.
        overflowed: Its value outgrew the limit, which ended it.
        closed: It closed its channel and lived on, until ended.
        seconds: Wall clock from READY to its end.
        cpu_seconds: Processor time, set-up included.
        peak_bytes: Peak resident memory of its process.
    """

    phase: str = ""
    note: str = ""
    exit_code: int | None = None
    signal: int = 0
    timed_out: bool = False
    overflowed: bool = False
    closed: bool = False
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0


class HostGoneError(Exception):
    """The host's end of the channel is closed; everything must end."""


@dataclass(frozen=True, slots=True)
class Station:
    """Where this worker works: what is the same for all its children.

    Attributes:
        walls: Layers around each child.
        own_pidfd: A pidfd of the worker, to come back from a child's process namespace; -1: children share
            the worker's.
        in_container: Whether the worker is process 1 of a container, which it must keep in order.
        generators: The random generators, seeded before each fork.
        null: A descriptor of /dev/null.
        host_in: Descriptor of requests; it shows a hang-up when the host has gone.
        host_out: Descriptor for what goes to the host.
    """

    walls: Walls
    own_pidfd: int
    in_container: bool
    generators: guest.Generators
    null: int
    host_in: int
    host_out: int

    def fork(self) -> int:
        """Fork; the child is process 1 of a new process namespace where there is one."""
        if self.own_pidfd < 0:
            return os.fork()
        kernel.unshare(kernel.CLONE_NEWPID)
        pid = -1
        try:
            pid = os.fork()
        finally:
            if pid:
                kernel.setns(self.own_pidfd, kernel.CLONE_NEWPID)
        return pid


def supervise(bounds: Bounds, station: Station, run: Callable[[guest.Channels], None]) -> Observation:
    """Fork a child that calls `run`, pass on to the host what it writes, and end it in time.

    Args:
        bounds: The program's limits.
        station: Where this worker works.
        run: What the child does once confined.

    Raises:
        HostGoneError: The host has gone; the child has been ended.
    """
    station.generators.seed(bounds.seed)
    pipes = [os.pipe() for _ in range(3)]
    value, phase, stdout = pipes
    pid = station.fork()
    if pid == 0:
        _be_the_child(bounds, station, run, guest.Channels(phase[1], value[1], stdout[1]))
    for _, write_end in pipes:
        os.close(write_end)
    watch = _Watch(bounds, guest.Channels(phase[0], value[0], stdout[0]), station)
    try:
        watch.follow(pid)
    finally:
        _end_child(pid, station, watch.seen)
        watch.drain()
        for read_end, _ in pipes:
            os.close(read_end)
    return watch.seen


def _be_the_child(
    bounds: Bounds, station: Station, run: Callable[[guest.Channels], None], channels: guest.Channels
) -> None:
    """Never returns. The phase descriptor says READY only after every wall stands."""
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.setsid()  # kill(0) reaches the whole process group, through process namespaces too
        os.dup2(station.null, 0)
        os.dup2(channels.stdout, 1)
        os.dup2(station.null, 2)
        confine_child(bounds, station.walls, (channels.phase, channels.value))
        os.write(channels.phase, guest.READY)
    except BaseException as error:  # noqa: BLE001 - reported as a failure of the sandbox
        os.write(channels.phase, f"X{type(error).__name__}: {error}".encode()[:_PHASE_BYTES])
        os._exit(_SETUP_FAILED)
    try:
        run(channels)
    finally:
        os._exit(0)


class _Watch:
    """Follows one child's three pipes against the clock."""

    def __init__(self, bounds: Bounds, ends: guest.Channels, station: Station) -> None:
        self.seen = Observation()
        self._bounds = bounds
        self._station = station
        self._value, self._phase, self._stdout = ends.value, ends.phase, ends.stdout
        self._left = {ends.value: bounds.output_bytes + 1, ends.stdout: bounds.output_bytes}
        self._open = {ends.value, ends.phase, ends.stdout}
        self._said = b""
        self._started = 0.0
        self._deadline = time.monotonic() + _SETUP_SECONDS
        self._buffer = bytearray(_CHUNK)

    def follow(self, pid: int) -> None:
        """Pass on what the child writes until its value's pipe closes, time is up, or it outgrew a limit."""
        poller = select.poll()
        for descriptor in self._open:
            poller.register(descriptor, select.POLLIN)
        poller.register(self._station.host_in, 0)
        ended = False
        try:
            while self._value in self._open and not self.seen.overflowed:
                left = self._deadline - time.monotonic()
                if left <= 0:
                    self.seen.timed_out = True
                    return
                events = poller.poll(min(left, _GLANCE_SECONDS) * 1000 + 1)
                if (
                    not events and ended
                ):  # in a container, processes it started may outlive it and hold the pipe
                    break
                ended = not events and _has_ended(pid)
                for descriptor, event in events:
                    if descriptor == self._station.host_in:
                        if event & (select.POLLHUP | select.POLLERR):
                            raise HostGoneError
                    elif not self._read(descriptor):
                        poller.unregister(descriptor)
            self._await_exit(pid)
        finally:
            if self._started:
                self.seen.seconds = time.monotonic() - self._started

    def _read(self, descriptor: int) -> bool:
        """Take one piece; returns whether the pipe stays open."""
        if descriptor == self._phase:
            return self._hear_phase()
        count = os.readv(descriptor, [self._buffer])
        if count == 0:
            self._open.discard(descriptor)
            return False
        passed = min(count, self._left[descriptor])
        self._left[descriptor] -= passed
        if descriptor == self._value:
            self.seen.overflowed = self._left[descriptor] <= 0
        kind = frames.VALUE if descriptor == self._value else frames.STDOUT
        if passed and not self.seen.overflowed:
            frames.write_frame(self._station.host_out, kind, memoryview(self._buffer)[:passed])
        return True

    def _hear_phase(self) -> bool:
        piece = os.read(self._phase, _PHASE_BYTES)
        self._said += piece[: _PHASE_BYTES - len(self._said)]
        if not self._started and self._said[:1] == guest.READY:
            self._started = time.monotonic()
            self._deadline = self._started + self._bounds.seconds
        if not piece:
            self._open.discard(self._phase)
        return bool(piece)

    def drain(self) -> None:
        """Take what is left in the pipes once the child and all it started are dead, and note the phases."""
        for descriptor in (self._phase, self._stdout):
            os.set_blocking(descriptor, False)  # where walls are missing, something may still hold its end
            with contextlib.suppress(BlockingIOError):
                while descriptor in self._open and self._read(descriptor):
                    pass
        self._buffer[:] = bytes(_CHUNK)
        said = self._said
        if said[:1] == guest.READY:
            self.seen.phase = (said[1:2] or guest.READY).decode("ascii")
            said = said[1:]
        self.seen.note = said[1:].decode("utf-8", "replace")

    def _await_exit(self, pid: int) -> None:
        """Give the child, whose pipe has closed, a moment to be gone."""
        deadline = min(time.monotonic() + _EXIT_SECONDS, self._deadline)
        while not self.seen.overflowed:
            if _has_ended(pid):
                return
            left = deadline - time.monotonic()
            if left <= 0:
                self.seen.closed = True
                return
            signal.sigtimedwait([signal.SIGCHLD], min(left, 0.1))


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end_child(pid: int, station: Station, seen: Observation) -> None:
    """Kill the child and all it started, reap them, and note how it ended."""
    os.kill(pid, signal.SIGKILL)  # nothing happens where it has ended: it is not reaped yet
    _, status, usage = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    seen.exit_code, seen.signal = (code, 0) if code >= 0 else (None, -code)
    seen.cpu_seconds = usage.ru_utime + usage.ru_stime
    seen.peak_bytes = usage.ru_maxrss * 1024
    if station.in_container:
        container.clear_up()
