"""How often each genotype was evaluated in a run, so that an evaluation repeated is one anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from elm_protocols import Genotype, Json, Step, content_hash


class Draws:
    """Counts evaluations by genotype, and keeps what they said.

    It learns of a step when the step is over: within a step, evaluations are a function of the genotypes.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._said: dict[str, list[Mapping[str, Json]]] = {}

    def of(self, genotype: Genotype) -> int:
        """Return how often a genotype was evaluated so far."""
        return self._counts[content_hash(genotype)]

    def said(self, genotype: Genotype) -> list[Mapping[str, Json]]:
        """Return the artifacts of a genotype's valid evaluations, in order."""
        return self._said.get(content_hash(genotype), [])

    def count(self, step: Step) -> None:
        """Take note of a finished step."""
        for child, evaluation in zip(step.offspring, step.evaluations, strict=True):
            if child.ok:
                key = content_hash(child.genotype)
                self._counts[key] += 1
                if evaluation.ok:
                    self._said.setdefault(key, []).append(evaluation.artifacts)
