"""The configuration's schema: typed nodes for hydra, derived from the components' signatures."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, make_dataclass, replace
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING

from elm_app.components import GROUPS, Component, Option, announced, component, describe
from elm_qd import Budget

_PRIMITIVES = (bool, int, float, str)

SOLVER_DEFAULTS: Mapping[str, Any] = {"draws": 1, "shuffle": False, "max_tokens": 128}
"""Where the operator is a model under test: a draw is an attempt, and all attempts share one prompt."""


@dataclass
class SearchOptions:
    """Options that every algorithm is run with.

    Args:
        seed: Decides everything random in the run.
        batch_size: Children in a generation.
    """

    seed: int = 0
    batch_size: int = 8


@dataclass
class EnsembleOptions:
    """Options that every ensemble is run with.

    Args:
        pairs: The operators, each alone (with the run's model, if it needs one) or as OPERATOR@MODEL.
        options: Options of operators and models by name, {prompt:{draws:1}}; a model of any name may be
            added, {gpt:{name:chat,id:"openai:gpt-4.1-mini"}}.
    """

    pairs: list[str] = field(default_factory=lambda: ["infill", "random_infill", "ast"])
    options: Any = None  # hydra lets nobody add keys to a dictionary, but take one in the place of null


@dataclass
class SpendingOptions:
    """What a run may spend on language models, besides `tokens`.

    Args:
        requests: Calls of language models; like tokens and money never overspent: checked before each call.
        money: In the unit of the prices.
        prices: Of a million tokens read and written, by model: {chat:[0.4,1.6]}; others cost nothing.
    """

    requests: int | None = None
    money: float | None = None
    prices: Any = None


def _hydra_type(option: Option) -> Any:
    """Return the option's type where hydra can check it, `Any` where it cannot."""
    kinds = _members(option.annotation)
    primitive = [kind for kind in kinds if kind in _PRIMITIVES]
    if len(primitive) + (type(None) in kinds) == len(kinds):
        return option.annotation
    return Any


def _members(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return typing.get_args(annotation)
    return (annotation,)


def options_node(name: str, component: Component, bases: tuple[type, ...] = ()) -> type:
    """Return a structured-config class with the options of a component, typed where hydra can check."""
    fields = [
        (option.name, _hydra_type(option), field(default=option.default)) for option in component.options
    ]
    return make_dataclass(name, fields, bases=bases)


BUDGET = describe("budget", "budget", Budget)

BudgetOptions = options_node("BudgetOptions", BUDGET, (SpendingOptions,))


def search_budget(settings: Mapping[str, Any]) -> Budget:
    """Return the limits that the search itself looks at."""
    names = {option.name for option in BUDGET.options}
    return Budget(**{name: value for name, value in settings.items() if name in names})


@dataclass
class BaseConfig:
    """The root of the configuration.

    Args:
        runs: Folder in which each run gets a folder of its own.
        resume: A run's folder: continue it with its own options; only budget.* and the executor may differ.
        replay: A run's folder: run it again from its journal, without a model, and compare.
        fork: A run's folder: begin a new run with its first steps, its options, and those set beside this.
        step: How many steps a fork takes over; null: all.
        export: A run's folder: write its individuals, elites, history and best program to files in it.
        format: Of exported tables: jsonl (also where null) or parquet.
        budget: When the search ends.
        env: What is searched; this and the following are groups, filled by the components chosen.
        qd: The algorithm.
        operator: How a child is made.
        ensemble: Several operators and models in the place of one, by what each earns.
        unseen: How often a child is drawn at most where it was evaluated before; 0: it is evaluated again.
        solver: How the model under test draws its attempts, where the environment has one.
        model: The language model behind the operators.
        embedder: What turns texts into vectors, where measures need some.
        sandbox: Where generated programs run.
        executor: Where evaluations run.
        search: Whole generations, or steady state.
    """

    runs: str = "runs"
    resume: str | None = None
    replay: str | None = None
    fork: str | None = None
    step: int | None = None
    export: str | None = None
    format: str | None = None
    budget: BudgetOptions = field(default_factory=BudgetOptions)  # type: ignore[valid-type]
    env: Any = MISSING
    qd: Any = MISSING
    operator: Any = MISSING
    ensemble: Any = MISSING
    unseen: int = 0
    solver: Any = MISSING
    model: Any = MISSING
    embedder: Any = MISSING
    sandbox: Any = MISSING
    executor: Any = MISSING
    search: Any = MISSING


COMMANDS = ("resume", "replay", "fork", "step", "export", "format")
"""What of the root configuration says what to do, and is no part of a run."""

_SHARED: Mapping[str, type] = {"qd": SearchOptions, "ensemble": EnsembleOptions}
"""Group -> options that all its components have."""


def register() -> None:
    """Put the schema and a node for each announced component into hydra's ConfigStore."""
    store = ConfigStore.instance()
    store.store(name="base_config", node=BaseConfig)
    for group in GROUPS:
        for name in announced(group):
            store.store(group=group, name=name, node=node(component(group, name)))


def node(component: Component) -> type:
    """Return the structured-config class of a component: its name and its options with their types."""
    named = make_dataclass("Named", [("name", str, field(default=component.name))])
    bases = (_SHARED[component.group], named) if component.group in _SHARED else (named,)
    if component.group == "solver":
        component = _as_solver(component)
    return options_node(f"{component.group}_{component.name}", component, bases)


def _as_solver(component: Component) -> Component:
    return replace(
        component,
        options=tuple(
            replace(option, default=SOLVER_DEFAULTS.get(option.name, option.default))
            for option in component.options
        ),
    )
