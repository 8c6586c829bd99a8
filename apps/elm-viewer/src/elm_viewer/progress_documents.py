"""How a run went: the archive's figures over time, losses by cause, credit of operators and models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from elm_protocols import OK, Json
from elm_store import Run, StepSummary, Tally

MOST_POINTS = 1500
"""Of a curve: more than a screen has columns would not be seen."""
INTERVALS = 60
"""Into which the individuals are counted for the losses over time."""
LEAST_INTERVAL = 25
"""Individuals in an interval: shares of fewer would be noise."""


def progress_document(run: Run) -> dict[str, Json]:
    """Return everything that the page's curves and tables of a run need."""
    length = max(LEAST_INTERVAL, -(-len(run) // INTERVALS))
    tallies = run.tallies(length)
    return {
        "history": _history(run),
        "length": length,
        "causes": _by_interval(tallies),
        "credit": _credit(tallies),
        "lost": run.lost_draws(),
    }


def _history(run: Run) -> dict[str, Json]:
    """Return curves as columns; the last step is always among them."""
    steps = run.next_step
    every = max(1, -(-steps // MOST_POINTS))
    points: list[StepSummary] = list(run.history(every))
    last = run.next_step - 1
    if points and points[-1].step != last:
        points += [summary for summary in run.history(last) if summary.step == last]
    begun = run.created
    return {
        "step": [point.step for point in points],
        "seconds": [round(point.recorded - begun, 3) for point in points],
        "individuals": [point.individuals for point in points],
        "valid": [point.valid for point in points],
        "filled": [point.filled for point in points],
        "niches": [point.niches for point in points],
        "qd_score": [point.qd_score for point in points],
        "best": [point.best for point in points],
        "mean": [point.mean for point in points],
    }


def _by_interval(tallies: Iterable[Tally]) -> list[Json]:
    """Return the counts of each cause in each interval, the most frequent cause first."""
    counts: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    intervals = 0
    for tally in tallies:
        counts[tally.cause][tally.interval] += tally.individuals
        intervals = max(intervals, tally.interval + 1)
    ordered = sorted(counts.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    return [
        {
            "cause": cause,
            "total": sum(by_interval.values()),
            "counts": [by_interval[i] for i in range(intervals)],
        }
        for cause, by_interval in ordered
    ]


def _credit(tallies: Sequence[Tally]) -> list[Json]:
    """Return what each operator with each model brought and cost, the one with most children first."""
    groups: dict[tuple[str, str], list[Tally]] = defaultdict(list)
    for tally in tallies:
        groups[tally.operator, tally.model].append(tally)
    ordered = sorted(groups.items(), key=lambda item: -sum(tally.individuals for tally in item[1]))
    return [_credit_row(operator, model, group) for (operator, model), group in ordered]


def _credit_row(operator: str, model: str, group: Sequence[Tally]) -> dict[str, Json]:
    def count(addition: str) -> int:
        return sum(tally.individuals for tally in group if tally.addition == addition)

    return {
        "operator": operator,
        "model": model,
        "individuals": sum(tally.individuals for tally in group),
        "valid": sum(tally.individuals for tally in group if tally.cause == OK),
        "new": count("new"),
        "improved": count("improved"),
        "improvement": sum(tally.improvement for tally in group),
        "requests": sum(tally.requests for tally in group),
        "prompt_tokens": sum(tally.prompt_tokens for tally in group),
        "completion_tokens": sum(tally.completion_tokens for tally in group),
        "model_seconds": sum(tally.model_seconds for tally in group),
        "evaluation_seconds": sum(tally.evaluation_seconds for tally in group),
    }
