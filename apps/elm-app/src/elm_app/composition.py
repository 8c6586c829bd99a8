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
from elm_app.ensembles import HasTable, check_members, ensemble_of, has_ensemble, make_member, pairs_of
from elm_app.journaled_model import FoundReplies, JournaledModel, RecordedModel
from elm_app.spending import RunSpending
from elm_mutation import UnseenChildren
from elm_protocols import (
    Algorithm,
    Completion,
    Environment,
    Evaluation,
    Genotype,
    MutationModel,
    MutationRequest,
    RunObserver,
    Sandbox,
    UserError,
)

Evaluate = Callable[[Sequence[Genotype]], Sequence[Evaluation]]


OPERATORS: Mapping[str, str] = {"mutation_model": "operator", "solver": "solver"}
"""What an environment calls a mutation model of its own -> the group that fills it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The collaborators of one search.

    Attributes:
        environment: What is searched.
        algorithm: The archive and who becomes a parent.
        evaluate: Evaluates genotypes, in any process that the executor has.
        executor: Runs evaluations; None: the search's own thread does.
        models: Those of the environment's mutation models that want a journal.
        watching: Those parts of them that learn from every step, earlier sessions' included.
        spending: What the models spend.
    """

    environment: Environment
    algorithm: Algorithm
    evaluate: Evaluate
    executor: Executor | None
    models: tuple[JournaledModel, ...]
    watching: tuple[RunObserver, ...]
    spending: RunSpending

    @property
    def tables(self) -> tuple[str, ...]:
        """What the ensembles have to say at the end."""
        return tuple(part.table() for part in self.watching if isinstance(part, HasTable))


@contextmanager
def compose(config: Mapping[str, Any], journal: FoundReplies | None = None) -> Iterator[Parts]:
    """Build the parts of a run from its configuration; close what needs closing at the end.

    Args:
        config: Group -> settings, with the component's name under `name`, as plain JSON values.
        journal: Replies on record, which stand in the place of operators and their models: those are not
            built.
    """
    with ExitStack() as stack:
        spending = RunSpending(config["budget"], config["model"]["name"])
        watching: list[RunObserver] = []
        models = (
            _mutation_models(config, stack, spending, watching)
            if journal is None
            else _recorded_models(config, journal, stack)
        )
        environment = _environment(config, models, stack)
        executor = None if evaluation_asks_models(config) else make(config, "executor")
        if executor is not None:
            stack.enter_context(executor)
        yield Parts(
            environment=environment,
            algorithm=_algorithm(config, environment),
            evaluate=environment.evaluate if executor is None else evaluation_elsewhere(config),
            executor=executor,
            models=tuple(model for model in models.values() if isinstance(model, JournaledModel)),
            watching=tuple(watching),
            spending=spending,
        )


def used_groups(config: Mapping[str, Any]) -> list[str]:
    """Return the groups whose components the run is made of, the environment's own needs considered."""
    needs = _needs(config, "env")
    used = {OPERATORS.get(role, role) for role in needs}
    single = needs & OPERATORS.keys()
    if has_ensemble(config) and "mutation_model" in needs:
        used = used - {"operator"} | {"ensemble"}
        single = single - {"mutation_model"}
        if any(pair.model == config["model"]["name"] for pair in pairs_of(config)):
            used.add("model")
    if any("model" in _needs(config, OPERATORS[role]) for role in single):
        used.add("model")
    return [group for group in GROUPS if group in used | {"env", "qd", "executor", "search"}]


def make(config: Mapping[str, Any], group: str, **collaborators: Any) -> Any:
    """Build the chosen component of a group."""
    settings = config[group]
    return component(group, settings["name"]).make(settings, **collaborators)


def _needs(config: Mapping[str, Any], group: str) -> frozenset[str]:
    return component(group, config[group]["name"]).needs


def _environment(config: Mapping[str, Any], models: Mapping[str, Any], stack: ExitStack) -> Environment:
    collaborators = {**models, "embedder": _embedder(config)}
    if "sandbox" in _needs(config, "env"):
        collaborators["sandbox"] = _sandbox(config, stack)
    environment: Environment = make(config, "env", **collaborators)
    return environment


def _mutation_models(
    config: Mapping[str, Any], stack: ExitStack, spending: RunSpending, watching: list[RunObserver]
) -> dict[str, Any]:
    """Return the environment's mutation models by role, journaled, and the language model behind them.

    What has to be told of every step is added to `watching`.
    """
    if has_ensemble(config):
        check_members(config)
    model = _model(config, stack) if "model" in used_groups(config) else None
    name = config["model"]["name"]
    asked = None if model is None else spending.around(model, name)
    judge = "model" in _needs(config, "env") and model is not None
    made: dict[str, Any] = {"model": spending.watched(model, name) if judge else model}
    for role in _needs(config, "env") & OPERATORS.keys():
        if role == "mutation_model" and has_ensemble(config):
            operator: MutationModel = ensemble_of(config, _language_models(config, asked, stack, spending))
        else:
            operator = make(config, OPERATORS[role], model=asked)
        watching += [operator] if isinstance(operator, RunObserver) else []
        if role == "mutation_model" and _draws_of_unseen(config):
            operator = UnseenChildren(operator, draws=_draws_of_unseen(config))
            watching.append(operator)
        made[role] = JournaledModel(operator, model_identity(config, role))
    return made


