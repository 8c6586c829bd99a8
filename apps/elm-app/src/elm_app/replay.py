"""A recorded run, run again from its journal without a model, and compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

import elm_store
from elm_app.composition import compose, make
from elm_app.run import inherited_steps
from elm_app.searches import Search, Session
from elm_protocols import Individual, Step, UserError, canonical_json


def replay(path: Path, config: Mapping[str, Any], console: Console) -> None:
    """Run the run at `path` again and verify that every step and the archive come out equal.

    Children come from the journal; they are evaluated again.

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
        with compose(config, run.journal) as parts:
            count = 0
            for then, now in zip(recorded[inherited:], search.replay(parts, session, run), strict=True):
                _require_equal(then, now)
                count += 1
            elites = parts.algorithm.elites()
            _require_archive(recorded, parts.algorithm.elites())
    console.print(
        f"Replayed {count} steps of {path}: every child, evaluation and addition, and the archive of "
        f"{len(elites)} came out equal.",
        highlight=False,
        soft_wrap=True,
    )


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
