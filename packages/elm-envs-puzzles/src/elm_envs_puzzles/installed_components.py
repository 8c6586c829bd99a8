"""Sandboxes, operators and models of other packages, found by their entry points."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from typing import Any, cast

from elm_protocols import MutationModel, Sandbox, UserError

_GROUPS = {"sandbox": "elm.sandboxes", "operator": "elm.operators", "model": "elm.models"}
_PACKAGES = {"sandbox": "elm-sandbox", "operator": "elm-mutation", "model": "elm-mutation"}
_TRUTHS = {"true": True, "false": False}

Options = Mapping[str, str]
"""Options of a component by name, as they were typed."""


def read_settings(settings: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return `model.id=x operator.draws=2` as options by kind of component.

    Raises:
        UserError: If one is not KIND.OPTION=VALUE with the kind `model` or `operator`.
    """
    options: dict[str, dict[str, str]] = {"model": {}, "operator": {}}
    for setting in settings:
        path, equals, value = setting.partition("=")
        kind, dot, option = path.partition(".")
        if not equals or not dot or kind not in options:
            raise UserError(f"--set takes model.OPTION=VALUE or operator.OPTION=VALUE, not '{setting}'.")
        options[kind][option] = value
    return options


def make_sandbox(name: str, *, guarded: bool) -> Sandbox:
    """Return the installed sandbox of this name, with or without its static guard.

    Args:
        name: As announced; empty: the jail, or else the first.
        guarded: Whether programs are refused for what they contain before they run.

    Raises:
        UserError: If there is none, or it has no guard to leave out.
    """
    chosen, make = _load("sandbox", name, preferred="jail")
    if guarded:
        return cast("Sandbox", make())
    if "guard" not in inspect.signature(make).parameters:
        raise UserError(f"The sandbox '{chosen}' has no guard to leave out; omit --no-guard.")
    return cast("Sandbox", make(guard=False))


def make_model(name: str, options: Options) -> Any:
    """Return the installed language model of this name."""
    chosen, make = _load("model", name, preferred="embedded")
    return make(**_typed("model", chosen, make, options, {}))


def make_operator(name: str, options: Options, defaults: Mapping[str, Any], model: Any) -> MutationModel:
    """Return the installed operator of this name over a language model.

    Args:
        name: As announced.
        options: As typed.
        defaults: Values of options that were not typed, for operators that have these options.
        model: Handed to operators that take one.
    """
    chosen, make = _load("operator", name, preferred="crossover")
    collaborators = {"model": model} if needs_model(chosen) else {}
    return cast("MutationModel", make(**_typed("operator", chosen, make, options, defaults), **collaborators))


def needs_model(operator: str) -> bool:
    """Return whether the installed operator of this name works by a language model."""
    return "model" in inspect.signature(_load("operator", operator, preferred="")[1]).parameters


def check_options(kind: str, name: str, options: Options) -> None:
    """Raise a UserError unless the installed component has these options, before anything heavy is built."""
    chosen, make = _load(kind, name, preferred="")
    _typed(kind, chosen, make, options, {})


def _load(kind: str, name: str, preferred: str) -> tuple[str, Any]:
    installed = {point.name: point for point in entry_points(group=_GROUPS[kind])}
    if not installed:
        raise UserError(f"No {kind} is installed: pip install {_PACKAGES[kind]}.")
    chosen = name or (preferred if preferred in installed else min(installed))
    if chosen not in installed:
        raise UserError(f"There is no {kind} '{chosen}'; choose from {', '.join(sorted(installed))}.")
    return chosen, installed[chosen].load()


def _typed(kind: str, name: str, make: Any, options: Options, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with the types that a component's own defaults have."""
    own = {
        key: parameter.default
        for key, parameter in inspect.signature(make).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }
    typed = {key: value for key, value in defaults.items() if key in own}
    for key, text in options.items():
        if key not in own:
            known = f"it has {', '.join(own)}" if own else "it has none"
            raise UserError(f"The {kind} '{name}' has no option '{key}'; {known}.")
        typed[key] = _value(f"{kind}.{key}", text, own[key])
    return typed


def _value(option: str, text: str, default: object) -> object:
    if isinstance(default, bool):
        if text.lower() not in _TRUTHS:
            raise UserError(f"Option '{option}' is true or false, not '{text}'.")
        return _TRUTHS[text.lower()]
    if isinstance(default, tuple):
        return tuple(part for part in text.strip("[]").split(",") if part)
    try:
        return type(default)(text) if isinstance(default, int | float) else text
    except ValueError:
        raise UserError(f"Option '{option}' is a number, not '{text}'.") from None
