"""The contract of algorithms."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.random import Generator

from elm_protocols import (
    SANDBOX_ERROR,
    Addition,
    AddStatus,
    Algorithm,
    BehaviorSpace,
    Evaluation,
    Individual,
    Offspring,
    Step,
)
from elm_qd.domains import FunctionOptimisation
from elm_qd.search import search
from elm_qd.search_budget import Budget
from elm_qd.state_file import load_state, save_state
from elm_qd.testing.promises import require, same

Make = Callable[[BehaviorSpace, Generator], Algorithm]


def check_algorithm(make: Make, *, seed: int = 0) -> None:
    """Check an algorithm: asking, telling, failures, repeatability, states, and exact resumption.

    Args:
        make: Returns a new algorithm for a behaviour space of two axes and a generator.
        seed: Seed of everything random.
    """
    environment = FunctionOptimisation(function="sphere", variables=3)

    def fresh() -> Algorithm:
        return make(environment.behavior_space, np.random.default_rng(seed))

    require(isinstance(fresh(), Algorithm), "An algorithm has the methods of Algorithm.")
    groups = fresh().ask(5)
    require([tuple(group) for group in groups] == [()] * 5, "Asked first, it wants random individuals.")
    require(list(fresh().tell([], [])) == [], "tell([], []) is [].")
    _check_failures(fresh())
    _check_one_evaluation_each(fresh())
    steps = _check_repeatable(fresh, environment)
    _check_ids_and_parents(steps)
    _check_states(fresh, environment)
    _check_resumption(fresh, environment, steps)


def _check_failures(algorithm: Algorithm) -> None:
    told: list[tuple[Offspring, Evaluation]] = [
        (Offspring(genotype=None, status="syntax"), Evaluation(status="syntax")),
        (Offspring(genotype=[1.0]), Evaluation(status="timeout")),
        (Offspring(genotype=[2.0]), Evaluation(status=SANDBOX_ERROR)),
        (Offspring(genotype=[3.0]), Evaluation(fitness=math.nan, measures=(0.0, 0.0))),
        (Offspring(genotype=[4.0]), Evaluation(fitness=1.0, measures=(0.0,))),
        (Offspring(genotype=[5.0]), Evaluation(fitness=2.0, measures=(0.0, 0.0), feedback="fine")),
        (Offspring(genotype=None, status="duplicate"), Evaluation(fitness=9.0, measures=(0.0, 0.0))),
    ]
    additions = algorithm.tell([child for child, _ in told], [evaluation for _, evaluation in told])
    require([a.id for a in additions] == list(range(7)), "Every offspring gets the next number.")
    require(
        [a.status is AddStatus.INVALID for a in additions] == [True] * 5 + [False, True],
        "Whatever failed is invalid, and nothing else.",
    )
    require(
        [(e.id, e.genotype, e.feedback) for e in algorithm.elites()] == [(5, [5.0], "fine")],
        "Only what is valid is kept, with its feedback.",
    )
    figures = algorithm.statistics()
    require((figures.individuals, figures.valid) == (7, 1), "Failures are counted as individuals.")
    parents = [group for group in algorithm.ask(3) if group]
    require(all(p.id == 5 for group in parents for p in group), "Parents are members.")


def _check_one_evaluation_each(algorithm: Algorithm) -> None:
    try:
        algorithm.tell([Offspring(genotype=[1.0])], [])
    except Exception:  # noqa: BLE001 - whatever it raises, it must raise
        return
    raise AssertionError("Telling another number of evaluations than offspring raises an error.")


class _Recorder:
    def __init__(self) -> None:
        self.steps: list[Step] = []

    def on_step(self, step: Step) -> None:
        self.steps.append(step)


def _run(
    algorithm: Algorithm, environment: FunctionOptimisation, steps: int, history: Sequence[Step] = ()
) -> list[Step]:
    recorder = _Recorder()
    search(algorithm, environment, seed=7, budget=Budget(steps=steps), observers=[recorder], history=history)
    return recorder.steps


def _check_repeatable(fresh: Callable[[], Algorithm], environment: FunctionOptimisation) -> list[Step]:
    one, other = fresh(), fresh()
    steps = _run(one, environment, 25)
    require(_run(other, environment, 25) == steps, "Same seed, same steps.")
    require(same(one.state(), other.state()), "Same seed, same state.")
    elites = list(one.elites())
    require(elites == sorted(elites, key=lambda e: (-e.fitness, e.id)), "elites come best first, ties by id.")
    best = max(e.fitness for step in steps for e in step.evaluations if e.ok)
    require(elites[0].fitness <= best == max(step.statistics.best for step in steps), "best was seen.")
    return steps


def _check_ids_and_parents(steps: Sequence[Step]) -> None:
    additions: list[Addition] = [a for step in steps for a in step.additions]
    require([a.id for a in additions] == list(range(len(additions))), "Ids count the individuals told.")
    kept: set[int] = set()
    for step in steps:
        for child in step.offspring:
            require(kept.issuperset(child.parents), "Parents have entered the archive.")
        kept |= {a.id for a in step.additions if a.status in (AddStatus.NEW, AddStatus.IMPROVED)}


def _check_states(fresh: Callable[[], Algorithm], environment: FunctionOptimisation) -> None:
    algorithm = fresh()
    rng = np.random.default_rng(3)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "state.npz"
        for _ in range(6):
            save_state(algorithm.state(), path)
            restored = fresh()
            restored.restore(load_state(path))
            require(same(restored.state(), algorithm.state()), "A restored algorithm has the same state.")
            require(list(restored.elites()) == list(algorithm.elites()), "And the same elites.")
            groups = algorithm.ask(12)
            require(_ids(restored.ask(12)) == _ids(groups), "A restored algorithm asks the same.")
            children = [Offspring(genotype=row) for row in rng.uniform(-5, 5, (12, 3)).tolist()]
            evaluations = environment.evaluate([child.genotype for child in children])
            expected = list(algorithm.tell(children, evaluations))
            require(list(restored.tell(children, evaluations)) == expected, "And is told the same.")
            require(same(restored.state(), algorithm.state()), "And is left the same.")


def _ids(groups: Sequence[tuple[Individual, ...]]) -> list[tuple[int, ...]]:
    return [tuple(parent.id for parent in group) for group in groups]


def _check_resumption(
    fresh: Callable[[], Algorithm], environment: FunctionOptimisation, steps: Sequence[Step]
) -> None:
    whole, resumed = fresh(), fresh()
    _run(whole, environment, len(steps))
    rest = _run(resumed, environment, len(steps), history=steps[: len(steps) // 2])
    require(rest == list(steps[len(steps) // 2 :]), "Resumed from its history, a search goes on the same.")
    require(same(whole.state(), resumed.state()), "Resumed from its history, it ends the same.")
