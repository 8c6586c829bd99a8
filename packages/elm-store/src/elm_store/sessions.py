"""The processes that wrote a run, and whether one still does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from elm_store.provenance import Provenance
from elm_store.rows import SqlRow

SELECT_SESSIONS = (
    "SELECT started, ended, reason, first_step, host, pid, python, git_commit, packages"
    " FROM sessions ORDER BY id"
)


class RunStatus(StrEnum):
    """Whether a run goes on."""

    RUNNING = "running"
    """A process is writing it."""
    FINISHED = "finished"
    """Its search ended; `Run.reason` says why."""
    INTERRUPTED = "interrupted"
    """Its process ended before its search did. Every recorded step is there; `resume` continues it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One process that wrote a run.

    Attributes:
        started: Unix time, seconds.
        ended: Unix time, seconds; None while it runs or if it was interrupted.
        reason: Why its search ended; empty while it runs or if it was interrupted.
        first_step: Index of the first step it could write.
        provenance: What that process was.
    """

    started: float
    ended: float | None
    reason: str
    first_step: int
    provenance: Provenance


def session_from_row(row: SqlRow) -> Session:
    """Return the session of a row of `SELECT_SESSIONS`."""
    started, ended, reason, first_step, host, pid, python, git_commit, packages = row
    return Session(
        started=started,
        ended=ended,
        reason=reason or "",
        first_step=first_step,
        provenance=Provenance(
            host=host, pid=pid, python=python, git_commit=git_commit, packages=json.loads(packages)
        ),
    )
