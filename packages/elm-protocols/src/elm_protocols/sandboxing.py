"""Sandboxes: untrusted programs in, outcomes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from elm_protocols.individuals import SANDBOX_ERROR


class OutcomeStatus(StrEnum):
    """How a program ended, as the host side observed it."""

    OK = "ok"
    SYNTAX = "syntax"
    """It does not parse or compile."""
    BLOCKED = "blocked"
    """The static guard refused it before execution."""
    ERROR = "error"
    """It raised an exception."""
    TIMEOUT = "timeout"
    """It exceeded its wall-clock or CPU time."""
    MEMORY = "memory"
    """It exceeded its memory."""
    OUTPUT = "output"
    """Its value or its printed output is larger than allowed."""
    KILLED = "killed"
    """A layer of the sandbox ended it for a forbidden action."""
    CRASHED = "crashed"
    """Its process ended without a result (segmentation fault, os._exit, ...)."""
    BAD_RESULT = "bad-result"
    """Its value is not data that can cross the boundary, or not what the caller declared."""
    SANDBOX_ERROR = SANDBOX_ERROR
    """The sandbox itself failed; says nothing of the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One untrusted program and what to call in it.

    Attributes:
        source: Untrusted Python source.
        entry: Name of the function to call once the source has run; empty: the value is None.
        args: Arguments of the call: data of the kinds a value may have (see `Outcome.value`).
        kwargs: Keyword arguments of the call.
        modules: Trusted sources that the program may import, by module name.
        adapter: Trusted source that defines `adapt(value)`, run inside the sandbox on the returned
            value to turn a live object into data; empty: the value itself is sent.
        schema: What the value must be, checked outside of the sandbox; anything else is `bad-result`.
            A name (any, none, bool, int, float, number, complex, str, bytes) or a sequence: ["list", item],
            ["set", item], ["tuple", first, ...], ["dict", key, value], ["array", dtype, shape] with None for
            an axis of any length, ["one of", schema, ...].
    """

    source: str
    entry: str = ""
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)
    adapter: str = ""
    schema: Any = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one program may use.

    Attributes:
        seconds: Wall clock from the moment the program starts (also the CPU limit, rounded up).
        memory_bytes: Memory the program may add to what the worker already uses.
        output_bytes: Size of the encoded value; printed output is cut at the same size.
        processes: Further processes or threads it may start (0: none).
        file_bytes: Bytes it may write to its scratch directory.
        seed: Seeds Python's and numpy's global generators inside the program's process.
    """

    seconds: float = 5.0
    memory_bytes: int = 256 * 2**20
    output_bytes: int = 2**20
    processes: int = 0
    file_bytes: int = 2**20
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one program did.

    Attributes:
        status: How it ended.
        value: Where status is `ok`: None, bool, int of any size, float (inf and NaN too), complex, str,
            bytes, list, tuple, set, frozenset, dict, or numpy array of a plain dtype, nested. Else None.
        feedback: One line: exception type, message, line of the program; no paths of the host.
        stdout: Head of what it printed.
        seconds: Wall-clock time it ran.
        memory_bytes: Peak memory of its process, 0 if unknown.
        level: Isolation it ran under, for example `jail:namespaces+landlock+seccomp`.
    """

    status: OutcomeStatus
    value: Any = None
    feedback: str = ""
    stdout: str = ""
    seconds: float = 0.0
    memory_bytes: int = 0
    level: str = ""

    @property
    def ok(self) -> bool:
        """Whether `value` is the program's value."""
        return self.status is OutcomeStatus.OK


@runtime_checkable
class Sandbox(Protocol):
    """Runs untrusted programs. Safe to call from several threads."""

    def run(self, programs: Sequence[Program], limits: Limits) -> Sequence[Outcome]:
        """Return one outcome a program, in order; never raises for what a program did."""
        ...

    def close(self) -> None:
        """End every process and free every resource; further `run` calls are errors."""
        ...
