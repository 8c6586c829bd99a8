"""The examples of the README run."""

import re
from pathlib import Path

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_the_first_example_runs(capsys):
    (example,) = re.findall(r"```python\n(.*?)```", README, re.S)
    exec(compile(example, "README.md", "exec"), {"__name__": "readme"})
    assert capsys.readouterr().out.count("\n") == 8


def test_the_example_with_a_language_model_runs(capsys, embedded_model):
    (example,) = re.findall(r"```python embedded\n(.*?)```", README, re.S)
    (first,) = re.findall(r"```python\n(.*?)```", README, re.S)
    names = {"__name__": "readme"}
    exec(compile(first, "README.md", "exec"), names)
    exec(
        compile(example.replace("embedded()", "model"), "README.md", "exec"),
        names | {"model": embedded_model},
    )
    assert "Usage(" in capsys.readouterr().out
