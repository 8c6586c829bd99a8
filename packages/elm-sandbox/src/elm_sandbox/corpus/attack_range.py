"""Where attacks are let loose: the bait, what counts as harm, and whether the sandbox still serves."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from elm_protocols import Limits, Outcome, OutcomeStatus, Program, Sandbox
from elm_sandbox.corpus.programs import Attack

SECONDS_TO_OUTLAST = 0.3
SECONDS_TO_END = 3.0
"""For attacks that never end, and for those that end by themselves, on a busy machine too."""
MEMORY_BYTES = 64 * 2**20
SLACK_SECONDS = 2.0
"""A busy machine may end a program this much late."""
HOST_SECONDS = 1.0
"""Processor time that judging one outcome may take in the host's process."""

_NEXT = """
import math, os, random, sys
import numpy
def probe(first, second):
    assert math.sqrt(16) == 4 and abs(math.pi - 3.14159) < 1e-4
    assert 0 <= random.random() < 1
    assert sum([1, 1]) == 2 and len([0, 0, 0]) == 3 and 1 + 1 == first
    assert numpy.arange(4).sum() == 6
    assert not os.path.exists("spoilt") and not os.path.exists("math.py")
    return first + second
"""
_NEXT_VALUE = 42


@dataclass(frozen=True, slots=True)
class Bait:
    """What an attack may go for.

    Attributes:
        directory: A folder of the host that everybody may write to; `secret.txt` in it holds `secret`.
        secret: What must not come out.
        listener: Listens on loopback.
        victim: A process of the host that must live on.
    """

    directory: Path
    secret: str
    listener: socket.socket
    victim: subprocess.Popen[bytes]

    @property
    def secret_file(self) -> Path:
        """The file that holds the secret."""
        return self.directory / "secret.txt"

    def as_argument(self, limits: Limits) -> dict[str, str | int]:
        """Return what an attack is told."""
        return {
            "file": str(self.secret_file),
            "write": str(self.directory / "written.txt"),
            "host_name": socket.gethostname(),
            "variable": "ELM_SANDBOX_BAIT",
            "half_of_secret": self.secret[: len(self.secret) // 2],
            "earlier": "the-mark-of-an-earlier-program",
            "pid": self.victim.pid,
            "port": self.listener.getsockname()[1],
            "processes": limits.processes,
            "memory_bytes": limits.memory_bytes,
            "file_bytes": limits.file_bytes,
            "output_bytes": limits.output_bytes,
        }


@contextmanager
def laid_bait() -> Iterator[Bait]:
    """Lay out a bait on this host, and take it away again."""
    secret = secrets.token_hex(16)
    with (
        tempfile.TemporaryDirectory(prefix="elm-sandbox-bait-") as name,
        socket.create_server(("", 0)) as server,
    ):
        server.setblocking(False)
        directory = Path(name)
        directory.chmod(0o777)
        (directory / "secret.txt").write_text(secret)
        (directory / "secret.txt").chmod(0o666)
        os.environ["ELM_SANDBOX_BAIT"] = secret
        sleep = "import time; time.sleep(3600)"
        victim = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", sleep], cwd="/", stdin=subprocess.DEVNULL
        )
        try:
            yield Bait(directory, secret, server, victim)
        finally:
            del os.environ["ELM_SANDBOX_BAIT"]
            victim.kill()
            victim.wait()


def limits_of(attack: Attack) -> Limits:
    """Return the limits under which an attack runs."""
    return Limits(
        seconds=SECONDS_TO_OUTLAST if OutcomeStatus.TIMEOUT in attack.expected else SECONDS_TO_END,
        memory_bytes=MEMORY_BYTES,
        output_bytes=2**20,
        file_bytes=2**20,
        processes=attack.processes,
    )


def harm_of(attack: Attack, sandbox: Sandbox, bait: Bait) -> str:
    """Let one attack loose; return what harm it did, in one sentence, or nothing."""
    limits = limits_of(attack)
    program = Program(source=attack.source, entry=attack.name, args=(bait.as_argument(limits),))
    started = time.process_time()
    (outcome,) = sandbox.run([program], limits)
    spent = time.process_time() - started
    if spent > HOST_SECONDS:
        return f"It cost the host {spent:.1f} s of processor time."
    return _harm_in(outcome, attack, limits, bait) or _harm_outside(bait) or _harm_to_the_next(sandbox)


def _harm_in(outcome: Outcome, attack: Attack, limits: Limits, bait: Bait) -> str:
    said = f"{outcome.value}{outcome.feedback}{outcome.stdout}"
    harms = (
        (outcome.ok and _is_true(outcome.value), f"It got through and returned {str(outcome.value)[:80]!r}."),
        (bait.secret in said, "It told the secret."),
        (
            bool(attack.expected) and outcome.status not in attack.expected,
            f"It ended as '{outcome.status}' ({outcome.feedback}).",
        ),
        (outcome.status is OutcomeStatus.SANDBOX_ERROR, f"It brought the sandbox down: {outcome.feedback}."),
        (
            outcome.seconds > limits.seconds + SLACK_SECONDS,
            f"It ran {outcome.seconds:.1f} s, with {limits.seconds} s allowed.",
        ),
        (len(outcome.stdout) > limits.output_bytes, "It printed more than it may."),
    )
    return next((harm for happened, harm in harms if happened), "")


def _is_true(value: object) -> bool:
    if type(value).__name__ == "ndarray":
        return bool(getattr(value, "size", 0))
    return bool(value)


def _harm_outside(bait: Bait) -> str:
    if bait.victim.poll() is not None:
        return "It ended a process of the host."
    if not bait.secret_file.exists() or bait.secret_file.read_text() != bait.secret:
        return "It changed a file of the host."
    if [path.name for path in bait.directory.iterdir()] != ["secret.txt"]:
        return "It wrote a file on the host."
    try:
        bait.listener.accept()[0].close()
    except BlockingIOError:
        return ""
    return "It connected to the host."


def _harm_to_the_next(sandbox: Sandbox) -> str:
    """Run an honest program: it must find everything in order."""
    program = Program(source=_NEXT, entry="probe", args=(2, 40))
    (outcome,) = sandbox.run([program], Limits(seconds=5.0))
    if outcome.ok and outcome.value == _NEXT_VALUE:
        return ""
    return f"The next program ended as '{outcome.status}': {outcome.feedback or outcome.value!r}."
