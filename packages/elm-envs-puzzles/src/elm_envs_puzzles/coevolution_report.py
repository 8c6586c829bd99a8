"""What a run of co-evolution came to: puzzles made, share valid, difficulties, the hardest one solved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from elm_protocols import Evaluation, Individual

_BINS = ((0.0, "0"), (0.25, "0-0.25"), (0.5, "0.25-0.5"), (0.75, "0.5-0.75"), (1.0, "0.75-1"))
_BAR = 40


class CoevolutionTally:
    """Counts what became of the puzzles of a run."""

    def __init__(self) -> None:
        self._statuses: Counter[str] = Counter()
        self._difficulties: Counter[str] = Counter()

    def add(self, evaluations: Iterable[Evaluation]) -> None:
        """Take note of evaluated puzzles, failed ones included."""
        for evaluation in evaluations:
            self._statuses[evaluation.status] += 1
            if evaluation.ok:
                self._difficulties[_bin(evaluation)] += 1

    @property
    def made(self) -> int:
        """How many puzzles there were, invalid ones included."""
        return sum(self._statuses.values())

    @property
    def valid(self) -> int:
        """How many of them count."""
        return self._statuses["ok"]

    def report(self, elites: Iterable[Individual]) -> str:
        """Return the report as Markdown; `elites` with the best fitness first."""
        lines = ["# Puzzles and their solutions", ""]
        if self.made:
            lines += [f"{self.made} puzzles made, {self.valid} valid ({self.valid / self.made:.0%})", ""]
            refused = [(status, n) for status, n in self._statuses.most_common() if status != "ok"]
            lines += [f"- {status}: {count}" for status, count in refused] + [""]
            lines += ["Difficulty (1 - pass@k) of the valid ones:", "", "```", *self._histogram(), "```", ""]
        hardest = next(iter(elites), None)
        if hardest is not None and hardest.fitness > 0:
            program = str(hardest.genotype).strip()
            lines += [
                f"Hardest that was solved (fitness {hardest.fitness:.3g}):",
                "",
                "```python",
                program,
                "```",
            ]
        else:
            lines.append("No puzzle in the archive is both solved by the model under test and hard for it.")
        return "\n".join(lines) + "\n"

    def _histogram(self) -> list[str]:
        names = [name for _, name in _BINS] + ["never solved"]
        largest = max(self._difficulties.values(), default=1)
        counts = [(name, self._difficulties[name]) for name in names]
        return [
            f"{name:>12} {count:>6} {'#' * round(_BAR * count / largest)}".rstrip() for name, count in counts
        ]


def _bin(evaluation: Evaluation) -> str:
    if not evaluation.artifacts.get("solved"):
        return "never solved"
    difficulty = evaluation.artifacts.get("difficulty", 0.0)
    number = difficulty if isinstance(difficulty, int | float) else 0.0
    return next(name for high, name in _BINS if number <= high + 1e-12)
