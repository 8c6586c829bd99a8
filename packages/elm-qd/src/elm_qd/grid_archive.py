"""The archive of MAP-Elites over a grid."""

from __future__ import annotations

from collections.abc import Sequence

from elm_protocols import BehaviorSpace
from elm_qd.elite_archive import EliteArchive
from elm_qd.grid import Grid


def GridArchive(  # noqa: N802 - reads as the constructor it stands for
    space: BehaviorSpace,
    bins: int | Sequence[int] = 0,
    *,
    qd_offset: float = 0.0,
    genotype_size: int | None = None,
) -> EliteArchive:
    """Return an empty `EliteArchive` over a `Grid`; see both for the arguments."""
    return EliteArchive(Grid(space, bins), qd_offset=qd_offset, genotype_size=genotype_size)
