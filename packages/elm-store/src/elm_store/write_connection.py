"""The writer's connection: transactions that survive the process, flushed to disk once a while."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from elm_store.rows import SqlRow
from elm_store.run_file import connect_for_writing, require_writable, writing
from elm_store.writer_lock import WriterLock

# Pages of 4 KiB that gather in the log before they are folded into the file: each fold costs two fsyncs.
_CHECKPOINT_PAGES = 4000


class WriteConnection:
    """The one connection that writes a run; safe to use from several threads.

    A transaction that has ended is safe from the end of the process, however violent: its pages are with the
    operating system. Against loss of power it is flushed to the disk, with all before it, when the last flush
    is `flush_seconds` ago or longer.

    Args:
        file: The run's file; created if missing.
        flush_seconds: See above; 0 flushes every transaction.

    Raises:
        UserError: Another process writes the run, or the file cannot be written.
    """

    def __init__(self, file: Path, flush_seconds: float) -> None:
        self.file = file
        self._flush_seconds = flush_seconds
        self._flushed = -float("inf")
        self._flushing: bool | None = None  # what SQLite was last told
        self._deferred: list[tuple[str, SqlRow]] = []
        self._mutex = threading.RLock()
        require_writable(file)
        with writing(file):
            self._lock = WriterLock(file)
        try:
            self._connection = connect_for_writing(file)
        except BaseException:
            self._lock.close()
            raise
        self._closed = False

    def begin_log(self) -> None:
        """Write through a write-ahead log from here on, so that readers never wait for the writer."""
        with writing(self.file):
            self._connection.execute("PRAGMA main.journal_mode = WAL")
            self._connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")

    @contextmanager
    def transaction(self, *, flush: bool = False) -> Iterator[sqlite3.Connection]:
        """All that is executed inside is on record when this ends, or nothing of it.

        Args:
            flush: Flush to the disk in any case.
        """
        with self._mutex, writing(self.file):
            if self._closed:
                raise ValueError("The store is closed.")
            flush = flush or time.monotonic() - self._flushed >= self._flush_seconds
            if flush != self._flushing:
                self._connection.execute(f"PRAGMA synchronous = {'FULL' if flush else 'NORMAL'}")
                self._flushing = flush
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                for statement, row in self._deferred:
                    self._connection.execute(statement, row)
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back by itself where the disk is full.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            self._deferred.clear()
            if flush:
                self._flushed = time.monotonic()

    def defer(self, statement: str, row: SqlRow) -> None:
        """Have `statement` executed as the first part of the next transaction, whoever begins it."""
        with self._mutex:
            self._deferred.append((statement, row))

    @contextmanager
    def query(self) -> Iterator[sqlite3.Connection]:
        """Read through the writer's connection."""
        with self._mutex, writing(self.file):
            if self._closed:
                raise ValueError("The store is closed.")
            yield self._connection

    def close(self) -> None:
        """Fold the log into the file and let another process write. May be called again."""
        with self._mutex:
            if self._closed:
                return
            self._closed = True
            try:
                with writing(self.file):
                    self._end_log()
            finally:
                self._connection.close()
                self._lock.close()

    def _end_log(self) -> None:
        """Leave one plain file, which can be read where nothing can be written."""
        self._connection.execute("PRAGMA busy_timeout = 0")
        try:
            self._connection.execute("PRAGMA main.journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            # Somebody is reading, or there is no space to fold the log: it stays, which is as good a run.
            if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL):
                raise
