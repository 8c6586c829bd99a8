"""Many programs in a row, some hostile: nothing may grow. See the README for how to run it."""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from elm_protocols import Limits, Program
from elm_sandbox import Jail

MIX = (
    Program(source="def f(): return list(range(100))", entry="f"),
    Program(source="import numpy as np\ndef f(): return np.zeros((16, 16))", entry="f"),
    Program(source="def f(): return 1 / 0", entry="f"),
    Program(source="def f(:"),
    Program(source="def f():\n    open('x', 'w').write('y' * 1000)\n    return None", entry="f"),
    Program(source="def f(): return bytearray(10 ** 10)", entry="f"),
    Program(source="import os\ndef f(): os._exit(1)", entry="f"),
)


def descendants(pid):
    parents = {}
    for task in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(task.name)] = int((task / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    found, known = [], {pid}
    while fresh := [child for child, parent in parents.items() if parent in known and child not in known]:
        found += fresh
        known |= set(fresh)
    return found


def state():
    """What must not grow: resident MiB of us and of the workers, descriptors, processes, temporary files."""
    processes = descendants(os.getpid())
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in [os.getpid(), *processes]]
    descriptors = [len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in [os.getpid(), *processes]]
    temporary = len(list(Path(tempfile.gettempdir()).glob("elm-sandbox-*")))
    return sum(pages) * 4096 / 2**20, sum(descriptors), len(processes), temporary


def soak(programs):
    """Run `programs` programs; return the states after a tenth of them and at the end."""
    with Jail(workers=2, modules=("numpy", "os"), guard=False) as jail:
        batch = [MIX[index % len(MIX)] for index in range(100)]
        first = None
        for done in range(100, programs + 1, 100):
            outcomes = jail.run(batch, Limits(seconds=10))
            assert all(outcome.status != "sandbox-error" for outcome in outcomes), outcomes
            if done >= programs // 10 and first is None:
                first = state()
        return first, state()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=100_000)
    programs = parser.parse_args().programs
    started = time.monotonic()
    first, last = soak(programs)
    names = ("resident MiB", "descriptors", "processes", "temporary files")
    for name, before, after in zip(names, first, last, strict=True):
        print(f"{name:16s} after {programs // 10}: {before:8.1f}   after {programs}: {after:8.1f}")
    print(f"{programs / (time.monotonic() - started):.0f} programs/s")
    sys.exit(0 if last[0] <= first[0] + 5 and last[1:] <= first[1:] else 1)


if __name__ == "__main__":
    main()
