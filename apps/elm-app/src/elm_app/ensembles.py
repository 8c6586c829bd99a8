"""Ensembles: several operators, each with a language model of its own, where a run else has one operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from elm_app.components import Component, component
from elm_app.schema import node
from elm_protocols import MutationModel, UserError


@runtime_checkable
class HasTable(Protocol):
    """An ensemble that can say what each operator earned and cost."""

    def table(self) -> str:
        """Return a table in Markdown."""
        ...


@dataclass(frozen=True, slots=True)
class Pair:
    """An operator and the model behind it.

    Attributes:
        operator: Name of the operator.
        model: Name of the model; empty where the operator needs none.
    """

    operator: str
    model: str

    @property
    def label(self) -> str:
        """Its name in a child's origin, in the table and among the weights."""
        return f"{self.operator}@{self.model}" if self.model else self.operator


def has_ensemble(config: Mapping[str, Any]) -> bool:
    """Whether a configuration chooses an ensemble (those of earlier versions know none)."""
    return bool(config.get("ensemble", {"name": "none"})["name"] != "none")


def pairs_of(config: Mapping[str, Any]) -> tuple[Pair, ...]:
    """Return the pairs of an ensemble.

    Raises:
        UserError: If there is none, one is there twice, or a model is missing.
    """
    pairs = tuple(_pair(config, str(text)) for text in config["ensemble"]["pairs"])
    labels = [pair.label for pair in pairs]
    if not pairs or len(set(labels)) < len(labels):
        raise UserError("ensemble.pairs must name at least one operator, and none twice.")
    return pairs


def _pair(config: Mapping[str, Any], text: str) -> Pair:
    operator, _, model = text.partition("@")
    if "model" not in component("operator", operator).needs:
        return Pair(operator, "")
    model = model or config["model"]["name"]
    if model == "none":
        raise UserError(f"ensemble.pairs: '{operator}' needs a model, for example {operator}@embedded.")
    return Pair(operator, model)


def ensemble_of(config: Mapping[str, Any], language_model: Callable[[str], Any]) -> MutationModel:
    """Build the chosen ensemble with its operators.

    Args:
        config: The configuration.
        language_model: Returns the model of a name.
    """
    operators = {
        pair.label: make_member(
            config, "operator", pair.operator, model=language_model(pair.model) if pair.model else None
        )
        for pair in pairs_of(config)
    }
    settings = dict(config["ensemble"])
    weights = _named_settings(settings, "weights")
    settings["weights"] = {_pair(config, name).label: weight for name, weight in weights.items()} or None
    ensemble: MutationModel = component("ensemble", settings["name"]).make(settings, operators=operators)
    return ensemble


def _named_settings(settings: Mapping[str, Any], option: str) -> Mapping[str, Any]:
    given = settings.get(option) or {}
    if not isinstance(given, Mapping):
        raise UserError(f"ensemble.{option} is of the form {{NAME:...}}, not {given}.")
    return given


def make_member(config: Mapping[str, Any], group: str, name: str, **collaborators: Any) -> Any:
    """Build an operator or model of an ensemble.

    Its options are those of the run's own `group` if that is of the same name, and those in
    `ensemble.options.NAME`, where `name` says which component it is if it is called otherwise.
    """
    chosen, settings = _member(config, group, name)
    return chosen.make(settings, **collaborators)


def check_members(config: Mapping[str, Any]) -> None:
    """Look at every option of an ensemble's members before any model is loaded.

    Raises:
        UserError: If an option does not exist or has a value of the wrong type.
    """
    for pair in pairs_of(config):
        _member(config, "operator", pair.operator)
        if pair.model:
            _member(config, "model", pair.model)


def _member(config: Mapping[str, Any], group: str, name: str) -> tuple[Component, dict[str, Any]]:
    changed = dict(_named_settings(config["ensemble"], "options").get(name) or {})
    chosen = component(group, str(changed.pop("name", name)))
    own = config[group] if config[group]["name"] == name else {}
    try:
        merged = OmegaConf.merge(OmegaConf.structured(node(chosen)), own, changed)
    except OmegaConfBaseException as error:
        raise UserError(f"ensemble.options.{name}: {str(error).splitlines()[0]}") from error
    return chosen, {str(key): value for key, value in merged.items()}
