"""Which labels a targeted rewrite is to have."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from numpy.random import Generator

from elm_envs_prompts.text_domain import TextDomain

_BEST = 10.0


class NicheTargets:
    """Chooses combinations of labels: at random, as the paper does, or rather those without a good text.

    Args:
        domain: The domain.
        rule: `weak`: a niche is the likelier the worse its best text is, an empty one the likeliest;
            `uniform`: every niche is equally likely.
    """

    def __init__(self, domain: TextDomain, rule: str) -> None:
        names = [axis.name for axis in domain.axes]
        combinations = itertools.product(*(axis.names for axis in domain.axes))
        self._niches = [dict(zip(names, labels, strict=True)) for labels in combinations]
        self._best: dict[tuple[str, ...], float] = {}
        self._weak = rule == "weak"

    def take_note(self, labels: Mapping[str, str], quality: float) -> None:
        """Take note of a text that was judged."""
        niche = tuple(labels.values())
        self._best[niche] = max(quality, self._best.get(niche, 0.0))

    def draw(self, rng: Generator) -> dict[str, str]:
        """Return the labels to aim at, by axis."""
        if not self._weak:
            return self._niches[int(rng.integers(len(self._niches)))]
        weights = [(_BEST + 1.0 - self._best.get(tuple(niche.values()), 0.0)) ** 2 for niche in self._niches]
        total = sum(weights)
        return self._niches[int(rng.choice(len(weights), p=[weight / total for weight in weights]))]
