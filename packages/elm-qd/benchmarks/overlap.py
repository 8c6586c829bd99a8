"""How near the steady state comes to the ideal: `uv run python packages/elm-qd/benchmarks/overlap.py`.

The ideal is computed here for the very latencies that occurred: each lane as busy as it can be (greedy list
scheduling of the same children in the same order), without any cost of coordination.
"""

import heapq
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from elm_protocols import Offspring
from elm_qd import Budget, Lanes, MAPElites, search_steadily
from elm_qd.domains import StringEvolution


class Timed(StringEvolution):
    """Sleeps as long as a model and an evaluation take."""

    def __init__(self, latencies, evaluation):
        super().__init__()
        self._latencies, self._evaluation = iter(latencies), evaluation
        self._lock = threading.Lock()

    def _sleep(self):
        with self._lock:
            latency = next(self._latencies)
        time.sleep(latency)

    def random(self, n, rng):
        self._sleep()
        return super().random(n, rng)

    def mutate(self, parents, rng):
        self._sleep()
        return [Offspring(genotype="abc", parents=(group[0].id,)) for group in parents]

    def evaluate(self, genotypes):
        time.sleep(self._evaluation)
        return super().evaluate(genotypes)


def ideal(latencies, mutations, evaluation, evaluations):
    """Return the seconds that children with these latencies take if no slot ever waits needlessly."""
    makers, made = [0.0] * mutations, []
    for latency in latencies:
        end = heapq.heappop(makers) + latency
        heapq.heappush(makers, end)
        made.append(end)
    judges = [0.0] * evaluations
    for ready in sorted(made):
        heapq.heappush(judges, max(ready, heapq.heappop(judges)) + evaluation)
    return max(judges)


def measure(name, latencies, mutations, evaluation, evaluations):
    environment = Timed(latencies, evaluation)
    algorithm = MAPElites(environment.behavior_space, np.random.default_rng(0), bins=(10,))
    with ThreadPoolExecutor(mutations) as makers, ThreadPoolExecutor(evaluations) as judges:
        lanes = Lanes(makers, judges, mutations, evaluations, environment.evaluate)
        begin = time.perf_counter()
        search_steadily(algorithm, environment, lanes, seed=0, budget=Budget(individuals=len(latencies)))
        took = time.perf_counter() - begin
    best = ideal(latencies, mutations, evaluation, evaluations)
    print(f"{name}: {took:.2f} s, ideal {best:.2f} s, {took / best:.3f} x", flush=True)
    return took / best


def main():
    rng = np.random.default_rng(0)
    equal = [measure("20 children, 1 s + 1 s, 4 + 4 slots", [1.0] * 20, 4, 1.0, 4) for _ in range(3)]
    varied = [
        measure("320 children, 0.5-2 s + 50 ms, 16 + 16 slots", list(rng.uniform(0.5, 2, 320)), 16, 0.05, 16)
    ]
    print(f"medians: {statistics.median(equal):.3f} x, {statistics.median(varied):.3f} x")


main()
