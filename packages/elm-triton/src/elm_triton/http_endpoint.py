"""A server over HTTP: Triton's generate extension, which also streams from decoupled models.

KServe's own HTTP inference cannot speak to a decoupled model, as every vLLM model is; the generate extension
(triton-inference-server/server, docs/protocol/extension_generate.md) can, and serves the others too.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

import numpy as np

from elm_protocols import Json, MissingExtraError
from elm_triton.addresses import Address, Credentials
from elm_triton.endpoint import ModelState, Outputs
from elm_triton.failures import ModelNotFoundError, TritonError, TritonTimeoutError, TritonUnavailableError
from elm_triton.served_model import NUMPY_TYPES, ServedModel, read_model_config
from elm_triton.text_tensors import Tensor

try:
    import aiohttp
except ImportError as error:
    raise MissingExtraError("elm-triton", "http", "reach a Triton server over HTTP") from error

_FAILURES = {404: ModelNotFoundError, 502: TritonUnavailableError, 503: TritonUnavailableError}
_EVENT = b"data:"


class HttpEndpoint:
    """A connection to one server over HTTP.

    Args:
        address: Where the server is.
        credentials: TLS files and token.
    """

    # Triton notices a closed HTTP connection when it writes the next piece.
    cancels_whole_texts = False

    def __init__(self, address: Address, credentials: Credentials) -> None:
        self.address = address
        self._base = f"{address}/v2"
        # No limit of its own: the client's decides. An event may be a long text on one line.
        connector = aiohttp.TCPConnector(ssl=_tls(credentials) if address.tls else True, limit=0)
        self._session = aiohttp.ClientSession(
            connector=connector, headers=credentials.headers, read_bufsize=2**24
        )

    async def is_ready(self, model: str, seconds: float) -> bool:
        """Return whether the server answers and the model is ready."""
        try:
            await self._json("GET", f"models/{model}/ready", seconds)
        except TritonError:
            return False
        return True

    async def describe(self, model: str, seconds: float) -> ServedModel:
        """Return the model's configuration."""
        return read_model_config(await self._json("GET", f"models/{model}/config", seconds))

    async def list_models(self, seconds: float) -> Sequence[ModelState]:
        """Return what is in the server's repository."""
        entries = await self._json("POST", "repository/index", seconds)
        return [ModelState(e["name"], e.get("state", ""), e.get("reason", "")) for e in entries]

    async def respond(
        self, model: ServedModel, tensors: Sequence[Tensor], seconds: float
    ) -> AsyncGenerator[Outputs, None]:
        """Yield the responses to one request; closing the generator cancels the request on the server."""
        url = f"{self._base}/models/{model.name}/generate_stream"
        limit = aiohttp.ClientTimeout(total=seconds)
        body = {tensor.name: _plain(tensor) for tensor in tensors}
        try:
            async with self._session.post(url, json=body, timeout=limit) as response:
                await _raise_for_error(response)
                async for line in response.content:
                    if line.startswith(_EVENT):
                        yield _outputs(model, json.loads(line[len(_EVENT) :]))
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _failure(error, seconds) from error

    async def _json(self, method: str, path: str, seconds: float) -> Any:
        limit = aiohttp.ClientTimeout(total=seconds)
        try:
            async with self._session.request(method, f"{self._base}/{path}", timeout=limit) as response:
                await _raise_for_error(response)
                text = await response.text()
                return json.loads(text) if text else None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _failure(error, seconds) from error

    async def close(self) -> None:
        """Close the connection."""
        await self._session.close()


def _tls(credentials: Credentials) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=credentials.ca_certificate or None)
    if credentials.client_certificate:
        context.load_cert_chain(credentials.client_certificate, credentials.client_key)
    return context


def _plain(tensor: Tensor) -> Json:
    """Return a tensor as the generate extension takes it: a single value, or a list of several."""
    values: list[Any] = tensor.values.reshape(-1).tolist()
    if tensor.datatype == "BYTES":
        values = [text.decode() for text in values]
    return values[0] if len(values) == 1 else values


def _outputs(model: ServedModel, event: Mapping[str, Any]) -> Outputs:
    if "error" in event:
        raise TritonError(event["error"])
    return {
        name: np.array(event[name], dtype=NUMPY_TYPES.get(tensor.datatype, "object")).reshape(-1)
        for name, tensor in model.outputs.items()
        if name in event
    }


async def _raise_for_error(response: aiohttp.ClientResponse) -> None:
    if response.ok:
        return
    text = await response.text()
    try:
        message = json.loads(text.removeprefix(_EVENT.decode()))["error"]
    except (ValueError, KeyError, TypeError):
        message = text.strip() or f"HTTP {response.status} {response.reason}"
    raise _FAILURES.get(response.status, TritonError)(message)


def _failure(error: Exception, seconds: float) -> TritonError:
    if isinstance(error, TimeoutError):
        return TritonTimeoutError(f"No answer within {seconds:.3g} s.")
    return TritonUnavailableError(str(error) or type(error).__name__)
