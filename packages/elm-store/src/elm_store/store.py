"""The store: writes a run, step by step, as the search goes."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from elm_protocols import BehaviorSpace, Json, Step, UserError
from elm_store.behavior_spaces import behavior_space_to_json
from elm_store.provenance import current_provenance
from elm_store.records import INSERT_INDIVIDUAL, INSERT_STEP, individual_to_row, step_to_row
from elm_store.run_file import existing_run_file, require_empty, require_run, run_file
from elm_store.schema import APPLICATION_ID, SCHEMA_VERSION, TABLES
from elm_store.sql_values import json_to_sql
from elm_store.write_connection import WriteConnection


def create(
    path: str | Path,
    *,
    config: Mapping[str, Json],
    seeds: Mapping[str, int] | None = None,
    behavior_space: BehaviorSpace | None = None,
    flush_seconds: float = 1.0,
) -> Store:
    """Begin a new run.

    Args:
        path: A folder, created if missing, which then holds `run.sqlite`; or a file's path ending in
            `.sqlite`, `.sqlite3` or `.db`.
        config: Everything that decides the run, as JSON.
        seeds: Seeds by what they seed.
        behavior_space: The axes of the measures, for those who read the run later.
        flush_seconds: What is written is flushed to the disk when the last flush is that long ago. Loss of
            power costs at most what was recorded in so many seconds after the last flush; 0 flushes
            every step. The end of the process, however violent, never costs a recorded step.

    Returns:
        The open store, a `RunObserver`.

    Raises:
        UserError: There is a run already, another process writes it, or the folder cannot be written.
    """
    file = run_file(path)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"The folder {file.parent} cannot be made ({error.strerror}): choose another one."
        ) from None
    facts: dict[str, Json] = {
        "config": dict(config),
        "seeds": dict(seeds or {}),
        "behavior_space": None if behavior_space is None else behavior_space_to_json(behavior_space),
        "created": time.time(),
    }
    connection = WriteConnection(file, flush_seconds)
    try:
        with connection.query() as db:
            require_empty(db, file)
        connection.begin_log()
        with connection.transaction(flush=True) as db:
            _create_tables(db)
            db.executemany(
                "INSERT INTO run VALUES (?, ?)", [(key, json_to_sql(value)) for key, value in facts.items()]
            )
        return Store(connection)
    except BaseException:
        connection.close()
        raise


def resume(path: str | Path, *, flush_seconds: float = 1.0) -> Store:
    """Continue writing a run, after its last recorded step. Nothing that was recorded is touched.

    Args:
        path: The run's folder or file.
        flush_seconds: See `create`.

    Raises:
        UserError: There is no run, or another process writes it.
        UnreadableFileError: The file is damaged, foreign, or of a newer version.
    """
    file = existing_run_file(path)
    connection = WriteConnection(file, flush_seconds)
    try:
        with connection.query() as db:
            require_run(db, file)
        connection.begin_log()
        return Store(connection)
    except BaseException:
        connection.close()
        raise


class Store(AbstractContextManager["Store"]):
    """Writes a run; `create` and `resume` make one. A `RunObserver`.

    Every call of `on_step` is one transaction. When it returns, the step is on record: the death of the
    process costs nothing. See `create` for what loss of power costs.

    Attributes:
        path: The run's file.
        next_step: Index that the next step must have.
        next_individual: Id that the next individual must have.
    """

    def __init__(self, connection: WriteConnection) -> None:
        self.path = connection.file
        self._connection = connection
        with connection.transaction(flush=True) as db:
            (self.next_step,) = db.execute("SELECT coalesce(max(id) + 1, 0) FROM steps").fetchone()
            (self.next_individual,) = db.execute(
                "SELECT coalesce(max(id) + 1, 0) FROM individuals"
            ).fetchone()
            self._session = _begin_session(db, self.next_step)
        self._finished = False

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
        rows = [
            individual_to_row(step.index, offspring, evaluation, addition)
            for offspring, evaluation, addition in zip(
                step.offspring, step.evaluations, step.additions, strict=True
            )
        ]
        following = self.next_individual + len(rows)
        if [row[0] for row in rows] != list(range(self.next_individual, following)):
            raise ValueError(f"The individuals of step {step.index} are not numbered on from the last one.")
        with self._connection.transaction() as db:
            db.executemany(INSERT_INDIVIDUAL, rows)
            db.execute(INSERT_STEP, step_to_row(step, self.next_individual, time.time()))
        self.next_step += 1
        self.next_individual = following

    def finish(self, reason: str) -> None:
        """Record that the search has ended, and why (`steps`, `seconds`, `stopped by the user`, ...)."""
        with self._connection.transaction(flush=True) as db:
            db.execute(
                "UPDATE sessions SET ended = ?, reason = ? WHERE id = ?", (time.time(), reason, self._session)
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


def _create_tables(db: sqlite3.Connection) -> None:
    for statement in TABLES.split(";\n"):
        if statement.strip():
            db.execute(statement)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _begin_session(db: sqlite3.Connection, first_step: int) -> int:
    made = current_provenance()
    cursor = db.execute(
        "INSERT INTO sessions (started, first_step, host, pid, python, git_commit, packages)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            time.time(),
            first_step,
            made.host,
            made.pid,
            made.python,
            made.git_commit,
            json_to_sql(dict(made.packages)),
        ),
    )
    if cursor.lastrowid is None:
        raise AssertionError("SQLite numbers every inserted row")
    return cursor.lastrowid
