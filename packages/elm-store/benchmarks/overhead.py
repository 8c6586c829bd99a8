"""What recording an individual costs, from the first thousand to the last of a long run, and occupies.

    uv run --no-sync python packages/elm-store/benchmarks/overhead.py [individuals] [--size N]

One run in a temporary folder, a step an individual (steady state, the dearest case) or `--size` a step. The
individuals carry programs of about 770 characters of which every one differs, and small artifacts.
"""

import argparse
import array
import resource
import statistics
import tempfile
import time
from pathlib import Path

import elm_store
from elm_protocols import Addition, AddStatus, Evaluation, Offspring, Origin, Statistics, Step, Usage

PROGRAM = "def make_walker():\n" + "".join(
    f"    joint_{n} = walker.add_joint({n}.0, {n}.5)\n" for n in range(17)
)
MARKS = (1_000, 10_000, 100_000, 1_000_000)


def fate_of(number):
    """One in ten enters the archive."""
    return AddStatus.REJECTED if number % 10 else AddStatus.IMPROVED


def step_of(index, size):
    numbers = range(index * size, (index + 1) * size)
    return Step(
        index,
        tuple(
            Offspring(
                genotype=f"{PROGRAM}    return walker.move({n})\n",
                parents=(n // 2,),
                origin=Origin(
                    "infill", "SmolLM2-135M-Instruct", f"{n:064x}", Usage(1, 400, 12, 0.4), {"syntax": 1}
                ),
            )
            for n in numbers
        ),
        tuple(
            Evaluation(
                fitness=n * 0.37, measures=(n / 7, 1 / (n + 1)), artifacts={"joints": 17}, seconds=0.02
            )
            for n in numbers
        ),
        tuple(Addition(n, fate_of(n), 0.0, n % 1000) for n in numbers),
        Statistics(
            individuals=numbers.stop,
            valid=numbers.stop,
            niches=1000,
            filled=900,
            qd_score=1.5 * index,
            best=2.5,
            mean=1.5,
            lowest=0.5,
        ),
    )


def disk_bytes(folder):
    return sum(file.stat().st_size for file in folder.iterdir())


def write(store, individuals, size):
    """Write a run; return for each step the store's own seconds: by the wall clock, and of the processor."""
    wall, processor = array.array("d"), array.array("d")
    for index in range(individuals // size):
        step = step_of(index, size)
        start, start_processor = time.perf_counter(), time.process_time()
        store.on_step(step)
        processor.append(time.process_time() - start_processor)
        wall.append(time.perf_counter() - start)
    return wall, processor


def report_writing(wall, processor, size):
    print("microseconds an individual, in the last tenth before")
    print("individuals   processor   wall: median     mean   slowest step")
    for mark in MARKS:
        if mark // size <= len(wall):
            tenth = slice(mark // size * 9 // 10, mark // size)
            median, mean = statistics.median(wall[tenth]), statistics.fmean(wall[tenth])
            cpu = statistics.fmean(processor[tenth])
            figures = " ".join(f"{seconds / size * 1e6:12.1f}" for seconds in (cpu, median, mean))
            print(f"{mark:>11,} {figures} {max(wall[tenth]) * 1e3:8.1f} ms")


def report_reading(folder, individuals):
    with elm_store.open(folder) as run:
        start = time.perf_counter()
        read = sum(len(step.offspring) for step in run.steps())
        print(f"steps():    {(time.perf_counter() - start) / read * 1e6:6.1f} us an individual")
        start = time.perf_counter()
        run.elites()
        print(f"elites():   {(time.perf_counter() - start) * 1e3:6.1f} ms")
        start = time.perf_counter()
        ancestors = len(run.lineage(individuals - 1))
        print(f"lineage():  {(time.perf_counter() - start) * 1e3:6.1f} ms for {ancestors} individuals")


def report_journal(store, requests=10_000):
    start, start_processor = time.perf_counter(), time.process_time()
    for index in range(requests):
        store.journal.record(
            {"model": "m", "prompt": PROGRAM, "seed": index}, 0, {"text": "walker.add_joint(1, 2)"}
        )
    cpu, wall = time.process_time() - start_processor, time.perf_counter() - start
    print(f"journal:    {cpu / requests * 1e6:6.1f} us a reply recorded; wall {wall / requests * 1e6:.1f}")
    start = time.perf_counter()
    for index in range(requests):
        store.journal.find({"model": "m", "prompt": PROGRAM, "seed": index}, 0)
    print(f"            {(time.perf_counter() - start) / requests * 1e6:6.1f} us a reply found")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("individuals", type=int, nargs="?", default=100_000)
    parser.add_argument("--size", type=int, default=1, help="individuals a step")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with elm_store.create(folder, config={}) as store:
            wall, processor = write(store, options.individuals, options.size)
            after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        report_writing(wall, processor, options.size)
        print(f"file:       {disk_bytes(folder) / options.individuals:6.0f} bytes an individual")
        print(f"memory:     {(after - before) / 1024:6.0f} MiB more at the end of writing")
        report_reading(folder, options.individuals)
        with elm_store.resume(folder) as store:
            report_journal(store)


main()
