"""One writer a run: a lock that ends with its process, however that ends."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from elm_protocols import UserError

# A reader that asks whether a writer lives holds the lock for microseconds; a writer waits that out.
_READERS_TURN_SECONDS = 1.0


def lock_path(path: Path) -> Path:
    """Return the lock file that belongs to the run file `path`."""
    return path.with_name(path.name + ".lock")


class WriterLock:
    """Held from construction to `close`, or to the end of the process.

    SQLite's own exclusive lock on an empty database beside the run: it works on every platform and is let go
    of by the system when the process is killed. (The lock of the run itself would shut out readers.)

    Raises:
        UserError: Another process writes the run.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            lock_path(path), timeout=_READERS_TURN_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            self._connection.execute("PRAGMA journal_mode = MEMORY")  # no second file beside an empty one
            self._connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self._connection.close()
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            raise UserError(
                f"Another process is writing the run {path}: wait for its end or stop it, then try again."
            ) from None

    def close(self) -> None:
        """Let another process write."""
        self._connection.close()


def has_writer(path: Path) -> bool:
    """Return whether a process holds the writer's lock of the run file `path`."""
    lock = lock_path(path)
    if not lock.exists():
        return False
    connection = sqlite3.connect(f"{lock.resolve().as_uri()}?mode=ro", uri=True, timeout=0)
    try:
        connection.execute("SELECT * FROM sqlite_master")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        return True
    else:
        return False
    finally:
        connection.close()
