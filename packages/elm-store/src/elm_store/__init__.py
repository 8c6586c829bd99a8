"""The run on disk: every individual and its lineage in SQLite."""

from elm_store.provenance import Provenance
from elm_store.records import IndividualRecord, StepSummary
from elm_store.run import Run, RunStatus, Session
from elm_store.run import open_run as open  # noqa: A004  # elm_store.open, as gzip.open
from elm_store.store import Store, create, resume

__all__ = [
    "IndividualRecord",
    "Provenance",
    "Run",
    "RunStatus",
    "Session",
    "StepSummary",
    "Store",
    "create",
    "open",
    "resume",
]
