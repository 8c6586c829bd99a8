"""`elm-run --help`: the groups, what each offers, and every option of the chosen components."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from elm_app.components import GROUPS, announced, argument_help, component
from elm_app.schema import BUDGET, COMMANDS, BaseConfig, EnsembleOptions, SearchOptions, SpendingOptions

WITHOUT_A_MODEL = {"model": ("ast", "random"), "embedder": ("none",), "ensemble": ("none",)}
"""Choices that configuration files add to those that packages announce."""

_INTRODUCTION = """\
elm-run evolves programs and texts with a language model as the mutation operator.

  elm-run                                      Sodarace robots, mutated by the embedded model
  elm-run model=ast qd.seed=1                  the same without a language model, other seed
  elm-run qd=cvtmapelites budget.seconds=60    another algorithm, one minute
  elm-run resume=runs/RUN                      continue a run
  elm-run replay=runs/RUN                      run it again from its journal and compare
  elm-run fork=runs/RUN step=100 model=chat    a new run that begins with its first 100 steps
  elm-run export=runs/RUN                      its individuals, elites and best program as files
  elm-run ensemble=bandit                      several operators, the shares by what each earns
  elm-run search=steady_state                  mutation and evaluation at the same time
  elm-run -m qd.seed=1,2,3                     one run for each value

Choose a component by group=name, set an option by group.option=value."""


def help_text(config: Mapping[str, Any]) -> str:
    """Return the help for a composed configuration: its choices and their options.

    Args:
        config: Group -> settings with the chosen component's `name`.
    """
    return "\n".join([_INTRODUCTION, "", *_groups(config), "", *_general(config), *_chosen(config)])


def _groups(config: Mapping[str, Any]) -> Iterator[str]:
    yield "Groups (the chosen one in brackets)"
    for group in GROUPS:
        names = [*announced(group), *WITHOUT_A_MODEL.get(group, ())]
        chosen = config[group]["name"]
        yield f"  {group:<9} " + "  ".join(f"[{name}]" if name == chosen else name for name in names)


def _general(config: Mapping[str, Any]) -> Iterator[str]:
    yield "General"
    yield from _lines(
        "",
        config,
        {
            name: text
            for name, text in argument_help(BaseConfig).items()
            if name in ("runs", *COMMANDS, "unseen")
        },
    )
    yield "\nbudget: when the search ends"
    limits = {option.name: option.help for option in BUDGET.options} | dict(argument_help(SpendingOptions))
    yield from _lines("budget.", config["budget"], limits)


def _chosen(config: Mapping[str, Any]) -> Iterator[str]:
    for group in GROUPS:
        name = config[group]["name"]
        if name not in announced(group):
            continue
        chosen = component(group, name)
        yield f"\n{group}={name}: {chosen.help}"
        documented = {option.name: option.help for option in chosen.options}
        if group in ("qd", "ensemble"):
            shared = SearchOptions if group == "qd" else EnsembleOptions
            documented = {**argument_help(shared), **documented}
        yield from _lines(f"{group}.", config[group], documented)


def _lines(prefix: str, settings: Mapping[str, Any], documented: Mapping[str, str]) -> Iterator[str]:
    for name, text in documented.items():
        yield f"  {prefix + name + '=' + _written(settings[name]):<32} {text}"


def _written(value: Any) -> str:
    """Return a value as one types it."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{_written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else "null" if value is None else str(value)
