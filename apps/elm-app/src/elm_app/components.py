"""Components by name: what the installed packages offer, and the options of each.

Packages announce components by entry points and never import the configuration system; their options are
read off the signatures of the announced callables.
"""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import SimpleNamespace
from typing import Any

from elm_protocols import UserError

GROUPS: Mapping[str, str] = {
    "env": "elm.environments",
    "qd": "elm.algorithms",
    "operator": "elm.operators",
    "ensemble": "elm.ensembles",
    "solver": "elm.operators",
    "model": "elm.models",
    "embedder": "elm.embedders",
    "sandbox": "elm.sandboxes",
    "executor": "elm.executors",
    "search": "elm.searches",
}
"""Configuration group -> entry-point group."""

INJECTED = frozenset(
    {"mutation_model", "solver", "embedder", "sandbox", "behavior_space", "rng", "model", "operators"}
)
"""Parameters that the composition fills in: collaborators, not options."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a component: a parameter of its callable."""

    name: str
    annotation: Any
    default: Any
    help: str


@dataclass(frozen=True, slots=True)
class Component:
    """A callable that an installed package announces under a name."""

    group: str
    name: str
    build: Callable[..., Any]
    needs: frozenset[str]
    options: tuple[Option, ...]
    help: str

    def make(self, settings: Mapping[str, Any], **collaborators: Any) -> Any:
        """Call it with the options in `settings` and those `collaborators` that it takes."""
        options = {
            option.name: _as_declared(settings[option.name], option.annotation)
            for option in self.options
            if option.name in settings
        }
        return self.build(**options, **{name: collaborators[name] for name in self.needs})


@cache
def announced(group: str) -> Mapping[str, EntryPoint]:
    """Return the entry points of a configuration group by name, sorted."""
    found = entry_points(group=GROUPS[group])
    return {name: found[name] for name in sorted(found.names)}


@cache
def component(group: str, name: str) -> Component:
    """Load a component.

    Raises:
        UserError: If no installed package announces it, or the package cannot be imported.
    """
    if name not in announced(group):
        raise UserError(f"There is no {group}={name}; choose one of: {', '.join(announced(group))}.")
    entry = announced(group)[name]
    try:
        build = entry.load()
    except (ImportError, AttributeError) as error:
        raise UserError(f"{group}={name} cannot be loaded from {entry.value}: {error}.") from error
    return describe(group, name, build)


def describe(group: str, name: str, build: Callable[..., Any]) -> Component:
    """Read options, needs and help off a callable's signature and docstring."""
    parameters = inspect.signature(build).parameters
    offered = [
        key
        for key, parameter in parameters.items()
        if key not in INJECTED and parameter.default is not inspect.Parameter.empty
    ]
    if "name" in offered:  # a setting `name` is the choice of the component itself
        raise UserError(f"{group}={name} cannot be used: it has an option 'name', which must be renamed.")
    annotations = _evaluated({name: parameters[name].annotation for name in offered}, build)
    documented = argument_help(build)
    options = tuple(
        Option(name, annotations[name], parameters[name].default, documented.get(name, ""))
        for name in offered
    )
    summary = (inspect.getdoc(build) or "").strip().partition("\n")[0]
    return Component(group, name, build, INJECTED & parameters.keys(), options, summary)


def _evaluated(annotations: Mapping[str, Any], build: Callable[..., Any]) -> Mapping[str, Any]:
    """Return the annotations as types (a collaborator's may exist for type checkers only)."""
    written = {name: Any if kind is inspect.Parameter.empty else kind for name, kind in annotations.items()}
    function = build.__init__ if inspect.isclass(build) else build
    return typing.get_type_hints(SimpleNamespace(__annotations__=written), vars(inspect.getmodule(function)))


def argument_help(build: Callable[..., Any]) -> Mapping[str, str]:
    """Return the descriptions in the Args or Attributes section of a docstring, one line each."""
    docstring = inspect.getdoc(build) or ""
    section = re.search(r"^(?:Args|Attributes):\n((?:[ \t]+.*\n?|\n)+)", docstring, re.MULTILINE)
    if section is None:
        return {}
    entries = re.findall(r"^ {4}(\w+):(.*(?:\n {5,}.*)*)", section.group(1), re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in entries}


def _as_declared(value: Any, annotation: Any) -> Any:
    """Turn a value into what a signature declares: a list, or one item of it, into a tuple."""
    if typing.get_origin(annotation) is tuple:
        items = value if isinstance(value, list) else [value]
        return tuple(map(str, items)) if typing.get_args(annotation)[0] is str else tuple(items)
    takes_tuple = any(tuple in (kind, typing.get_origin(kind)) for kind in typing.get_args(annotation))
    return tuple(value) if isinstance(value, list) and takes_tuple else value
