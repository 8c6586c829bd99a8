"""The journal: every request to a model with its reply, so that none is paid twice.

A request is known by the hash of its content, and by the number of the draw where the caller asks the same
more than once. `Journal` writes (it belongs to a `Store`); `RecordedJournal` reads (it belongs to a `Run`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from elm_protocols import Json, content_hash
from elm_store.read_connection import ReadConnection
from elm_store.rows import SqlRow
from elm_store.run_file import reading
from elm_store.secret_redaction import Redactor
from elm_store.sql_values import json_to_sql
from elm_store.write_connection import WriteConnection

_SELECT_REPLY = "SELECT reply FROM replies WHERE hash = ? AND draw = ?"
_SELECT_ENTRIES = "SELECT id, draw, recorded, request, reply FROM replies WHERE id"
_INSERT_REPLY = "INSERT OR IGNORE INTO replies (hash, draw, recorded, request, reply) VALUES (?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One request and its reply.

    Attributes:
        request: What the model was asked, without secrets.
        draw: Which of the draws of the same request.
        reply: What it answered.
        recorded: Unix time, seconds.
    """

    request: Json
    draw: int
    reply: Mapping[str, Json]
    recorded: float


class Journal:
    """The journal of a run that is being written. Safe to use from several threads.

    Args:
        connection: The store's.
        redactor: Takes secrets out of requests and replies before anything is hashed or written.
    """

    def __init__(self, connection: WriteConnection, redactor: Redactor) -> None:
        self._connection = connection
        self._redactor = redactor

    def find(self, request: Json, draw: int) -> Mapping[str, Json] | None:
        """Return the reply on record, or None.

        Args:
            request: Everything that decides the reply: model, parameters, prompt, seed.
            draw: Which of the draws of the same request: 0, 1, 2, ...
        """
        with self._connection.query() as db:
            return _reply(db.execute(_SELECT_REPLY, _key(self._redactor.settings(request), draw)).fetchone())

    def record(self, request: Json, draw: int, reply: Mapping[str, Json]) -> Mapping[str, Json]:
        """Put a reply on record.

        Args:
            request: See `find`.
            draw: See `find`.
            reply: The reply, with whatever it cost.

        Returns:
            The reply on record: the earlier one if there was one already. Who goes on with this one can be
            replayed.

        Raises:
            UserError: It could not be written; see `Store.on_step`.
        """
        safe_request = self._redactor.settings(request)
        key = _key(safe_request, draw)
        texts = (json_to_sql(safe_request), json_to_sql(self._redactor.reply(reply)))
        with self._connection.transaction() as db:
            inserted = db.execute(_INSERT_REPLY, (*key, time.time(), *texts)).rowcount
            row = (texts[1],) if inserted else db.execute(_SELECT_REPLY, key).fetchone()
        recorded = _reply(row)
        if recorded is None:
            raise AssertionError("a reply that was not inserted is on record")
        return recorded


class RecordedJournal:
    """The journal of a run that is read. Safe to use from several threads.

    Args:
        connection: The run's.
        redactor: As good as the one with which the run was written, so that requests hash to the same.
    """

    def __init__(self, connection: ReadConnection, redactor: Redactor) -> None:
        self._connection = connection
        self._redactor = redactor

    def find(self, request: Json, draw: int) -> Mapping[str, Json] | None:
        """Return the reply on record, or None; see `Journal.find`."""
        key = _key(self._redactor.settings(request), draw)
        found = self._connection.fetch(_reply, _SELECT_REPLY, *key)
        return found[0] if found else None

    def __iter__(self) -> Iterator[JournalEntry]:
        """Yield every request with its reply, in the order in which they were recorded."""
        return self.entries()

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[JournalEntry]:
        """Yield requests with their replies, in the order in which they were recorded.

        Args:
            start: Leave out so many at the beginning.
            stop: Number of the first one not to yield; None: all.
        """
        last = None if stop is None else stop + 1  # the ids of replies count from 1
        for row in self._connection.pages(_SELECT_ENTRIES, start + 1, last):
            with reading(self._connection.file):
                entry = _entry(row)
            yield entry

    def __len__(self) -> int:
        """Return how many replies are on record."""
        (size,) = self._connection.fetch(lambda row: int(row[0]), "SELECT count(*) FROM replies")
        return size


def _key(safe_request: Json, draw: int) -> tuple[bytes, int]:
    return bytes.fromhex(content_hash(safe_request)), draw


def _reply(row: SqlRow | None) -> Mapping[str, Json] | None:
    if row is None:
        return None
    reply: Mapping[str, Json] = json.loads(row[0])
    return reply


def _entry(row: SqlRow) -> JournalEntry:
    _, draw, recorded, request, reply = row
    return JournalEntry(request=json.loads(request), draw=draw, reply=json.loads(reply), recorded=recorded)
