"""A run as it is read: its facts, steps, individuals and lineage."""

from __future__ import annotations

import json
import os
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from elm_protocols import OK, BehaviorSpace, Json, Statistics, Step, Usage, UserError
from elm_store.behavior_spaces import behavior_space_from_json
from elm_store.journal import RecordedJournal
from elm_store.read_connection import ReadConnection
from elm_store.records import IndividualRecord, StepSummary
from elm_store.rows import (
    SELECT_ELITES,
    SELECT_INDIVIDUALS,
    SELECT_STEPS,
    individual_from_row,
    statistics_from_row,
    step_from_rows,
    summary_from_row,
)
from elm_store.run_file import connect_for_reading, existing_run_file, reading
from elm_store.schedule import SELECT_ASKED, SELECT_TOLD, RecordedSchedule
from elm_store.secret_redaction import Redactor, secrets_of_environment
from elm_store.sessions import SELECT_SESSIONS, RunStatus, Session, session_from_row
from elm_store.sql_values import float_from_sql, text_from_sql
from elm_store.summaries import (
    SELECT_ADDED,
    SELECT_CHILDREN,
    SELECT_LATEST,
    SELECT_LOST,
    SELECT_TALLIES,
    IndividualSummary,
    Tally,
    tally_from_row,
)
from elm_store.summaries import summary_from_row as short_from_row
from elm_store.writer_lock import has_writer


def open_run(path: str | Path) -> Run:
    """Open a run for reading, also while it is being written.

    Args:
        path: The run's folder or file.

    Raises:
        UserError: There is none.
        UnreadableFileError: The file is damaged, foreign, or of a newer version.
    """
    file = existing_run_file(path)
    return Run(ReadConnection(file, connect_for_reading(file)))


