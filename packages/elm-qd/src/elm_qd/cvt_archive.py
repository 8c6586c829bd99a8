"""The archive of CVT-MAP-Elites."""

from __future__ import annotations

from numpy.typing import ArrayLike

from elm_protocols import BehaviorSpace
from elm_qd.elite_archive import EliteArchive
from elm_qd.voronoi import Voronoi, tessellate


def CVTArchive(  # noqa: N802 - reads as the constructor it stands for
    space: BehaviorSpace,
    niches: int = 1000,
    *,
    seed: int = 0,
    samples: int | ArrayLike = 0,
    centroids: ArrayLike | None = None,
    qd_offset: float = 0.0,
    genotype_size: int | None = None,
) -> EliteArchive:
    """Return an empty `EliteArchive` over `Voronoi` cells.

    Args:
        space: The behaviour space.
        niches: How many niches, unless `centroids` are given.
        seed: See `tessellate`.
        samples: See `tessellate`.
        centroids: Centroids to take as they are, in units of the axes, shape (niches, axes).
        qd_offset: See `EliteArchive`.
        genotype_size: See `EliteArchive`.
    """
    cells = (
        tessellate(space, niches, seed=seed, samples=samples)
        if centroids is None
        else Voronoi(space, centroids)
    )
    return EliteArchive(cells, qd_offset=qd_offset, genotype_size=genotype_size)
