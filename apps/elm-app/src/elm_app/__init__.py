"""The command elm-run: composes environments, algorithms, models and sandboxes from a configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from elm_app.elm import ELM

__all__ = ["ELM"]


def __getattr__(name: str) -> Any:
    """Load `ELM` when it is asked for: processes that only evaluate import this package without hydra."""
    if name != "ELM":
        raise AttributeError(f"module 'elm_app' has no attribute '{name}'")
    from elm_app.elm import ELM  # noqa: PLC0415

    return ELM
