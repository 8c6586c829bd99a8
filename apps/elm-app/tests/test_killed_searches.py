"""A few kills of whole searches; `killed_searches.py` kills as often as one likes."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("mode", ["generations", "steady_state"])
def test_a_killed_search_continues_and_loses_nothing(mode):
    script = Path(__file__).with_name("killed_searches.py")
    done = subprocess.run(
        [sys.executable, str(script), mode, "4"], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
