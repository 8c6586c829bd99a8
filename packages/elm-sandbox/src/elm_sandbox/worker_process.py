"""The host's end of one worker process: start it, hand it a program, take its reply, end it."""

from __future__ import annotations

import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from elm_protocols import Limits, UserError
from elm_sandbox.inside import frames
from elm_sandbox.verdicts import Reply

START_SECONDS = 60.0
GRACE_SECONDS = 40.0
"""What the worker may take beyond a program's own time before it counts as broken; generous, since a busy
machine must not make sandbox errors."""


class WorkerError(Exception):
    """The worker is of no more use; the message says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """A program and its limits, encoded, and what its value must be."""

    bounds: bytes
    program: bytes
    limits: Limits
    schema: Any


@dataclass(frozen=True, slots=True)
class Command:
    """How to start a worker.

    Attributes:
        argv: The command; it must speak `inside.frames` on standard input and output.
        environment: All of its environment.
        clean_up: Called after its end.
    """

    argv: Sequence[str]
    environment: Mapping[str, str]
    clean_up: Callable[[], None]


class WorkerProcess:
    """One running worker.

    Args:
        command: How to start it.
        config: What it is told first: `modules` to import and `layers` to raise.

    Raises:
        WorkerError: It did not start.
        UserError: A module that programs shall be offered cannot be imported.
    """

    def __init__(self, command: Command, config: Mapping[str, Any]) -> None:
        self._command = command
        try:
            self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by kill()
        except OSError as error:
            command.clean_up()
            raise WorkerError(f"no temporary file: {error.strerror}") from None
        try:
            self._process = subprocess.Popen(
                command.argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=dict(command.environment),
                cwd="/",
                start_new_session=True,  # a Ctrl-C at the terminal is for us, not for it
            )
        except OSError as error:
            self._errors.close()
            command.clean_up()
            raise WorkerError(f"{error.filename or command.argv[0]}: {error.strerror}") from None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        try:
            self.hello = self._greet(config)
        except BaseException:
            self.kill()
            raise

    def _greet(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Tell the worker its configuration; return what it says of itself (see `inside.worker`)."""
        deadline = time.monotonic() + START_SECONDS
        self._send(frames.REQUEST, json.dumps(config).encode(), deadline)
        kind, content = self._receive(deadline)
        hello: dict[str, Any] = json.loads(content) if kind == frames.HELLO else {}
        if hello.get("unimportable"):
            raise UserError(f"Programs cannot be offered a module: {hello['unimportable']}; check `modules`.")
        if hello.get("failure", "it sent no greeting"):
            raise WorkerError(hello.get("failure", "it sent no greeting"))
        return hello

    @property
    def pid(self) -> int:
        """Process id of the worker's first process."""
        return self._process.pid

    def exchange(self, request: Request) -> Reply:
        """Have one program run.

        Raises:
            WorkerError: The worker ended, broke the protocol, or answered too late.
        """
        deadline = time.monotonic() + request.limits.seconds + GRACE_SECONDS
        self._send(frames.REQUEST, request.bounds, deadline)
        self._send(frames.REQUEST, request.program, deadline)
        value, stdout = bytearray(), bytearray()
        while True:
            kind, content = self._receive(deadline)
            if kind == frames.END:
                return Reply(json.loads(content), bytes(value), bytes(stdout))
            target = {frames.VALUE: value, frames.STDOUT: stdout}.get(kind)
            if target is None or len(target) + len(content) > request.limits.output_bytes:
                raise WorkerError("it broke the protocol")
            target += content

    def kill(self) -> None:
        """End the worker and all it started, and free what it held."""
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait()
        self._errors.close()
        self._command.clean_up()

    def abandon(self) -> None:
        """Let go of a worker that belongs to the process which this one was forked from."""
        self._process.returncode = 0  # not ours to wait for
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                stream.close()

    def _send(self, kind: bytes, content: bytes, deadline: float) -> None:
        view = memoryview(frames.HEADER.pack(kind, len(content)) + content)
        while view:
            self._wait(self._in, select.POLLOUT, deadline)
            try:
                view = view[os.write(self._in, view) :]
            except BlockingIOError:
                continue
            except OSError:
                raise WorkerError(self._last_words()) from None

    def _receive(self, deadline: float) -> tuple[bytes, bytes]:
        kind, size = frames.HEADER.unpack(self._read_exactly(frames.HEADER.size, deadline))
        return kind, self._read_exactly(size, deadline)

    def _read_exactly(self, size: int, deadline: float) -> bytes:
        pieces = bytearray()
        while len(pieces) < size:
            self._wait(self._out, select.POLLIN, deadline)
            piece = os.read(self._out, min(size - len(pieces), 2**20))
            if not piece:
                raise WorkerError(self._last_words())
            pieces += piece
        return bytes(pieces)

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        poller = select.poll()
        poller.register(descriptor, event)
        left = deadline - time.monotonic()
        if left <= 0 or not poller.poll(left * 1000 + 1):
            raise WorkerError("it did not answer in time")

    def _last_words(self) -> str:
        """Last line of what it wrote to its standard error."""
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 2000))
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return f"it ended: {lines[-1]}" if lines else "it ended"
