"""A model on one or more Triton servers: prompts in, texts out, whatever happens to the servers between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from elm_protocols import UserError
from elm_triton.addresses import Address, Credentials
from elm_triton.endpoint import Endpoint
from elm_triton.endpoint_opening import open_endpoint
from elm_triton.endpoint_pool import EndpointPool, Member
from elm_triton.failures import (
    ModelNotFoundError,
    TritonError,
    TritonTimeoutError,
    TritonUnavailableError,
)
from elm_triton.sampling import Sampling
from elm_triton.text_interfaces import choose_interface
from elm_triton.text_tensors import Reply, TextModel, encode_request

_DESCRIBE_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """Which model where, and how patiently.

    Attributes:
        addresses: Servers of the model, at least one.
        model_name: Name under which they serve it.
        credentials: TLS files and token.
        timeout: Seconds that a request may take from its start to its end, tries again included.
        max_concurrency: Most requests under way at once; further ones wait, which costs no timeout.
    """

    addresses: tuple[Address, ...]
    model_name: str
    credentials: Credentials = field(default_factory=Credentials)
    timeout: float = 120.0
    max_concurrency: int = 32

    def __post_init__(self) -> None:
        if not self.model_name:
            raise UserError("Option 'model_name' must name a model that the Triton server serves.")
        if not self.timeout > 0:
            raise UserError(f"Option 'timeout' must be a time above 0 seconds, not {self.timeout}.")
        if self.max_concurrency < 1:
            raise UserError(f"Option 'max_concurrency' must be at least 1, not {self.max_concurrency}.")


class TritonClient:
    """Asks a model; belongs to the event loop that it is made in.

    A request that finds its server unavailable is tried again, there or on another server, until its timeout:
    a text is drawn anew, so nothing is lost or done twice. All else that a server refuses is raised at once.

    Args:
        options: Which model where.
    """

    def __init__(self, options: ServerOptions) -> None:
        endpoints = [open_endpoint(address, options.credentials) for address in options.addresses]
        self._options = options
        self._pool = EndpointPool(endpoints, options.model_name)
        self._places = asyncio.Semaphore(options.max_concurrency)
        self._model: TextModel | None = None

    async def generate(self, prompt: str, sampling: Sampling) -> Reply:
        """Return the model's reply to a prompt.

        Raises:
            TritonError: The server's failure.
            UserError: The model does not exist, or has no text interface that is known.
        """
        async with self._places:
            deadline = self._deadline()
            while True:
                member = await self._pool.choose(deadline)
                try:
                    return await self._whole_reply(member, deadline, prompt, sampling)
                except TritonUnavailableError as error:
                    self._give_up_on(member, error, deadline)

    async def stream(self, prompt: str, sampling: Sampling) -> AsyncGenerator[Reply, None]:
        """Yield the reply after each new piece of it; tried again only before the first piece.

        Raises:
            TritonError: The server's failure.
            UserError: The model does not exist, or has no text interface that is known.
        """
        async with self._places:
            deadline = self._deadline()
            begun = False
            while True:
                member = await self._pool.choose(deadline)
                try:
                    async with aclosing(
                        self._pieces(member, deadline, prompt, sampling, stream=True)
                    ) as pieces:
                        async for piece in pieces:
                            begun = True
                            yield piece
                except TritonUnavailableError as error:
                    self._give_up_on(member, error, deadline)
                    if begun:
                        raise
                else:
                    return

    async def describe(self) -> TextModel:
        """Return the model with its text interface, as the first server that answers describes it.

        Raises:
            TritonError: The server's failure.
            UserError: The model does not exist, or has no text interface that is known.
        """
        deadline = self._deadline()
        while True:
            member = await self._pool.choose(deadline)
            try:
                return await self._described(member.endpoint, deadline)
            except TritonUnavailableError as error:
                self._give_up_on(member, error, deadline)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._options.timeout

    def _give_up_on(self, member: Member, error: TritonUnavailableError, deadline: float) -> None:
        self._pool.mark_down(member, str(error))
        if asyncio.get_running_loop().time() >= deadline:
            raise self._too_late(member.endpoint) from error

    def _too_late(self, endpoint: Endpoint) -> TritonTimeoutError:
        return TritonTimeoutError(
            f"The model '{self._options.model_name}' at {endpoint.address} did not answer "
            f"within {self._options.timeout:g} s."
        )

    async def _whole_reply(self, member: Member, deadline: float, prompt: str, sampling: Sampling) -> Reply:
        async with aclosing(self._pieces(member, deadline, prompt, sampling, stream=False)) as pieces:
            replies = [reply async for reply in pieces]
        if not replies:
            raise TritonError(f"The model '{self._options.model_name}' sent no response.")
        return replies[-1]

    async def _pieces(
        self, member: Member, deadline: float, prompt: str, sampling: Sampling, *, stream: bool
    ) -> AsyncGenerator[Reply, None]:
        """Yield what one attempt on one server gives."""
        endpoint = member.endpoint
        member.busy += 1
        try:
            model = await self._described(endpoint, deadline)
            in_pieces = stream or not endpoint.cancels_whole_texts
            tensors = encode_request(model, prompt, sampling, stream=in_pieces)
            reply = Reply(model, prompt, sampling.max_tokens)
            seconds = self._seconds_left(endpoint, deadline)
            async with aclosing(endpoint.respond(model.served, tensors, seconds)) as responses:
                async for outputs in responses:
                    reply.add(outputs)
                    yield reply
            self._pool.mark_healthy(member)
        except TritonTimeoutError as error:
            raise self._too_late(endpoint) from error
        except ModelNotFoundError as error:
            raise await self._missing(endpoint, deadline) from error
        finally:
            member.busy -= 1

    async def _described(self, endpoint: Endpoint, deadline: float) -> TextModel:
        if self._model is None:
            seconds = min(_DESCRIBE_SECONDS, self._seconds_left(endpoint, deadline))
            try:
                served = await endpoint.describe(self._options.model_name, seconds)
            except ModelNotFoundError as error:
                raise await self._missing(endpoint, deadline) from error
            self._model = TextModel(served, choose_interface(served))
        return self._model

    async def _missing(self, endpoint: Endpoint, deadline: float) -> UserError | TritonUnavailableError:
        """Return the error for a model that the server does not know: a wrong name, or not loaded."""
        name = self._options.model_name
        models = await endpoint.list_models(self._seconds_left(endpoint, deadline))
        for model in models:
            if model.name == name and model.state != "READY":
                return TritonUnavailableError(f"'{name}' is not loaded: {model.reason or model.state}.")
        ready = ", ".join(model.name for model in models if model.state == "READY") or "none"
        return UserError(
            f"The Triton server at {endpoint.address} has no model '{name}': set model_name to one that it "
            f"serves ({ready})."
        )

    def _seconds_left(self, endpoint: Endpoint, deadline: float) -> float:
        seconds = deadline - asyncio.get_running_loop().time()
        if seconds <= 0:
            raise self._too_late(endpoint)
        return seconds
