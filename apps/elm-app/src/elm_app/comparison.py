"""The table that ends `elm-run -m`: one row for each run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig
from rich.console import Console
from rich.table import Table

import elm_store


class Comparison(Callback):
    """Compares the runs of a multirun, whichever launcher ran them, by what they left in their folder.

    Runs that others began in the same folder meanwhile are in the table as well.
    """

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Note the time."""
        self._started = time.time()

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Print the table."""
        rows = []
        for file in sorted(Path(config.runs).glob("*/run.sqlite")):
            if file.stat().st_mtime < self._started:
                continue  # an older run, or what is left of one
            with elm_store.open(file) as run:
                if run.created >= self._started:
                    rows.append(row(run))
        print_comparison(rows)


def row(run: elm_store.Run) -> tuple[str, ...]:
    """Return what the table says of a run."""
    figures = run.statistics
    if figures is None:
        return (run.path.parent.name, run.status, "0", "", "", "", "0")
    return (
        run.path.parent.name,
        run.reason or run.status,
        str(figures.individuals),
        f"{figures.coverage:.1%}",
        f"{figures.qd_score:.1f}",
        f"{figures.best:.4g}",
        str(run.usage.tokens),
    )


def print_comparison(rows: Sequence[tuple[str, ...]]) -> None:
    """Print one line a run."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("run", "ended", "individuals", "coverage", "QD score", "best", "tokens"):
        table.add_column(name, no_wrap=True)
    for cells in rows:
        table.add_row(*cells)
    names = max((len(cells[0]) for cells in rows), default=0)
    console = Console(width=max(Console().width, names + 80))  # a terminal too narrow wraps, nothing is cut
    console.print("\nComparison", highlight=False)
    console.print(table, highlight=False)
