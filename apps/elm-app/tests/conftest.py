"""Running the real command."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Finished:
    code: int
    out: str
    err: str

    @property
    def directory(self) -> Path:
        """The run's folder, as the command announced it."""
        return Path(re.search(r"->\s+(\S+)", self.out).group(1))


ELM_RUN = [sys.executable, "-m", "elm_app"]


@pytest.fixture
def elm_run(tmp_path):
    """Run `elm-run` with overrides in a folder of its own."""

    def run(*overrides: str, timeout: float = 120) -> Finished:
        done = subprocess.run(
            [*ELM_RUN, *overrides], cwd=tmp_path, capture_output=True, text=True, timeout=timeout, check=False
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def start_elm_run(tmp_path):
    """Start `elm-run` in the background; killed at the end of the test if it still runs."""
    started = []

    def start(*overrides: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [*ELM_RUN, *overrides],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
