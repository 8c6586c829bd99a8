"""The runs that a page shows: those named, or all of a folder, the newest first."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from elm_protocols import Json, UserError
from elm_viewer.shown_run import ShownRun

RUN_FILE = "run.sqlite"


def runs_in(folder: Path) -> list[Path]:
    """Return the folders of the runs in `folder`, the one that was written last first.

    Raises:
        UserError: If there is none.
    """
    files = sorted(folder.glob(f"*/{RUN_FILE}"), key=_written, reverse=True)
    if not files:
        raise UserError(
            f"There is no run in {folder}: name one (elm-viewer RUN) or its folder (--runs FOLDER)."
        )
    return [file.parent for file in files]


def _written(file: Path) -> float:
    log = file.with_name(f"{file.name}-wal")  # of a run that is being written, only the log is new
    return max(path.stat().st_mtime for path in (file, log) if path.exists())


class ShownRuns:
    """Several runs, opened when first asked for. Safe to use from several threads.

    Args:
        paths: Their folders or files.
    """

    def __init__(self, paths: Sequence[str | Path]) -> None:
        self._paths = list(paths)
        self._open: dict[int, ShownRun] = {}
        self._lock = threading.Lock()

    def listed(self) -> list[Json]:
        """Return the runs' names, in order."""
        return [Path(path).resolve().name for path in self._paths]

    def run(self, number: int) -> ShownRun:
        """Return the run at a place of the list.

        Raises:
            UserError: There is none, or it cannot be read.
        """
        if not 0 <= number < len(self._paths):
            raise UserError(f"This page shows {len(self._paths)} runs, numbered from 0.")
        with self._lock:
            if number not in self._open:
                self._open[number] = ShownRun(self._paths[number])
                threading.Thread(target=self._open[number].prepare, daemon=True).start()
            return self._open[number]
