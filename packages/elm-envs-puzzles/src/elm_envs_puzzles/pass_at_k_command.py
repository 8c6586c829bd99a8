"""The command `elm-puzzles pass-at-k`: a language model's pass@k on a set of puzzles."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from elm_envs_puzzles.installed_components import (
    check_options,
    make_model,
    make_operator,
    make_sandbox,
    needs_model,
    read_settings,
)
from elm_envs_puzzles.option_checks import program_limits
from elm_envs_puzzles.puzzle import Puzzle
from elm_envs_puzzles.puzzle_files import TUTORIAL, load_puzzles, p3_test_split, select_puzzles
from elm_envs_puzzles.solving import Tally, measure_pass_at_k, summarize_tallies, tally_from_json
from elm_protocols import Sandbox, UnreadableFileError, UserError

TEST_SPLIT = "test"
"""What `--split` takes beside nothing: P3's 228 test problems."""

OPERATOR_DEFAULTS: Mapping[str, Any] = {"draws": 1, "shuffle": False, "max_tokens": 128}
"""Options of an operator where a draw is an attempt, and all attempts at a puzzle share one prompt."""


def add_pass_at_k(commands: Any) -> None:
    """Add the command to those of `elm-puzzles`."""
    command = commands.add_parser(
        "pass-at-k",
        help="measure a model's pass@k on puzzles",
        description="Let an installed language model draw attempts at puzzles, run them in a sandbox, and "
        "report pass@k by the unbiased estimator of Chen et al. 2021.",
    )
    command.add_argument("source", help="own, p3, a path or a URL")
    command.add_argument(
        "--set",
        dest="settings",
        nargs="+",
        action="extend",
        default=[],
        metavar="OPTION=VALUE",
        help="options of model and operator, as model.path=x.gguf operator.temperature=0.5",
    )
    command.add_argument("--model", default="embedded", help="an installed model (default: embedded)")
    command.add_argument(
        "--operator", default="crossover", help="how the model is asked (default: crossover, few-shot)"
    )
    command.add_argument(
        "--split",
        choices=[TEST_SPLIT],
        help="test: of P3, the first instance of each of the 228 test problems",
    )
    command.add_argument("--names", nargs="*", default=[], help="puzzles or problems (default: all)")
    command.add_argument("--limit", type=int, help="an even selection of so many puzzles (default: all)")
    command.add_argument("--attempts", type=int, default=10, help="attempts at each puzzle (default: 10)")
    command.add_argument("--k", type=int, nargs="*", default=[1, 10, 100], help="(default: 1 10 100)")
    command.add_argument(
        "--examples",
        default=TUTORIAL,
        help="solved puzzles to show first: tutorial, a file, or '' (default: tutorial)",
    )
    command.add_argument("--docstrings", action="store_true", help="show the model the task in English, too")
    command.add_argument("--seed", type=int, default=0, help="decides all requests (default: 0)")
    command.add_argument(
        "--output",
        type=Path,
        help="JSON lines, a puzzle each; puzzles that are in the file already are not tried again",
    )
    command.add_argument("--sandbox", default="", help="an installed sandbox (default: jail)")
    command.add_argument(
        "--no-guard", action="store_true", help="let the jail alone judge: no static refusals"
    )
    command.add_argument("--seconds", type=float, default=5.0, help="time for each run (default: 5)")
    command.add_argument("--memory-mb", type=int, default=256, help="memory for each run (default: 256)")
    command.set_defaults(run=_measure)


def _measure(options: argparse.Namespace) -> int:
    for name in ("attempts", "limit"):
        if getattr(options, name) is not None and getattr(options, name) < 1:
            raise UserError(f"--{name} must be at least 1, not {getattr(options, name)}.")
    if not options.k or min(options.k) < 1 or min(options.k) > options.attempts:
        raise UserError(f"--k names numbers from 1 to the {options.attempts} attempts.")
    puzzles = chosen_puzzles(options)
    recorded = _recorded(options)
    done = {tally.puzzle: tally for tally in recorded}
    left = [puzzle for puzzle in puzzles if puzzle.name not in done]
    try:
        for tally in _tallies(options, left) if left else ():
            done[tally.puzzle] = tally
            _record(options, tally)
            said = f"{len(done)}/{len(puzzles)} {tally.puzzle}: {tally.solved} of {tally.attempts} attempts"
            print(said, file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
    tallies = [done[puzzle.name] for puzzle in puzzles if puzzle.name in done]
    if not tallies:
        return 130
    print(f"model {options.model}, operator {options.operator}, {len(puzzles)} puzzles of {options.source}")
    print(summarize_tallies(tallies, options.k))
    return 0 if len(tallies) == len(puzzles) else 130


def chosen_puzzles(options: argparse.Namespace) -> tuple[Puzzle, ...]:
    """Return the puzzles of the command's options."""
    puzzles = load_puzzles(options.source)
    if options.split == TEST_SPLIT:
        puzzles = p3_test_split(puzzles)
    puzzles = select_puzzles(puzzles, options.names)
    limit = min(options.limit or len(puzzles), len(puzzles))
    chosen = (puzzles[index * len(puzzles) // limit] for index in range(limit))
    return tuple(chosen if options.docstrings else (replace(puzzle, docstring="") for puzzle in chosen))


def _tallies(options: argparse.Namespace, puzzles: Sequence[Puzzle]) -> Any:
    """Yield a tally a puzzle; build and close what that needs."""
    settings = read_settings(options.settings)
    check_options("operator", options.operator, settings["operator"])
    limits = program_limits(options.seconds, options.memory_mb)
    examples = load_puzzles(options.examples) if options.examples else ()
    with ExitStack() as stack:
        model = None
        if needs_model(options.operator):
            model = make_model(options.model, settings["model"])
            close = getattr(model, "close", None)
            if close is not None:
                stack.callback(close)
        solver = make_operator(options.operator, settings["operator"], OPERATOR_DEFAULTS, model)
        sandbox: Sandbox = make_sandbox(options.sandbox, guarded=not options.no_guard)
        stack.callback(sandbox.close)
        yield from measure_pass_at_k(
            puzzles,
            solver,
            sandbox,
            attempts=options.attempts,
            limits=limits,
            seed=options.seed,
            examples=examples,
        )


def _conditions(options: argparse.Namespace) -> dict[str, Any]:
    """Return what decides a tally: two files with the same conditions can be put together."""
    names = ("model", "operator", "settings", "attempts", "examples", "docstrings", "seed")
    return {name: getattr(options, name) for name in names}


def _recorded(options: argparse.Namespace) -> list[Tally]:
    """Return the tallies of an output file that an earlier call has begun; begin it if there is none."""
    path: Path | None = options.output
    if path is None:
        return []
    if not path.exists():
        _write(path, _conditions(options))
        return []
    try:
        first, *lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        tallies = [tally_from_json(line) for line in lines]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UnreadableFileError(f"The file '{path}' is not an output of pass-at-k; name another.") from None
    if first != _conditions(options):
        raise UserError(f"The file '{path}' was made with other options; name another, or call it as then.")
    return tallies


def _record(options: argparse.Namespace, tally: Tally) -> None:
    if options.output is not None:
        _write(options.output, tally.to_json())


def _write(path: Path, line: Mapping[str, Any]) -> None:
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    except OSError as error:
        raise UserError(f"The file '{path}' cannot be written: {error.strerror}.") from None
