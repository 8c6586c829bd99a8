"""Children by a mutation model."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.random import Generator

from elm_protocols import Individual, MutationModel, MutationRequest, Offspring


def vary(
    groups: Sequence[Sequence[Individual]],
    templates: Sequence[str],
    instruction: str,
    model: MutationModel,
    rng: Generator,
) -> list[Offspring]:
    """Return one child for each group of parents.

    Args:
        groups: Parents of each child, whose genotypes are programs.
        templates: What each child begins with.
        instruction: What kind of child is wanted.
        model: Makes the children.
        rng: Draws the requests' seeds.
    """
    requests = [
        MutationRequest(
            parents=tuple(str(parent.genotype) for parent in group),
            seed=int(seed),
            instruction=instruction,
            template=template,
            feedback=tuple(parent.feedback for parent in group),
        )
        for group, template, seed in zip(
            groups, templates, rng.integers(2**31, size=len(groups)), strict=True
        )
    ]
    return [
        Offspring(
            genotype=completion.text,
            parents=tuple(parent.id for parent in group),
            status=completion.status,
            feedback=completion.feedback,
            origin=completion.origin,
        )
        for group, completion in zip(groups, model.generate(requests), strict=True)
    ]
