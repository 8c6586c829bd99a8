"""Evolve a text towards a target: the toy domain for programs and prompts."""

from __future__ import annotations

import string
from collections.abc import Sequence

from numpy.random import Generator

from elm_protocols import (
    BehaviorSpace,
    ContinuousAxis,
    Evaluation,
    Genotype,
    Individual,
    Offspring,
    Origin,
    UserError,
)

ALPHABET = string.ascii_lowercase + " "
_VOWELS = frozenset("aeiou")


class StringEvolution:
    """Match a target text, over all shares of vowels and of different letters.

    Fitness is the share of places that agree with the target, 0 to 1; 1 is reached by the target alone.
    Measures are the shares of vowels and of different characters in the text. A mutation replaces
    characters; with several parents, each place is first inherited from one of them.

    Args:
        target: The text to match: lower-case letters a to z and spaces.
        mutations: Expected number of characters that a mutation replaces, above 0.
    """

    def __init__(self, *, target: str = "evolution through large models", mutations: float = 1.5) -> None:
        if not target or set(target) - set(ALPHABET):
            raise UserError("The target of string evolution needs letters a to z and spaces, at least one.")
        if not mutations > 0:
            raise UserError(f"The mutations of string evolution must lie above 0, not at {mutations}.")
        self._target = target
        self._rate = min(1.0, mutations / len(target))
        self.behavior_space = BehaviorSpace(
            (
                ContinuousAxis("vowels", 0.0, 1.0, unit="share"),
                ContinuousAxis("different characters", 0.0, 1.0, unit="share"),
            )
        )

    def random(self, n: int, rng: Generator) -> Sequence[Offspring]:
        """Return `n` texts of random characters, as long as the target."""
        picks = rng.integers(len(ALPHABET), size=(n, len(self._target)))
        return [
            Offspring(genotype="".join(ALPHABET[pick] for pick in row), origin=Origin(operator="random"))
            for row in picks.tolist()
        ]

    def mutate(self, parents: Sequence[Sequence[Individual]], rng: Generator) -> Sequence[Offspring]:
        """Return one child for each group of parents."""
        return [
            Offspring(
                genotype=self._child([str(parent.genotype) for parent in group], rng),
                parents=tuple(parent.id for parent in group),
                origin=Origin(operator="characters"),
            )
            for group in parents
        ]

    def _child(self, parents: Sequence[str], rng: Generator) -> str:
        sources = rng.integers(len(parents), size=len(self._target)).tolist()
        child = [parents[source][place] for place, source in enumerate(sources)]
        replaced = rng.random(len(child)) < self._rate
        if not replaced.any():
            replaced[rng.integers(len(child))] = True
        for place in replaced.nonzero()[0].tolist():
            child[place] = ALPHABET[rng.integers(len(ALPHABET))]
        return "".join(child)

    def evaluate(self, genotypes: Sequence[Genotype]) -> Sequence[Evaluation]:
        """Return fitness and measures of each text; one of another length is `wrong-length`."""
        return [self._evaluate(genotype) for genotype in genotypes]

    def _evaluate(self, text: Genotype) -> Evaluation:
        if not isinstance(text, str) or len(text) != len(self._target):
            return Evaluation(
                status="wrong-length", feedback=f"A text of {len(self._target)} characters is needed."
            )
        matches = sum(a == b for a, b in zip(text, self._target, strict=True))
        vowels = sum(character in _VOWELS for character in text)
        return Evaluation(
            fitness=matches / len(text), measures=(vowels / len(text), len(set(text)) / len(text))
        )
