"""How a model is asked for one fragment of a program, and how its reply becomes a child.

A model that takes a grammar is held to it. Another one is free: one that continues texts is cut off where its
text stops being of the grammar, and a chat model is shown the program with a gap and asked for what belongs
there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.random import Generator

from elm_mutation.extraction import fenced_blocks
from elm_mutation.grammar import Rule, draw, to_gbnf, to_regex
from elm_mutation.model_calls import AskedModel, Message, Prompt, Reply, accepts, is_chat
from elm_mutation.place_choice import Cut
from elm_mutation.program_checks import Problem, parse
from elm_protocols import MutationRequest

_GAP = "<GAP>"
_SYSTEM = f"You fill in a gap of a Python program. Answer with what belongs in the place of {_GAP} alone."
_EXAMPLES = 3
_CUT_SHORT = Problem("truncated", "The model did not finish its fragment.")
_NO_FRAGMENT = Problem("no-fragment", "The model wrote nothing that fits at this place.")
_EMPTY = Problem("empty", "The reply holds no fragment.")


@dataclass(frozen=True, slots=True)
class Filling:
    """How a model is asked for a fragment.

    Attributes:
        prompt: Returns the prompt for a cut of the request's parent, given a generator.
        settings: Returns what the call sets, given the rule that the model is to be held to.
        child: Returns the child of a reply, or what is wrong with it.
        most_tokens: Most tokens of a reply.
    """

    prompt: Callable[[MutationRequest, Cut, Generator], Prompt]
    settings: Callable[[Rule], dict[str, Any]]
    child: Callable[[Cut, Reply], str | Problem]
    most_tokens: int


def filling_by(model: AskedModel) -> Filling:
    """Return the way that suits a model."""
    if accepts(model, "grammar"):
        return Filling(_beginning, lambda rule: {"grammar": to_gbnf(rule)}, _written, most_tokens=64)
    if is_chat(model):
        return Filling(_with_gap, lambda _rule: {}, _answered, most_tokens=256)
    return Filling(_beginning, lambda _rule: {}, _fitting, most_tokens=32)


def _beginning(_request: MutationRequest, cut: Cut, _rng: Generator) -> Prompt:
    return cut.before


def _written(cut: Cut, reply: Reply) -> str | Problem:
    text = cut.child(reply.text) if reply.finished else None
    return _CUT_SHORT if text is None else text


def _fitting(cut: Cut, reply: Reply) -> str | Problem:
    """Return the child of as much of a reply as the grammar allows."""
    found = re.match(to_regex(cut.grammar), reply.text)
    text = cut.child(found.group()) if found else None
    return _NO_FRAGMENT if text is None else text


def _with_gap(request: MutationRequest, cut: Cut, rng: Generator) -> Prompt:
    parts = [
        request.instruction,
        f"It may use:\n```python\n{request.interface}\n```" if request.interface else "",
        f"The program:\n```python\n{cut.child_of_fragment(_GAP)}```",
        "These would fit: "
        + ", ".join(f"`{one}`" for one in _examples(cut.rule, rng))
        + ". Write a better one.",
    ]
    return (Message("system", _SYSTEM), Message("human", "\n\n".join(filter(None, parts))))


def _examples(rule: Rule, rng: Generator) -> list[str]:
    return sorted({draw(rule, rng) for _ in range(_EXAMPLES)})


def _answered(cut: Cut, reply: Reply) -> str | Problem:
    """Return the child of an answer's first line of code, else of the first text in it that fits there."""
    block = next(fenced_blocks(reply.text), reply.text)
    line = next((line.strip() for line in block.splitlines() if line.strip()), "")
    # A model may answer with the whole line that the gap is in.
    around_before = (cut.before + cut.lead).rpartition("\n")[2].strip()
    around_after = cut.after.partition("\n")[0].strip()
    fragment = line.strip("`").removeprefix(around_before).removesuffix(around_after).strip()
    if not fragment:
        return _EMPTY
    text = cut.child_of_fragment(fragment)
    if isinstance(parse(text), Problem):
        fitting = re.search(to_regex(cut.rule), block)
        return cut.child_of_fragment(fitting.group()) if fitting else _NO_FRAGMENT
    return text
