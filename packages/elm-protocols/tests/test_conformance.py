"""The conformance checks accept a good implementation and name the broken promise of a bad one."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from elm_protocols import (
    BehaviorSpace,
    Completion,
    ContinuousAxis,
    Evaluation,
    MutationRequest,
    Offspring,
    Origin,
    Outcome,
    OutcomeStatus,
)
from elm_protocols.testing import check_environment, check_mutation_model, check_sandbox


class Line:
    """A scripted environment: numbers on a line."""

    behavior_space = BehaviorSpace((ContinuousAxis("x", 0.0, 1.0),))

    def random(self, n, rng):
        return [Offspring(genotype=float(x)) for x in rng.random(n)]

    def mutate(self, parents, rng):
        return [
            Offspring(genotype=group[0].genotype / 2, parents=tuple(p.id for p in group)) for group in parents
        ]

    def evaluate(self, genotypes):
        return [Evaluation(fitness=x, measures=(x,)) for x in genotypes]


def test_a_good_environment_passes():
    check_environment(Line())


def _broken(name, method):
    return type("Broken", (Line,), {name: method})()


@pytest.mark.parametrize(
    ("environment", "promise"),
    [
        (_broken("random", lambda self, n, rng: Line.random(self, n - 1, rng)), "one offspring each"),
        (
            _broken("random", lambda self, n, rng: Line.random(self, n, np.random.default_rng())),
            "decided by the generator",
        ),
        (
            _broken("evaluate", lambda self, g: [Evaluation(fitness=float("nan")) for _ in g]),
            "finite fitness",
        ),
        (_broken("evaluate", lambda self, g: [Evaluation(fitness=1.0) for _ in g]), "measure an axis"),
        (
            _broken("evaluate", lambda self, g: [Evaluation(fitness=1.0, status="timeout") for _ in g]),
            "no fitness",
        ),
        (
            _broken(
                "mutate", lambda self, p, rng: [replace(c, parents=()) for c in Line.mutate(self, p, rng)]
            ),
            "parents by id",
        ),
        (_broken("random", lambda self, n, rng: [Offspring(genotype=(1, 2))] * n), "JSON value"),
    ],
)
def test_a_broken_environment_is_named(environment, promise):
    with pytest.raises(AssertionError, match=promise):
        check_environment(environment)


class Upper:
    """A scripted mutation model."""

    def generate(self, requests):
        return [
            Completion(text=r.template + r.parents[0].upper(), origin=Origin(operator="upper"))
            for r in requests
        ]


REQUESTS = [MutationRequest(parents=(text,), seed=i, template="# ") for i, text in enumerate("ab")]


def test_a_good_mutation_model_passes():
    check_mutation_model(Upper(), REQUESTS)


@pytest.mark.parametrize(
    ("completion", "promise"),
    [
        (Completion(text=None, origin=Origin(operator="x")), "text exactly where"),
        (Completion(text="b", origin=Origin(operator="x")), "begins with the template"),
        (Completion(text="# b"), "names its operator"),
        (Completion(text="# b", origin=Origin(operator="x", lost={"syntax": 0})), "counted"),
    ],
)
def test_a_broken_mutation_model_is_named(completion, promise):
    class Broken:
        def generate(self, requests):
            return [completion for _ in requests]

    with pytest.raises(AssertionError, match=promise):
        check_mutation_model(Broken(), REQUESTS)


def test_a_sandbox_that_runs_nothing_is_named():
    class Silent:
        def run(self, programs, limits):
            return [Outcome(status=OutcomeStatus.OK) for _ in programs]

        def close(self):
            pass

    with pytest.raises(AssertionError, match="bad syntax"):
        check_sandbox(Silent())


def test_the_example_of_the_readme_runs():
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.S)
    exec(compile(example, "README.md", "exec"), {"__name__": "readme"})
