"""What this package asks of a language model: LangChain's `batch`, and likelihoods where a model gives them.

Everything is asked in batches, so that a service answers many prompts at once and a local model stays busy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

from elm_protocols import OVER_BUDGET, Json, OverBudgetError, UserError

MODEL_ERROR = "model-error"
"""The model gave no answer. Says nothing of the individual."""

UNUSABLE_REPLY = "unusable-reply"
"""The judge's replies did not keep to the schema, however often it was asked."""

CONCURRENCY = 16
"""Prompts that are under way at once; a local model makes those wait that it has no room for."""

_AT_ONCE = {"max_concurrency": CONCURRENCY}  # LangChain's own default is a few threads
_REFUSED_KEY = (401, 403)
_REPLY_TOKENS = 128


class LanguageModel(Protocol):
    """What is used of a LangChain model (an LLM or a chat model)."""

    def batch(
        self, inputs: list[Any], config: Any = None, *, return_exceptions: bool = False, **settings: Any
    ) -> list[Any]:
        """Return a reply for each prompt."""
        ...


@runtime_checkable
class ScoringModel(Protocol):
    """A model that can say how likely a text is."""

    def score(self, prompt: str, continuations: Sequence[str]) -> Sequence[float]:
        """Return each continuation's mean log-likelihood a token (nats, at most 0) after the prompt."""
        ...


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer: a status and one line."""

    status: str
    feedback: str


Schema: TypeAlias = Mapping[str, Json]
"""A JSON schema of an object whose properties are integers with bounds or one of several strings."""


def require_model(model: Any, environment: str) -> None:
    """Refuse to go on without a language model.

    Raises:
        UserError: If there is none, or it is not of LangChain's kind.
    """
    if model is None or not callable(getattr(model, "batch", None)):
        raise UserError(
            f"env={environment} needs a language model to evaluate with: choose model=embedded, for one."
        )


def can_score(model: object) -> bool:
    """Whether a model gives likelihoods."""
    return isinstance(model, ScoringModel)


def write(
    model: LanguageModel, prompts: Sequence[str], *, stop: Sequence[str] = (), **settings: object
) -> list[str | Failure]:
    """Return what the model writes after each prompt, in order.

    Args:
        model: The model.
        prompts: The prompts.
        stop: Texts that end a reply.
        settings: `temperature`, `max_tokens`, `seed`: what the model's class has no field for is left out.

    Raises:
        UserError: The model's service refuses the key.
    """
    if not prompts:
        return []
    known = {name: value for name, value in settings.items() if _accepts(model, name)}
    if stop:
        known["stop"] = list(stop)
    replies = model.batch(list(prompts), _AT_ONCE, return_exceptions=True, **known)
    return [_failure(reply) if isinstance(reply, Exception) else _text(reply) for reply in replies]


def score_all(
    model: ScoringModel, questions: Sequence[tuple[str, Sequence[str]]]
) -> list[tuple[float, ...] | Failure]:
    """Return the log-likelihoods (mean a token, nats) of each prompt's continuations, in order."""
    if not questions:
        return []
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        return list(pool.map(lambda question: _score(model, *question), questions))


def replies_by_schema(
    model: LanguageModel, prompts: Sequence[str], schema: Schema, **settings: object
) -> list[Mapping[str, Json] | Failure]:
    """Return an object that keeps to `schema` for each prompt, or why there is none.

    The model is held to the schema where it can be (`with_structured_output`, or the `json_schema` of
    llama.cpp); what it replies is checked in any case.
    """
    if not prompts:
        return []
    held = _held_to(model, schema)
    if held is not None:
        replies: Sequence[Any] = held.batch(list(prompts), _AT_ONCE, return_exceptions=True)
        replies = [_failure(reply) if isinstance(reply, Exception) else reply for reply in replies]
    else:
        if _accepts(model, "grammar"):
            settings = {**settings, "json_schema": dict(schema)}
        replies = _write_json(model, prompts, settings)
    return [reply if isinstance(reply, Failure) else _checked(reply, schema) for reply in replies]


def _write_json(
    model: LanguageModel, prompts: Sequence[str], settings: Mapping[str, object]
) -> list[str | Failure]:
    known = {name: value for name, value in settings.items() if _accepts(model, name)}
    if "json_schema" in settings:
        known |= {"json_schema": settings["json_schema"], "max_tokens": _REPLY_TOKENS}
    replies = model.batch(list(prompts), _AT_ONCE, return_exceptions=True, **known)
    return [_failure(reply) if isinstance(reply, Exception) else _text(reply) for reply in replies]


def _held_to(model: Any, schema: Schema) -> Any:
    """Return the model held to the schema by LangChain; None where it cannot be."""
    try:
        return model.with_structured_output({"title": "Judgement", **schema}, method="json_schema")
    except (AttributeError, NotImplementedError):
        return None


def _checked(reply: object, schema: Schema) -> Mapping[str, Json] | Failure:
    """Return a reply as an object that keeps to the schema."""
    found = _object_in(reply) if isinstance(reply, str) else reply
    if not isinstance(found, Mapping):
        return Failure(UNUSABLE_REPLY, f"The reply is no JSON object: {str(reply)[:80]!r}.")
    rules: Any = schema["properties"]
    for name, rule in rules.items():
        if not _keeps(found.get(name), rule):
            return Failure(UNUSABLE_REPLY, f"The reply's '{name}' is {str(found.get(name))[:40]!r}.")
    return {name: found[name] for name in rules}


def _keeps(value: Any, rule: Mapping[str, Any]) -> bool:
    if "enum" in rule:
        return value in rule["enum"]
    return type(value) is int and rule["minimum"] <= value <= rule["maximum"]


def _object_in(reply: str) -> Any:
    """Return the object between the first brace and the last; None where there is none."""
    try:
        return json.loads(reply[reply.index("{") : reply.rindex("}") + 1])
    except ValueError:
        return None


def _accepts(model: object, setting: str) -> bool:
    """Whether calls of a model may set `setting`: whether LangChain's class has a field for it."""
    return setting in getattr(type(model), "model_fields", {})


def _score(model: ScoringModel, prompt: str, continuations: Sequence[str]) -> tuple[float, ...] | Failure:
    try:
        return tuple(model.score(prompt, continuations))
    except Exception as error:  # noqa: BLE001 (each provider's client raises errors of its own)
        return _failure(error)


def _failure(error: Exception) -> Failure:
    if isinstance(error, UserError):
        raise error
    told = " ".join(str(error).split())[:200]
    if isinstance(error, OverBudgetError):
        return Failure(OVER_BUDGET, told)
    if getattr(error, "status_code", None) in _REFUSED_KEY:
        raise UserError(f"The model's service refuses the API key: {told}") from error
    return Failure(MODEL_ERROR, f"{type(error).__name__}: {told}")


def _text(reply: Any) -> str:
    """Return the text of an LLM's reply (a str) or a chat model's (a message)."""
    return reply if isinstance(reply, str) else str(reply.text)
