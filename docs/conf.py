"""The site of the project: Sphinx over the Markdown pages of this folder (`uv run nox -s docs`)."""

import re
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
html_static_path = ["_static"]
html_css_files = ["wide.css"]
copybutton_prompt_text = "$ "

autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_type_aliases = {
    name: name
    for name in ("Genotype", "Genotypes", "Json", "Axis", "ArrayLike", "NDArray", "Evaluate", "Embedder")
}
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True


def name_aliases(app, what, name, obj, options, signature, returns):
    """Write a type alias inside another type as its name, which autodoc does for whole annotations only."""
    alias = re.compile(r"TypeAliasForwardRef\('(\w+)'\)")
    return tuple(text and alias.sub(r"\1", text) for text in (signature, returns))


def setup(app):
    """Register the hook above with Sphinx."""
    app.connect("autodoc-process-signature", name_aliases)
