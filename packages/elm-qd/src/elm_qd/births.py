"""From groups of parents to offspring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from numpy.random import Generator

from elm_protocols import OVER_BUDGET, Environment, Individual, Offspring, Origin
from elm_qd.reevaluation import REEVALUATION

T = TypeVar("T")


class ModelBudgetSpentError(Exception):
    """A child could not be made or evaluated, since a model may be asked no more: the search is to end."""


def reevaluation(elite: Individual) -> Offspring:
    """Return the offspring by which an elite is evaluated again."""
    return Offspring(genotype=elite.genotype, parents=(elite.id,), origin=Origin(operator=REEVALUATION))


def bear(
    environment: Environment, groups: Sequence[tuple[Individual, ...]], rng: Generator
) -> list[Offspring]:
    """Return one child a group, in order: random ones for the empty groups.

    Raises:
        ModelBudgetSpentError: If the limits of a model's spending left no room for one of them.
    """
    parents = [group for group in groups if group]
    wanted = len(groups) - len(parents)
    fresh = iter(exactly(wanted, environment.random(wanted, rng) if wanted else (), "random"))
    children = iter(exactly(len(parents), environment.mutate(parents, rng) if parents else (), "mutate"))
    born = [next(children) if group else next(fresh) for group in groups]
    if any(child.status == OVER_BUDGET for child in born):
        raise ModelBudgetSpentError
    return born


def exactly(n: int, results: Sequence[T], method: str) -> Sequence[T]:
    """Return `results`, of which an environment owes `n`."""
    if len(results) != n:
        raise RuntimeError(f"The environment's {method} owes {n} results and returned {len(results)}.")
    return results
