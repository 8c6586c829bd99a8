"""How likely a model holds a given text to be: what judging by a small model rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from elm_protocols import UserError


@runtime_checkable
class Scorer(Protocol):
    """A model that can say how likely a text is."""

    def score(self, prompt: str, continuations: Sequence[str]) -> list[float]:
        """Return each continuation's mean log-likelihood a token (nats, at most 0) after the prompt."""
        ...


def split_tokens(
    tokens_of: Callable[[str], list[int]], prompt: str, continuation: str
) -> tuple[list[int], list[int]]:
    """Return the tokens of prompt + continuation, split where the continuation begins.

    A token that spans the border counts to the continuation.

    Raises:
        UserError: The prompt or the continuation has no token of its own.
    """
    alone, together = tokens_of(prompt), tokens_of(prompt + continuation)
    border = 0
    while border < min(len(alone), len(together)) and alone[border] == together[border]:
        border += 1
    if border == 0 or border == len(together):
        raise UserError("Scoring needs a prompt and a continuation that are not empty.")
    return together[:border], together[border:]
