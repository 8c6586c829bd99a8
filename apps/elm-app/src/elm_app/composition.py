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
from elm_app.journaled_model import JournaledModel
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
    model: JournaledModel | None


@contextmanager
def compose(config: Mapping[str, Any], recorded: MutationModel | None = None) -> Iterator[Parts]:
    """Build the parts of a run from its configuration; close what needs closing at the end.

    Args:
        config: Group -> settings, with the component's name under `name`, as plain JSON values.
        recorded: Stands in the place of operator and model, which then are not built.
    """
    with ExitStack() as stack:
        model = _journaled_model(config, stack) if recorded is None else None
        environment = _environment(config, stack, model or recorded)
        executor = make(config, "executor")
        if executor is not None:
            stack.enter_context(executor)
        yield Parts(
            environment=environment,
            algorithm=_algorithm(config, environment),
            evaluate=environment.evaluate if executor is None else evaluation_elsewhere(config),
            executor=executor,
            model=model,
        )


def used_groups(config: Mapping[str, Any]) -> list[str]:
    """Return the groups whose components the run is made of, the environment's own needs considered."""
    needs = component("env", config["env"]["name"]).needs
    groups = ["env", "qd"]
    if "mutation_model" in needs:
        groups.append("operator")
        groups += ["model"] * ("model" in component("operator", config["operator"]["name"]).needs)
    return [*groups, *(["sandbox"] if "sandbox" in needs else []), "executor", "search"]


def make(config: Mapping[str, Any], group: str, **collaborators: Any) -> Any:
    """Build the chosen component of a group."""
    settings = config[group]
    return component(group, settings["name"]).make(settings, **collaborators)


def _environment(
    config: Mapping[str, Any], stack: ExitStack, mutation_model: MutationModel | None
) -> Environment:
    needs = component("env", config["env"]["name"]).needs
    collaborators: dict[str, Any] = {}
    if "sandbox" in needs:
        collaborators["sandbox"] = _sandbox(config, stack)
    if "mutation_model" in needs:
        collaborators["mutation_model"] = mutation_model
    environment: Environment = make(config, "env", **collaborators)
    return environment


def _sandbox(config: Mapping[str, Any], stack: ExitStack) -> Sandbox:
    sandbox: Sandbox = make(config, "sandbox")
    stack.callback(sandbox.close)
    return sandbox


def _journaled_model(config: Mapping[str, Any], stack: ExitStack) -> JournaledModel | None:
    if "mutation_model" not in component("env", config["env"]["name"]).needs:
        return None
    return JournaledModel(_mutation_model(config, stack), model_identity(config))


def model_identity(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what decides a completion besides the request: the operator, and the model if it has one."""
    groups = [group for group in ("operator", "model") if group in used_groups(config)]
    return {group: config[group] for group in groups}


def _mutation_model(config: Mapping[str, Any], stack: ExitStack) -> MutationModel:
    collaborators: dict[str, Any] = {}
    if "model" in component("operator", config["operator"]["name"]).needs:
        collaborators["model"] = make(config, "model")
        close = getattr(collaborators["model"], "close", None)
        if close is not None:  # LangChain models need no closing; those that own a server do
            stack.callback(close)
    mutation_model: MutationModel = make(config, "operator", **collaborators)
    return mutation_model


def _algorithm(config: Mapping[str, Any], environment: Environment) -> Algorithm:
    algorithm: Algorithm = make(
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
        collaborators["sandbox"] = make(settings, "sandbox")
    environment: Environment = make(settings, "env", **collaborators)
    return environment


class _NoMutation:
    """Stands where an environment that only evaluates has its mutation model."""

    def generate(self, requests: Sequence[MutationRequest]) -> Sequence[Completion]:
        raise AssertionError("an evaluation must not ask the mutation model")
