"""Crossover by a language model: the parents are a list of examples, and the model goes on with the list.

Meyerson et al. (2023), "Language Model Crossover: Variation through Few-Shot Prompting", section 3: no
instruction is needed, so any causal model will do; what it writes next is like what it was shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from numpy.random import Generator

from elm_mutation.extraction import extract_program
from elm_mutation.model_calls import AskedModel, Message, Prompt, Reply, is_chat
from elm_mutation.program_checks import Problem
from elm_mutation.reply_search import (
    Effort,
    Noted,
    Refusal,
    ReplyReading,
    children_of_replies,
    text_of_reply,
)
from elm_protocols import Completion, MutationRequest, UserError

_GO_ON = "Continue this list with one more item of its kind. Answer with the item alone."
_TITLES = {"python": "# Program", "text": "Text"}
_STOP = tuple(f"\n{title} " for title in _TITLES.values())
_ITEM_END = "\n\n"


class Crossover:
    """Show several parents as a list of examples and let the model write the next one.

    A model of 135M parameters can do it where the parents are relatives (or one parent is shown as several
    copies); unlike programs need a larger one. Chat models are asked to go on with the list.

    Args:
        model: A LangChain LLM or chat model.
        draws: Most replies asked for one child before it is given up, at least 1.
        temperature: Sampling temperature, where the model takes one.
        max_tokens: Most tokens of a child, where the model takes a limit.
        concurrency: Most requests under way at once, at least 1.
        copies: How many items the list has at least; parents are repeated to fill it.
        shuffle: Draw the order of the parents anew for each child; else the list is as given, and a model
            that remembers prompts reads what children of the same parents share only once.
    """

    def __init__(
        self,
        model: AskedModel,
        *,
        draws: int = 2,
        temperature: float = 0.7,
        max_tokens: int = 512,
        concurrency: int = 8,
        copies: int = 3,
        shuffle: bool = True,
    ) -> None:
        if copies < 1:
            raise UserError(f"Option 'copies' must be at least 1, not {copies}.")
        self._effort = Effort(draws, concurrency, temperature, max_tokens)
        self._model = model
        self._copies = copies
        self._shuffle = shuffle

    def generate(self, requests: Sequence[MutationRequest]) -> list[Completion]:
        """Return one completion a request, in order."""
        settings = self._effort.settings()
        reading = ReplyReading("crossover", self._prompt, self._child, settings, self._stop)
        return children_of_replies(requests, self._model, reading, self._effort)

    def _prompt(self, request: MutationRequest, rng: Generator, _refusal: Refusal | None) -> Prompt:
        parents = request.parents
        order = [parents[index] for index in rng.permutation(len(parents))] if self._shuffle else parents
        items = [order[index % len(order)] for index in range(max(self._copies, len(order)))]
        title = _TITLES.get(request.language, "Text")
        shown = "\n".join(f"{title} {number}\n{item.strip()}\n" for number, item in enumerate(items, 1))
        # A list for a base model ends inside the next item and never in white space: tokens begin with it.
        begun = f"{title} {len(items) + 1}\n{request.template}".rstrip()
        if is_chat(self._model):
            return (Message("system", _GO_ON), Message("human", f"{shown}\n{begun}"))
        return f"{shown}\n{begun}"

    def _stop(self, request: MutationRequest) -> tuple[str, ...]:
        # A blank line ends an item of the list where no item holds one itself.
        plain = request.language != "python" and not any(_ITEM_END in p.strip() for p in request.parents)
        return (*_STOP, _ITEM_END) if plain and not is_chat(self._model) else _STOP

    def _child(self, reply: Reply, request: MutationRequest) -> str | Noted | Problem:
        whole = reply if is_chat(self._model) else replace(reply, text=request.template.rstrip() + reply.text)
        if request.language == "python":
            return extract_program(whole.text, request)
        return text_of_reply(whole, request)
