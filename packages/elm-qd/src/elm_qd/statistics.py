"""Figures of archives: coverage, QD score and their relatives."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from elm_protocols import Statistics, UserError


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
