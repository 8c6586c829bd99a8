"""A writer that is killed loses nothing that it had acknowledged."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("killed_writers.py")


@pytest.mark.parametrize(("size", "seed"), [(1, 0), (1, 1), (20, 2), (20, 3)])
def test_kill_9_at_any_moment(tmp_path, size, seed):
    """One child a step (steady state) and 20 (a generation): 30 kills each, every one resumed from."""
    command = [sys.executable, SCRIPT, tmp_path / "run", size, 30, seed]
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert not result.returncode, result.stderr
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(found) == 31, "one for each kill, and all of it once more"
    assert found[-1]["acknowledged"] > 30, "it was killed at work"
    for one in found:
        assert one["as_written"]
        assert one["steps"] > one["acknowledged"]
        assert one["steps"] <= one["replies"] <= one["steps"] + 1, "a reply is on record before its step"
        assert one["status"] == "interrupted" or one["acknowledged"] == -1
    steps = [one["steps"] for one in found]
    assert steps == sorted(steps)
