"""The contract of archives."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from elm_protocols import AddStatus, Genotype, UserError
from elm_qd.archive import Archive
from elm_qd.state_file import load_state, save_state
from elm_qd.testing.promises import require, same

_GENOTYPES: tuple[Genotype, ...] = ("text", [1, 2], [3, 4], {"a": [None, True]}, 0.5, "")


@dataclass(frozen=True)
class _Batch:
    genotypes: list[Genotype]
    fitness: NDArray[np.float64]
    measures: NDArray[np.float64]


def check_archive(
    empty: Callable[[], Archive],
    from_state: Callable[[Mapping[str, Any]], Archive],
    *,
    seed: int = 0,
) -> None:
    """Check an archive: batch semantics, refusals, order, figures, and states.

    Args:
        empty: Returns a new, empty archive; each time one that behaves the same.
        from_state: Returns the archive of a state.
        seed: Seed of the random batches.
    """
    archive = empty()
    require(isinstance(archive, Archive), "An archive has the attributes and methods of Archive.")
    require(len(archive) == 0 and archive.statistics().filled == 0, "A new archive is empty.")
    require(math.isnan(archive.statistics().best), "The best fitness of an empty archive is NaN.")
    require(len(archive.add([], [], np.zeros((0, len(archive.space))))) == 0, "An empty batch is legal.")
    rng = np.random.default_rng(seed)
    batches = [_batch(archive, size, rng) for size in (1, 5, 40, 40, 200)]
    _check_batches(empty(), empty(), batches)
    _check_refusals(empty(), rng)
    _check_members(empty(), batches)
    _check_states(empty(), from_state, batches)
    _check_mistakes(empty())


def _batch(archive: Archive, size: int, rng: Generator) -> _Batch:
    """Return individuals with ties in fitness, points outside the bounds, and some invalid ones."""
    low, high = np.array(archive.space.bounds).T
    measures = rng.uniform(low - 0.1 * (high - low), high + 0.1 * (high - low), (size, len(low)))
    fitness = rng.integers(-5, 5, size) / 2.0
    invalid = rng.random(size) < 0.1
    fitness[invalid] = rng.choice([math.nan, math.inf, -math.inf], int(invalid.sum()))
    measures[rng.random(size) < 0.05, 0] = math.nan
    picks = rng.integers(len(_GENOTYPES), size=size).tolist()
    return _Batch([_GENOTYPES[pick] for pick in picks], fitness, measures)


def _check_batches(whole: Archive, single: Archive, batches: list[_Batch]) -> None:
    for batch in batches:
        additions = list(whole.add(batch.genotypes, batch.fitness, batch.measures))
        one_by_one = [
            single.add_one(genotype, fitness, measures)
            for genotype, fitness, measures in zip(
                batch.genotypes, batch.fitness.tolist(), batch.measures.tolist(), strict=True
            )
        ]
        require(
            [(a.status, a.improvement, a.niche) for a in additions]
            == [(a.status, a.improvement, a.niche) for a in one_by_one],
            "A batch has the outcomes of its members added one by one.",
        )
        require(same(whole.state(), single.state()), "A batch leaves what its members leave one by one.")
        require(repr(whole.statistics()) == repr(single.statistics()), "Figures do not depend on batches.")


def _check_refusals(archive: Archive, rng: Generator) -> None:
    low, high = np.array(archive.space.bounds).T
    middle = ((low + high) / 2).tolist()
    for bad in (math.nan, math.inf, -math.inf):
        additions = list(archive.add(["a", "b", "c"], [1.0, bad, 2.0], [middle, middle, [bad, *middle[1:]]]))
        require(
            [a.status is AddStatus.INVALID for a in additions] == [False, True, True],
            "NaN and infinite values are invalid, each alone.",
        )
        require(
            all(a.niche == -1 and a.improvement == 0.0 for a in additions[1:]),
            "An invalid individual has no niche and no improvement.",
        )
        status = archive.add_one("d", bad, middle).status
        require(status is AddStatus.INVALID, "NaN and infinite values are invalid one by one too.")
    figures = archive.statistics()
    require((figures.individuals, figures.valid) == (12, 3), "Invalid individuals are counted as such.")
    require({individual.genotype for individual in archive.elites()} == {"a"}, "What is invalid is not kept.")
    far = (high + 1e300 * (1 + rng.random())).tolist()
    require(archive.add_one("e", 9.0, far).status is not AddStatus.INVALID, "Far outside is legal.")


def _check_members(archive: Archive, batches: list[_Batch]) -> None:
    offered = [
        (genotype, fitness, tuple(measures))
        for batch in batches
        for genotype, fitness, measures in zip(
            batch.genotypes, batch.fitness.tolist(), batch.measures.tolist(), strict=True
        )
    ]
    for batch in batches:
        notes = [f"note {i}" for i in range(len(batch.genotypes))]
        archive.add(batch.genotypes, batch.fitness, batch.measures, metadata=notes)
    members = archive.individuals(range(len(archive)))
    for member in members:
        genotype, fitness, measures = offered[member.id]
        require(
            (member.genotype, member.fitness, member.measures) == (genotype, fitness, measures),
            "A member is kept as it was offered, under the position in which it was offered.",
        )
        require(type(member.genotype) is type(genotype), "A genotype keeps its type.")
        require(member.feedback.startswith("note "), "A text kept with a member comes back as feedback.")
    require(archive.ids.tolist() == [member.id for member in members], "ids lists the members.")
    require(archive.fitness.tolist() == [member.fitness for member in members], "fitness lists them.")
    require(
        [tuple(row) for row in archive.measures.tolist()] == [member.measures for member in members],
        "measures lists them.",
    )
    require(len(archive.niches) == len(members), "niches lists them.")
    ordered = sorted(members, key=lambda member: (-member.fitness, member.id))
    require(list(archive.elites()) == ordered, "elites come best fitness first, ties by id.")
    figures = archive.statistics()
    require(figures.best == ordered[0].fitness, "best is the highest fitness.")
    require(figures.filled <= min(figures.niches, len(members)), "No more niches are filled than there are.")
    require(figures.individuals == len(offered), "Every individual is counted once.")


def _check_states(
    archive: Archive, from_state: Callable[[Mapping[str, Any]], Archive], batches: list[_Batch]
) -> None:
    with TemporaryDirectory() as folder:
        for number, batch in enumerate(batches):
            path = Path(folder) / f"{number}.npz"
            save_state(archive.state(), path)
            restored = from_state(load_state(path))
            require(same(restored.state(), archive.state()), "A restored archive has the same state.")
            expected = list(archive.add(batch.genotypes, batch.fitness, batch.measures))
            found = list(restored.add(batch.genotypes, batch.fitness, batch.measures))
            require(found == expected, "A restored archive goes on as the original.")
            require(same(restored.state(), archive.state()), "A restored archive stays the same.")
            require(
                repr(restored.statistics()) == repr(archive.statistics()),
                "A restored archive has the same figures.",
            )


def _check_mistakes(archive: Archive) -> None:
    axes = len(archive.space)
    before = archive.state()
    for fitness, measures in (([1.0, 2.0], np.zeros((1, axes))), ([1.0], np.zeros((1, axes + 1)))):
        try:
            archive.add(["a"], fitness, measures)
        except UserError:
            continue
        raise AssertionError("Shapes that do not fit raise a UserError.")
    try:
        archive.add_one("a", 1.0, [0.0] * (axes + 1))
    except UserError:
        pass
    else:
        raise AssertionError("Measures of another number of axes raise a UserError.")
    require(same(archive.state(), before), "A batch that is refused as a whole changes nothing.")
