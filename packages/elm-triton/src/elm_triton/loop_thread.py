"""One event loop in a thread of its own, for all clients of this process.

gRPC's asyncio channels belong to the loop they were made in; LangChain calls from any thread and any loop.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterator
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


_starting = threading.Lock()


def _loop() -> asyncio.AbstractEventLoop:
    with _starting:  # the cache alone would let two threads start a loop each
        return _started_loop()


@cache
def _started_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="elm-triton", daemon=True).start()
    return loop


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the loop and return its result; an interrupt cancels it."""
    future = asyncio.run_coroutine_threadsafe(work, _loop())
    try:
        return future.result()
    finally:
        future.cancel()  # nothing happens where it has ended


async def arun(work: Coroutine[Any, Any, T]) -> T:
    """Await a coroutine of the loop from another one; cancelling it cancels the work."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, _loop()))


def iterate(generator: AsyncGenerator[T, None]) -> Iterator[T]:
    """Iterate over an asynchronous generator of the loop; closing the iterator closes it."""
    try:
        while True:
            try:
                yield run(_next(generator))
            except StopAsyncIteration:
                return
    finally:
        run(_close(generator))


async def aiterate(generator: AsyncGenerator[T, None]) -> AsyncIterator[T]:
    """Iterate from another loop; closing the iterator closes the generator."""
    try:
        while True:
            try:
                yield await arun(_next(generator))
            except StopAsyncIteration:
                return
    finally:
        await arun(_close(generator))


async def _next(generator: AsyncGenerator[T, None]) -> T:
    return await anext(generator)


async def _close(generator: AsyncGenerator[T, None]) -> None:
    while getattr(generator, "ag_running", False):  # a cancelled `_next` ends in the loop's next turns
        await asyncio.sleep(0.001)
    await generator.aclose()
