"""What a running server serves, whether it is ready, and how fast it writes."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from elm_protocols import UserError
from elm_triton.addresses import Address, Credentials
from elm_triton.client import ServerOptions, TritonClient
from elm_triton.endpoint import Endpoint, ModelState
from elm_triton.endpoint_opening import open_endpoint
from elm_triton.failures import TritonError
from elm_triton.sampling import Sampling
from elm_triton.text_interfaces import choose_interface
from elm_triton.text_tensors import Reply

_ANSWER_SECONDS = 10.0
_ROUND_TRIPS = 20
_PROMPT = "Write a short story about a robot that learns to walk."


@dataclass(frozen=True, slots=True)
class ModelReport:
    """What a server says of a model.

    Attributes:
        state: Its state in the repository.
        interface: Name of its text interface; empty if it has none or is not ready.
        problem: Why it cannot write; empty if it can.
    """

    state: ModelState
    interface: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a model writes with so many requests under way.

    Attributes:
        concurrency: Requests under way.
        tokens_per_second: Tokens of all requests together; 0 where the model does not count them.
        seconds_per_request: Median time of a request.
    """

    concurrency: int
    tokens_per_second: float
    seconds_per_request: float


async def round_trip(address: Address, credentials: Credentials) -> float:
    """Return the median time of a small request without a model, in seconds.

    Raises:
        TritonError: The server does not answer.
    """
    endpoint = open_endpoint(address, credentials)
    try:
        await endpoint.list_models(_ANSWER_SECONDS)
        times = []
        for _ in range(_ROUND_TRIPS):
            begin = time.perf_counter()
            await endpoint.list_models(_ANSWER_SECONDS)
            times.append(time.perf_counter() - begin)
        return statistics.median(times)
    finally:
        await endpoint.close()


async def report_models(address: Address, credentials: Credentials) -> Sequence[ModelReport]:
    """Return a report on each model in a server's repository.

    Raises:
        TritonError: The server does not answer.
    """
    endpoint = open_endpoint(address, credentials)
    try:
        states = await endpoint.list_models(_ANSWER_SECONDS)
        return [await _report(endpoint, state) for state in states]
    finally:
        await endpoint.close()


async def _report(endpoint: Endpoint, state: ModelState) -> ModelReport:
    if state.state != "READY":
        return ModelReport(state, "", state.reason or "not loaded")
    try:
        interface = choose_interface(await endpoint.describe(state.name, _ANSWER_SECONDS))
    except (TritonError, UserError) as error:
        return ModelReport(state, "", str(error))
    return ModelReport(state, interface.name)


async def measure_pace(options: ServerOptions, concurrency: int, tokens: int) -> Pace:
    """Return how fast a model writes.

    Args:
        options: Which model where; its concurrency is set here.
        concurrency: Requests under way; each is asked for twice.
        tokens: Most tokens of each text.

    Raises:
        TritonError: The server's failure.
        UserError: The model does not exist, or has no text interface.
    """
    client = TritonClient(options)
    try:
        await client.generate(_PROMPT, Sampling(max_tokens=1))  # connections, and what a backend loads late
        begin = time.perf_counter()
        measured = await asyncio.gather(
            *(_timed(client, index, tokens) for index in range(2 * concurrency)),
        )
        seconds = time.perf_counter() - begin
    finally:
        await client.close()
    written = sum(reply.output_tokens for reply, _ in measured)
    return Pace(concurrency, written / seconds, statistics.median(took for _, took in measured))


async def _timed(client: TritonClient, index: int, tokens: int) -> tuple[Reply, float]:
    begin = time.perf_counter()
    reply = await client.generate(_PROMPT, Sampling(max_tokens=tokens, seed=index))
    return reply, time.perf_counter() - begin
