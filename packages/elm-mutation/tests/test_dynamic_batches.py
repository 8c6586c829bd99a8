"""Jobs of several threads meet in batches; the work is a stand-in, the threads are real."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elm_mutation.dynamic_batches import DynamicBatches


class Doubling:
    """Doubles numbers, a batch at a time; refuses batches with a number below zero."""

    def __init__(self, most, seconds=0.0):
        self.batches, self.seconds, self.running = [], seconds, threading.Lock()
        self.runs = DynamicBatches(self.work, lambda number: number % 3, most)

    def work(self, numbers):
        assert self.running.acquire(blocking=False), "two batches at once"
        self.batches.append(numbers)
        time.sleep(self.seconds)
        self.running.release()
        if min(numbers) < 0:
            raise ValueError(f"no {min(numbers)}")
        return [2 * number for number in numbers]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 50), max_size=6), max_size=6), st.integers(1, 5))
def test_every_job_gets_its_own_result_whoever_asked(asked, most):
    doubling = Doubling(most)
    with ThreadPoolExecutor(max(1, len(asked))) as pool:
        results = list(pool.map(doubling.runs.run, asked))
    assert results == [[2 * number for number in numbers] for numbers in asked]
    assert sorted(chain(*doubling.batches)) == sorted(chain(*asked))
    for batch in doubling.batches:
        assert len(batch) <= most
        assert len({number % 3 for number in batch}) == 1


def test_jobs_that_come_while_a_batch_runs_make_the_next_one():
    doubling = Doubling(8, seconds=0.2)
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(doubling.runs.run, [0])
        time.sleep(0.1)
        later = [pool.submit(doubling.runs.run, [3 * number]) for number in range(1, 9)]
        assert first.result() == [0]
        assert [future.result() for future in later] == [[6 * number] for number in range(1, 9)]
    assert [len(batch) for batch in doubling.batches] == [1, 8]


def test_a_failure_reaches_those_of_its_batch_and_nobody_else():
    doubling = Doubling(2)
    with pytest.raises(ValueError, match="no -3"):
        doubling.runs.run([-3, 0])
    assert doubling.runs.run([1, 2]) == [2, 4]
    with pytest.raises(ValueError, match="no -1"):
        doubling.runs.run([3, -1, 6])


def test_an_interrupt_leaves_nobody_waiting():
    def interrupted(_jobs):
        raise KeyboardInterrupt

    runs = DynamicBatches(interrupted, lambda _job: 0, 4)
    with pytest.raises(KeyboardInterrupt):
        runs.run([1, 2])
    assert not runs._waiting
