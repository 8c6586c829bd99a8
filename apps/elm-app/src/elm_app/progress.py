"""The progress line of a running search."""

from __future__ import annotations

import math
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from elm_protocols import Statistics, Step
from elm_qd import Budget

SECONDS_BETWEEN_PRINTED_LINES = 10.0
"""Where the output is no terminal (a log, CI), a line is printed this often instead of a live one."""


class ProgressLine:
    """An observer that shows where the search stands: live on a terminal, now and then elsewhere."""

    def __init__(self, console: Console, budget: Budget, already: Statistics | None) -> None:
        self._console = console
        self._budget = budget
        self._already = already.individuals if already else 0
        self._start = self._printed = time.monotonic()
        self._live = Live(Text("starting ..."), console=console, transient=True, auto_refresh=False)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start(refresh=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def on_step(self, step: Step) -> None:
        """Show the figures after a step."""
        now = time.monotonic()
        line = progress_text(step, now - self._start, self._already, self._budget)
        if self._console.is_terminal:
            self._live.update(Text(line, no_wrap=True, overflow="ellipsis"), refresh=True)
        elif now - self._printed >= SECONDS_BETWEEN_PRINTED_LINES or step.index == 0:
            self._printed = now
            self._console.print(line, highlight=False, soft_wrap=True)


def progress_text(step: Step, elapsed: float, already: int, budget: Budget) -> str:
    """Return the figures of one line.

    Args:
        step: The last step.
        elapsed: Seconds since the search began or was resumed, at least 0.
        already: Individuals that a resumed run had before.
        budget: To tell what is left.
    """
    figures = step.statistics
    rate = (figures.individuals - already) / elapsed if elapsed > 0 else 0.0
    parts = [
        f"step {step.index + 1}",
        f"valid {figures.valid_share:.0%}",
        f"niches {figures.filled}/{figures.niches}",
        f"QD score {figures.qd_score:.1f}",
        f"best {figures.best:.2f}",
        f"{rate:.1f} children/s",
    ]
    left = _seconds_left(figures, elapsed, rate, budget)
    return " | ".join([*parts, f"{_clock(left)} left"] if math.isfinite(left) else parts)


def _seconds_left(figures: Statistics, elapsed: float, rate: float, budget: Budget) -> float:
    """Return the time to the nearest limit that can be foretold; infinity if none can."""
    limits = [math.inf]
    if budget.seconds is not None:
        limits.append(budget.seconds - elapsed)
    if budget.individuals is not None and rate > 0:
        limits.append((budget.individuals - figures.individuals) / rate)
    return max(0.0, min(limits))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
