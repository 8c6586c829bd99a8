"""What Triton's Python backend loads; the rest is imported with the weights, not to read the tensors.

Copied into a model repository by `elm-triton export`, with `answering.py` and `batched_generation.py`.
"""

# mypy: disable-error-code="import-not-found,import-untyped,no-any-return,misc"

from __future__ import annotations

from typing import Any


class TritonPythonModel:
    """The class that the backend looks for; one object an instance."""

    def initialize(self, args: dict[str, str]) -> None:
        """Load the model."""
        from answering import LoadedModel  # noqa: PLC0415 (imports torch)

        self._model = LoadedModel(args)

    def execute(self, requests: list[Any]) -> None:
        """Answer requests, each through its response sender."""
        self._model.answer(requests)
