"""A run as it is read: its facts, steps, individuals and lineage."""

from __future__ import annotations

import json
import sqlite3
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from elm_protocols import BehaviorSpace, Json, Statistics, Step, UserError
from elm_store.behavior_spaces import behavior_space_from_json
from elm_store.provenance import Provenance
from elm_store.records import (
    SELECT_INDIVIDUALS,
    SELECT_STEPS,
    IndividualRecord,
    SqlRow,
    StepSummary,
    individual_from_row,
    statistics_from_row,
    step_from_rows,
    summary_from_row,
)
from elm_store.run_file import connect_for_reading, existing_run_file, reading
from elm_store.writer_lock import has_writer

_PAGE = 500  # rows a query: a reader then holds no old version of the file for long

_T = TypeVar("_T")


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


def open_run(path: str | Path) -> Run:
    """Open a run for reading, also while it is being written.

    Args:
        path: The run's folder or file.

    Raises:
        UserError: There is none.
        UnreadableFileError: The file is damaged, foreign, or of a newer version.
    """
    file = existing_run_file(path)
    return Run(file, connect_for_reading(file))


class Run(AbstractContextManager["Run"]):
    """A run, read-only; `open` makes one. Safe to use from several threads.

    Each call sees what is on record at that moment; what was once there never changes, only more comes.
    Every method raises `UnreadableFileError` where the file turns out to be damaged.

    Attributes:
        path: The run's file.
    """

    def __init__(self, file: Path, connection: sqlite3.Connection) -> None:
        self.path = file
        self._connection = connection
        self._finalizer = weakref.finalize(self, connection.close)

    @property
    def config(self) -> dict[str, Json]:
        """The configuration that `create` was given."""
        with reading(self.path):
            return dict(json.loads(self._fact("config")))

    @property
    def seeds(self) -> dict[str, int]:
        """The seeds that `create` was given."""
        with reading(self.path):
            return dict(json.loads(self._fact("seeds")))

    @property
    def behavior_space(self) -> BehaviorSpace | None:
        """The behaviour space that `create` was given."""
        with reading(self.path):
            axes = json.loads(self._fact("behavior_space"))
            return None if axes is None else behavior_space_from_json(axes)

    @property
    def created(self) -> float:
        """When the run was created (Unix time, seconds)."""
        with reading(self.path):
            return float(json.loads(self._fact("created")))

    @property
    def schema_version(self) -> int:
        """Version of the tables in the file."""
        return int(self._rows("PRAGMA user_version")[0][0])

    @property
    def sessions(self) -> list[Session]:
        """The processes that wrote the run, first one first."""
        rows = self._rows(
            "SELECT started, ended, reason, first_step, host, pid, python, git_commit, packages"
            " FROM sessions ORDER BY id"
        )
        return self._decode(_session_from_row, rows)

    @property
    def status(self) -> RunStatus:
        """Whether the run goes on, has finished, or was interrupted."""
        alive = has_writer(self.path)  # asked first: a writer that finishes in between has finished
        sessions = self.sessions
        if sessions and sessions[-1].ended is not None:
            return RunStatus.FINISHED
        return RunStatus.RUNNING if alive else RunStatus.INTERRUPTED

    @property
    def reason(self) -> str:
        """Why the search ended; empty unless `status` is `finished`."""
        sessions = self.sessions
        return sessions[-1].reason if sessions else ""

    @property
    def statistics(self) -> Statistics | None:
        """The archive's figures after the last recorded step; None before the first."""
        rows = self._rows(f"{SELECT_STEPS} ORDER BY id DESC LIMIT 1")
        figures = self._decode(statistics_from_row, rows)
        return figures[0] if figures else None

    def history(self) -> Iterator[StepSummary]:
        """Yield time and statistics of each step, in order."""
        for row in self._pages(f"{SELECT_STEPS} WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?", 0, None):
            yield from self._decode(summary_from_row, [row])

    def steps(self, start: int = 0, stop: int | None = None) -> Iterator[Step]:
        """Yield the steps as they were given to `on_step`, in order.

        Args:
            start: First step.
            stop: The step after the last one; None: all.
        """
        query = f"{SELECT_STEPS} WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?"
        for row in self._pages(query, start, stop):
            first, size = row[1], row[2]
            records = list(self.individuals(first, first + size))
            with reading(self.path):
                step = step_from_rows(row, records)
            yield step

    def individuals(self, start: int = 0, stop: int | None = None) -> Iterator[IndividualRecord]:
        """Yield the individuals, failed ones included, in order; `pandas.DataFrame` takes them as they are.

        Args:
            start: First id.
            stop: The id after the last one; None: all.
        """
        query = f"{SELECT_INDIVIDUALS} WHERE individuals.id BETWEEN ? AND ? ORDER BY individuals.id LIMIT ?"
        for row in self._pages(query, start, stop):
            yield from self._decode(individual_from_row, [row])

    def individual(self, number: int) -> IndividualRecord:
        """Return the individual whose id is `number`.

        Raises:
            UserError: There is none with that id.
        """
        found = list(self.individuals(number, number + 1))
        if not found:
            raise UserError(
                f"The run {self.path} has no individual {number}: its ids go from 0 to {len(self) - 1}."
            )
        return found[0]

    def lineage(self, number: int) -> list[IndividualRecord]:
        """Return the individual whose id is `number` and all its ancestors, each once, youngest first.

        Raises:
            UserError: There is no individual with that id.
        """
        found: dict[int, IndividualRecord] = {}
        wanted = [number]
        while wanted:
            record = self.individual(wanted.pop())
            found[record.id] = record
            wanted.extend(parent for parent in record.parents if parent not in found)
        return [found[key] for key in sorted(found, reverse=True)]

    def __len__(self) -> int:
        """Return how many individuals are on record."""
        return int(self._rows("SELECT coalesce(max(id) + 1, 0) FROM individuals")[0][0])

    def close(self) -> None:
        """End reading. May be called again; it also happens when nobody holds the run any more."""
        self._finalizer()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __enter__(self) -> Self:
        return self

    def _fact(self, key: str) -> str:
        """Return the JSON text of a fact of the whole run."""
        rows = self._rows("SELECT value FROM run WHERE key = ?", key)
        return str(rows[0][0]) if rows else "null"

    def _rows(self, query: str, *parameters: str | int) -> list[SqlRow]:
        with reading(self.path):
            return self._connection.execute(query, parameters).fetchall()

    def _decode(self, decode: Callable[[SqlRow], _T], rows: list[SqlRow]) -> list[_T]:
        with reading(self.path):
            return [decode(row) for row in rows]

    def _pages(self, query: str, start: int, stop: int | None) -> Iterator[SqlRow]:
        """Yield the rows of `query` (parameters: first id, last id, limit; id in front), page by page."""
        last = 2**62 if stop is None else stop - 1
        rows = self._rows(query, start, last, _PAGE)
        while rows:
            yield from rows
            rows = self._rows(query, rows[-1][0] + 1, last, _PAGE)


def _session_from_row(row: SqlRow) -> Session:
    started, ended, reason, first_step, host, pid, python, git_commit, packages = row
    versions: Mapping[str, str] = json.loads(packages)
    return Session(
        started=started,
        ended=ended,
        reason=reason or "",
        first_step=first_step,
        provenance=Provenance(host=host, pid=pid, python=python, git_commit=git_commit, packages=versions),
    )
