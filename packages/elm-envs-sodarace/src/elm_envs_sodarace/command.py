"""The command `elm-sodarace`: simulate, render and validate walker programs by hand."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from elm_envs_sodarace.measures import MEASURES, RECORD_EVERY, measure
from elm_envs_sodarace.program import LIMITS, read_outcome, walker_program
from elm_envs_sodarace.replay import replay
from elm_envs_sodarace.seeds import SEEDS
from elm_envs_sodarace.simulation import MAX_DURATION, Instability, Simulation, simulate
from elm_envs_sodarace.terrain import KINDS, Terrain, read_terrain
from elm_envs_sodarace.trusted_run import run_trusted
from elm_envs_sodarace.walker import InvalidWalker, Walker
from elm_protocols import ElmError, UserError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code (1: the walker is not valid, 2: a mistake in the call)."""
    options = _parser().parse_args(arguments)
    action: Callable[[argparse.Namespace], int] = options.action
    try:
        return action(options)
    except ElmError as error:
        print(f"elm-sodarace: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="elm-sodarace", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    validate = _add(commands, "validate", _validate, "say whether a program makes a valid walker")
    run = _add(commands, "simulate", _simulate, "print fitness and measures of a walker as JSON")
    render = _add(commands, "render", _render, "write a picture, animation or replay of a run")
    for command in (validate, run, render):
        command.add_argument("program", help="a Python file, or the name of a seed: " + ", ".join(SEEDS))
        command.add_argument(
            "--trusted", action="store_true", help="run the file in this process, without a sandbox"
        )
        command.add_argument("--sandbox", default="jail", help="sandbox that runs the file (default jail)")
    for command in (run, render):
        command.add_argument("--terrain", default="flat", help="kind, kind:name=value, or a .json file")
        command.add_argument("--duration", type=float, default=10.0, help="simulated seconds (default 10)")
    render.add_argument("output", type=Path, help="a .png, .gif, .mp4 or .json (replay) file to write")
    render.add_argument("--at", type=float, default=0.0, help="for .png: the moment shown, in seconds")
    _add(commands, "terrains", _list_terrains, "list the kinds of terrain with their parameters")
    seed = _add(commands, "seed", _print_seed, "print a seed program")
    seed.add_argument("name", choices=list(SEEDS))
    return parser


def _add(
    commands: Any,
    name: str,
    action: Callable[[argparse.Namespace], int],
    purpose: str,
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=purpose, description=purpose)
    command.set_defaults(action=action)
    return command


def _validate(options: argparse.Namespace) -> int:
    walker = _walker(options)
    if isinstance(walker, InvalidWalker):
        print(f"{walker.status}: {walker.feedback}")
        return 1
    print(f"ok: {len(walker.joints)} joints, {len(walker.muscles)} muscles")
    return 0


def _simulate(options: argparse.Namespace) -> int:
    terrain = read_terrain(options.terrain)
    ran = _run(options, terrain)
    if ran is None:
        return 1
    walker, simulation = ran
    values = dict(zip(MEASURES, measure(tuple(MEASURES), walker, simulation), strict=True))
    result = {"terrain": terrain.to_json(), "fitness": simulation.travel, "measures": values}
    print(json.dumps(result, indent=2))
    return 0


def _render(options: argparse.Namespace) -> int:
    terrain = read_terrain(options.terrain)
    ran = _run(options, terrain)
    if ran is None:
        return 1
    walker, simulation = ran
    _write(options, walker, terrain, simulation)
    print(f"{options.output}: {simulation.travel:+.2f} units in {options.duration:g} s")
    return 0


def _write(options: argparse.Namespace, walker: Walker, terrain: Terrain, simulation: Simulation) -> None:
    output: Path = options.output
    title = f"{Path(options.program).stem} on {terrain}"
    if output.suffix == ".json":
        output.write_text(json.dumps(replay(walker, terrain, simulation), separators=(",", ":")))
        return
    from elm_envs_sodarace import animation  # noqa: PLC0415 (Pillow is an extra)

    if output.suffix == ".png":
        animation.write_png(output, walker, simulation, options.at, title)
    elif output.suffix == ".gif":
        animation.write_gif(output, walker, simulation, title)
    elif output.suffix == ".mp4":
        animation.write_mp4(output, walker, simulation, title)
    else:
        raise UserError(f"The file {output} should end in .png, .gif, .mp4 or .json.")


def _run(options: argparse.Namespace, terrain: Terrain) -> tuple[Walker, Simulation] | None:
    """Simulate the program's walker; say why on standard error, and return None, where that fails."""
    if not 0 < options.duration <= MAX_DURATION:
        raise UserError(f"--duration is above 0 and at most {MAX_DURATION:g} seconds.")
    walker = _walker(options)
    failure: InvalidWalker | Instability
    if isinstance(walker, InvalidWalker):
        failure = walker
    else:
        simulation = simulate(walker, terrain, options.duration, record_every=RECORD_EVERY)
        if isinstance(simulation, Simulation):
            return walker, simulation
        failure = simulation
    print(failure.feedback, file=sys.stderr)
    return None


def _walker(options: argparse.Namespace) -> Walker | InvalidWalker:
    if options.program in SEEDS:
        return run_trusted(SEEDS[options.program])
    try:
        source = Path(options.program).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"The program {options.program} cannot be read: {error}.") from None
    return run_trusted(source) if options.trusted else _run_sandboxed(source, options.sandbox)


def _run_sandboxed(source: str, name: str) -> Walker | InvalidWalker:
    """Run a program in the sandbox of that name, found by its entry point."""
    installed = entry_points(group="elm.sandboxes", name=name)
    if not installed:
        raise UserError(
            f"To run a program file in the sandbox '{name}', install elm-sandbox; if you trust the program "
            "as your own, add --trusted."
        )
    sandbox = next(iter(installed)).load()()
    try:
        return read_outcome(sandbox.run([walker_program(source)], LIMITS)[0])
    finally:
        sandbox.close()


def _list_terrains(options: argparse.Namespace) -> int:
    for kind, parameters in KINDS.items():
        print(kind)
        for name, parameter in parameters.items():
            print(f"    {name} = {parameter.default:g}   (from {parameter.low:g} to {parameter.high:g})")
    return 0


def _print_seed(options: argparse.Namespace) -> int:
    print(SEEDS[options.name], end="")
    return 0
