"""Adding to and sampling from grid archives, side by side with ribs; medians of CPU time.

Run: uv run --package elm-qd --group bench python packages/elm-qd/benchmarks/adding.py
Archives of about 10 000 niches are filled by 100 000 individuals first. `single, figures read` also reads
the statistics after every hundredth add.
"""

import argparse
import statistics
import time
import warnings

import numpy as np

from elm_protocols import BehaviorSpace, ContinuousAxis
from elm_qd import GridArchive

warnings.simplefilter("ignore")
from ribs.archives import GridArchive as RibsArchive  # noqa: E402

BINS = {2: 100, 3: 22, 4: 10}
NUMBERS = 10
FILL = 100_000


def median_rate(call, batches):
    seconds = []
    for batch in batches:
        start = time.process_time()
        call(*batch)
        seconds.append(time.process_time() - start)
    return len(batches[0][1]) / statistics.median(seconds)


def draw(rng, axes, size):
    return rng.normal(size=(size, NUMBERS)), rng.normal(size=size), rng.uniform(-1, 1, (size, axes))


def texts(genotypes):
    return [str(row[0]) for row in genotypes]


def archives(axes, rng):
    space = BehaviorSpace(tuple(ContinuousAxis(f"x{i}", -1.0, 1.0) for i in range(axes)))
    bins = BINS[axes]
    theirs = RibsArchive(solution_dim=NUMBERS, dims=[bins] * axes, ranges=[(-1, 1)] * axes)
    texts_theirs = RibsArchive(
        solution_dim=(), dims=[bins] * axes, ranges=[(-1, 1)] * axes, solution_dtype=object
    )
    numbers, words = GridArchive(space, bins, genotype_size=NUMBERS), GridArchive(space, bins)
    genotypes, fitness, measures = draw(rng, axes, FILL)
    for archive in (theirs, numbers):
        archive.add(genotypes, fitness, measures)
    for archive in (texts_theirs, words):
        archive.add(texts(genotypes), fitness, measures)
    return {"numbers": (theirs, numbers), "texts": (texts_theirs, words)}


def one_by_one(add, read):
    def call(genotypes, fitness, measures):
        for i, (genotype, score, point) in enumerate(zip(genotypes, fitness, measures, strict=True)):
            add(genotype, score, point)
            if read is not None and i % 100 == 0:
                read()

    return call


def report(name, theirs, ours):
    print(f"{name:44} ribs {theirs:12,.0f}/s   elm-qd {ours:12,.0f}/s   {ours / theirs:6.1f}x", flush=True)


def adding(axes, rounds, rng):
    for kind, (theirs, ours) in archives(axes, rng).items():
        for size in (100, 10_000):
            batches = [draw(rng, axes, size) for _ in range(rounds)]
            if kind == "texts":
                batches = [(texts(g), f, m) for g, f, m in batches]
            report(
                f"{axes} axes, {kind}, batches of {size}",
                median_rate(theirs.add, batches),
                median_rate(ours.add, batches),
            )
        batches = [draw(rng, axes, 300) for _ in range(rounds)]
        if kind == "texts":
            batches = [(texts(g), f, m) for g, f, m in batches]
        plain = [(list(g) if kind == "texts" else g.tolist(), f.tolist(), m.tolist()) for g, f, m in batches]
        slow = median_rate(one_by_one(theirs.add_single, None), batches)
        report(f"{axes} axes, {kind}, single", slow, median_rate(one_by_one(ours.add_one, None), plain))
        report(
            f"{axes} axes, {kind}, single, figures read",
            slow,
            median_rate(one_by_one(ours.add_one, ours.statistics), plain),
        )


def many_times(draw, size):
    """Draw often for one timing: a single draw takes no longer than reading the clock."""

    def call(_, wanted):
        for _ in range(len(wanted) // size):
            draw(size)

    return call


def sampling(rounds, rng):
    for kind, (theirs, ours) in archives(2, rng).items():

        def parents(size, source=ours):
            return source.genotypes_at(rng.integers(len(source), size=size))

        for size in (8, 100, 1000):
            batches = [(None, range(50 * size))] * rounds
            report(
                f"parents of {kind}, {size} at a time",
                median_rate(many_times(theirs.sample_elites, size), batches),
                median_rate(many_times(parents, size), batches),
            )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15, help="timings that each median is taken from")
    rounds = parser.parse_args().rounds
    rng = np.random.default_rng(0)
    for axes in BINS:
        adding(axes, rounds, rng)
    sampling(rounds, rng)


if __name__ == "__main__":
    main()
