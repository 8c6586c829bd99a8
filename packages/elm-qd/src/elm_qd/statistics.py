"""Figures of archives: coverage, QD score and their relatives."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from elm_protocols import Statistics, UserError
from elm_qd.archive import Archive


def summarise(
    fitness: NDArray[np.float64], niches: int, qd_offset: float, individuals: int, valid: int
) -> Statistics:
    """Return the figures of an archive.

    The QD score is that of Pugh, Soros & Stanley 2016 (doi:10.3389/frobt.2016.00040): the sum of the
    elites' fitness, here counted from `qd_offset`.

    Args:
        fitness: Best fitness in each filled niche, shape (filled,).
        niches: How many niches there are.
        qd_offset: Fitness from which the QD score counts.
        individuals: How many individuals were offered.
        valid: How many of them were valid.
    """
    filled = len(fitness)
    if not filled:
        return Statistics(
            individuals=individuals,
            valid=valid,
            niches=niches,
            filled=0,
            qd_score=0.0,
            best=math.nan,
            mean=math.nan,
            lowest=math.nan,
        )
    with np.errstate(over="ignore"):
        total = float(fitness.sum())
    return Statistics(
        individuals=individuals,
        valid=valid,
        niches=niches,
        filled=filled,
        qd_score=total - filled * qd_offset,
        best=float(fitness.max()),
        mean=total / filled,
        lowest=float(fitness.min()),
    )


def normalised_qd_score(statistics: Statistics, *, offset: float, highest: float) -> float:
    """Return the QD score as a share of the highest possible one, 0 to 1 if the bounds hold.

    Args:
        statistics: Figures of an archive whose QD score counts from `offset`.
        offset: The lowest possible fitness, which the QD score counts from.
        highest: The highest possible fitness.
    """
    if not offset < highest:
        raise UserError(f"The highest fitness ({highest}) must lie above the QD-score offset ({offset}).")
    return statistics.qd_score / (statistics.niches * (highest - offset))


def cqd_score(
    archive: Archive,
    targets: ArrayLike,
    *,
    lowest: float,
    highest: float,
    penalties: Sequence[float] = (0.0, 0.25, 0.5, 0.75, 1.0),
) -> float:
    """Return the continuous QD score (Kent, Branke, Gaier & Mouret 2022, doi:10.1145/3520304.3534018).

    For each target point and each penalty: the highest, over all members, of fitness less penalty times
    distance to the target. Fitness is scaled by its bounds to 0 to 1; distance is Euclidean with every
    axis in units of its range, as a share of the space's diagonal. The score is the mean over targets and
    penalties (the paper's sum, divided by its number of terms), so it does not depend on niches.

    Args:
        archive: The archive.
        targets: Points of the behaviour space, shape (n, axes), n >= 1.
        lowest: The lowest possible fitness.
        highest: The highest possible fitness.
        penalties: Weights of distance, at least one.

    Returns:
        At most 1; 0.0 for an empty archive.
    """
    if not lowest < highest:
        raise UserError(f"The highest fitness ({highest}) must lie above the lowest ({lowest}).")
    points = np.asarray(targets, dtype=np.float64)
    if points.ndim != 2 or not len(points) or points.shape[1] != len(archive.space) or not len(penalties):
        raise UserError("A CQD score needs at least one penalty and targets of shape (n, axes), n >= 1.")
    if not len(archive):
        return 0.0
    low, high = np.array(archive.space.bounds).T
    members = (archive.measures - low) / (high - low)
    quality = (archive.fitness - lowest) / (highest - lowest)
    total = 0.0
    for point in (points - low) / (high - low):
        distance = np.sqrt(np.square(members - point).mean(axis=1))
        total += sum(float((quality - penalty * distance).max()) for penalty in penalties)
    return total / (len(points) * len(penalties))
