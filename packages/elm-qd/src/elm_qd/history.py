"""The figures of a search, step by step."""

from __future__ import annotations

from elm_protocols import Statistics, Step


class History:
    """A run observer that keeps the statistics after every step, for `elm_qd.plot.plot_history`.

    Attributes:
        statistics: The figures after each step, in order.
    """

    def __init__(self) -> None:
        self.statistics: list[Statistics] = []

    def on_step(self, step: Step) -> None:
        """Take note of a finished step."""
        self.statistics.append(step.statistics)
