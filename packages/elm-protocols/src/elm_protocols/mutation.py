"""Mutation models: a parent's text in, a child's text out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from elm_protocols.individuals import OK, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationRequest:
    """What an environment asks of a mutation model for one child.

    Attributes:
        parents: Texts of the parents, at least one.
        seed: Seed of everything random in this request; same request, same child (where the model allows).
        instruction: What kind of child is wanted, in plain words.
        template: Text that a child must begin with, for example imports and a function's first line.
        language: `python` or `text`.
        interface: Python stub (as in a .pyi file) of the names that a program may use beyond builtins,
            with types; operators take calls and arguments from it. Empty for texts.
        feedback: What the evaluation said of each parent, parallel to `parents`; may be empty.
        max_tokens: Most tokens that a child of this kind has; 0: as many as the operator allows.
    """

    parents: tuple[str, ...]
    seed: int
    instruction: str = ""
    template: str = ""
    language: str = "python"
    interface: str = ""
    feedback: tuple[str, ...] = ()
    max_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A child's text, or why there is none.

    Attributes:
        text: The whole child, template included; None exactly where `status` is not `ok`.
        status: `ok` or the cause of the last failed draw (`syntax`, `name`, `duplicate`, `no-place`,
            `empty`, `truncated`, `model-error`, `timeout`, ...).
        feedback: One line on the failure; empty if none.
        origin: Operator, model, cost, and the draws lost on the way.
    """

    text: str | None
    status: str = OK
    feedback: str = ""
    origin: Origin = field(default_factory=Origin)

    @property
    def ok(self) -> bool:
        """Whether there is a child."""
        return self.status == OK


@runtime_checkable
class MutationModel(Protocol):
    """Varies texts, usually by a language model. Safe to call from several threads."""

    def generate(self, requests: Sequence[MutationRequest]) -> Sequence[Completion]:
        """Return one completion a request, in order; a model's failure is a status."""
        ...
