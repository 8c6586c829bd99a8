"""Evaluations a second on a Dask cluster of this machine, by the number of worker processes.

`uv run python apps/elm-app/benchmarks/dask_scaling.py`: a scheduler and 1 to 8 workers, through the executor
that `executor=dask` gives a search, with as many evaluations under way as there are workers. Evaluations that
sleep show what the scheduler and the executor cost; those that compute end at the number of cores.
"""

import time
from concurrent.futures import FIRST_COMPLETED, wait

from elm_app.dask_executor import dask

SECONDS = 0.1


def sleep(_genotypes):
    time.sleep(SECONDS)


def compute(_genotypes):
    end = time.process_time() + SECONDS
    while time.process_time() < end:
        pass


def rate(cluster, evaluate, evaluations):
    """Return evaluations a second, each worker kept busy as the search does."""
    begin, running, left = time.perf_counter(), set(), evaluations
    while left or running:
        while left and len(running) < cluster.workers:
            running.add(cluster.submit(evaluate, [left]))
            left -= 1
        running = wait(running, return_when=FIRST_COMPLETED).not_done
    return evaluations / (time.perf_counter() - begin)


def main():
    print("workers   sleeping 0.1 s   of the ideal   computing 0.1 s")
    for workers in (1, 2, 4, 8):
        with dask(workers=workers) as cluster:
            rate(cluster, sleep, 2 * workers)  # imports
            sleeping = rate(cluster, sleep, 50 * workers)
            computing = rate(cluster, compute, 25 * min(workers, 2))
        print(f"{workers:>7} {sleeping:>12.1f}/s {sleeping * SECONDS / workers:>14.0%} {computing:>15.1f}/s")


if __name__ == "__main__":
    main()
