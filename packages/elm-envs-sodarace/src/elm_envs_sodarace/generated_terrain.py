"""Random terrains, by difficulty and seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from elm_envs_sodarace.outline import FEATURES_END, Points

Piece = Callable[[np.random.Generator, float], Points]


def generated_floor(start: float, difficulty: float, seed: int) -> Points:
    """Return a floor of random pieces ahead of `start`, each followed by level ground.

    Pieces are slopes, steps, bumps, ditches and low walls; their sizes grow in proportion to the difficulty
    and the level
    ground between them shrinks, as in POET's generator of obstacle courses (Wang et al. 2019, arXiv
    1901.01753, section 4.1). Difficulty 0 is level ground.

    Args:
        start: Where the first piece may begin, world units.
        difficulty: 0 to 1.
        seed: The same seed and difficulty give the same floor.
    """
    rng = np.random.default_rng(seed)
    x, y = start, 0.0
    floor: list[tuple[float, float]] = [(x, y)]
    while difficulty > 0 and x < start + FEATURES_END:
        x += rng.uniform(10.0, 60.0 - 40.0 * difficulty)
        piece = _PIECES[sorted(_PIECES)[rng.integers(len(_PIECES))]]
        corners = [(x + dx, y + dy) for dx, dy in piece(rng, difficulty)]
        floor += corners
        x, y = corners[-1]
    return tuple(floor)


def _slope(rng: np.random.Generator, difficulty: float) -> Points:
    run = rng.uniform(15.0, 60.0)
    return ((0.0, 0.0), (run, run * rng.uniform(-0.4, 0.4) * difficulty))


def _step(rng: np.random.Generator, difficulty: float) -> Points:
    return ((0.0, 0.0), (0.0, rng.uniform(-10.0, 10.0) * difficulty))


def _bump(rng: np.random.Generator, difficulty: float) -> Points:
    width, height = rng.uniform(8.0, 24.0), rng.uniform(2.0, 10.0) * difficulty
    return (
        (0.0, 0.0),
        (width * 0.25, height * 0.75),
        (width * 0.5, height),
        (width * 0.75, height * 0.75),
        (width, 0.0),
    )


def _ditch(rng: np.random.Generator, difficulty: float) -> Points:
    width, depth = 3.0 + rng.uniform(0.0, 12.0) * difficulty, rng.uniform(4.0, 20.0) * difficulty
    return ((0.0, 0.0), (0.0, -depth), (width, -depth), (width, 0.0))


def _wall(rng: np.random.Generator, difficulty: float) -> Points:
    width, height = rng.uniform(4.0, 10.0), rng.uniform(2.0, 16.0) * difficulty
    return ((0.0, 0.0), (0.0, height), (width, height), (width, 0.0))


_PIECES: Mapping[str, Piece] = {"bump": _bump, "ditch": _ditch, "slope": _slope, "step": _step, "wall": _wall}
