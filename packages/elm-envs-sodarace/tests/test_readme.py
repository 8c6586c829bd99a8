"""The README's example runs."""

import re
from pathlib import Path


def test_the_example_runs(capsys):
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.S)
    exec(compile(example, "README.md", "exec"), {"__name__": "readme"})
    assert "stairs:distance=5: " in capsys.readouterr().out
