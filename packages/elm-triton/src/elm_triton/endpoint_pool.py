"""Several servers that serve the same model: which one gets the next request."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from elm_triton.endpoint import Endpoint
from elm_triton.failures import TritonUnavailableError

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0
_CHECK_SECONDS = 5.0


@dataclass(slots=True, eq=False)
class Member:
    """A server of the pool.

    Attributes:
        endpoint: The connection.
        up: Whether it may get requests.
        busy: Requests under way.
        pause: Seconds before the last health check; 0 once a request has succeeded.
        problem: Why it was last found down.
    """

    endpoint: Endpoint
    up: bool = True
    busy: int = 0
    pause: float = 0.0
    problem: str = ""


class EndpointPool:
    """Gives each request to the least busy server that is up, and looks after those that are down.

    A server is down from a request that finds it unavailable until a health check of the model succeeds. The
    pauses before the checks double from 0.1 to 2 seconds until a request succeeds there.

    Args:
        endpoints: The servers, at least one.
        model: The model they serve.
    """

    def __init__(self, endpoints: Sequence[Endpoint], model: str) -> None:
        self._members = [Member(endpoint) for endpoint in endpoints]
        self._model = model
        self._one_came_up = asyncio.Event()
        self._watches: set[asyncio.Task[None]] = set()

    async def choose(self, deadline: float) -> Member:
        """Return a server that is up, waiting for one if need be.

        Args:
            deadline: Loop time at which to give up.

        Raises:
            TritonUnavailableError: None came up in time; the message says where and why.
        """
        while True:
            up = [member for member in self._members if member.up]
            if up:
                return min(up, key=lambda member: member.busy)
            self._one_came_up.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await self._one_came_up.wait()
            except TimeoutError:
                raise TritonUnavailableError(self._problem()) from None

    def mark_healthy(self, member: Member) -> None:
        """Note that a request succeeded there."""
        member.pause = 0.0

    def mark_down(self, member: Member, problem: str) -> None:
        """Give a server no requests until it is healthy again."""
        member.problem = problem
        if member.up:
            member.up = False
            watch = asyncio.get_running_loop().create_task(self._watch(member))
            self._watches.add(watch)
            watch.add_done_callback(self._watches.discard)

    async def _watch(self, member: Member) -> None:
        while not member.up:
            member.pause = min(max(2 * member.pause, _FIRST_PAUSE), _LONGEST_PAUSE)
            await asyncio.sleep(member.pause)
            member.up = await member.endpoint.is_ready(self._model, _CHECK_SECONDS)
        self._one_came_up.set()

    def _problem(self) -> str:
        told = "; ".join(f"{member.endpoint.address}: {member.problem}" for member in self._members)
        return f"No Triton server is ready to serve '{self._model}' ({told})."

    async def close(self) -> None:
        """Close every connection."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*(member.endpoint.close() for member in self._members))
