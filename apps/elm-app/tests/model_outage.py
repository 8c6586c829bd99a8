"""Kills the model's server under a search, starts it again, and tells what became of the children.

`uv run python apps/elm-app/tests/model_outage.py SECONDS [OVERRIDE ...]`: the server is a real one, with
SmolLM2 behind OpenAI's routes on loopback; it is down for so many seconds.
"""

import collections
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import elm_store

SERVER = """
import sys, time
import xllamacpp
from elm_mutation.weights import find_weights

params = xllamacpp.CommonParams()
params.model.path, params.port = str(find_weights()), int(sys.argv[1])
params.n_ctx, params.n_parallel = 4096, 2
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
params.verbosity, params.warmup, params.ui = -1, False, False
server = xllamacpp.Server(params)
time.sleep(3600)
"""


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def serve(port):
    """Start the server; return its process once it answers."""
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], stderr=subprocess.DEVNULL)
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=1)
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return process
    raise AssertionError("the server does not start")


def recorded(folder):
    with elm_store.open(next(folder.glob("runs/*/run.sqlite"))) as run:
        return [
            (row.recorded, row.offspring_status, row.requests) for row in run.individuals() if row.parents
        ]


def wait_for_children(folder, search, more):
    """Wait until so many children more are on record that the model has made or failed to."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        if list(folder.glob("runs/*/run.sqlite")) and len(recorded(folder)) >= more:
            return
        assert search.poll() is None, search.communicate()
        time.sleep(0.5)
    raise AssertionError("no children come")


def main(seconds, overrides):
    port = free_port()
    server = serve(port)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        search = subprocess.Popen(
            [
                *(sys.executable, "-m", "elm_app", "env=letters", "executor=serial"),
                *("model=chat", "model.id=openai:smollm2", f"model.base_url=http://127.0.0.1:{port}/v1"),
                *(
                    "operator=prompt",
                    "operator.max_tokens=8",
                    "operator.draws=1",
                    "qd.batch_size=4",
                    "budget.seconds=600",
                ),
                *overrides,
            ],
            cwd=folder,
            env={**os.environ, "OPENAI_API_KEY": "none-needed"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            wait_for_children(folder, search, 6)
            server.kill()
            server.wait()
            down = time.time()
            time.sleep(seconds)
            up = time.time()
            server = serve(port)
            wait_for_children(folder, search, len(recorded(folder)) + 12)
            search.terminate()
            out, _ = search.communicate(timeout=30)
            assert search.returncode == 0, out
            children = recorded(folder)
        finally:
            search.kill()
            server.kill()
    for when, begin, end in (("before", 0, down), ("down", down, up), ("after", up, float("inf"))):
        causes = collections.Counter(status for at, status, _ in children if begin <= at < end)
        print(f"{when:<7} {dict(causes)}", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2:])
