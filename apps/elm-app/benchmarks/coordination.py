"""What the coordinator costs a child in steady state, with archive, store and schedule.

`uv run python apps/elm-app/benchmarks/coordination.py 10000`: children that cost next to nothing.
"""

import sys
import tempfile
import time
from concurrent.futures import Executor, Future

import numpy as np

import elm_store
from elm_qd import Budget, Lanes, MAPElites, search_steadily
from elm_qd.domains import StringEvolution


class Here(Executor):
    """Does everything at once in the coordinator's thread: only coordination is measured."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class Marks:
    """Notes the processor's time at each power of ten."""

    def __init__(self):
        self.begin, self.marks = time.process_time(), {}

    def on_step(self, step):
        done = step.index + 1
        if done >= 1000 and str(done).strip("0") == "1":
            self.marks[done] = time.process_time() - self.begin


def main(children):
    environment, marks = StringEvolution(), Marks()
    algorithm = MAPElites(environment.behavior_space, np.random.default_rng(0), bins=(100,))
    lanes = Lanes(Here(), Here(), 8, 8, environment.evaluate)
    with tempfile.TemporaryDirectory() as folder, elm_store.create(folder, config={}) as store:
        search_steadily(
            algorithm,
            environment,
            lanes,
            seed=0,
            budget=Budget(individuals=children),
            observers=[store, marks],
            schedule_observer=store.schedule,
        )
    for done, seconds in marks.marks.items():
        print(f"{done} children: {1e6 * seconds / done:.0f} us of the processor each, mutation included")


main(int(sys.argv[1]))
