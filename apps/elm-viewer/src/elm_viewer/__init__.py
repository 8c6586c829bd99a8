"""A web page over a run: archive map, lineage, replays."""

from elm_viewer.application import create_application
from elm_viewer.report import write_report
from elm_viewer.shown_runs import ShownRuns

__all__ = ["ShownRuns", "create_application", "write_report"]
