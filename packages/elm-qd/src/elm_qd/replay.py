"""A steady state run again as it was scheduled."""

from __future__ import annotations

from collections.abc import Iterator

from elm_protocols import Algorithm, Environment, Evaluation, Offspring, Step
from elm_qd.failed_evaluations import settled
from elm_qd.schedule import Schedule
from elm_qd.steady_state import AskedChildren, Group, Lanes, ask_as_then, make_child


def replay_steadily(
    algorithm: Algorithm, environment: Environment, lanes: Lanes, schedule: Schedule, *, seed: int
) -> Iterator[Step]:
    """Make and evaluate every child again, ask and tell in the order of `schedule`; yield the steps.

    Args:
        algorithm: Fresh.
        environment: The domain; its mutation model must answer as it did then.
        lanes: Where children are made (in this thread) and evaluated.
        schedule: The recorded one.
        seed: The search's seed.
    """
    asked = AskedChildren(algorithm)
    for index, child in enumerate(schedule.told):
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
