"""The settings that both LangChain classes share, and the client that they share it with."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from pydantic import BaseModel, PrivateAttr, SecretStr

from elm_protocols import UserError
from elm_triton import loop_thread
from elm_triton.addresses import Credentials, parse_addresses
from elm_triton.client import ServerOptions, TritonClient
from elm_triton.sampling import Sampling
from elm_triton.text_tensors import Reply, TextModel

_SAMPLING_SETTINGS = ("temperature", "top_p", "max_tokens", "seed")


class TritonSettings(BaseModel):
    """Where the model is and how it draws; the base of `TritonLLM` and `ChatTriton`, of no use alone.

    Attributes:
        url: Servers of the model, comma-separated: `host:8001`, `grpcs://host:8001`, `https://host:8000`.
        model_name: Name under which they serve it.
        temperature: At least 0; 0 takes the likeliest token each time.
        top_p: Share of the probability that is drawn from, in (0, 1].
        max_tokens: Most tokens of a text.
        seed: Same seed, same text, as far as the backend keeps that promise; None: the backend's own.
        timeout: Seconds that a request may take, tries again included.
        max_concurrency: Most requests under way at once.
        token: Sent with every request.
        token_header: Header that carries it: `authorization` (as `Bearer TOKEN`) or another one as it is.
        ca_certificate: PEM file of the authorities to trust; empty: the system's.
        client_certificate: PEM file of this client's certificate.
        client_key: PEM file of its key.
    """

    url: str = "localhost:8001"
    model_name: str
    temperature: float = 0.8
    top_p: float = 0.95
    max_tokens: int = 256
    seed: int | None = None
    timeout: float = 120.0
    max_concurrency: int = 32
    token: SecretStr = SecretStr("")
    token_header: str = "authorization"
    ca_certificate: str = ""
    client_certificate: str = ""
    client_key: str = ""

    _options: ServerOptions = PrivateAttr()
    _client: TritonClient | None = PrivateAttr(default=None)

    def model_post_init(self, context: object, /) -> None:
        """Refuse bad settings here, not at the first request.

        Raises:
            UserError: A setting is out of range or cannot be read.
        """
        super().model_post_init(context)
        self._options = ServerOptions(
            addresses=parse_addresses(self.url),
            model_name=self.model_name,
            credentials=Credentials(
                token=self.token.get_secret_value(),
                token_header=self.token_header,
                ca_certificate=self.ca_certificate,
                client_certificate=self.client_certificate,
                client_key=self.client_key,
            ),
            timeout=self.timeout,
            max_concurrency=self.max_concurrency,
        )
        self.sampling(None, {})

    def sampling(self, stop: Sequence[str] | None, settings: Mapping[str, object]) -> Sampling:
        """Return how a call draws: these settings, and what the call sets instead.

        Raises:
            UserError: The call sets something that Triton's text interfaces do not have.
        """
        foreign = sorted(settings.keys() - set(_SAMPLING_SETTINGS))
        if foreign:
            raise UserError(
                f"A Triton model takes no setting '{foreign[0]}': leave it out, or choose another model for "
                f"this operator (calls may set stop, {', '.join(_SAMPLING_SETTINGS)})."
            )
        values: dict[str, Any] = {name: getattr(self, name) for name in _SAMPLING_SETTINGS}
        return Sampling(**(values | dict(settings)), stop=tuple(stop or ()))

    async def _connected(self) -> TritonClient:
        if self._client is None:
            self._client = TritonClient(self._options)
        return self._client

    async def reply(self, prompt: str, sampling: Sampling) -> Reply:
        """Return the reply to a prompt; for the loop of `loop_thread`."""
        return await (await self._connected()).generate(prompt, sampling)

    async def pieces(self, prompt: str, sampling: Sampling) -> AsyncGenerator[Reply, None]:
        """Yield the reply after each new piece of it; for the loop of `loop_thread`."""
        client = await self._connected()
        async with aclosing(client.stream(prompt, sampling)) as pieces:
            async for piece in pieces:
                yield piece

    def describe(self) -> TextModel:
        """Return what the server says of the model, and its text interface.

        Raises:
            TritonError: No server answers in time.
            UserError: The model does not exist, or has no text interface that is known.
        """

        async def describe() -> TextModel:
            return await (await self._connected()).describe()

        return loop_thread.run(describe())

    def close(self) -> None:
        """Close the connections; a later call opens new ones."""

        async def close() -> None:
            if self._client is not None:
                await self._client.close()
                self._client = None

        loop_thread.run(close())
