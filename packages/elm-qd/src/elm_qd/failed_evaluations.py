"""Evaluations that their executor ended: too slow, or their process died."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future

from elm_protocols import Evaluation

Failures = Mapping[type[Exception], str]
"""What an executor raises for an evaluation that it ended -> the status that this is."""

TIMEOUTS: Failures = {TimeoutError: "timeout"}
"""What every executor with a limit raises (`concurrent.futures.TimeoutError` is the same class)."""


def settled(future: Future[Sequence[Evaluation]], failures: Failures) -> Evaluation:
    """Return the one evaluation of a task that is done; whatever else it raised is raised."""
    try:
        return future.result()[0]
    except tuple(failures) as error:
        status = next(name for kind, name in failures.items() if isinstance(error, kind))
        told = " ".join(str(error).split())[:300]
        return Evaluation(status=status, feedback=f"{type(error).__name__}: {told}".rstrip(": "))
