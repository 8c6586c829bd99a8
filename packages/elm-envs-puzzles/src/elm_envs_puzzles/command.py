"""The command `elm-puzzles`: verify puzzle files, export evolved ones, measure a model on them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from elm_envs_puzzles.installed_components import make_sandbox
from elm_envs_puzzles.option_checks import program_limits
from elm_envs_puzzles.pass_at_k_command import add_pass_at_k
from elm_envs_puzzles.puzzle import Puzzle
from elm_envs_puzzles.puzzle_files import load_puzzles, select_puzzles, write_puzzles
from elm_envs_puzzles.puzzle_programs import PuzzleProgram, parse_puzzle_program
from elm_envs_puzzles.verification import summarize_verifications, verify_puzzles
from elm_protocols import UnreadableFileError, UserError, content_hash


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0, 1 if a given solution does not hold, or 2 for a user's mistake."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except UserError as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="elm-puzzles", description="Programming puzzles in P3's format.")
    commands = parser.add_subparsers(required=True)
    verify = commands.add_parser("verify", help="run every given solution of a puzzle file in a sandbox")
    verify.add_argument("source", nargs="?", default="own", help="own, p3, a path or a URL (default: own)")
    verify.add_argument("--names", nargs="*", default=[], help="puzzles or problems (default: all)")
    verify.add_argument("--sha256", default="", help="checksum that the file must have")
    verify.add_argument(
        "--sandbox", default="", help="an installed sandbox by name (default: the only one, or jail)"
    )
    verify.add_argument(
        "--no-guard", action="store_true", help="let the jail alone judge: no static refusals"
    )
    verify.add_argument("--seconds", type=float, default=10.0, help="time for each run (default: 10)")
    verify.add_argument("--memory-mb", type=int, default=512, help="memory for each run (default: 512)")
    verify.set_defaults(run=_verify)
    add_pass_at_k(commands)
    export = commands.add_parser("export", help="turn evolved puzzle programs into a P3 file")
    export.add_argument(
        "programs", type=Path, help="JSON array, or JSON lines, of programs or of {genotype: program}"
    )
    export.add_argument("output", type=Path, help="P3 file to write")
    export.set_defaults(run=_export)
    return parser


def _verify(options: argparse.Namespace) -> int:
    puzzles = select_puzzles(load_puzzles(options.source, sha256=options.sha256), options.names)
    limits = program_limits(options.seconds, options.memory_mb)
    sandbox = make_sandbox(options.sandbox, guarded=not options.no_guard)
    try:
        results = list(verify_puzzles(puzzles, sandbox, limits))
    finally:
        sandbox.close()
    print(summarize_verifications(puzzles, results))
    return 0 if all(result.verdict.solved for result in results) else 1


def _export(options: argparse.Namespace) -> int:
    entries = _entries(options.programs)
    puzzles: dict[str, Puzzle] = {}
    for entry in entries:
        text = entry.get("genotype") if isinstance(entry, dict) else entry
        if isinstance(text, str):
            program = parse_puzzle_program(text, f"Evolved_{content_hash(text)[:12]}:0")
            if isinstance(program, PuzzleProgram):
                puzzles[program.puzzle.name] = program.puzzle
    if not puzzles:
        raise UserError(
            f"The file '{options.programs}' holds no program with a puzzle sat and a solution sol."
        )
    write_puzzles(puzzles.values(), options.output)
    print(f"{len(puzzles)} puzzles of {len(entries)} entries written to {options.output}")
    return 0


def _entries(path: Path) -> list[object]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UserError(f"The file '{path}' cannot be read as text; name a JSON file of programs.") from None
    try:
        if text.lstrip().startswith("["):
            return list(json.loads(text))
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        raise UnreadableFileError(f"The file '{path}' is neither a JSON array nor JSON lines.") from None
