"""A recorded search run again as it went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from elm_protocols import Algorithm, Environment, Evaluation, Offspring, Step
from elm_qd.failed_evaluations import settled
from elm_qd.generation import Evaluator, generation
from elm_qd.schedule import Schedule
from elm_qd.steady_state import AskedChildren, Group, Lanes, ask_as_then, make_child


def replay_generations(
    algorithm: Algorithm,
    environment: Environment,
    evaluator: Evaluator,
    history: Iterable[Step],
    *,
    seed: int,
    inherited: int = 0,
) -> Iterator[Step]:
    """Make, evaluate and tell every generation again, as large as it was; yield the steps.

    Args:
        algorithm: Fresh.
        environment: The domain; its mutation model must answer as it did then.
        evaluator: How genotypes are evaluated.
        history: The recorded steps.
        seed: The search's seed.
        inherited: So many of the first steps come from another search, a fork's source: told, not yielded.
    """
    for step in history:
        if step.index < inherited:
            algorithm.tell(step.offspring, step.evaluations)
            continue
        again = generation(
            algorithm, environment, evaluator, seed=seed, index=step.index, size=len(step.offspring)
        )
        if again is not None:
            yield again


def replay_steadily(
    algorithm: Algorithm,
    environment: Environment,
    lanes: Lanes,
    schedule: Schedule,
    *,
    seed: int,
    inherited: Sequence[Step] = (),
) -> Iterator[Step]:
    """Make and evaluate every child again, ask and tell in the order of `schedule`; yield the steps.

    Args:
        algorithm: Fresh.
        environment: The domain; its mutation model must answer as it did then.
        lanes: Where children are made (in this thread) and evaluated.
        schedule: The recorded one.
        seed: The search's seed.
        inherited: First steps that come from another search, a fork's source: told, and not yielded.
    """
    asked = AskedChildren(algorithm)
    for step in inherited:
        asked.inherit(step)
    for index, child in enumerate(schedule.told, start=len(inherited)):
        ask_as_then(asked, schedule, index)
        offspring, evaluation = _child(environment, lanes, asked.open[child], seed, child)
        yield asked.tell(index, child, offspring, evaluation)


def _child(
    environment: Environment, lanes: Lanes, group: Group, seed: int, child: int
) -> tuple[Offspring, Evaluation]:
    offspring = make_child(environment, group, seed, child)
    if not offspring.ok:
        return offspring, Evaluation(status=offspring.status, feedback=offspring.feedback)
    future = lanes.evaluation.submit(lanes.evaluate, [offspring.genotype])
    return offspring, settled(future, lanes.failures)
