"""Lets the test modules import what they share from this folder."""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent / "golden"))

settings.register_profile("busy", deadline=None)  # machines that run tests are busy
settings.load_profile("busy")
