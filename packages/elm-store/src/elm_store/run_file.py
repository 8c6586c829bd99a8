"""The file of a run: where it is, whether it is one, and what its errors mean to the user."""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from elm_protocols import UnreadableFileError, UserError
from elm_store.schema import APPLICATION_ID, SCHEMA_VERSION
from elm_store.writer_lock import has_writer

FILE_NAME = "run.sqlite"
_SUFFIXES = (".sqlite", ".sqlite3", ".db")
_BUSY_SECONDS = 10.0  # readers and the writer wait for each other only while the writer folds its log


def run_file(path: str | Path) -> Path:
    """Return the run file that `path` names: itself, or `run.sqlite` in the folder `path`."""
    named = Path(path)
    if named.is_file() or (not named.is_dir() and named.suffix in _SUFFIXES):
        return named
    return named / FILE_NAME


def existing_run_file(path: str | Path) -> Path:
    """Return `run_file(path)` if it exists.

    Raises:
        UserError: It does not.
    """
    file = run_file(path)
    if not file.is_file():
        raise UserError(f"There is no run at {path}: name a folder with a {FILE_NAME}, or the file itself.")
    return file


def require_writable(file: Path) -> None:
    """Check that a run can be written where `file` is.

    Raises:
        UserError: It cannot.
    """
    if not os.access(file.parent, os.W_OK) or (file.exists() and not os.access(file, os.W_OK)):
        raise _not_writable(file)


def connect_for_reading(file: Path) -> sqlite3.Connection:
    """Open a run without the right to change it.

    Raises:
        UnreadableFileError: It is damaged, foreign, or of a newer version.
    """
    uri = f"{file.resolve().as_uri()}?mode=ro"
    if not os.access(file.parent, os.W_OK) and _is_settled(file) and not has_writer(file):
        uri += "&immutable=1"  # else SQLite wants to create its log beside the file
    with reading(file):
        connection = _connect(uri)
        try:
            require_run(connection, file)
        except BaseException:
            connection.close()
            raise
    return connection


def connect_for_writing(file: Path) -> sqlite3.Connection:
    """Open or create a database for its one writer."""
    with writing(file):
        return _connect(f"{file.resolve().as_uri()}?mode=rwc")


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(
        uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )


def _is_settled(file: Path) -> bool:
    """Whether everything is in the file itself and nothing in a log beside it."""
    log = file.with_name(file.name + "-wal")
    return not log.exists() or log.stat().st_size == 0


def require_empty(connection: sqlite3.Connection, file: Path) -> None:
    """Check that a database has no tables yet.

    Raises:
        UserError: It has.
    """
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables:
        raise UserError(f"{file} exists already: resume the run in it or choose another folder.")


def require_run(connection: sqlite3.Connection, file: Path) -> None:
    """Check that a database is a run of this version.

    Raises:
        UnreadableFileError: It is not.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise UnreadableFileError(f"{file} is not a run of ELM: name the {FILE_NAME} that a search wrote.")
    if version > SCHEMA_VERSION:
        raise UnreadableFileError(
            f"{file} was written by a newer elm-store (schema {version}, this one reads"
            f" {SCHEMA_VERSION}): upgrade with pip install -U elm-store."
        )
    if version < SCHEMA_VERSION:
        raise UnreadableFileError(
            f"{file} was written by an elm-store before its first release (schema {version}, this one reads"
            f" {SCHEMA_VERSION}): run the search again."
        )


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Turn what damage to a file raises, here and in decoding its rows, into one sentence."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _unreadable(file, error) from error
    except (ValueError, TypeError, AttributeError, LookupError, struct.error) as error:
        raise UnreadableFileError(
            f"{file} is damaged (a row does not decode: {' '.join(str(error).split())}):"
            " restore a copy of it."
        ) from error


def _unreadable(file: Path, error: sqlite3.DatabaseError) -> UnreadableFileError:
    code = _primary_code(error)
    if code == sqlite3.SQLITE_NOTADB:
        return UnreadableFileError(f"{file} is not a run of ELM: name the {FILE_NAME} that a search wrote.")
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return UnreadableFileError(
            f"{file} cannot be read here ({error}): copy it, with the files beside it, to a folder you may"
            " write to."
        )
    if code == sqlite3.SQLITE_BUSY:
        return UnreadableFileError(f"{file} is locked by another program: close that program and try again.")
    one_line = " ".join(str(error).split())  # it may quote what is in the file
    return UnreadableFileError(
        f"{file} is damaged ({one_line}): restore a copy, or save what is left with"
        f" sqlite3 {file.name} .recover."
    )


@contextmanager
def writing(file: Path) -> Iterator[None]:
    """Turn what the system refuses to write into one sentence."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _unwritable(file, error) from error


def _unwritable(file: Path, error: sqlite3.DatabaseError) -> Exception:
    code = _primary_code(error)
    if code == sqlite3.SQLITE_FULL:
        return UserError(f"The disk of {file} is full: free some space, then resume the run.")
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return _not_writable(file)
    if code == sqlite3.SQLITE_IOERR:
        return UserError(f"The disk of {file} fails ({error}): mend it, then resume the run.")
    if code == sqlite3.SQLITE_BUSY:
        return UserError(f"{file} is locked by another program: close that program and resume the run.")
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return _unreadable(file, error)
    return error


def _not_writable(file: Path) -> UserError:
    return UserError(f"{file} cannot be written: choose a folder you may write to.")


def _primary_code(error: sqlite3.DatabaseError) -> int:
    """Return SQLite's primary result code: the low byte of the extended one."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF
