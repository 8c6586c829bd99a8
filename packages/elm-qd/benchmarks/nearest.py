"""Building and asking Voronoi niches, side by side with ribs; medians of CPU time.

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


def timed(call, rounds):
    seconds = []
    for _ in range(rounds):
        start = time.process_time()
        result = call()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds), result


def assigning(axes, count, rounds):
    rng = np.random.default_rng(0)
    centroids = rng.uniform(-1, 1, (count, axes))
    points = rng.uniform(-1, 1, (10_000, axes))
    space = BehaviorSpace(tuple(ContinuousAxis(f"x{i}", -1.0, 1.0) for i in range(axes)))
    start = time.process_time()
    ours = Voronoi(space, centroids)
    built = time.process_time() - start
    theirs = CVTArchive(solution_dim=1, centroids=centroids, ranges=[(-1, 1)] * axes)
    assert (theirs.index_of(points) == ours.index(points)).all()
    slow, _ = timed(lambda: theirs.index_of(points), rounds)
    fast, _ = timed(lambda: ours.index(points), rounds)
    print(
        f"assign, {axes:2} axes, {count:6} centroids: ribs {1e4 / slow:11,.0f}/s   "
        f"elm-qd {1e4 / fast:11,.0f}/s   {slow / fast:5.1f}x   (table built in {built:.2f} s)",
        flush=True,
    )


def building(axes, count, rounds):
    samples = max(25_000, 10 * count)
    space = BehaviorSpace(tuple(ContinuousAxis(f"x{i}", 0.0, 1.0) for i in range(axes)))
    test = np.random.default_rng(99).random((100_000, axes))
    slow, theirs = timed(
        lambda: k_means_centroids(centroids=count, ranges=[(0, 1)] * axes, samples=samples, seed=1)[0], rounds
    )
    fast, ours = timed(lambda: tessellate(space, count, seed=1, samples=samples).centroids, rounds)
    spread = [np.square(cKDTree(c).query(test)[0]).mean() for c in (theirs, ours)]
    print(
        f"build, {axes:2} axes, {count:6} centroids: ribs {slow:6.2f} s   elm-qd {fast:6.2f} s   "
        f"{slow / fast:5.1f}x   mean squared distance {spread[1] / spread[0]:.3f} of theirs",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5, help="timings that each median is taken from")
    parser.add_argument("--only", choices=("assigning", "building"), help="leave the other half out")
    options = parser.parse_args()
    if options.only != "building":
        for axes in range(2, 11):
            for count in (1000, 10_000):
                assigning(axes, count, options.rounds)
    if options.only != "assigning":
        for count, rounds in ((1000, options.rounds), (10_000, 1)):
            for axes in (2, 3, 5, 10):
                building(axes, count, rounds)


if __name__ == "__main__":
    main()
