"""The store: writes a run, step by step, as the search goes."""

from __future__ import annotations

import dataclasses
import sqlite3
import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from elm_protocols import Evaluation, Offspring, Step
from elm_store.evaluation_journal import EvaluationJournal
from elm_store.journal import Journal
from elm_store.provenance import current_provenance
from elm_store.rows import INSERT_INDIVIDUAL, INSERT_STEP, SqlRow, individual_to_row, step_to_row
from elm_store.schedule import ScheduleLog
from elm_store.secret_redaction import Redactor
from elm_store.sql_values import json_to_sql
from elm_store.write_connection import WriteConnection


class Store(AbstractContextManager["Store"]):
    """Writes a run; `create`, `resume` and `fork` make one. A `RunObserver`.

    Every call of `on_step` is one transaction. When it returns, the step is on record: the death of the
    process costs nothing. See `create` for what loss of power costs.

    Args:
        connection: The run's, its tables made.
        redactor: Takes secrets out of what is written.

    Attributes:
        path: The run's file.
        next_step: Index that the next step must have.
        next_individual: Id that the next individual must have.
        journal: Where requests to models and their replies are recorded and found.
        evaluations: Where evaluations can be recorded before their step is.
        schedule: Where a steady state's schedule is recorded and found.
    """

    def __init__(self, connection: WriteConnection, redactor: Redactor) -> None:
        self.path = connection.file
        self.journal = Journal(connection, redactor)
        self.evaluations = EvaluationJournal(connection)
        self.schedule = ScheduleLog(connection)
        self._connection = connection
        self._redactor = redactor
        self._finished = False
        with connection.transaction(flush=True) as db:
            self.next_step = _following(db, "steps")
            self.next_individual = _following(db, "individuals")
            self._session = _begin_session(db, self.next_step)

    def on_step(self, step: Step) -> None:
        """Record a step.

        Raises:
            ValueError: It does not follow the recorded ones, or the store is closed or finished.
            UserError: It could not be written (the disk is full, ...); nothing of it was. It may be tried
                again.
        """
        if self._finished:
            raise ValueError("The run is finished; resume it to record more.")
        if step.index != self.next_step:
            raise ValueError(f"Step {self.next_step} comes next, not {step.index}.")
        rows = self._individuals(step)
        following = self.next_individual + len(rows)
        if [row[0] for row in rows] != list(range(self.next_individual, following)):
            raise ValueError(f"The individuals of step {step.index} are not numbered on from the last one.")
        with self._connection.transaction() as db:
            db.executemany(INSERT_INDIVIDUAL, rows)
            db.execute(INSERT_STEP, step_to_row(step, self.next_individual, time.time()))
            self.evaluations.drop(db, [offspring.genotype for offspring in step.offspring])
        self.next_step += 1
        self.next_individual = following

    def finish(self, reason: str) -> None:
        """Record that the search has ended, and why (`steps`, `seconds`, `stopped by the user`, ...)."""
        with self._connection.transaction(flush=True) as db:
            db.execute(
                "UPDATE sessions SET ended = ?, reason = ? WHERE id = ?",
                (time.time(), self._redactor.text(reason), self._session),
            )
        self._finished = True

    def close(self) -> None:
        """End writing. A run that was not finished then counts as interrupted. May be called again."""
        self._connection.close()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __enter__(self) -> Self:
        return self

    def _individuals(self, step: Step) -> list[SqlRow]:
        told = zip(step.offspring, step.evaluations, step.additions, strict=True)
        return [
            individual_to_row(step.index, *self._without_secrets(offspring, evaluation), addition)
            for offspring, evaluation, addition in told
        ]

    def _without_secrets(self, offspring: Offspring, evaluation: Evaluation) -> tuple[Offspring, Evaluation]:
        """Clean what a model's server said of a failure: some quote the key they were sent."""
        if offspring.ok:
            return offspring, evaluation
        return (
            dataclasses.replace(offspring, feedback=self._redactor.text(offspring.feedback)),
            dataclasses.replace(evaluation, feedback=self._redactor.text(evaluation.feedback)),
        )


def _following(db: sqlite3.Connection, table: str) -> int:
    (following,) = db.execute(f"SELECT coalesce(max(id) + 1, 0) FROM {table}").fetchone()
    return int(following)


def _begin_session(db: sqlite3.Connection, first_step: int) -> int:
    made = current_provenance()
    packages = json_to_sql(dict(made.packages))
    cursor = db.execute(
        "INSERT INTO sessions (started, first_step, host, pid, python, git_commit, packages)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (time.time(), first_step, made.host, made.pid, made.python, made.git_commit, packages),
    )
    if cursor.lastrowid is None:
        raise AssertionError("SQLite numbers every inserted row")
    return cursor.lastrowid
