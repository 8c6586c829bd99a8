"""What a person reads when a run has ended."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from elm_app.composition import evaluation_asks_models, used_groups
from elm_app.tally import Tally
from elm_protocols import OVER_BUDGET, BehaviorSpace, CategoricalAxis, Individual, Statistics


def print_summary(
    console: Console,
    space: BehaviorSpace,
    best: Individual | None,
    figures: Statistics,
    tally: Tally,
    told: Sequence[tuple[str, str]] = (),
) -> None:
    """Print the table of a finished run, with what the environment tells of it."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("best", describe_individual(space, best) if best else "none: no valid individual was found")
    table.add_row("coverage", f"{figures.coverage:.1%} ({figures.filled} of {figures.niches} niches)")
    table.add_row("QD score", f"{figures.qd_score:.1f}")
    table.add_row("individuals", f"{figures.individuals}, {figures.valid_share:.0%} of them valid")
    table.add_row("invalid children", causes(tally.invalid))
    table.add_row("discarded draws", causes(tally.lost))
    table.add_row(
        "tokens",
        f"{tally.usage.prompt_tokens} read, {tally.usage.completion_tokens} written "
        f"in {tally.usage.requests} requests",
    )
    for name, text in told:
        table.add_row(name, Text(text))
    console.print(table, highlight=False)


def ending(reason: str, budget: Mapping[str, Any]) -> str:
    """Return why a search ended, in words."""
    if reason == "interrupted":
        return "interrupted (Ctrl-C or SIGTERM)"
    if reason == OVER_BUDGET:
        return "budget (the limits of spending of the model leave no room for another request)"
    return f"{reason} (budget.{reason}={budget[reason]} is reached)" if reason in budget else reason


def describe_individual(space: BehaviorSpace, individual: Individual) -> str:
    """Return fitness and measures of an individual in one line."""
    measures = ", ".join(
        f"{axis.name} {axis.categories[round(value)]}"
        if isinstance(axis, CategoricalAxis)
        else f"{axis.name} {value:.4g}{' ' + axis.unit if axis.unit else ''}"
        for axis, value in zip(space, individual.measures, strict=True)
    )
    return f"fitness {individual.fitness:.4g} ({measures}), individual {individual.id}"


def causes(counts: Mapping[str, int]) -> str:
    """Return counts by cause, most frequent first."""
    if not counts:
        return "none"
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {cause}" for cause, count in ordered)


def print_files(console: Console, files: Sequence[tuple[Path, str]]) -> None:
    """Name the files that a run has written."""
    console.print("\nFiles")
    for path, content in files:
        console.print(f"  {path}  ({content})", highlight=False, soft_wrap=True)


def print_next(console: Console, heading: str, commands: Sequence[tuple[str, str]]) -> None:
    """Print commands to type next, each with what it is good for."""
    console.print(f"\n{heading}")
    width = max(len(command) for command, _ in commands)
    for command, purpose in commands:
        console.print(f"  {command:<{width}}  {purpose}", highlight=False, soft_wrap=True)


def elm_run(*overrides: str) -> str:
    """Return the command line of `elm-run` with these overrides, as this person has to type it."""
    return _typed("elm-run", *overrides)


def next_commands(config: Mapping[str, Any], directory: Path) -> list[tuple[str, str]]:
    """Return commands worth trying after a run with `config` in `directory`, and what for."""
    look = [(_typed("elm-viewer", str(directory)), "look at this run in a browser")]
    return [
        *(look if find_spec("elm_viewer") else []),
        _another_search(config),
        (elm_run("--help"), "every environment, algorithm, operator and model, with their options"),
    ]


def _another_search(config: Mapping[str, Any]) -> tuple[str, str]:
    env = f"env={config['env']['name']}"
    if evaluation_asks_models(config):
        return elm_run(env, "budget.seconds=600"), "the same search for ten minutes"
    if "operator" not in used_groups(config):
        other = "mapelites" if config["qd"]["name"] == "cvtmapelites" else "cvtmapelites"
        return elm_run(env, f"qd={other}"), "the same search with another algorithm"
    if config["operator"]["name"] == "ast":
        return elm_run(env, "model=embedded"), "the same search with the embedded language model"
    return elm_run(env, "model=ast"), "the same search without a language model: the baseline to compare with"


def _typed(*words: str) -> str:
    prefix = ["uv", "run"] if "UV_RUN_RECURSION_DEPTH" in os.environ else []
    return shlex.join([*prefix, *words])
