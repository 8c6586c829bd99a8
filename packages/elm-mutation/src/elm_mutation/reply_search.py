"""The way from requests to children where a model writes whole replies: ask, read, check, ask again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from elm_mutation.completions import Attempt
from elm_mutation.drawing import check_draws
from elm_mutation.model_calls import AskedModel, Prompt, Reply, ask, conversation_text
from elm_mutation.program_checks import Problem, check_child
from elm_mutation.text_extraction import extract_text, last_whole_sentence
from elm_protocols import OVER_BUDGET, Completion, MutationRequest, UserError, content_hash

_CUT_OFF = Problem("truncated", "The reply was cut off at the token limit.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reply that gave no child, and why."""

    reply: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Noted:
    """A child with a line on how it was made."""

    text: str
    note: str


@dataclass(frozen=True, slots=True)
class ReplyReading:
    """How an operator talks to a model.

    Attributes:
        operator: The operator's name.
        prompt: Returns the prompt for a request, given a generator and the refusal before (None: the first
            draw).
        child: Returns the child that a reply holds, or what is wrong with it.
        settings: What each call sets, beside the seed.
        stop: Returns the texts that end a reply to a request.
        grammar: Returns what a reply is held to (GBNF); empty: nothing.
    """

    operator: str
    prompt: Callable[[MutationRequest, Generator, Refusal | None], Prompt]
    child: Callable[[Reply, MutationRequest], str | Noted | Problem]
    settings: dict[str, object]
    stop: Callable[[MutationRequest], tuple[str, ...]] = lambda _request: ()
    grammar: Callable[[MutationRequest], str] = lambda _request: ""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is spent on a child.

    Attributes:
        draws: Most replies asked for one child, at least 1.
        concurrency: Most requests under way at once, at least 1.
        temperature: Sampling temperature, 0 or more.
        max_tokens: Most tokens of a reply, at least 1.
    """

    draws: int
    concurrency: int
    temperature: float
    max_tokens: int

    def __post_init__(self) -> None:
        check_draws(self.draws)
        for name, value, least in (
            ("concurrency", self.concurrency, 1),
            ("temperature", self.temperature, 0),
            ("max_tokens", self.max_tokens, 1),
        ):
            if value < least:
                raise UserError(f"Option '{name}' must be at least {least}, not {value}.")

    def settings(self) -> dict[str, object]:
        """What a call to the model sets."""
        return {"temperature": self.temperature, "max_tokens": self.max_tokens}


def children_of_replies(
    requests: Sequence[MutationRequest], model: AskedModel, reading: ReplyReading, effort: Effort
) -> list[Completion]:
    """Return one completion a request, in order; requests run at the same time."""
    with ThreadPoolExecutor(effort.concurrency) as pool:
        return list(pool.map(lambda request: _child(request, model, reading, effort.draws), requests))


def text_of_reply(reply: Reply, request: MutationRequest) -> str | Noted | Problem:
    """Return the text that a reply holds; one cut off at the token limit ends with a whole sentence."""
    if reply.finished:
        return extract_text(reply.text, request)
    whole = last_whole_sentence(reply.text)
    text = extract_text(whole, request) if whole else _CUT_OFF
    return text if isinstance(text, Problem) else Noted(text, "Its last sentence was cut off, and dropped.")


def _child(request: MutationRequest, model: AskedModel, reading: ReplyReading, draws: int) -> Completion:
    rng = np.random.default_rng(request.seed)
    attempt = Attempt(reading.operator)
    settings = _settings(reading, request)
    refusal: Refusal | None = None
    for _ in range(draws):
        prompt = reading.prompt(request, rng, refusal)
        attempt.prompt_hash = content_hash(conversation_text(prompt))
        reply = ask(
            model,
            prompt,
            stop=reading.stop(request),
            seed=int(rng.integers(2**31)),
            **settings,
        )
        attempt.usage += reply.usage
        attempt.model = reply.model or attempt.model
        read = reply.problem or reading.child(reply, request)
        child = Noted(read, "") if isinstance(read, str) else read
        problem = child if isinstance(child, Problem) else check_child(child.text, request)
        if problem is None and isinstance(child, Noted):
            return attempt.child(child.text, child.note)
        if problem is not None:
            attempt.problems.append(problem)
            refusal = Refusal(reply.text, problem) if reply.problem is None else None
            if problem.status == OVER_BUDGET:
                break
    return attempt.failure()


def _settings(reading: ReplyReading, request: MutationRequest) -> dict[str, object]:
    """Return what a call sets: a reply need not be longer than the request says."""
    settings = dict(reading.settings)
    most = settings.get("max_tokens")
    if request.max_tokens and isinstance(most, int):
        settings["max_tokens"] = min(most, request.max_tokens)
    grammar = reading.grammar(request)
    return settings | {"grammar": grammar} if grammar else settings