def _language_models(
    config: Mapping[str, Any], own: Any, stack: ExitStack, spending: RunSpending
) -> Callable[[str], Any]:
    """Return how the members of an ensemble get their models: each is loaded once."""
    loaded = {config["model"]["name"]: own}

    def language_model(name: str) -> Any:
        if name not in loaded:
            model = make_member(config, "model", name)
            _close_with(stack, model)
            loaded[name] = spending.around(model, name)
        return loaded[name]

    return language_model


def _draws_of_unseen(config: Mapping[str, Any]) -> int:
    draws = int(config.get("unseen", 0))
    if draws < 0:
        raise UserError(f"unseen must be at least 0, not {draws}.")
    return draws


def _recorded_models(config: Mapping[str, Any], journal: FoundReplies, stack: ExitStack) -> dict[str, Any]:
    roles = _needs(config, "env") & OPERATORS.keys()
    # What a judge's model is able to do decides what the environment asks for; it is not asked itself.
    model = _model(config, stack) if evaluations_are_judged(config) else None
    return {"model": model, **{role: RecordedModel(journal, model_identity(config, role)) for role in roles}}


def model_identity(config: Mapping[str, Any], role: str) -> dict[str, Any]:
    """Return what decides a completion besides the request: the operator, and the model if it has one."""
    group = OPERATORS[role]
    groups = [group, "model"] if "model" in _needs(config, group) else [group]
    if role == "mutation_model":
        if has_ensemble(config):
            groups = ["ensemble", "operator", "model"]
        if _draws_of_unseen(config):
            groups = [*groups, "unseen"]
    return {name: config[name] for name in groups}


def _model(config: Mapping[str, Any], stack: ExitStack) -> Any:
    """Return the language model; None where the user chose to do without."""
    if config["model"]["name"] == "none":
        return None
    model = make(config, "model")
    _close_with(stack, model)
    return model


def _close_with(stack: ExitStack, model: Any) -> None:
    close = getattr(model, "close", None)
    if close is not None:  # LangChain models need no closing; those that own a server do
        stack.callback(close)


def _embedder(config: Mapping[str, Any]) -> Any:
    """Return the embedding model if the environment takes one; None: the environment's own way."""
    if config["embedder"]["name"] == "none" or "embedder" not in _needs(config, "env"):
        return None
    return make(config, "embedder")


def _sandbox(config: Mapping[str, Any], stack: ExitStack) -> Sandbox:
    sandbox: Sandbox = make(config, "sandbox")
    stack.callback(sandbox.close)
    return sandbox


def _algorithm(config: Mapping[str, Any], environment: Environment) -> Algorithm:
    algorithm: Algorithm = make(
        config,
        "qd",
        behavior_space=environment.behavior_space,
        rng=np.random.default_rng(config["qd"]["seed"]),
    )
    return algorithm


def evaluation_asks_models(config: Mapping[str, Any]) -> bool:
    """Whether evaluations need a language model, and so stay in this process, batched, where the model is."""
    return bool(_needs(config, "env") & {"solver", "model"})


def evaluations_are_judged(config: Mapping[str, Any]) -> bool:
    """Whether evaluations ask a language model past the journal, so that they do not repeat exactly."""
    needs = _needs(config, "env")
    return "model" in needs and "solver" not in needs


def evaluation_elsewhere(config: Mapping[str, Any]) -> Evaluate:
    """Return an evaluation that any process can run: it carries the configuration, not the objects."""
    needed = {group: config[group] for group in ("env", "sandbox", "embedder")}
    return partial(_evaluate_here, json.dumps(needed))


def _evaluate_here(config: str, genotypes: Sequence[Genotype]) -> Sequence[Evaluation]:
    return _environment_here(config).evaluate(genotypes)


@cache
def _environment_here(config: str) -> Environment:
    """Build this process's environment once. Its sandbox ends with the process."""
    settings = json.loads(config)
    collaborators: dict[str, Any] = {"mutation_model": _NoMutation(), "embedder": _embedder(settings)}
    if "sandbox" in component("env", settings["env"]["name"]).needs:
        collaborators["sandbox"] = make(settings, "sandbox")
    environment: Environment = make(settings, "env", **collaborators)
    return environment


class _NoMutation:
    """Stands where an environment that only evaluates has its mutation model."""

    def generate(self, requests: Sequence[MutationRequest]) -> Sequence[Completion]:
        raise AssertionError("an evaluation must not ask the mutation model")
