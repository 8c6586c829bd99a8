"""Which recorded individual is the best of each niche."""

from __future__ import annotations

from collections.abc import Iterable

_Candidate = tuple[int, int, float]


def elite_ids(candidates: Iterable[_Candidate]) -> list[int]:
    """Return the fittest individual of each niche, the older one where two are equal; best fitness first.

    Args:
        candidates: (id, niche, fitness) of every individual that an archive took, in order of id.
    """
    best: dict[int, _Candidate] = {}
    for candidate in candidates:
        _, niche, fitness = candidate
        if niche not in best or fitness > best[niche][2]:
            best[niche] = candidate
    return [number for number, _, _ in sorted(best.values(), key=lambda elite: (-elite[2], elite[0]))]
