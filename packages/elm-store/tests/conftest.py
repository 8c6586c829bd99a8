"""A plain sequence of steps, for tests and for the processes that they start."""

import pytest

from elm_protocols import Addition, AddStatus, Evaluation, Offspring, Origin, Statistics, Step, Usage


def plain_step(index, size=2, artifacts=None):
    """Step `index` of a run in which every individual descends from the one before."""
    numbers = range(index * size, (index + 1) * size)
    return Step(
        index,
        tuple(
            Offspring(
                genotype=f"x = {n}\n" * 4,
                parents=(n - 1,) if n else (),
                origin=Origin("infill", "a-model", "ab" * 32, Usage(1, 200, 12, 0.25), {"syntax": 1}),
            )
            for n in numbers
        ),
        tuple(
            Evaluation(fitness=float(n), measures=(n / 7, 1.0), artifacts=artifacts or {}, seconds=0.01)
            for n in numbers
        ),
        tuple(Addition(n, AddStatus.NEW, float(n), n % 50) for n in numbers),
        Statistics(
            individuals=numbers.stop,
            valid=numbers.stop,
            niches=100,
            filled=min(50, numbers.stop),
            qd_score=float(numbers.stop),
            best=float(numbers.stop - 1),
            mean=1.0,
            lowest=0.0,
        ),
    )


@pytest.fixture(name="plain_step")
def plain_step_fixture():
    return plain_step
