"""The Python in the guides is that of an example, or runs as it stands there, block after block.

A block marked `python notebook` is neither: it needs a run, a server or a cluster of the reader's.
"""

import ast
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1]


def blocks(page):
    return re.findall(r"^```python\n(.*?)^```$", (DOCS / f"{page}.md").read_text(), re.S | re.M)


@pytest.mark.parametrize("page", ["own-model", "embed", "safe-execution"])
def test_the_python_of_a_guide_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = blocks(page)
    assert found
    names = {"__name__": page}
    for block in found:
        exec(compile(block, f"{page}.md", "exec"), names)


@pytest.mark.parametrize("page", ["own-environment", "own-operator"])
def test_a_guide_shows_the_whole_example(page):
    example = ast.parse((DOCS.parent / f"examples/{page.replace('-', '_')}.py").read_text()).body
    docstring, *body, guarded = example
    assert isinstance(docstring, ast.Expr) and ast.unparse(guarded.test) == "__name__ == '__main__'"
    shown = ast.parse("\n".join(blocks(page)))
    assert ast.unparse(shown) == ast.unparse(ast.Module([*body, *guarded.body], []))


def test_the_environment_of_the_guide_has_40_lines():
    (environment,) = [block for block in blocks("own-environment") if block.startswith("class ")]
    assert len(environment.strip().splitlines()) <= 40
