"""A writer that is killed loses nothing that it had acknowledged."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import elm_store
from elm_store import RunStatus

WRITER = Path(__file__).with_name("writing_process.py")


def start_writer(folder):
    return subprocess.Popen(
        [sys.executable, str(WRITER), str(folder)], stdout=subprocess.PIPE, text=True, bufsize=1
    )


@pytest.mark.parametrize("seed", range(10))
def test_kill_9_at_any_moment(tmp_path, plain_step, seed):
    """The same run is killed and resumed three times: 30 kills over the seeds."""
    rng = random.Random(seed)
    acknowledged = -1
    for _ in range(3):
        with start_writer(tmp_path / "run") as writer:
            first = int(writer.stdout.readline())
            assert first > acknowledged, "a resumed run goes on where it was"
            time.sleep(rng.uniform(0, 0.05))
            writer.send_signal(signal.SIGKILL)
            lines = [line for line in writer.stdout.read().split("\n")[:-1] if line]
        acknowledged = int(lines[-1]) if lines else first
        with elm_store.open(tmp_path / "run") as run:
            assert run.status is RunStatus.INTERRUPTED
            steps = list(run.steps())
        assert len(steps) > acknowledged
        assert steps == [plain_step(index) for index in range(len(steps))]


def test_a_killed_writers_lock_is_free_at_once(tmp_path):
    with start_writer(tmp_path / "run") as writer:
        writer.stdout.readline()
        with elm_store.open(tmp_path / "run") as run:
            assert run.status is RunStatus.RUNNING
        writer.kill()
        writer.wait()
        elm_store.resume(tmp_path / "run").close()
