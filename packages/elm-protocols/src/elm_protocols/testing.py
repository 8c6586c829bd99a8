"""Conformance checks: what every implementation of an interface, ours or yours, must pass.

Each check raises `AssertionError` with one sentence on the promise that was broken. They need no test
framework; call them from a test.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import numpy as np

from elm_protocols.environment import Environment
from elm_protocols.individuals import Evaluation, Individual, Offspring
from elm_protocols.json_values import canonical_json
from elm_protocols.mutation import MutationModel, MutationRequest
from elm_protocols.sandboxing import Limits, OutcomeStatus, Program, Sandbox


def _require(condition: bool, promise: str) -> None:
    if not condition:
        raise AssertionError(promise)


def check_environment(environment: Environment, *, n: int = 4, seed: int = 0) -> None:
    """Check an environment: shapes, determinism, statuses, and that failures are results.

    Args:
        environment: The environment under test; its mutation model and sandbox may be real or scripted.
        n: How many individuals to make, at least 2.
        seed: Seed of the generators passed in.
    """
    _require(isinstance(environment, Environment), "An environment has the methods of Environment.")
    space = environment.behavior_space
    first = environment.random(n, np.random.default_rng(seed))
    _check_offspring(first, n, "random(n)")
    _require(all(child.ok for child in first), "random(n) gives individuals, not failures.")
    again = environment.random(n, np.random.default_rng(seed))
    _require(
        [child.genotype for child in first] == [child.genotype for child in again],
        "random(n) is decided by the generator passed in.",
    )

    genotypes = [child.genotype for child in first]
    evaluations = environment.evaluate(genotypes)
    _check_evaluations(evaluations, n, len(space))
    _require(
        _same(environment.evaluate(genotypes[:1])[0], evaluations[0]),
        "evaluate is a function of the genotype alone.",
    )
    _require(list(environment.evaluate([])) == [], "evaluate([]) is [].")
    valid = [pair for pair in zip(genotypes, evaluations, strict=True) if pair[1].ok]
    _require(bool(valid), "At least one of the first individuals is valid.")

    parents = [
        (Individual(index, genotype, evaluation.fitness, evaluation.measures, evaluation.feedback),)
        for index, (genotype, evaluation) in enumerate(valid)
    ]
    children = environment.mutate(parents, np.random.default_rng(seed))
    _check_offspring(children, len(parents), "mutate(parents)")
    for child, (parent,) in zip(children, parents, strict=True):
        _require(child.parents == (parent.id,), "mutate names each child's parents by id, in order.")
    _require(list(environment.mutate([], np.random.default_rng(seed))) == [], "mutate([]) is [].")
    born = [child.genotype for child in children if child.ok]
    _check_evaluations(environment.evaluate(born), len(born), len(space))


def _check_offspring(offspring: Sequence[Offspring], n: int, call: str) -> None:
    _require(len(offspring) == n, f"{call} gives one offspring each, {n} and not {len(offspring)}.")
    for child in offspring:
        _require(child.ok == (child.genotype is not None), "A child has a genotype exactly where it is ok.")
        _require(
            json.loads(canonical_json(child.genotype)) == child.genotype,
            "A genotype is a JSON value that comes back from JSON as it was.",
        )


def _check_evaluations(evaluations: Sequence[Evaluation], n: int, dimensions: int) -> None:
    _require(len(evaluations) == n, f"evaluate gives one evaluation each, {n} and not {len(evaluations)}.")
    for evaluation in evaluations:
        json.loads(canonical_json(dict(evaluation.artifacts)))
        if evaluation.ok:
            _require(math.isfinite(evaluation.fitness), "A valid individual has a finite fitness.")
            _require(
                len(evaluation.measures) == dimensions and all(map(math.isfinite, evaluation.measures)),
                "A valid individual has one finite measure an axis.",
            )
        else:
            _require(math.isnan(evaluation.fitness), "An invalid individual has no fitness (NaN).")
            _require(not evaluation.measures, "An invalid individual has no measures.")


def _same(one: Evaluation, other: Evaluation) -> bool:
    """Whether two evaluations agree in everything but the time they took."""
    return (
        one.status == other.status
        and one.measures == other.measures
        and (one.fitness == other.fitness or (math.isnan(one.fitness) and math.isnan(other.fitness)))
    )


def check_mutation_model(model: MutationModel, requests: Sequence[MutationRequest]) -> None:
    """Check a mutation model on requests of the caller's domain.

    Args:
        model: The model under test.
        requests: At least two, with different seeds.
    """
    _require(isinstance(model, MutationModel), "A mutation model has the method generate.")
    completions = model.generate(requests)
    _require(len(completions) == len(requests), "generate gives one completion a request, in order.")
    for request, completion in zip(requests, completions, strict=True):
        _require(
            completion.ok == (completion.text is not None), "A completion has a text exactly where it is ok."
        )
        _require(bool(completion.origin.operator), "A completion names its operator.")
        _require(all(count > 0 for count in completion.origin.lost.values()), "Lost draws are counted.")
        if completion.text is not None:
            _require(completion.text.startswith(request.template), "A child begins with the template.")
            _require(completion.text not in request.parents, "A child differs from its parents.")
    _require(list(model.generate([])) == [], "generate([]) is [].")


_SANDBOX_CASES: tuple[tuple[str, Program, OutcomeStatus], ...] = (
    ("a value", Program(source="def f(a, b=1):\n return a + b", entry="f", args=(2,)), OutcomeStatus.OK),
    ("no entry", Program(source="x = 1"), OutcomeStatus.OK),
    ("bad syntax", Program(source="def f(:", entry="f"), OutcomeStatus.SYNTAX),
    ("an exception", Program(source="def f():\n return 1 / 0", entry="f"), OutcomeStatus.ERROR),
    ("a missing entry", Program(source="x = 1", entry="f"), OutcomeStatus.ERROR),
    ("an endless loop", Program(source="def f():\n while True: pass", entry="f"), OutcomeStatus.TIMEOUT),
    (
        "too much memory",
        Program(source="def f():\n return len(bytearray(10 ** 10))", entry="f"),
        OutcomeStatus.MEMORY,
    ),
    ("too large a value", Program(source="def f():\n return 'x' * 10 ** 7", entry="f"), OutcomeStatus.OUTPUT),
    ("a live object", Program(source="def f():\n return f", entry="f"), OutcomeStatus.BAD_RESULT),
    (
        "an adapter and a module",
        Program(
            source="import shapes\ndef f():\n return shapes.Square(3)",
            entry="f",
            modules={"shapes": "class Square:\n def __init__(self, side): self.side = side"},
            adapter="def adapt(value):\n return {'side': value.side}",
        ),
        OutcomeStatus.OK,
    ),
)


def check_sandbox(sandbox: Sandbox) -> None:
    """Check a sandbox on ten small programs: statuses, values, order, and service after each failure."""
    _require(isinstance(sandbox, Sandbox), "A sandbox has the methods run and close.")
    limits = Limits(seconds=1.0)
    outcomes = sandbox.run([program for _, program, _ in _SANDBOX_CASES], limits)
    _require(len(outcomes) == len(_SANDBOX_CASES), "run gives one outcome a program, in order.")
    for (name, _, status), outcome in zip(_SANDBOX_CASES, outcomes, strict=True):
        _require(
            outcome.status is status, f"For {name} the status is {status}, not {outcome.status}: {outcome}"
        )
        _require(outcome.ok or outcome.value is None, "Only an ok outcome has a value.")
        _require(outcome.ok or bool(outcome.feedback), f"The outcome for {name} has a feedback.")
        _require("\n" not in outcome.feedback, "Feedback is one line.")
    _require(outcomes[0].value == 3, "The value comes back.")
    _require(outcomes[-1].value == {"side": 3}, "An adapter turns a live object into data.")
    _require(list(sandbox.run([], limits)) == [], "run([]) is [].")


__all__ = ["check_environment", "check_mutation_model", "check_sandbox"]
