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
    n = len(niches)
    # Sorting niche and position packed into one number is stable, and faster than a stable argsort.
    bits = n.bit_length()
    packed = (niches << bits) | np.arange(n)
    packed.sort()
    order = packed & ((1 << bits) - 1)
    packed >>= bits
    first = np.empty(n, dtype=np.bool_)
    first[0] = True
    np.not_equal(packed[1:], packed[:-1], out=first[1:])
    beaten = incumbent[order]
    if first.all():
        return BatchOrder(order, first, first, beaten)
    entering = first.copy()
    _climb(np.flatnonzero(~(first & np.append(first[1:], True))), first, fitness[order], entering, beaten)
    if not entering.all():
        order, first, beaten = order[entering], first[entering], beaten[entering]
    return BatchOrder(order, first, np.append(first[1:], True), beaten)


def _climb(
    shared: NDArray[np.int64],
    first: NDArray[np.bool_],
    fitness: NDArray[np.float64],
    entering: NDArray[np.bool_],
    beaten: NDArray[np.float64],
) -> None:
    """Let the entries at `shared`, those with a niche in common, enter where they beat all before them.

    Args:
        shared: Positions in the arrays below, which are sorted by niche, then by position in the batch.
        first: Whether each entry is the first of its niche.
        fitness: Fitness of each entry.
        entering: Gets whether each enters.
        beaten: Gets the fitness that each had to beat.
    """
    scores = fitness[shared]
    opening = first[shared]
    # A running maximum within each niche: niches count upwards in the high digits of a key, ranks in the low.
    _, ranks = np.unique(scores, return_inverse=True)
    keys = np.cumsum(opening) * len(shared) + ranks
    highest = np.maximum.accumulate(keys)
    better = opening.copy()
    better[1:] |= keys[1:] > highest[:-1]
    entering[shared] = better
    climbing = np.flatnonzero(better)
    later = ~opening[climbing]
    beaten[shared[climbing[later]]] = scores[climbing[:-1][later[1:]]]
