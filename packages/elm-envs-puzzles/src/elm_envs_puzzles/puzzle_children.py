"""New puzzles with their solutions, made from parents by a mutation model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from numpy.random import Generator

from elm_envs_puzzles.puzzle_programs import (
    PUZZLE_TEMPLATE,
    PuzzleProgram,
    parse_puzzle_program,
    with_shared_inputs,
)
from elm_envs_puzzles.triviality import COPIES_PARENT, same_puzzle
from elm_envs_puzzles.variation import vary
from elm_protocols import Individual, MutationModel, Offspring

INSTRUCTION = (
    "Write a new programming puzzle unlike the ones shown: a function sat whose first parameter is the "
    "answer, annotated with its type, and whose other parameters are inputs with defaults; sat returns True "
    "for a right answer only. Then write a function sol with the same inputs whose result makes sat return "
    "True."
)
"""What the mutation model is told."""


def new_puzzles(
    groups: Sequence[Sequence[Individual]], model: MutationModel, rng: Generator, *, draws: int
) -> list[Offspring]:
    """Return one puzzle with its solution for each group of parents.

    Args:
        groups: Parents of each child, whose genotypes are puzzle programs.
        model: Makes the children.
        rng: Draws the requests' seeds.
        draws: How often a child is drawn, at most, while its puzzle is a parent's; what the lost draws cost
            is on the child's account.
    """
    children = _drawn(groups, model, rng)
    for _ in range(draws - 1):
        copies = [index for index, child in enumerate(children) if child.status == COPIES_PARENT]
        if not copies:
            break
        redrawn = _drawn([groups[index] for index in copies], model, rng)
        for index, child in zip(copies, redrawn, strict=True):
            children[index] = _after(children[index], child)
    return children


def _drawn(groups: Sequence[Sequence[Individual]], model: MutationModel, rng: Generator) -> list[Offspring]:
    children = vary(groups, [PUZZLE_TEMPLATE] * len(groups), INSTRUCTION, model, rng)
    return [_own_puzzle(child, group) for child, group in zip(children, groups, strict=True)]


def _own_puzzle(child: Offspring, parents: Sequence[Individual]) -> Offspring:
    """Return the child with shared inputs, or lost if its puzzle is a parent's."""
    if not isinstance(child.genotype, str):
        return child
    text = with_shared_inputs(child.genotype)
    program = parse_puzzle_program(text)
    if isinstance(program, PuzzleProgram):
        for parent in parents:
            other = parse_puzzle_program(str(parent.genotype))
            if isinstance(other, PuzzleProgram) and same_puzzle(program, other):
                told = f"The puzzle is that of parent {parent.id}."
                return replace(child, genotype=None, status=COPIES_PARENT, feedback=told)
    return replace(child, genotype=text)


def _after(lost: Offspring, child: Offspring) -> Offspring:
    """Return the child with the cost of the draw that was lost before it."""
    causes = Counter(child.origin.lost) + Counter(lost.origin.lost) + Counter([lost.status])
    usage = lost.origin.usage + child.origin.usage
    return replace(child, origin=replace(child.origin, usage=usage, lost=dict(causes)))
