"""From a configuration to the parts of a run. A part that nothing needs is not built."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from elm_app.components import component
from elm_protocols import (
    Algorithm,
    Completion,
    Environment,
    Evaluation,
    Genotype,
    MutationModel,
    MutationRequest,
    Sandbox,
)

Evaluate = Callable[[Sequence[Genotype]], Sequence[Evaluation]]


@dataclass(frozen=True, slots=True)
class Parts:
    """The collaborators of one search."""

    environment: Environment
    algorithm: Algorithm
    evaluate: Evaluate
    executor: Executor | None


@contextmanager
def compose(config: Mapping[str, Any]) -> Iterator[Parts]:
    """Build the parts of a run from its configuration; close what needs closing at the end.

    Args:
        config: Group -> settings, with the component's name under `name`, as plain JSON values.
    """
    with ExitStack() as stack:
        environment = _environment(config, stack)
        executor = _make(config, "executor")
        if executor is not None:
            stack.enter_context(executor)
        yield Parts(
            environment=environment,
            algorithm=_algorithm(config, environment),
            evaluate=environment.evaluate if executor is None else evaluation_elsewhere(config),
            executor=executor,
        )


def used_groups(config: Mapping[str, Any]) -> list[str]:
    """Return the groups whose components the run is made of, the environment's own needs considered."""
    needs = component("env", config["env"]["name"]).needs
    groups = ["env", "qd"]
    if "mutation_model" in needs:
        groups.append("operator")
        groups += ["model"] * ("model" in component("operator", config["operator"]["name"]).needs)
    return [*groups, *(["sandbox"] if "sandbox" in needs else []), "executor"]


def _make(config: Mapping[str, Any], group: str, **collaborators: Any) -> Any:
    settings = config[group]
    return component(group, settings["name"]).make(settings, **collaborators)


def _environment(config: Mapping[str, Any], stack: ExitStack) -> Environment:
    needs = component("env", config["env"]["name"]).needs
    collaborators: dict[str, Any] = {}
    if "sandbox" in needs:
        collaborators["sandbox"] = _sandbox(config, stack)
    if "mutation_model" in needs:
        collaborators["mutation_model"] = _mutation_model(config, stack)
    environment: Environment = _make(config, "env", **collaborators)
    return environment


def _sandbox(config: Mapping[str, Any], stack: ExitStack) -> Sandbox:
    sandbox: Sandbox = _make(config, "sandbox")
    stack.callback(sandbox.close)
    return sandbox


def _mutation_model(config: Mapping[str, Any], stack: ExitStack) -> MutationModel:
    collaborators: dict[str, Any] = {}
    if "model" in component("operator", config["operator"]["name"]).needs:
        collaborators["model"] = _make(config, "model")
        close = getattr(collaborators["model"], "close", None)
        if close is not None:  # LangChain models need no closing; those that own a server do
            stack.callback(close)
    mutation_model: MutationModel = _make(config, "operator", **collaborators)
    return mutation_model


def _algorithm(config: Mapping[str, Any], environment: Environment) -> Algorithm:
    algorithm: Algorithm = _make(
        config,
        "qd",
        behavior_space=environment.behavior_space,
        rng=np.random.default_rng(config["qd"]["seed"]),
    )
    return algorithm


def evaluation_elsewhere(config: Mapping[str, Any]) -> Evaluate:
    """Return an evaluation that any process can run: it carries the configuration, not the objects."""
    return partial(_evaluate_here, json.dumps({group: config[group] for group in ("env", "sandbox")}))


def _evaluate_here(config: str, genotypes: Sequence[Genotype]) -> Sequence[Evaluation]:
    return _environment_here(config).evaluate(genotypes)


@cache
def _environment_here(config: str) -> Environment:
    """Build this process's environment once. Its sandbox ends with the process."""
    settings = json.loads(config)
    collaborators: dict[str, Any] = {"mutation_model": _NoMutation()}
    if "sandbox" in component("env", settings["env"]["name"]).needs:
        collaborators["sandbox"] = _make(settings, "sandbox")
    environment: Environment = _make(settings, "env", **collaborators)
    return environment


class _NoMutation:
    """Stands where an environment that only evaluates has its mutation model."""

    def generate(self, requests: Sequence[MutationRequest]) -> Sequence[Completion]:
        raise AssertionError("an evaluation must not ask the mutation model")
