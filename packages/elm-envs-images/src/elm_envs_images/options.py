"""What users may choose, and the sentence that each mistake gets."""

from __future__ import annotations

import math
from collections.abc import Sequence

from elm_envs_images.drawing_programs import seed_programs
from elm_envs_images.fitness import FITNESS_NAMES, TARGET_SCORES
from elm_protocols import UserError

_SMALLEST, _LARGEST = 16, 1024  # pixels a side; the window of SSIM needs 11


def check_limits(height: int, width: int, seconds: float, memory_mb: int) -> None:
    """Raise `UserError` where a size or a limit is out of range."""
    for name, pixels in (("height", height), ("width", width)):
        if not _SMALLEST <= pixels <= _LARGEST:
            raise UserError(f"The {name} of the images must be {_SMALLEST} to {_LARGEST}, not {pixels}.")
    if not (0 < seconds < math.inf and memory_mb > 0):
        raise UserError(f"A program needs positive limits, not {seconds} seconds and {memory_mb} MiB.")


def check_fitness(fitness: str, target: str | None, scorer: str | None) -> None:
    """Raise `UserError` where the fitness is unknown or does not go with the other two."""
    if fitness not in FITNESS_NAMES:
        raise UserError(f"There is no fitness '{fitness}': choose among {', '.join(FITNESS_NAMES)}.")
    if target is not None and fitness not in TARGET_SCORES:
        raise UserError(f"With fitness={fitness} no target is looked at: leave out target={target}.")
    if (scorer is not None) != (fitness == "scorer"):
        raise UserError("A scorer=MODULE:CALLABLE goes with fitness=scorer: give both or neither.")


def chosen_seeds(names: Sequence[str], height: int, width: int) -> list[str]:
    """Return the seed programs of these names.

    Raises:
        UserError: A name is unknown, or none is given.
    """
    programs = seed_programs(height, width)
    unknown = [name for name in names if name not in programs]
    if unknown or not names:
        raise UserError(f"Choose one or more seeds among {', '.join(programs)}, not {unknown or 'none'}.")
    return [programs[name] for name in names]
