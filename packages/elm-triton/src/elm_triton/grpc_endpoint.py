"""A server over gRPC, through tritonclient's asyncio client."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any

import grpc  # type: ignore[import-untyped,unused-ignore]
from tritonclient.grpc import InferInput, InferResult, aio  # type: ignore[import-untyped,unused-ignore]
from tritonclient.utils import InferenceServerException  # type: ignore[import-untyped,unused-ignore]

from elm_triton.addresses import Address, Credentials
from elm_triton.endpoint import ModelState, Outputs
from elm_triton.failures import ModelNotFoundError, TritonError, TritonTimeoutError, TritonUnavailableError
from elm_triton.served_model import ServedModel, read_model_config
from elm_triton.text_tensors import Tensor

_CHANNEL_OPTIONS = [
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # A server that was restarted should be found soon; gRPC's own pauses grow to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
    # A host that vanished should be missed within half a minute, not when the request's time is up.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
]
_FAILURES = {
    "UNAVAILABLE": TritonUnavailableError,
    "DEADLINE_EXCEEDED": TritonTimeoutError,
    "NOT_FOUND": ModelNotFoundError,
}


class GrpcEndpoint:
    """A connection to one server over gRPC.

    Args:
        address: Where the server is.
        credentials: TLS files and token.
    """

    cancels_whole_texts = True

    def __init__(self, address: Address, credentials: Credentials) -> None:
        self.address = address
        # With this header Triton ends a failed stream with the error's own code, not with an uncoded text.
        self._headers = {**credentials.headers, "triton_grpc_error": "true"}
        self._client = aio.InferenceServerClient(
            address.host,
            ssl=address.tls,
            root_certificates=credentials.ca_certificate or None,
            private_key=credentials.client_key or None,
            certificate_chain=credentials.client_certificate or None,
            channel_args=_CHANNEL_OPTIONS,
        )

    async def is_ready(self, model: str, seconds: float) -> bool:
        """Return whether the server answers and the model is ready."""
        try:
            return bool(
                await self._client.is_model_ready(model, headers=self._headers, client_timeout=seconds)
            )
        except InferenceServerException:
            return False

    async def describe(self, model: str, seconds: float) -> ServedModel:
        """Return the model's configuration."""
        try:
            answer = await self._client.get_model_config(
                model, headers=self._headers, as_json=True, client_timeout=seconds
            )
        except InferenceServerException as error:
            raise _failure(error) from error
        return read_model_config(answer["config"])

    async def list_models(self, seconds: float) -> Sequence[ModelState]:
        """Return what is in the server's repository."""
        try:
            answer = await self._client.get_model_repository_index(
                headers=self._headers, client_timeout=seconds
            )
        except InferenceServerException as error:
            raise _failure(error) from error
        return [ModelState(entry.name, entry.state, entry.reason) for entry in answer.models]

    async def respond(
        self, model: ServedModel, tensors: Sequence[Tensor], seconds: float
    ) -> AsyncGenerator[Outputs, None]:
        """Yield the responses to one request; closing the generator cancels the request on the server."""
        request = {
            "model_name": model.name,
            "inputs": [_input(tensor) for tensor in tensors],
            "timeout": int(seconds * 1e6),  # the server's own deadline, in its queue and in our Python model
        }
        try:
            if model.decoupled:
                async for outputs in self._stream(request, seconds):
                    yield outputs
            else:
                result = await self._client.infer(**request, headers=self._headers, client_timeout=seconds)
                yield _outputs(result)
        except (InferenceServerException, grpc.aio.AioRpcError) as error:
            raise _failure(error) from error

    async def _stream(self, request: dict[str, Any], seconds: float) -> AsyncGenerator[Outputs, None]:
        call = self._client.stream_infer(_once(request), stream_timeout=seconds, headers=self._headers)
        try:
            async for result, error in call:
                if error is not None:
                    raise error
                yield _outputs(result)
        finally:
            call.cancel()  # nothing happens where it has ended

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()


async def _once(request: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    yield request


def _input(tensor: Tensor) -> InferInput:
    entry = InferInput(tensor.name, tensor.values.shape, tensor.datatype)
    return entry.set_data_from_numpy(tensor.values)


def _outputs(result: InferResult) -> Outputs:
    return {output.name: result.as_numpy(output.name) for output in result.get_response().outputs}


def _failure(error: InferenceServerException | grpc.aio.AioRpcError) -> TritonError:
    """Return our error for tritonclient's (status as text) or gRPC's own (raised while a stream is read)."""
    if isinstance(error, InferenceServerException):
        code, message = str(error.status() or "").removeprefix("StatusCode."), error.message()
    else:
        code, message = error.code().name, error.details()
    return _FAILURES.get(code, TritonError)(message or f"gRPC ended with {code}.")
