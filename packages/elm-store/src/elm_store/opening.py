"""Making a store: a new run, the continuation of one, or a fork of one."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from elm_protocols import BehaviorSpace, Json, UserError
from elm_store.behavior_spaces import behavior_space_to_json
from elm_store.run import Run
from elm_store.run_file import existing_run_file, require_empty, require_run, run_file
from elm_store.schema import APPLICATION_ID, SCHEMA_VERSION, TABLES
from elm_store.secret_redaction import Redactor, secrets_of_environment, secrets_of_settings
from elm_store.sql_values import json_to_sql
from elm_store.store import Store
from elm_store.write_connection import WriteConnection


def create(
    path: str | Path,
    *,
    config: Mapping[str, Json],
    seeds: Mapping[str, int] | None = None,
    behavior_space: BehaviorSpace | None = None,
    secrets: Iterable[str] = (),
    flush_seconds: float = 1.0,
) -> Store:
    """Begin a new run.

    Args:
        path: A folder, created if missing, which then holds `run.sqlite`; or a file's path ending in
            `.sqlite`, `.sqlite3` or `.db`.
        config: Everything that decides the run, as JSON.
        seeds: Seeds by what they seed.
        behavior_space: The axes of the measures, for those who read the run later.
        secrets: Texts that must not get into the file, besides those found under keys such as `api_key` in
            `config` and in environment variables with such names.
        flush_seconds: What is written is flushed to the disk when the last flush is that long ago. Loss of
            power costs at most what was recorded in so many seconds after the last flush; 0 flushes
            every step. The end of the process, however violent, never costs a recorded step.

    Returns:
        The open store, a `RunObserver`.

    Raises:
        UserError: There is a run already, another process writes it, or the folder cannot be written.
    """
    redactor = _redactor([*secrets, *secrets_of_settings(config)])
    facts = _facts(config, seeds, behavior_space, redactor)
    with _connected(_new_file(path), flush_seconds) as connection:
        _begin_run(connection, facts)
        return Store(connection, redactor)


def resume(path: str | Path, *, secrets: Iterable[str] = (), flush_seconds: float = 1.0) -> Store:
    """Continue writing a run, after its last recorded step. Nothing that was recorded is touched.

    Args:
        path: The run's folder or file.
        secrets: See `create`.
        flush_seconds: See `create`.

    Raises:
        UserError: There is no run, or another process writes it.
        UnreadableFileError: The file is damaged, foreign, or of a newer version.
    """
    with _connected(existing_run_file(path), flush_seconds) as connection:
        with connection.query() as db:
            require_run(db, connection.file)
        connection.begin_log()
        return Store(connection, _redactor(secrets))


def fork(
    source: Run,
    path: str | Path,
    *,
    stop: int,
    config: Mapping[str, Json],
    seeds: Mapping[str, int] | None = None,
    behavior_space: BehaviorSpace | None = None,
    secrets: Iterable[str] = (),
    flush_seconds: float = 1.0,
) -> Store:
    """Begin a new run with the first steps of another one, and its whole journal.

    Args:
        source: The run to copy from.
        path: See `create`.
        stop: The first step not to copy.
        config: The new run's configuration.
        seeds: See `create`.
        behavior_space: See `create`.
        secrets: See `create`.
        flush_seconds: See `create`.

    Returns:
        The open store; its `next_step` is `stop`.

    Raises:
        UserError: As `create`; or the source has fewer steps.
    """
    recorded = source.next_step
    if not 0 <= stop <= recorded:
        raise UserError(f"A fork of {source.path} begins at a step from 0 to {recorded}, not at {stop}.")
    redactor = _redactor([*secrets, *secrets_of_settings(config)])
    facts = _facts(config, seeds, behavior_space, redactor)
    facts["forked_from"] = {"path": str(source.path.resolve()), "step": stop}
    with _connected(_new_file(path), flush_seconds) as connection:
        with connection.query() as db:
            db.execute("ATTACH ? AS source", (f"{source.path.resolve().as_uri()}?mode=ro",))
        _begin_run(connection, facts, copied_steps=stop)
        with connection.query() as db:
            db.execute("DETACH source")
        return Store(connection, redactor)


def _new_file(path: str | Path) -> Path:
    file = run_file(path)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"The folder {file.parent} cannot be made ({error.strerror}): choose another one."
        ) from None
    return file


def _redactor(secrets: Iterable[str]) -> Redactor:
    return Redactor([*secrets, *secrets_of_environment(os.environ)])


def _facts(
    config: Mapping[str, Json],
    seeds: Mapping[str, int] | None,
    behavior_space: BehaviorSpace | None,
    redactor: Redactor,
) -> dict[str, Json]:
    return {
        "config": redactor.settings(dict(config)),
        "seeds": dict(seeds or {}),
        "behavior_space": None if behavior_space is None else behavior_space_to_json(behavior_space),
        "created": time.time(),
    }


@contextmanager
def _connected(file: Path, flush_seconds: float) -> Iterator[WriteConnection]:
    """Connect for writing; the connection stays open unless something is raised."""
    connection = WriteConnection(file, flush_seconds)
    try:
        yield connection
    except BaseException:
        connection.close()
        raise


def _begin_run(connection: WriteConnection, facts: Mapping[str, Json], copied_steps: int = 0) -> None:
    with connection.query() as db:
        require_empty(db, connection.file)
    connection.begin_log()
    with connection.transaction(flush=True) as db:
        _create_tables(db)
        db.executemany(
            "INSERT INTO run VALUES (?, ?)", [(key, json_to_sql(value)) for key, value in facts.items()]
        )
        if copied_steps:
            _copy_steps(db, copied_steps)


def _create_tables(db: sqlite3.Connection) -> None:
    for statement in TABLES.split(";\n"):
        if statement.strip():
            db.execute(statement)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _copy_steps(db: sqlite3.Connection, stop: int) -> None:
    """Copy from the attached database `source`, which is of the same version."""
    db.execute("INSERT INTO main.steps SELECT * FROM source.steps WHERE id < ?", (stop,))
    db.execute("INSERT INTO main.individuals SELECT * FROM source.individuals WHERE step < ?", (stop,))
    db.execute("INSERT INTO main.replies SELECT * FROM source.replies")
