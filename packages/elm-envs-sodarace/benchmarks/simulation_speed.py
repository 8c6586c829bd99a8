"""How near the simulation comes to Box2D's own stepping.

Run: `uv run --package elm-envs-sodarace python packages/elm-envs-sodarace/benchmarks/simulation_speed.py`

For each seed and duration, in turn and interleaved, medians of `ROUNDS`:
- floor: the same world built and stepped equally often, nothing driven, nothing read;
- ours: `simulate`, whole.
The processor time of this process is counted, so that a busy machine distorts it less. The floor's body
lies still, which costs Box2D less than one that moves: the last column is the share of our time that is
spent in Box2D's own step.
With `--processes`: throughput of two processes over that of one (wall clock; needs two idle cores).
"""

import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from elm_envs_sodarace import SEEDS, read_terrain, simulate, simulation
from elm_envs_sodarace.box2d_bindings import step_world
from elm_envs_sodarace.simulation import (
    POSITION_ITERATIONS,
    SETTLING_SECONDS,
    STEPS_PER_SECOND,
    VELOCITY_ITERATIONS,
    build_world,
)
from elm_envs_sodarace.trusted_run import run_trusted

ROUNDS = 31
FLAT = read_terrain("flat")


def floor(walker, duration):
    world = build_world(walker, FLAT).world.this
    for _ in range(round((SETTLING_SECONDS + duration) * STEPS_PER_SECOND)):
        step_world(world, 1 / STEPS_PER_SECOND, VELOCITY_ITERATIONS, POSITION_ITERATIONS)


def ours(walker, duration):
    simulate(walker, FLAT, duration)


def ours_without_steps(walker, duration):
    simulation.step_world = lambda *_: None
    try:
        simulate(walker, FLAT, duration)
    finally:
        simulation.step_world = step_world


def seconds(function, walker, duration):
    start = time.process_time()
    function(walker, duration)
    return time.process_time() - start


def compare(name, duration):
    walker = run_trusted(SEEDS[name])
    times = [
        [seconds(function, walker, duration) for function in (floor, ours, ours_without_steps)]
        for _ in range(ROUNDS)
    ]
    low, own, around = (statistics.median(column) for column in zip(*times, strict=True))
    share = statistics.median(row[0] / row[1] for row in times)
    print(
        f"{name:13} {duration:4.0f} s   floor {low * 1e3:6.2f} ms   ours {own * 1e3:6.2f} ms   "
        f"of the floor {share:4.0%}   in Box2D {1 - around / own:4.0%}"
    )
    return share


def batch(count):
    walker = run_trusted(SEEDS["wheel"])
    for _ in range(count):
        simulate(walker, FLAT, 10.0)


def processes(count=400):
    context = get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        list(pool.map(batch, [5, 5]))
        ratios = []
        for _ in range(5):
            start = time.perf_counter()
            pool.submit(batch, count).result()
            alone = time.perf_counter() - start
            start = time.perf_counter()
            list(pool.map(batch, [count, count]))
            ratios.append(2 * alone / (time.perf_counter() - start))
    low, high = min(ratios), max(ratios)
    print(f"2 processes: {statistics.median(ratios):.2f}x the throughput of one ({low:.2f} to {high:.2f})")


if __name__ == "__main__":
    if "--processes" in sys.argv:
        processes()
    else:
        shares = [compare(name, duration) for duration in (1.0, 10.0) for name in SEEDS]
        print(f"lowest {min(shares):.0%}")
