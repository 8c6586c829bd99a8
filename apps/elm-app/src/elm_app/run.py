"""One run: searched, recorded, and shown."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console

import elm_store
from elm_app.composition import Parts, compose, make, used_groups
from elm_app.interrupts import interrupts
from elm_app.journaled_model import completion_of
from elm_app.progress import ProgressLine
from elm_app.report import elm_run, ending, next_commands, print_files, print_next, print_summary
from elm_app.schema import search_budget
from elm_app.searches import Search, Session
from elm_app.tally import Tally
from elm_protocols import (
    OVER_BUDGET,
    Algorithm,
    BehaviorSpace,
    Environment,
    Illustrator,
    LineageIllustrator,
    Origin,
    Reporter,
    RunObserver,
    Step,
    UserError,
)
from elm_qd import SearchResult

KINDS = {
    ".gif": "animation",
    ".html": "page",
    ".json": "data for a viewer",
    ".md": "text",
    ".mp4": "film",
    ".png": "picture",
    ".py": "program",
    ".txt": "text",
}
"""What an environment's file holds, by its ending."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run, where, and what it has behind it.

    Attributes:
        config: The whole configuration as JSON values.
        directory: The run's folder.
        history: Steps of an earlier session of the same run, or of the run that this one is a fork of.
        inherited: So many of them come from another run.
        source: The run to fork; None once this is a run of its own.
    """

    config: Mapping[str, Any]
    directory: Path
    history: tuple[Step, ...] = ()
    inherited: int = 0
    source: Path | None = None

    @property
    def session(self) -> Session:
        """What the search needs to know of the plan."""
        qd = self.config["qd"]
        return Session(qd["seed"], qd["batch_size"], self.inherited, self.history)


def new_plan(config: Mapping[str, Any], now: datetime) -> Plan:
    """Plan a new run in a folder named after time, environment, algorithm and seed.

    Raises:
        UserError: If an option of the search is out of range.
    """
    for option, least in (("seed", 0), ("batch_size", 1)):
        if config["qd"][option] < least:
            raise UserError(f"qd.{option} must be at least {least}, not {config['qd'][option]}.")
    name = f"{now:%Y-%m-%d_%H-%M-%S}_{config['env']['name']}_{config['qd']['name']}_{config['qd']['seed']}"
    directory = Path(config["runs"]) / name
    count = 1
    while directory.exists():
        count += 1
        directory = Path(config["runs"]) / f"{name}_{count}"
    return Plan(config, directory)


def resumed_plan(path: Path, config: Mapping[str, Any]) -> Plan:
    """Plan to continue the run at `path` with its configuration, as changed for this session."""
    with elm_store.open(path) as run:
        return Plan(config, run.path.parent, tuple(run.steps()), inherited_steps(run))


def forked_plan(path: Path, step: int | None, config: Mapping[str, Any], now: datetime) -> Plan:
    """Plan a new run that begins with the first steps of the run at `path`.

    Args:
        path: The source's folder.
        step: How many steps it takes over; None: all.
        config: The new run's.
        now: For its name.

    Raises:
        UserError: If the source has fewer steps, or an option is out of range.
    """
    plan = new_plan(config, now)
    with elm_store.open(path) as run:
        stop = run.next_step if step is None else step
        if not 0 <= stop <= run.next_step:
            raise UserError(f"A fork of {path} begins at a step from 0 to {run.next_step}, not at {stop}.")
        return replace(plan, history=tuple(run.steps(0, stop)), inherited=stop, source=path)


def inherited_steps(run: elm_store.Run) -> int:
    """Return how many steps a run has from the one that it is a fork of."""
    origin = run.forked_from
    return int(str(origin["step"])) if origin else 0


def execute(plan: Plan, console: Console) -> SearchResult:
    """Run the search of a plan, leave everything in its folder and tell the person at the console."""
    budget = search_budget(plan.config["budget"])
    tally = Tally()
    console.print(_announcement(plan), highlight=False, soft_wrap=True)
    with compose(plan.config) as parts, ExitStack() as stack:
        for step in plan.history:
            for observer in (tally, *watchers(parts)):
                observer.on_step(step)
        parts.spending.recall(_origins_on_record(plan))
        store = stack.enter_context(_store(plan, parts.environment.behavior_space))
        last = tally.history[-1] if tally.history else None
        line = stack.enter_context(ProgressLine(console, budget, last))
        interrupted = stack.enter_context(interrupts())
        search: Search = make(plan.config, "search")
        for model in parts.models:
            model.keep_in(store.journal)
        try:
            result = search.run(
                parts,
                plan.session,
                budget=budget,
                store=store,
                observers=(tally, *watchers(parts), line),
                interrupted=interrupted,
            )
        except UserError:
            if len(tally.history) > len(plan.history):  # this session has recorded something
                stack.callback(print_next, console, "What was recorded is kept", [_continue(plan)])
            raise
        store.finish(result.reason)
        stack.close()  # the progress line ends, and Ctrl-C is Ctrl-C again
        _show(plan, parts, result, tally, console)
        return result


def _origins_on_record(plan: Plan) -> list[Origin]:
    """Return the origins of all children that were made before: in the run's journal, or a fork's source."""
    if not plan.directory.exists():
        return [child.origin for step in plan.history for child in step.offspring]
    with elm_store.open(plan.directory) as run:
        replies = [dict(entry.reply) for entry in run.journal if "origin" in entry.reply]
    return [completion_of(reply).origin for reply in replies]


def watchers(parts: Parts) -> tuple[RunObserver, ...]:
    """Return what watches the search: operators that learn from it, the environment to report on it."""
    environment = parts.environment
    return (*parts.watching, environment) if isinstance(environment, RunObserver) else parts.watching


def _announcement(plan: Plan) -> str:
    verb = "Forking" if plan.source else "Continuing" if plan.history else "Searching"
    names = " ".join(f"{group}={plan.config[group]['name']}" for group in used_groups(plan.config))
    return f"{verb}: {names}  ->  {plan.directory}"


def _store(plan: Plan, space: BehaviorSpace) -> elm_store.Store:
    seeds = {"search": plan.config["qd"]["seed"]}
    if plan.source is not None:
        with elm_store.open(plan.source) as source:
            return elm_store.fork(
                source,
                plan.directory,
                stop=plan.inherited,
                config=plan.config,
                seeds=seeds,
                behavior_space=space,
            )
    if plan.directory.exists():
        return elm_store.resume(plan.directory)
    return elm_store.create(plan.directory, config=plan.config, seeds=seeds, behavior_space=space)


def _show(plan: Plan, parts: Parts, result: SearchResult, tally: Tally, console: Console) -> None:
    elites = parts.algorithm.elites()
    best = elites[0] if elites else None
    spent = result.reason == OVER_BUDGET and parts.spending.exhausted
    why = f"{result.reason} ({spent})" if spent else ending(result.reason, plan.config["budget"])
    console.print(f"Ended: {why}.\n", highlight=False)
    told = parts.environment.report(elites) if elites and isinstance(parts.environment, Reporter) else ()
    print_summary(console, parts.environment.behavior_space, best, result.statistics, tally, told)
    for text in (*parts.spending.report(), *parts.tables):
        console.print(f"\n{text}", highlight=False, markup=False, soft_wrap=True)
    print_files(console, _files(plan.directory, parts.environment, parts.algorithm, tally))
    print_next(console, "Next", [*next_commands(plan.config, plan.directory), _continue(plan)])


def _continue(plan: Plan) -> tuple[str, str]:
    return elm_run(f"resume={plan.directory}"), "continue this run"


def _files(
    directory: Path, environment: Environment, algorithm: Algorithm, tally: Tally
) -> list[tuple[Path, str]]:
    """Write the pictures; return what the run has left on disk, each file with what it holds."""
    files = [(directory / "run.sqlite", "every individual with its lineage")]
    elites = algorithm.elites()
    if not elites:
        return files
    # Imported here: drawing takes a second to load, and only the end of a run needs it.
    from elm_qd.plot import HasArchive, plot_archive, plot_history  # noqa: PLC0415

    if isinstance(environment, Illustrator):
        shown = environment.illustrate(elites, directory)
        files += [(path, KINDS.get(path.suffix, "file")) for path in shown]
    if isinstance(environment, LineageIllustrator):
        lineage = [record.genotype for record in line_of_descent(directory, elites[0].id)]
        shown = environment.illustrate_lineage(lineage, directory)
        files += [(path, "from the first ancestor to the best") for path in shown]
    if isinstance(algorithm, HasArchive):  # a third party's algorithm may keep none that we can draw
        plot_archive(algorithm, directory / "archive.png")
        files.append((directory / "archive.png", "heatmap: fitness over the behaviour space"))
    plot_history(tally.history, directory / "history.png")
    files.append((directory / "history.png", "curves: fitness, QD score, coverage over the run"))
    return files


def line_of_descent(directory: Path, individual: int) -> list[elm_store.IndividualRecord]:
    """Return a recorded individual's first parents from the first ancestor on, and itself."""
    with elm_store.open(directory) as run:
        line = [run.individual(individual)]
        while line[-1].parents:
            line.append(run.individual(line[-1].parents[0]))
    return line[::-1]
