"""What can go wrong between a prompt and its text: errors that say it in the server's own words."""

from __future__ import annotations

from elm_protocols import ElmError


class TritonError(ElmError):
    """A request failed. Mutation operators record it as `model-error`.

    Args:
        message: The server's words; a traceback in them is put on one line.
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class TritonTimeoutError(TritonError):
    """A request took longer than it may."""


class TritonUnavailableError(TritonError):
    """No server answers, or the model is not ready: trying again later may help."""


class ModelNotFoundError(TritonError):
    """The server does not know the model; raised by an endpoint and explained to the user by the client."""
