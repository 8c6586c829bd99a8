"""What a run has come to: counts and history, gathered step by step."""

from __future__ import annotations

from collections import Counter

from elm_protocols import Statistics, Step, Usage


class Tally:
    """An observer that counts causes of loss and sums up what was spent.

    Attributes:
        history: Statistics after each step.
        invalid: Children that are not valid, by status.
        lost: Draws that operators discarded before they made a child, by cause.
        usage: Spent on language models.
    """

    def __init__(self) -> None:
        self.history: list[Statistics] = []
        self.invalid: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.usage = Usage()

    def on_step(self, step: Step) -> None:
        """Count a step."""
        self.history.append(step.statistics)
        self.invalid.update(evaluation.status for evaluation in step.evaluations if not evaluation.ok)
        for child in step.offspring:
            self.lost.update(child.origin.lost)
            self.usage += child.origin.usage
