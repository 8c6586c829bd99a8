"""Memory of archives and time to import, side by side with ribs, each in a process of its own.

Run: uv run --package elm-qd --group bench python packages/elm-qd/benchmarks/memory.py
"""

import subprocess
import sys
import textwrap

COMMON = """
import resource, time, numpy as np
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20
def batches(count, size=100_000):
    rng = np.random.default_rng(0)
    for _ in range(count):
        yield rng.normal(size=(size, 4)), rng.normal(size=size), rng.uniform(-1, 1, (size, 2))
def report(empty, filled, members, niches):
    print(f"{niches:,} niches: empty {empty:.1f} MiB; {members:,} filled: {filled:.1f} MiB, "
          f"{(filled - empty) * 2**20 / max(members, 1):.0f} bytes an elite")
"""
OURS = """
from elm_protocols import BehaviorSpace, ContinuousAxis
from elm_qd import GridArchive
before = resident()
archive = GridArchive(BehaviorSpace((ContinuousAxis("x", -1, 1), ContinuousAxis("y", -1, 1))), {bins},
                      genotype_size=4)
empty = resident() - before
for batch in batches({count}):
    archive.add(*batch)
report(empty, resident() - before, len(archive), archive.partition.niches)
start = time.perf_counter(); archive.statistics(); figures = time.perf_counter() - start
start = time.perf_counter(); archive.genotypes_at(np.random.default_rng(0).integers(len(archive), size=100))
print(f"figures in {{figures * 1e3:.2f}} ms, 100 parents in {{(time.perf_counter() - start) * 1e6:.0f}} us")
"""
THEIRS = """
from ribs.archives import GridArchive
before = resident()
archive = GridArchive(solution_dim=4, dims=[{bins}, {bins}], ranges=[(-1, 1), (-1, 1)])
empty = resident() - before
for batch in batches({count}):
    archive.add(*batch)
report(empty, resident() - before, len(archive), archive.cells)
"""
IMPORT = """
import time
start, cpu = time.perf_counter(), time.process_time()
import {module}
print(f"import {module}: {{time.perf_counter() - start:.2f}} s, {{time.process_time() - cpu:.2f}} s of CPU")
"""


def run(title, code):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=True,
    )
    print(f"{title:8}", done.stdout.strip().replace("\n", "\n         "), flush=True)


def main():
    for bins, count in ((100, 1), (1000, 3), (3163, 1), (3163, 30)):
        run("elm-qd", COMMON + OURS.format(bins=bins, count=count))
        run("ribs", COMMON + THEIRS.format(bins=bins, count=count))
    for module in ("elm_qd", "ribs.archives"):
        run("", IMPORT.format(module=module))


if __name__ == "__main__":
    main()
