"""The state of a numpy generator as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.random import Generator

from elm_protocols import UnreadableFileError


def generator_to_json(rng: Generator) -> dict[str, Any]:
    """Return the state of the bit generator; integers and texts, and lists where it has arrays."""
    state: dict[str, Any] = _plain(rng.bit_generator.state)
    return state


def restore_generator(rng: Generator, state: Mapping[str, Any]) -> None:
    """Set `rng` to a state of `generator_to_json`.

    Raises:
        UnreadableFileError: If the state is of another kind of bit generator.
    """
    kind = type(rng.bit_generator).__name__
    if state["bit_generator"] != kind:
        raise UnreadableFileError(
            f"The state needs the bit generator {state['bit_generator']}; give that one, not {kind}."
        )
    rng.bit_generator.state = dict(state)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value