class Run(AbstractContextManager["Run"]):
    """A run, read-only; `elm_store.open` makes one. Safe to use from several threads.

    Each call sees what is on record at that moment; what was once there never changes, only more comes.
    Every method raises `UnreadableFileError` where the file turns out to be damaged.

    Attributes:
        path: The run's file.
    """

    def __init__(self, connection: ReadConnection) -> None:
        self.path = connection.file
        self._connection = connection
        self._finalizer = weakref.finalize(self, connection.close)

    @property
    def config(self) -> dict[str, Json]:
        """The configuration that `create` was given, without secrets."""
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
    def forked_from(self) -> dict[str, Json] | None:
        """Where a fork comes from: `path` of the run, and `step`, the first one that is its own."""
        with reading(self.path):
            origin: dict[str, Json] | None = json.loads(self._fact("forked_from"))
            return origin

    @property
    def created(self) -> float:
        """When the run was created (Unix time, seconds)."""
        with reading(self.path):
            return float(json.loads(self._fact("created")))

    @property
    def schema_version(self) -> int:
        """Version of the tables in the file."""
        (version,) = self._connection.fetch(lambda row: int(row[0]), "PRAGMA user_version")
        return version

    @property
    def sessions(self) -> list[Session]:
        """The processes that wrote the run, first one first."""
        return self._connection.fetch(session_from_row, SELECT_SESSIONS)

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
        figures = self._connection.fetch(statistics_from_row, f"{SELECT_STEPS} ORDER BY id DESC LIMIT 1")
        return figures[0] if figures else None

    @property
    def usage(self) -> Usage:
        """What all individuals together spent on language models."""
        (total,) = self._connection.fetch(
            lambda row: Usage(row[0], row[1], row[2], float_from_sql(row[3])),
            "SELECT coalesce(sum(requests), 0), coalesce(sum(prompt_tokens), 0),"
            " coalesce(sum(completion_tokens), 0), coalesce(sum(model_seconds), 0.0) FROM individuals",
        )
        return total

    def causes(self) -> dict[str, int]:
        """Return how many individuals ended in each status, `ok` included; the most frequent first."""
        counts = self._connection.fetch(
            lambda row: (str(row[0]), int(row[1])),
            "SELECT iif(offspring_status = ?, status, offspring_status) AS cause, count(*)"
            " FROM individuals GROUP BY cause ORDER BY 2 DESC, 1",
            OK,
        )
        return dict(counts)

    def tallies(self, length: int) -> list[Tally]:
        """Return how many individuals of each kind were born in each interval of ids, and what they cost.

        Args:
            length: Ids in an interval, 1 or more.
        """
        return self._connection.fetch(tally_from_row, SELECT_TALLIES, length)

    def lost_draws(self) -> dict[str, int]:
        """Return how many draws were discarded for another one, by cause; the most frequent first."""
        counts = self._connection.fetch(lambda row: (text_from_sql(row[0]), int(row[1])), SELECT_LOST)
        return dict(counts)

    def added(self, start: int = 0) -> Iterator[IndividualSummary]:
        """Yield the individuals that the archive took (`new`, `improved`), in order.

        Args:
            start: First id.
        """
        for row in self._connection.pages(SELECT_ADDED, start, None):
            with reading(self.path):
                summary = short_from_row(row)
            yield summary

    def latest(
        self, count: int, *, before: int | None = None, cause: str = "", operator: str = ""
    ) -> list[IndividualSummary]:
        """Return individuals, failed ones included, the youngest first.

        Args:
            count: Most to return.
            before: Only ids below this one.
            cause: Only those that ended so (see `causes`); empty: all.
            operator: Only those of this operator; empty: all.
        """
        last = 2**62 if before is None else before
        return self._connection.fetch(
            short_from_row, SELECT_LATEST, last, cause, cause, operator, operator, count
        )

    def children(self, number: int, count: int) -> list[IndividualSummary]:
        """Return the children of the individual whose id is `number`, the oldest first.

        Args:
            number: The parent's id.
            count: Most to return.
        """
        return self._connection.fetch(short_from_row, SELECT_CHILDREN, number, f"%{number}%", number, count)

    def history(self, every: int = 1) -> Iterator[StepSummary]:
        """Yield time and statistics of each step, in order.

        Args:
            every: Leave out the steps whose index is no multiple of this.
        """
        for row in self._connection.pages(f"{SELECT_STEPS} WHERE id % {int(every)} = 0 AND id", 0, None):
            with reading(self.path):
                summary = summary_from_row(row)
            yield summary

    def steps(self, start: int = 0, stop: int | None = None) -> Iterator[Step]:
        """Yield the steps as they were given to `on_step`, in order.

        Args:
            start: First step.
            stop: The step after the last one; None: all.
        """
        for row in self._connection.pages(f"{SELECT_STEPS} WHERE id", start, stop):
            with reading(self.path):
                first, size = row[1], row[2]
                records = list(self.individuals(first, first + size))
                step = step_from_rows(row, records)
            yield step

    def individuals(self, start: int = 0, stop: int | None = None) -> Iterator[IndividualRecord]:
        """Yield the individuals, failed ones included, in order; `pandas.DataFrame` takes them as they are.

        Args:
            start: First id.
            stop: The id after the last one; None: all.
        """
        for row in self._connection.pages(f"{SELECT_INDIVIDUALS} WHERE individuals.id", start, stop):
            with reading(self.path):
                record = individual_from_row(row)
            yield record

    def individual(self, number: int) -> IndividualRecord:
        """Return the individual whose id is `number`.

        Raises:
            UserError: There is none with that id.
        """
        found = list(self.individuals(number, number + 1))
        if not found:
            raise UserError(
                f"The run {self.path} has no individual {number}: it has {len(self)}, numbered from 0."
            )
        return found[0]

    def elites(self) -> list[IndividualRecord]:
        """Return the fittest recorded individual of each niche, best fitness first, ties by id.

        For archives that keep one elite a niche and number their niches for good, this is the archive.
        """
        numbers = self._connection.fetch(lambda row: int(row[0]), SELECT_ELITES)
        return [self.individual(number) for number in numbers]

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

    @property
    def journal(self) -> RecordedJournal:
        """The requests to models and their replies."""
        return RecordedJournal(self._connection, Redactor(secrets_of_environment(os.environ)))

    @property
    def schedule(self) -> RecordedSchedule:
        """When each child of a steady state was asked for, and which child each step was."""
        asked, told = (
            self._connection.fetch(lambda row: int(row[0]), query) for query in (SELECT_ASKED, SELECT_TOLD)
        )
        return RecordedSchedule(tuple(asked), tuple(told))

    @property
    def next_step(self) -> int:
        """How many steps are on record, which is the index of the next one."""
        (index,) = self._connection.fetch(
            lambda row: int(row[0]), "SELECT coalesce(max(id) + 1, 0) FROM steps"
        )
        return index

    def __len__(self) -> int:
        """Return how many individuals are on record."""
        (size,) = self._connection.fetch(
            lambda row: int(row[0]), "SELECT coalesce(max(id) + 1, 0) FROM individuals"
        )
        return size

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
        values = self._connection.fetch(lambda row: str(row[0]), "SELECT value FROM run WHERE key = ?", key)
        return values[0] if values else "null"
