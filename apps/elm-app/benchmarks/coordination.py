"""What the coordinator costs a child in steady state, with archive, store and schedule.

`uv run python apps/elm-app/benchmarks/coordination.py CHILDREN [--journal]`: children that cost next to
nothing. What it takes to make and to evaluate them is not the coordinator's and is given by itself.
`--journal`: each child costs a recorded reply of a model besides.
"""

import argparse
import resource
import tempfile
import time
from concurrent.futures import Executor, Future
from pathlib import Path

import numpy as np

import elm_store
from elm_qd import Budget, Lanes, MAPElites, search_steadily
from elm_qd.domains import StringEvolution


class Here(Executor):
    """Does everything at once in the coordinator's thread; sums up what its tasks take of the processor."""

    def __init__(self):
        self.seconds = 0.0

    def submit(self, fn, /, *args, **kwargs):
        future, begin = Future(), time.process_time()
        result = fn(*args, **kwargs)
        self.seconds += time.process_time() - begin
        future.set_result(result)
        return future


class Marks:
    """An observer that prints, at each power of ten, what the last nine tenths of the children took."""

    def __init__(self, folder, tasks):
        self._folder, self._tasks = folder, tasks
        self._before = (0, time.process_time(), 0.0)
        print("children   coordinator   the children themselves   file   memory")

    def on_step(self, step):
        done = step.index + 1
        if done < 100 or str(done).strip("0") != "1":
            return
        now = (done, time.process_time(), self._tasks.seconds)
        children, seconds, tasks = (b - a for a, b in zip(self._before, now, strict=True))
        self._before = now
        file = sum(path.stat().st_size for path in self._folder.iterdir())
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{done:>8,} {1e6 * (seconds - tasks) / children:>10.0f} us {1e6 * tasks / children:>22.0f} us"
            f" {file / 1e6:>6.0f} MB {memory:>4.0f} MiB",
            flush=True,
        )


class Replies:
    """An observer in whose place a journaled model would record a reply for each child."""

    def __init__(self, journal):
        self._journal = journal

    def on_step(self, step):
        self._journal.record({"prompt": "p" * 500, "seed": step.index}, 0, {"text": "t" * 50})


def main(children, journal):
    environment, tasks = StringEvolution(), Here()
    algorithm = MAPElites(environment.behavior_space, np.random.default_rng(0), bins=(100,))
    lanes = Lanes(tasks, tasks, 8, 8, environment.evaluate)
    with tempfile.TemporaryDirectory() as name, elm_store.create(name, config={}) as store:
        search_steadily(
            algorithm,
            environment,
            lanes,
            seed=0,
            budget=Budget(individuals=children),
            observers=[*([Replies(store.journal)] if journal else []), store, Marks(Path(name), tasks)],
            schedule_observer=store.schedule,
        )


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("children", type=int)
parser.add_argument("--journal", action="store_true")
arguments = parser.parse_args()
main(arguments.children, arguments.journal)
