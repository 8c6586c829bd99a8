"""The examples of the README run as they stand there, and importing stays light."""

import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_examples_of_the_readme_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"```python\n(.*?)```", README.read_text(), re.S)
    assert len(examples) >= 2
    for example in examples:
        exec(compile(example, "README.md", "exec"), {"__name__": "readme"})


def test_importing_brings_neither_scipy_nor_matplotlib():
    code = "import elm_qd, sys; print([m for m in ('scipy', 'matplotlib', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_entry_points_load():
    names = {
        "elm.algorithms": {"mapelites", "cvtmapelites", "deepgridmapelites", "genetic"},
        "elm.environments": {"string_evolution", "function_optimisation", "arm"},
    }
    for group, expected in names.items():
        found = {point.name: point for point in entry_points(group=group) if point.dist.name == "elm-qd"}
        assert set(found) == expected
        for point in found.values():
            assert point.load().__doc__
