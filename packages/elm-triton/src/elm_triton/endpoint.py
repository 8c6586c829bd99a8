"""What a connection to one server can do; gRPC and HTTP each do it their way."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from elm_triton.addresses import Address
from elm_triton.served_model import ServedModel
from elm_triton.text_tensors import Tensor

Outputs = Mapping[str, np.ndarray[Any, Any]]
"""The arrays of one response by name."""


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model in a server's repository.

    Attributes:
        name: Its name.
        state: `READY`, `UNAVAILABLE`, ...; empty where the server does not say.
        reason: Why it is not ready; empty if it is.
    """

    name: str
    state: str
    reason: str


class Endpoint(Protocol):
    """A connection to one server; every method is for one event loop and takes a limit in seconds.

    Failures are `TritonUnavailableError` (worth another try), `TritonTimeoutError`, `ModelNotFoundError`, and
    `TritonError` for all else the server says.
    """

    @property
    def address(self) -> Address:
        """Where it leads."""
        ...

    @property
    def cancels_whole_texts(self) -> bool:
        """Whether a request for a whole text can be cancelled; else only one for a text in pieces can."""
        ...

    async def is_ready(self, model: str, seconds: float) -> bool:
        """Return whether the server answers and the model is ready; never raises for the server's state."""
        ...

    async def describe(self, model: str, seconds: float) -> ServedModel:
        """Return the model's configuration."""
        ...

    async def list_models(self, seconds: float) -> Sequence[ModelState]:
        """Return what is in the server's repository."""
        ...

    def respond(
        self, model: ServedModel, tensors: Sequence[Tensor], seconds: float
    ) -> AsyncGenerator[Outputs, None]:
        """Yield the responses to one request; closing the generator cancels the request on the server."""
        ...

    async def close(self) -> None:
        """Close the connection."""
        ...
