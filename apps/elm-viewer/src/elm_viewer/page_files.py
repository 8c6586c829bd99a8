"""The files of the page, as they lie in this package."""

from __future__ import annotations

from functools import cache
from importlib import resources

SCRIPTS = (
    "vendor/d3.min.js",
    "vendor/uPlot.iife.min.js",
    "elements.js",
    "documents.js",
    "formats.js",
    "archive_states.js",
    "archive_map.js",
    "archive_view.js",
    "program_text.js",
    "walker_animation.js",
    "phenotype.js",
    "lineage.js",
    "individual_view.js",
    "curves.js",
    "progress_view.js",
    "individuals_view.js",
    "compare_view.js",
    "run_view.js",
    "main.js",
)
"""In the order in which the page needs them."""
STYLES = ("vendor/uPlot.min.css", "style.css")
MEDIA_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@cache
def page_file(name: str) -> str:
    """Return the text of one of `SCRIPTS`, `STYLES`, or `index.html`."""
    return (resources.files("elm_viewer") / "page" / name).read_text(encoding="utf-8")


def page_html(styles: str, scripts: str) -> str:
    """Return the page with its styles and scripts (elements of the head and of the end of the body)."""
    return page_file("index.html").replace("<!--styles-->", styles).replace("<!--scripts-->", scripts)
