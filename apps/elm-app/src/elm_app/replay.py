"""A recorded run, run again from its journal without a model, and compared."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

import elm_store
from elm_app.composition import compose, evaluations_are_judged, make
from elm_app.run import inherited_steps, watchers
from elm_app.searches import Search, Session
from elm_protocols import (
    Evaluation,
    Genotype,
    Individual,
    RunObserver,
    Step,
    UserError,
    canonical_json,
)


def replay(path: Path, config: Mapping[str, Any], console: Console) -> None:
    """Run the run at `path` again and verify that every step and the archive come out equal.

    Children come from the journal; they are evaluated again, but for what a language model judged: those
    evaluations come from the record too.

    Args:
        path: The run's folder.
        config: Its configuration; the executor may be another one.
        console: Where the result is told.

    Raises:
        UserError: If something comes out different: the first step that does.
    """
    with elm_store.open(path) as run:
        recorded = tuple(run.steps())
        inherited = inherited_steps(run)
        session = Session(config["qd"]["seed"], config["qd"]["batch_size"], inherited, recorded)
        search: Search = make(config, "search")
        with compose(config, run.journal) as composed:
            judged = RecordedEvaluations(recorded[inherited:]) if evaluations_are_judged(config) else None
            parts = replace(composed, evaluate=judged) if judged else composed
            watching = watchers(parts)
            for step in recorded[:inherited]:
                _tell(watching, step)
            count = 0
            for then, now in zip(recorded[inherited:], search.replay(parts, session, run), strict=True):
                _require_equal(then, now)
                _tell(watching, now)
                count += 1
            elites = parts.algorithm.elites()
            _require_archive(recorded, parts.algorithm.elites())
    console.print(
        f"Replayed {count} steps of {path}: every child, evaluation and addition, and the archive of "
        f"{len(elites)} came out equal.",
        highlight=False,
        soft_wrap=True,
    )


class RecordedEvaluations:
    """Evaluates by the record: each genotype gets its evaluations in the order in which it had them.

    Args:
        steps: The steps on record.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._found: dict[str, deque[Evaluation]] = {}
        for step in steps:
            for child, evaluation in zip(step.offspring, step.evaluations, strict=True):
                if child.ok:
                    self._found.setdefault(canonical_json(child.genotype), deque()).append(evaluation)

    def __call__(self, genotypes: Sequence[Genotype]) -> list[Evaluation]:
        """Return an evaluation each.

        Raises:
            UserError: If one is not on record: the replay makes other children than the run.
        """
        evaluations = []
        for genotype in genotypes:
            left = self._found.get(canonical_json(genotype))
            if not left:
                raise UserError("The replay makes a child that is not in the run; its versions are others.")
            evaluations.append(left.popleft())
        return evaluations


def _tell(watching: Sequence[RunObserver], step: Step) -> None:
    for observer in watching:
        observer.on_step(step)


def _require_equal(then: Step, now: Step) -> None:
    if _what_happened(then) != _what_happened(now):
        raise UserError(
            f"The replay differs from the run at step {then.index}: the versions installed, or an evaluation "
            "that is not repeatable, make the difference."
        )


def _what_happened(step: Step) -> str:
    """Return what must repeat: everything but the time that evaluations took, NaN as a word."""
    return repr(
        [
            (
                canonical_json(child.genotype),
                child.parents,
                child.status,
                result.status,
                result.fitness,
                tuple(result.measures),
                addition,
            )
            for child, result, addition in zip(step.offspring, step.evaluations, step.additions, strict=True)
        ]
    )


def _require_archive(recorded: Sequence[Step], elites: Sequence[Individual]) -> None:
    """Compare the elites with the individuals on record that they must be."""
    on_record = {
        addition.id: canonical_json(child.genotype)
        for step in recorded
        for child, addition in zip(step.offspring, step.additions, strict=True)
    }
    for elite in elites:
        if on_record.get(elite.id) != canonical_json(elite.genotype):
            raise UserError(f"The replay's archive differs from the run's at individual {elite.id}.")
