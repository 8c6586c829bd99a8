"""The run on disk: every individual and its lineage in SQLite."""

from elm_store.evaluation_journal import EvaluationJournal
from elm_store.exports import export_genotype, export_json_lines, export_parquet
from elm_store.journal import Journal, JournalEntry, RecordedJournal
from elm_store.opening import create, fork, resume
from elm_store.provenance import Provenance
from elm_store.records import IndividualRecord, StepSummary
from elm_store.run import Run
from elm_store.run import open_run as open  # noqa: A004  # elm_store.open, as gzip.open
from elm_store.schedule import RecordedSchedule, ScheduleLog
from elm_store.sessions import RunStatus, Session
from elm_store.store import Store
from elm_store.summaries import IndividualSummary, Tally

__all__ = [
    "EvaluationJournal",
    "IndividualRecord",
    "IndividualSummary",
    "Journal",
    "JournalEntry",
    "Provenance",
    "RecordedJournal",
    "RecordedSchedule",
    "Run",
    "RunStatus",
    "ScheduleLog",
    "Session",
    "StepSummary",
    "Store",
    "Tally",
    "create",
    "export_genotype",
    "export_json_lines",
    "export_parquet",
    "fork",
    "open",
    "resume",
]
