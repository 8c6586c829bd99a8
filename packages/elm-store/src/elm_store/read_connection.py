"""A reader's connection: rows, decoded, with damage told in one sentence."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from elm_store.rows import SqlRow
from elm_store.run_file import reading

_PAGE = 500  # rows a query: no reader then holds an old version of the file for long

_T = TypeVar("_T")
_Parameter = str | int | bytes


class ReadConnection:
    """Reads a run's tables. Safe to use from several threads.

    Args:
        file: The run's file.
        connection: Connected to it for reading.
    """

    def __init__(self, file: Path, connection: sqlite3.Connection) -> None:
        self.file = file
        self._connection = connection

    def fetch(self, decode: Callable[[SqlRow], _T], query: str, *parameters: _Parameter) -> list[_T]:
        """Return the decoded rows of `query`.

        Raises:
            UnreadableFileError: The file is damaged.
        """
        with reading(self.file):
            return [decode(row) for row in self._connection.execute(query, parameters)]

    def pages(self, query: str, start: int, stop: int | None) -> Iterator[SqlRow]:
        """Yield the rows of `query`, page by page.

        Args:
            query: Selects the id in front and ends in a WHERE that the range of ids is added to.
            start: First id.
            stop: The id after the last one; None: all.
        """
        last = 2**62 if stop is None else stop - 1
        page = f"{query} BETWEEN ? AND ? ORDER BY 1 LIMIT ?"
        rows = self.fetch(tuple, page, start, last, _PAGE)
        while rows:
            yield from rows
            with reading(self.file):
                following = rows[-1][0] + 1
            rows = self.fetch(tuple, page, following, last, _PAGE)

    def close(self) -> None:
        """End reading."""
        self._connection.close()
