"""The site of the project: Sphinx over the Markdown pages of this folder (`uv run nox -s docs`)."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]

project = "ELM"
author = "The ELM authors"
copyright = "The ELM authors, MIT licence"  # noqa: A001  # the name that Sphinx reads
release = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]

# The pages are plain Markdown, to be read on a code forge too; only the reference uses directives.
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]

html_theme = "furo"
html_title = f"ELM {release}"
html_show_sphinx = False
copybutton_prompt_text = "$ "

autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
suppress_warnings = ["myst.xref_ambiguous"]
