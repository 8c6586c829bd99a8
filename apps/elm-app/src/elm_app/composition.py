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

from elm_app.components import GROUPS, component
from elm_protocols import (
    Algorithm,
    Completion,
    Environment,
    Evaluation,
    Genotype,
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
        executor = None if evaluation_asks_models(config) else _make(config, "executor")
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
    needs = _needs(config, "env")
    roles = {
        "mutation_model": "operator",
        "solver": "solver",
        "model": "model",
        "embedder": "embedder",
        "sandbox": "sandbox",
    }
    used = {group for role, group in roles.items() if role in needs}
    if any("model" in _needs(config, group) for group in used & {"operator", "solver"}):
        used.add("model")
    return [group for group in GROUPS if group in used | {"env", "qd", "executor"}]


def _make(config: Mapping[str, Any], group: str, **collaborators: Any) -> Any:
    settings = config[group]
    return component(group, settings["name"]).make(settings, **collaborators)


def _environment(config: Mapping[str, Any], stack: ExitStack) -> Environment:
    needs = component("env", config["env"]["name"]).needs
    collaborators: dict[str, Any] = {"embedder": _embedder(config)}
    if "sandbox" in needs:
        collaborators["sandbox"] = _sandbox(config, stack)
    operators = {"mutation_model": "operator", "solver": "solver"}
    asking = [group for role, group in operators.items() if role in needs]
    if "model" in needs or any("model" in _needs(config, group) for group in asking):
        collaborators["model"] = _model(config, stack)
    for role, group in operators.items():
        if role in needs:
            collaborators[role] = _make(config, group, **collaborators)
    environment: Environment = _make(config, "env", **collaborators)
    return environment


def _needs(config: Mapping[str, Any], group: str) -> frozenset[str]:
    return component(group, config[group]["name"]).needs


def _embedder(config: Mapping[str, Any]) -> Any:
    """Return the embedding model if the environment takes one; None: the environment's own way."""
    if config["embedder"]["name"] == "none" or "embedder" not in _needs(config, "env"):
        return None
    return _make(config, "embedder")


def _model(config: Mapping[str, Any], stack: ExitStack) -> Any:
    """Return the language model; None where the user chose to do without."""
    if config["model"]["name"] == "none":
        return None
    model = _make(config, "model")
    close = getattr(model, "close", None)
    if close is not None:  # LangChain models need no closing; those that own a server do
        stack.callback(close)
    return model


def _sandbox(config: Mapping[str, Any], stack: ExitStack) -> Sandbox:
    sandbox: Sandbox = _make(config, "sandbox")
    stack.callback(sandbox.close)
    return sandbox


def _algorithm(config: Mapping[str, Any], environment: Environment) -> Algorithm:
    algorithm: Algorithm = _make(
        config,
        "qd",
        behavior_space=environment.behavior_space,
        rng=np.random.default_rng(config["qd"]["seed"]),
    )
    return algorithm


def evaluation_asks_models(config: Mapping[str, Any]) -> bool:
    """Whether evaluations need a language model, and so stay in this process, batched, where the model is."""
    return bool(_needs(config, "env") & {"solver", "model"})


def evaluation_elsewhere(config: Mapping[str, Any]) -> Evaluate:
    """Return an evaluation that any process can run: it carries the configuration, not the objects."""
    return partial(
        _evaluate_here, json.dumps({group: config[group] for group in ("env", "sandbox", "embedder")})
    )


def _evaluate_here(config: str, genotypes: Sequence[Genotype]) -> Sequence[Evaluation]:
    return _environment_here(config).evaluate(genotypes)


@cache
def _environment_here(config: str) -> Environment:
    """Build this process's environment once. Its sandbox ends with the process."""
    settings = json.loads(config)
    collaborators: dict[str, Any] = {"mutation_model": _NoMutation(), "embedder": _embedder(settings)}
    if "sandbox" in component("env", settings["env"]["name"]).needs:
        collaborators["sandbox"] = _make(settings, "sandbox")
    environment: Environment = _make(settings, "env", **collaborators)
    return environment


class _NoMutation:
    """Stands where an environment that only evaluates has its mutation model."""

    def generate(self, requests: Sequence[MutationRequest]) -> Sequence[Completion]:
        raise AssertionError("an evaluation must not ask the mutation model")
