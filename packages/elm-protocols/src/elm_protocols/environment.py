"""Environments: what is searched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from numpy.random import Generator

from elm_protocols.behavior import BehaviorSpace
from elm_protocols.individuals import Evaluation, Individual, Offspring
from elm_protocols.json_values import Genotype


@runtime_checkable
class Environment(Protocol):
    """A domain: how individuals begin, vary and are judged.

    Results come in the order of the arguments, one each. Nothing is raised for what a model or a
    program did wrong: that is a status.
    """

    @property
    def behavior_space(self) -> BehaviorSpace:
        """The axes of every evaluation's `measures`."""
        ...

    def random(self, n: int, rng: Generator) -> Sequence[Offspring]:
        """Return `n` individuals to begin with: seeds or random ones."""
        ...

    def mutate(self, parents: Sequence[Sequence[Individual]], rng: Generator) -> Sequence[Offspring]:
        """Return one child for each group of one or more parents (more parents: crossover).

        Safe to call from several threads at once with different generators.
        """
        ...

    def evaluate(self, genotypes: Sequence[Genotype]) -> Sequence[Evaluation]:
        """Return the evaluation of each genotype.

        A function of the genotypes alone; safe to run in another thread, process or machine.
        """
        ...


@runtime_checkable
class Illustrator(Protocol):
    """An environment that can show its phenotypes; the app calls it at the end of a run."""

    def illustrate(self, elites: Sequence[Individual], directory: Path) -> Sequence[Path]:
        """Write the best genotype and pictures of the phenotypes into `directory`.

        Args:
            elites: Members of the final archive, best fitness first; at least one.
            directory: An existing folder.

        Returns:
            The files written, most telling first.
        """
        ...


@runtime_checkable
class Reporter(Protocol):
    """An environment that has something to say of the final archive; the app puts it into its table."""

    def report(self, elites: Sequence[Individual]) -> Sequence[tuple[str, str]]:
        """Return the lines of a table: what is told of, and what is told.

        Args:
            elites: Members of the final archive, best fitness first; at least one.
        """
        ...


@runtime_checkable
class LineageIllustrator(Protocol):
    """An environment that can show how a phenotype came to be; the app calls it at the end of a run."""

    def illustrate_lineage(self, lineage: Sequence[Genotype], directory: Path) -> Sequence[Path]:
        """Write pictures of a line of descent into `directory`.

        Args:
            lineage: From the first ancestor to the individual, each the (first) parent of the next.
            directory: An existing folder.

        Returns:
            The files written.
        """
        ...
