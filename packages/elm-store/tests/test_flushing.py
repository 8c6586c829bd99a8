"""When SQLite is told to flush a transaction to the disk, which is what loss of power depends on."""

import time
from contextlib import closing

import pytest

from elm_store.write_connection import WriteConnection

NORMAL, FULL = 1, 2  # SQLite's numbers; FULL: the log, with all before it, is flushed at the end


def synchronous(connection, **options):
    with connection.transaction(**options) as db:
        (level,) = db.execute("PRAGMA synchronous").fetchone()
    return level


@pytest.mark.parametrize(
    ("flush_seconds", "levels"), [(0.0, [FULL, FULL, FULL]), (3600.0, [FULL, NORMAL, NORMAL])]
)
def test_a_transaction_is_flushed_when_the_last_flush_is_long_ago(tmp_path, flush_seconds, levels):
    with closing(WriteConnection(tmp_path / "run.sqlite", flush_seconds)) as connection:
        assert [synchronous(connection) for _ in levels] == levels
        assert synchronous(connection, flush=True) == FULL


def test_a_flush_is_due_again_after_a_while(tmp_path):
    with closing(WriteConnection(tmp_path / "run.sqlite", 0.3)) as connection:
        synchronous(connection)
        time.sleep(0.3)
        assert synchronous(connection) == FULL
