"""How far a search has come, and whether its budget is used up."""

from __future__ import annotations

from dataclasses import dataclass

from elm_protocols import AddStatus, Statistics, Step
from elm_qd.search_budget import Budget


@dataclass(frozen=True, slots=True)
class SearchResult:
    """How a search ended.

    Attributes:
        reason: `steps`, `individuals`, `seconds`, `tokens`, `target_fitness`, `stagnation` (the limit of
            the budget that was reached), `budget` (a model's limits of spending were), or `interrupted`.
        statistics: Figures of the archive at the end.
        steps: Steps done (generations, or children in steady state), re-run history included.
        tokens: Tokens spent on language models, re-run history included.
    """

    reason: str
    statistics: Statistics
    steps: int
    tokens: int


@dataclass
class Progress:
    """What a search has done so far."""

    statistics: Statistics
    steps: int = 0
    individuals: int = 0
    tokens: int = 0
    barren: int = 0

    def count(self, step: Step) -> None:
        """Take a step into account."""
        self.statistics = step.statistics
        self.steps += 1
        self.individuals += len(step.offspring)
        self.tokens += sum(child.origin.usage.tokens for child in step.offspring)
        gains = any(a.status in (AddStatus.NEW, AddStatus.IMPROVED) for a in step.additions)
        self.barren = 0 if gains else self.barren + 1

    def spent(self, budget: Budget, seconds: float) -> str:
        """Return the name of the limit that is reached, or an empty text."""
        used = {
            "target_fitness": self.statistics.best,
            "steps": self.steps,
            "individuals": self.individuals,
            "tokens": self.tokens,
            "stagnation": self.barren,
            "seconds": seconds,
        }
        for name, value in used.items():
            limit = getattr(budget, name)
            if limit is not None and value >= limit:  # the best of an empty archive is NaN: no target
                return name
        return ""

    def result(self, reason: str) -> SearchResult:
        """Return how the search ended."""
        return SearchResult(reason, self.statistics, self.steps, self.tokens)
