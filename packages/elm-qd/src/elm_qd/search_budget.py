"""When a search ends."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from elm_protocols import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a search may use, and what it is after; None: no limit.

    All but `seconds` count from the beginning of the search, re-run history included, so that a resumed
    search ends where an uninterrupted one would.

    Attributes:
        steps: Generations.
        individuals: Offspring, failed ones included; the last generation is cut to fit.
        seconds: Wall-clock time of this call; looked at between generations.
        tokens: Tokens read and written by language models; looked at between generations.
        target_fitness: Ends the search once the best fitness is at least this.
        stagnation: Generations in a row without a new or improved elite.
    """

    steps: int | None = None
    individuals: int | None = None
    seconds: float | None = None
    tokens: int | None = None
    target_fitness: float | None = None
    stagnation: int | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None:
                continue
            if math.isnan(value):
                raise UserError(f"The budget's {field.name} must be a number, not NaN.")
            if value < 0 and field.name != "target_fitness":
                raise UserError(f"The budget's {field.name} cannot be negative, got {value}.")
        if self.stagnation == 0:
            raise UserError("The budget's stagnation must be at least one generation.")
