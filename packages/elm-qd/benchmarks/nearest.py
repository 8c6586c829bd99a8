"""Building and asking Voronoi niches, side by side with ribs; medians.

Run: uv run --package elm-qd --group bench python packages/elm-qd/benchmarks/nearest.py
"""

import argparse
import statistics
import time
import warnings

import numpy as np
from scipy.spatial import cKDTree

from elm_protocols import BehaviorSpace, ContinuousAxis
from elm_qd import Voronoi, tessellate

warnings.simplefilter("ignore")
from ribs.archives import CVTArchive, k_means_centroids  # noqa: E402


def median_seconds(call, rounds):
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def assigning(axes, count, rounds):
    rng = np.random.default_rng(0)
    centroids = rng.uniform(-1, 1, (count, axes))
    points = rng.uniform(-1, 1, (10_000, axes))
    space = BehaviorSpace(tuple(ContinuousAxis(f"x{i}", -1.0, 1.0) for i in range(axes)))
    start = time.perf_counter()
    ours = Voronoi(space, centroids)
    built = time.perf_counter() - start
    theirs = CVTArchive(solution_dim=1, centroids=centroids, ranges=[(-1, 1)] * axes)
    assert (theirs.index_of(points) == ours.index(points)).all()
    slow = median_seconds(lambda: theirs.index_of(points), rounds)
    fast = median_seconds(lambda: ours.index(points), rounds)
    print(
        f"assign, {axes:2} axes, {count:6} centroids: ribs {1e4 / slow:11,.0f}/s   "
        f"elm-qd {1e4 / fast:11,.0f}/s   {slow / fast:5.1f}x   (table built in {built:.2f} s)",
        flush=True,
    )


def building(axes, count, rounds):
    samples = max(25_000, 10 * count)
    space = BehaviorSpace(tuple(ContinuousAxis(f"x{i}", 0.0, 1.0) for i in range(axes)))
    test = np.random.default_rng(99).random((100_000, axes))
    theirs, _ = k_means_centroids(centroids=count, ranges=[(0, 1)] * axes, samples=samples, seed=1)
    ours = tessellate(space, count, seed=1, samples=samples).centroids
    spread = [np.square(cKDTree(c).query(test)[0]).mean() for c in (theirs, ours)]
    slow = median_seconds(
        lambda: k_means_centroids(centroids=count, ranges=[(0, 1)] * axes, samples=samples, seed=1), rounds
    )
    fast = median_seconds(lambda: tessellate(space, count, seed=1, samples=samples), rounds)
    print(
        f"build, {axes:2} axes, {count:6} centroids: ribs {slow:6.2f} s   elm-qd {fast:6.2f} s   "
        f"{slow / fast:5.1f}x   mean squared distance {spread[1] / spread[0]:.3f} of theirs",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5, help="timings that each median is taken from")
    rounds = parser.parse_args().rounds
    for axes in (2, 3, 4, 5, 7, 10):
        for count in (1000, 10_000):
            assigning(axes, count, rounds)
    for axes, count in ((2, 1000), (3, 1000), (5, 1000), (10, 1000), (2, 10_000)):
        building(axes, count, rounds if count == 1000 else 1)


if __name__ == "__main__":
    main()
