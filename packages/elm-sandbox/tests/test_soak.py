"""A bounded soak: nothing grows. The long one is benchmarks/soak.py."""

import importlib.util
from pathlib import Path


def test_a_thousand_programs_leave_nothing_behind():
    path = Path(__file__).parents[1] / "benchmarks" / "soak.py"
    spec = importlib.util.spec_from_file_location("soak", path)
    soak = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(soak)
    first, last = soak.soak(1000)
    assert last[0] <= first[0] + 5, "resident MiB"
    assert last[1] <= first[1], "descriptors"
    assert last[2] <= first[2], "processes"
    assert last[3] <= first[3], "temporary files"
