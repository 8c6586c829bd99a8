"""From what was observed of a program to its outcome.

The status is decided by trusted observations (the clock, the wait status, what trusted code said before the
program's first line) wherever one speaks. A program's own bytes are read last, and only as a claim: of a
value, or of the exception it says it raised.
"""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elm_protocols import Limits, Outcome, OutcomeStatus
from elm_sandbox.inside import guest, values
from elm_sandbox.schema import mismatch

_CLAIMED = {
    "error": OutcomeStatus.ERROR,
    "memory": OutcomeStatus.MEMORY,
    "bad-result": OutcomeStatus.BAD_RESULT,
}
_REFUSED = {
    guest.SYNTAX.decode(): OutcomeStatus.SYNTAX,
    guest.BLOCKED.decode(): OutcomeStatus.BLOCKED,
    guest.NO_MEMORY.decode(): OutcomeStatus.MEMORY,
    guest.UNUSABLE.decode(): OutcomeStatus.SANDBOX_ERROR,
}
_HOST_PATHS = sorted({sys.prefix, sys.base_prefix, sys.exec_prefix, str(Path.home())}, key=len)[::-1]
_PATH_TAIL = r"[^\s'\":,;)]*"


@dataclass(frozen=True, slots=True)
class Reply:
    """All that came back of one program.

    Attributes:
        seen: The worker's observation, as JSON (see `inside.supervision.Observation`).
        value: Bytes the program's process wrote: a claim.
        stdout: Head of what it printed.
    """

    seen: Mapping[str, Any]
    value: bytes
    stdout: bytes


def outcome_of(reply: Reply, limits: Limits, schema: Any, level: str) -> Outcome:
    """Return the outcome that a reply amounts to (see `elm_protocols.Program` for the schema)."""
    status, feedback, value = _judge(reply, limits)
    if status is OutcomeStatus.OK and (sentence := mismatch(value, schema)):
        status, feedback, value = OutcomeStatus.BAD_RESULT, sentence, None
    return Outcome(
        status=status,
        value=value,
        feedback=_one_clean_line(feedback),
        stdout=reply.stdout.decode("utf-8", "replace"),
        seconds=float(reply.seen["seconds"]),
        memory_bytes=int(reply.seen["peak_bytes"]),
        level=level,
    )


def sandbox_error(feedback: str, level: str) -> Outcome:
    """Return the outcome of a program that the sandbox failed to run."""
    return Outcome(status=OutcomeStatus.SANDBOX_ERROR, feedback=_one_clean_line(feedback), level=level)


def _judge(reply: Reply, limits: Limits) -> tuple[OutcomeStatus, str, Any]:
    observed = _observed(reply.seen, limits)
    if observed is not None:
        return (*observed, None)
    if not reply.value:
        return OutcomeStatus.CRASHED, "it ended, or closed its channel, without a result", None
    return _claimed(reply.value)


def _observed(seen: Mapping[str, Any], limits: Limits) -> tuple[OutcomeStatus, str] | None:
    """What observation alone decides; None where the program ended in good order."""
    phase, note = seen["phase"], seen["note"]
    if not phase:
        return OutcomeStatus.SANDBOX_ERROR, f"the sandbox could not confine it: {note or 'no reason given'}"
    if phase in _REFUSED:
        return _REFUSED[phase], note
    if seen["overflowed"]:
        return OutcomeStatus.OUTPUT, f"its value is larger than {limits.output_bytes} bytes"
    return _how_it_was_ended(seen, limits)


def _how_it_was_ended(seen: Mapping[str, Any], limits: Limits) -> tuple[OutcomeStatus, str] | None:
    ended_by = seen["signal"]
    if seen["closed"]:  # ended by the worker; what it wrote before stands
        return None
    if seen["timed_out"] or _used_up_its_cpu(seen, limits):
        return OutcomeStatus.TIMEOUT, f"it ran longer than {limits.seconds:g} s"
    if ended_by == signal.SIGSYS:
        return OutcomeStatus.KILLED, "it was ended for a forbidden system call"
    if ended_by:
        return OutcomeStatus.CRASHED, f"it was ended by {_signal_name(ended_by)}"
    return None


def _used_up_its_cpu(seen: Mapping[str, Any], limits: Limits) -> bool:
    """Ended by the kernel for its processor time; a program may send itself such a signal at any time."""
    by_limit = seen["signal"] in (signal.SIGKILL, signal.SIGXCPU)
    return bool(by_limit and seen["cpu_seconds"] >= limits.seconds)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _claimed(content: bytes) -> tuple[OutcomeStatus, str, Any]:
    tag, body = content[:1], content[1:]
    if tag == b"V":
        try:
            return OutcomeStatus.OK, "", values.load(body)
        except values.NotDataError as error:
            return OutcomeStatus.BAD_RESULT, f"its result is not data: {error}", None
    try:
        claim: Any = json.loads(body.decode("ascii")) if tag == b"F" else {}
        return _CLAIMED[claim["kind"]], str(claim["feedback"]), None
    except (ValueError, TypeError, KeyError, RecursionError):
        return OutcomeStatus.BAD_RESULT, "its process wrote what is no result", None


def _one_clean_line(text: str) -> str:
    """One printable line of bounded length that names no path of the host."""
    text = text[: 2 * guest.MAX_FEEDBACK]
    for path in _HOST_PATHS:
        if len(path) > 1:
            text = re.sub(re.escape(path) + _PATH_TAIL, "<host path>", text)
    line = " ".join(text.split())
    return "".join(char if char.isprintable() else "?" for char in line)[: guest.MAX_FEEDBACK]
