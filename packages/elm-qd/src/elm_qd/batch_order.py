"""Which members of a batch enter an archive, as if they came one by one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class BatchOrder:
    """The entries of a batch that enter, niche by niche and in the order of the batch within a niche.

    Attributes:
        accepted: Positions in the batch, shape (k,).
        first: Whether each is the first to enter its niche, shape (k,).
        last: Whether each is the last to enter its niche, shape (k,): it stays there.
        beaten: The fitness that each had to beat, shape (k,).
    """

    accepted: NDArray[np.int64]
    first: NDArray[np.bool_]
    last: NDArray[np.bool_]
    beaten: NDArray[np.float64]


def resolve_batch(
    niches: NDArray[np.int64], fitness: NDArray[np.float64], incumbent: NDArray[np.float64]
) -> BatchOrder:
    """Resolve a batch of which every entry beats the elite from before the batch.

    Args:
        niches: Niche of each entry, shape (n,), n >= 1.
        fitness: Fitness of each entry, shape (n,).
        incumbent: Fitness of the elite of each entry's niche before the batch, -inf if none, shape (n,).

    Returns:
        Those that enter when the batch is added one by one in order.
    """
    order = np.argsort(niches, kind="stable")
    sorted_niches = niches[order]
    first = np.empty(len(order), dtype=np.bool_)
    first[0] = True
    np.not_equal(sorted_niches[1:], sorted_niches[:-1], out=first[1:])
    if first.all():
        return BatchOrder(order, first, first, incumbent[order])
    scores = fitness[order]
    # A running maximum within each niche: niches count upwards in the high digits of a key, ranks in the low.
    _, ranks = np.unique(scores, return_inverse=True)
    keys = np.cumsum(first) * len(order) + ranks
    entering = first.copy()
    entering[1:] |= keys[1:] > np.maximum.accumulate(keys)[:-1]
    accepted = order[entering]
    first = first[entering]
    scores = scores[entering]
    beaten = incumbent[accepted]
    beaten[1:][~first[1:]] = scores[:-1][~first[1:]]
    return BatchOrder(accepted, first, np.append(first[1:], True), beaten)
