"""How a model draws its text."""

from __future__ import annotations

from dataclasses import dataclass

from elm_protocols import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How one text is drawn.

    Attributes:
        temperature: At least 0; 0 takes the likeliest token each time.
        top_p: Draw from the likeliest tokens that together hold this share of the probability, in (0, 1].
        max_tokens: Most tokens of the text, at least 1.
        stop: The text ends before the first of these.
        seed: Same seed, same text, as far as the backend keeps that promise; None: the backend's own.
    """

    temperature: float = 0.8
    top_p: float = 0.95
    max_tokens: int = 256
    stop: tuple[str, ...] = ()
    seed: int | None = None

    def __post_init__(self) -> None:
        if not self.temperature >= 0:
            raise UserError(f"Option 'temperature' must be at least 0, not {self.temperature}.")
        if not 0 < self.top_p <= 1:
            raise UserError(f"Option 'top_p' must lie above 0 and up to 1, not {self.top_p}.")
        if self.max_tokens < 1:
            raise UserError(f"Option 'max_tokens' must be at least 1, not {self.max_tokens}.")
        if not all(self.stop):
            raise UserError("Option 'stop' must not hold an empty text.")
        if self.seed is not None and not 0 <= self.seed < 2**63:
            raise UserError(f"Option 'seed' must lie between 0 and 2**63 - 1, not {self.seed}.")
