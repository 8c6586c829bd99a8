"""A report: the page, its scripts and the documents of runs in one file, without server or network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from elm_protocols import Json, UserError
from elm_viewer.page_files import SCRIPTS, STYLES, page_file, page_html
from elm_viewer.page_json import page_json
from elm_viewer.security_headers import exported_policy
from elm_viewer.shown_run import ShownRun

MOST_INDIVIDUALS = 300
"""Whole individuals in a report, unless the user wants more."""
LATEST = 500
"""Rows of its list of individuals."""


def write_report(paths: Sequence[str | Path], file: Path, individuals: int = MOST_INDIVIDUALS) -> int:
    """Write a report on runs.

    Args:
        paths: The runs; the page compares them if there are several.
        file: The file to write, `.html`.
        individuals: Most individuals of each run that the report can open: the elites, best first, then the
            ancestors of the best.

    Returns:
        Its size, bytes.

    Raises:
        UserError: If a run cannot be read or the file not be written.
    """
    runs = [ShownRun(path) for path in paths]
    documents: dict[str, Json] = {"runs": [run.name for run in runs]}
    for number, run in enumerate(runs):
        documents.update((f"runs/{number}/{path}", value) for path, value in _documents(run, individuals))
    text = report_html(documents)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"The report cannot be written to {file} ({error.strerror}).") from None
    return file.stat().st_size


def report_html(documents: dict[str, Json]) -> str:
    """Return the page with its documents inside, by their paths."""
    styles = [page_file(name) for name in STYLES]
    scripts = [page_file(name) for name in SCRIPTS]
    policy = exported_policy([*map(_hash, scripts)], [*map(_hash, styles)])
    # In a script element nothing but `</script` and `<!--` means anything; without `<` there is neither.
    data = page_json(documents).replace("<", "\\u003c")
    return page_html(
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        + "".join(f"<style>{style}</style>\n" for style in styles),
        f'<script type="application/json" id="documents">{data}</script>\n'
        + "".join(f"<script>{script}</script>\n" for script in scripts),
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _documents(run: ShownRun, individuals: int) -> Iterator[tuple[str, Json]]:
    yield "overview", run.overview()
    yield "niches", run.niches
    yield "state", run.state()
    yield "added/0", run.added(0)
    yield "progress", run.progress()
    yield "latest", run.latest(LATEST, None, "", "")
    for number in _chosen(run, individuals):
        whole = run.individual(number)
        yield f"individuals/{number}", whole
        yield f"individuals/{number}/request", run.request(number)
        yield f"individuals/{number}/lineage", run.lineage(number)
        yield f"individuals/{number}/children", run.children(number)
        for which in range(_walker_runs(whole)):
            yield f"individuals/{number}/replays/{which}", _replay(run, number, which)


def _chosen(run: ShownRun, individuals: int) -> list[int]:
    """Return the ids of the elites, best first, and of the ancestors of the best: so many at most."""
    elites = [elite.id for elite in run.run.elites()]
    ancestors = [record.id for record in run.run.lineage(elites[0])] if elites else []
    return list(dict.fromkeys([*elites[: individuals // 2], *ancestors, *elites]))[:individuals]


def _walker_runs(whole: dict[str, Json]) -> int:
    parts = whole["phenotype"]
    assert isinstance(parts, list)
    return sum(len(part["runs"]) for part in parts if part["kind"] == "walker")


def _replay(run: ShownRun, number: int, which: int) -> Json:
    try:
        return run.replay(number, which)
    except UserError as error:
        return {"error": str(error)}
