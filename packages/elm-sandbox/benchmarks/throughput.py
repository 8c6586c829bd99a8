"""Programs a second, latency, cold start and memory of each backend. See the README for how to run it."""

import argparse
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

from elm_protocols import Limits, Program, SandboxUnavailableError
from elm_sandbox import GVisor, Jail, RemoteSandbox
from elm_sandbox.server import create_app

TRIVIAL = Program(source="def f(): return 1", entry="f")
NUMPY = Program(
    source="import numpy as np\ndef f(): return (np.random.rand(64, 64, 3) * 255).astype('uint8')",
    entry="f",
)


def rate(sandbox, program, count):
    """Programs a second over a batch, all of which must be ok."""
    started = time.perf_counter()
    outcomes = sandbox.run([program] * count, Limits())
    seconds = time.perf_counter() - started
    assert all(outcome.ok for outcome in outcomes), next(o for o in outcomes if not o.ok)
    return count / seconds


def latencies(sandbox, count):
    """Milliseconds of single calls, one after the other."""
    times = []
    for _ in range(count):
        started = time.perf_counter()
        sandbox.run([TRIVIAL], Limits())
        times.append((time.perf_counter() - started) * 1000)
    return sorted(times)


def cold_start(make):
    """Median seconds from nothing to the first outcome."""
    times = []
    for _ in range(3):
        started = time.perf_counter()
        with make() as sandbox:
            sandbox.run([TRIVIAL], Limits())
            times.append(time.perf_counter() - started)
    return statistics.median(times)


def worker_memory():
    """Proportional share of memory (PSS) of this process's descendants, in MiB."""
    total = 0
    for pid in descendants(os.getpid()):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


def descendants(pid):
    out = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    children = [int(word) for word in out.stdout.split() if Path(f"/proc/{word}/smaps_rollup").exists()]
    return [*children, *(grandchild for child in children for grandchild in descendants(child))]


def report(name, make, count):
    cold = cold_start(make)
    with make() as sandbox:
        rate(sandbox, TRIVIAL, max(4, count // 10))
        memory = worker_memory()
        trivial = statistics.median(rate(sandbox, TRIVIAL, count) for _ in range(3))
        arrays = statistics.median(rate(sandbox, NUMPY, count) for _ in range(3))
        times = latencies(sandbox, count)
    p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
    print(
        f"{name:8s} trivial {trivial:.0f}/s, numpy {arrays:.0f}/s, latency p50 {p50:.1f} ms p95 {p95:.1f} ms,"
    )
    print(f"{'':8s} cold start {cold:.2f} s, memory of the waiting workers {memory:.0f} MiB")
    return trivial


def remote_over(sandbox):
    """Serve a sandbox on loopback in a thread; return the client."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(create_app(sandbox), port=0, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    return server, RemoteSandbox(url=f"http://127.0.0.1:{port}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=600)
    count = parser.parse_args().programs
    version = sys.version.split()[0]
    print(f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}, Python {version}")
    local = report("jail", Jail, count)
    with Jail() as jail:
        server, remote = remote_over(jail)
        with remote:
            rate(remote, TRIVIAL, count // 4)
            far = statistics.median(rate(remote, TRIVIAL, count) for _ in range(3))
        server.should_exit = True
    print(f"remote   trivial {far:6.0f}/s  ({far / local:.0%} of the jail's rate)")
    try:
        report("gvisor", GVisor, max(40, count // 10))
    except SandboxUnavailableError as error:
        print(f"gvisor   {error}")


if __name__ == "__main__":
    main()
