"""The schedule of a steady state: when each child was asked for, and which child each step was.

`ScheduleLog` writes (it belongs to a `Store`); `RecordedSchedule` is what a run holds.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from elm_store.write_connection import WriteConnection

SELECT_ASKED = "SELECT steps FROM asked ORDER BY child"
SELECT_TOLD = "SELECT child FROM told WHERE step < (SELECT count(*) FROM steps) ORDER BY step"
_INSERT_ASKED = "INSERT INTO asked VALUES (?, ?)"
_INSERT_TOLD = "INSERT OR REPLACE INTO told VALUES (?, ?)"


@dataclass(frozen=True, slots=True)
class RecordedSchedule:
    """The schedule on record.

    Attributes:
        asked: For each child, by number: how many steps were recorded when it was asked for.
        told: For each recorded step, after those that a fork has from its source: the number of its child.
    """

    asked: tuple[int, ...]
    told: tuple[int, ...]


class ScheduleLog:
    """The schedule of a run that is being written.

    A note costs no transaction of its own: it is on record with whatever is recorded next. So no reply and no
    step is on record without the notes that came before it. What a crash can cost is the note of a child
    of which nothing else is on record either: the next session asks for another in its place.

    Args:
        connection: The store's.
    """

    def __init__(self, connection: WriteConnection) -> None:
        self._connection = connection

    def on_ask(self, child: int, steps: int) -> None:
        """Note that `child`, the next one, is about to be asked for after `steps` steps."""
        self._connection.defer(_INSERT_ASKED, (child, steps))

    def on_tell(self, step: int, child: int) -> None:
        """Note that step `step` is about to be `child`.

        A crash may leave the note without its step. Then another child becomes that step in the next session,
        and its note takes the place of this one.
        """
        self._connection.defer(_INSERT_TOLD, (step, child))

    def recorded(self) -> RecordedSchedule:
        """Return the schedule on record."""
        with self._connection.query() as db:
            return RecordedSchedule(_numbers(db, SELECT_ASKED), _numbers(db, SELECT_TOLD))


def _numbers(db: sqlite3.Connection, query: str) -> tuple[int, ...]:
    return tuple(int(number) for (number,) in db.execute(query))
