"""One run as the documents that the page asks for. Live and exported pages get the same ones."""

from __future__ import annotations

import threading
import time
from dataclasses import asdict
from functools import cached_property
from pathlib import Path

import elm_store
from elm_protocols import Json
from elm_store import IndividualRecord
from elm_viewer.highlighting import highlighted_lines
from elm_viewer.individual_documents import ancestor_document, columns, short_document, whole_document
from elm_viewer.lines_of_descent import ancestors
from elm_viewer.niches import axes_json, niches_json
from elm_viewer.progress_documents import progress_document
from elm_viewer.recorded_requests import RecordedRequests
from elm_viewer.walker_replays import is_walker, walker_replay

MOST_CHILDREN = 50
"""Shown of one parent."""
FIRST_VIEW_SECONDS = 3.0
"""For so long a large journal is left alone, so that the first view has the processor for itself."""


class ShownRun:
    """The documents of a run. Safe to use from several threads.

    Args:
        path: The run's folder or file.

    Raises:
        UserError: There is no run, or it cannot be read; so do all methods where an individual is unknown.
    """

    def __init__(self, path: str | Path) -> None:
        self.run = elm_store.open(path)
        self.name = self.run.path.parent.resolve().name
        self._requests = RecordedRequests(self.run)
        self._niches_lock = threading.Lock()

    def prepare(self) -> None:
        """Compute what takes long, so that the first click does not wait for it."""
        highlighted_lines("pass", "python")  # compiles the lexer
        _ = self.niches
        time.sleep(FIRST_VIEW_SECONDS)
        self._requests.update()

    @property
    def niches(self) -> dict[str, Json]:
        """The archive's niches; see `niches_json`."""
        with self._niches_lock:
            return self._niches

    @cached_property
    def _niches(self) -> dict[str, Json]:
        return niches_json(self.run)

    def state(self) -> dict[str, Json]:
        """Return what changes as the run goes on, short: asked for every second."""
        run, statistics = self.run, self.run.statistics
        figures: dict[str, Json] | None = None
        if statistics is not None:
            figures = {**asdict(statistics), "coverage": statistics.coverage}
        return {
            "individuals": len(run),
            "steps": run.next_step,
            "status": str(run.status),
            "reason": run.reason,
            "statistics": figures,
        }

    def overview(self) -> dict[str, Json]:
        """Return what a run is, and its state."""
        run = self.run
        return {
            "name": self.name,
            "config": run.config,
            "seeds": run.seeds,
            "created": run.created,
            "forked_from": run.forked_from,
            "sessions": [asdict(session) for session in run.sessions],
            "axes": axes_json(run.behavior_space),
            "state": self.state(),
        }

    def added(self, start: int) -> dict[str, Json]:
        """Return the individuals that the archive took, from the id `start` on, as columns."""
        axes = len(self.run.behavior_space or ())
        end = len(self.run)
        return {"next": end, **columns([short for short in self.run.added(start) if short.id < end], axes)}

    def progress(self) -> dict[str, Json]:
        """Return curves, causes and credit."""
        return progress_document(self.run)

    def individual(self, number: int) -> dict[str, Json]:
        """Return what the page shows of one individual."""
        return whole_document(*self._with_parents(number))

    def request(self, number: int) -> dict[str, Json] | None:
        """Return what a model was asked for an individual and its reply; None if that is not on record."""
        return self._requests.find(*self._with_parents(number))

    def _with_parents(self, number: int) -> tuple[IndividualRecord, list[IndividualRecord]]:
        record = self.run.individual(number)
        return record, [self.run.individual(parent) for parent in record.parents]

    def lineage(self, number: int) -> dict[str, Json]:
        """Return an individual's ancestors, youngest first, and whether some are left out."""
        records, left_out = ancestors(self.run, number)
        return {"nodes": [ancestor_document(record) for record in records], "left_out": left_out}

    def children(self, number: int) -> dict[str, Json]:
        """Return an individual's first children."""
        found = self.run.children(number, MOST_CHILDREN + 1)
        shown = [short_document(short) for short in found[:MOST_CHILDREN]]
        return {"rows": shown, "more": len(found) > MOST_CHILDREN}

    def replay(self, number: int, which: int) -> dict[str, Json]:
        """Return the replay of a walker on its terrain number `which`; empty if it is no walker."""
        artifacts = self.run.individual(number).artifacts
        return dict(walker_replay(artifacts, which)) if is_walker(artifacts) else {}

    def latest(self, count: int, before: int | None, cause: str, operator: str) -> dict[str, Json]:
        """Return individuals, failed ones included, the youngest first; see `Run.latest`."""
        found = self.run.latest(count, before=before, cause=cause, operator=operator)
        return {"rows": [short_document(short) for short in found]}
