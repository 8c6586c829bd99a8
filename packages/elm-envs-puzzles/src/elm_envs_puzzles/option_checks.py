"""Checks of the options that both environments have."""

from __future__ import annotations

import math
from collections.abc import Iterable

from elm_protocols import Limits, UserError

ANSWER_BYTES = 16 * 2**20
"""Largest answer that is taken; some of P3's solutions give one of several MB."""


def program_limits(seconds: float, memory_mb: int) -> Limits:
    """Return the limits of one run of a solution or a puzzle.

    Raises:
        UserError: If they are not positive.
    """
    if not (math.isfinite(seconds) and seconds > 0):
        raise UserError(f"A program needs a positive number of seconds, not {seconds}.")
    if memory_mb < 1:
        raise UserError(f"A program needs at least 1 MB of memory, not {memory_mb}.")
    return Limits(seconds=seconds, memory_bytes=memory_mb * 2**20, output_bytes=ANSWER_BYTES)


def require_choice(option: str, value: str, choices: Iterable[str]) -> None:
    """Raise a UserError unless `value` is one of `choices`."""
    listed = list(choices)
    if value not in listed:
        raise UserError(f"Option '{option}' is one of {', '.join(listed)}, not '{value}'.")
