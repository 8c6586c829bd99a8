"""What a mutation model is asked: the styles of prompts, as requests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from elm_envs_sodarace.program import INTERFACE, TEMPLATE
from elm_protocols import Individual, MutationRequest

STYLES = ("single", "multi", "crossover")
"""`single`: the first parent; `multi`: the first parent, then seeds drawn at random as further examples;
`crossover`: all parents of the group, as a few-shot list. After the single-seed, multi-seed and crossover
prompts of OpenELM."""

_TASK = (
    "The program builds a two-dimensional robot out of joints (add_joint) and muscles (add_muscle: "
    "amplitude 0 to 1, below 0.2 a rigid bone; phase in radians). The robot should travel far to the right."
)
_CHANGE = "Change the program so that its robot is different and still works."
_COMBINE = "Write a new program that combines what works in these programs."


def mutation_request(
    parents: Sequence[Individual],
    style: str,
    examples: Sequence[str],
    rng: np.random.Generator,
) -> MutationRequest:
    """Return the request for one child.

    Args:
        parents: The group of parents, at least one; genotypes are programs.
        style: One of `STYLES`.
        examples: For `multi`: programs to show beside the parent.
        rng: Draws the request's seed.
    """
    chosen = list(parents if style == "crossover" else parents[:1])
    texts = [str(parent.genotype) for parent in chosen]
    feedback = [parent.feedback for parent in chosen]
    if style == "multi":
        texts += examples
        feedback += [""] * len(examples)
    return MutationRequest(
        parents=tuple(texts),
        seed=int(rng.integers(2**63)),
        instruction=f"{_TASK} {_COMBINE if len(texts) > 1 else _CHANGE}",
        template=TEMPLATE,
        interface=INTERFACE,
        feedback=tuple(feedback),
    )
