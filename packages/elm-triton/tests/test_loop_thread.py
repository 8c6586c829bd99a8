"""The event loop that all clients share."""

import asyncio
import subprocess
import sys
import threading

import pytest

from elm_triton import loop_thread

MANY_FIRST_CALLS = """
import asyncio, sys, threading
from elm_triton import loop_thread

sys.setswitchinterval(1e-6)
barrier, loops = threading.Barrier(16), set()

async def note():
    loops.add(asyncio.get_running_loop())

def first_call():
    barrier.wait()
    loop_thread.run(note())

threads = [threading.Thread(target=first_call) for _ in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(loops), len([t for t in threading.enumerate() if t.name == "elm-triton"]))
"""


def test_threads_that_come_first_together_share_one_loop():
    """It was two: a search's first batch then failed for good, each client's parts being in another loop."""
    for _ in range(3):
        ended = subprocess.run(
            [sys.executable, "-c", MANY_FIRST_CALLS], capture_output=True, text=True, check=True
        )
        assert ended.stdout.split() == ["1", "1"]


def test_results_and_errors_come_back_from_any_thread_and_loop():
    async def divide(a, b):
        await asyncio.sleep(0)
        return a / b

    assert loop_thread.run(divide(6, 2)) == 3
    assert asyncio.run(loop_thread.arun(divide(6, 3))) == 2
    with pytest.raises(ZeroDivisionError):
        loop_thread.run(divide(1, 0))


def test_leaving_an_iteration_closes_the_generator():
    closed = threading.Event()

    async def count():
        try:
            for number in range(100):
                yield number
        finally:
            closed.set()

    assert list(zip(range(3), loop_thread.iterate(count()), strict=False)) == [(0, 0), (1, 1), (2, 2)]
    iterator = loop_thread.iterate(count())
    closed.clear()
    assert next(iterator) == 0
    iterator.close()
    assert closed.is_set()
