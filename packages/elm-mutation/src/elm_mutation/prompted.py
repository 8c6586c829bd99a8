"""Prompt: an instruct model rewrites its parents as it is told.

After the mutation prompts of Lehman et al. (2022), "Evolution through Large Models", section 3, and of
OpenELM's prompt environments; showing a model why its last try failed follows Shinn et al. (2023),
"Reflexion".
"""

from __future__ import annotations

from collections.abc import Sequence

from numpy.random import Generator

from elm_mutation.extraction import extract_program
from elm_mutation.model_calls import AskedModel, Message, Prompt, Reply
from elm_mutation.program_checks import Problem
from elm_mutation.reply_search import (
    Effort,
    Noted,
    Refusal,
    ReplyReading,
    children_of_replies,
    text_of_reply,
)
from elm_protocols import Completion, MutationRequest

_SYSTEM = {
    "python": "You write Python programs. Answer with one whole program in a ```python block, nothing else.",
    "text": "You write texts. Answer with the text alone.",
}
_TITLES = {"python": "Parent", "text": "Text"}
_DEFAULT_INSTRUCTION = "Write a changed version that may work better."


class PromptOperator:
    """Let an instruct model write a new program or text from an instruction and its parents.

    Needs a model of some billion parameters for programs; 135M parameters give next to no valid child.

    Args:
        model: A LangChain chat model (or LLM).
        draws: Most replies asked for one child before it is given up, at least 1.
        temperature: Sampling temperature, where the model takes one.
        max_tokens: Most tokens of a reply, where the model takes a limit.
        concurrency: Most requests under way at once, at least 1.
        reflect: Show the model what the parents' evaluations said, and after a failed draw what was wrong.
    """

    def __init__(
        self,
        model: AskedModel,
        *,
        draws: int = 2,
        temperature: float = 0.8,
        max_tokens: int = 1024,
        concurrency: int = 8,
        reflect: bool = True,
    ) -> None:
        self._effort = Effort(draws, concurrency, temperature, max_tokens)
        self._model = model
        self._reflect = reflect

    def generate(self, requests: Sequence[MutationRequest]) -> list[Completion]:
        """Return one completion a request, in order."""
        reading = ReplyReading("prompt", self._prompt, _child, self._effort.settings())
        return children_of_replies(requests, self._model, reading, self._effort)

    def _prompt(self, request: MutationRequest, _rng: Generator, refusal: Refusal | None) -> Prompt:
        turns = [
            Message("system", _SYSTEM.get(request.language, _SYSTEM["text"])),
            Message("human", _task(request, feedback=self._reflect)),
        ]
        if refusal is not None and self._reflect:
            turns += [
                Message("ai", refusal.reply or "(nothing)"),
                Message("human", f"That was refused: {refusal.problem.feedback} Write it again, mended."),
            ]
        return tuple(turns)


def _task(request: MutationRequest, *, feedback: bool) -> str:
    parts = [request.instruction or _DEFAULT_INSTRUCTION]
    if request.interface:
        parts.append(f"It may use:\n{fenced(request.interface, 'python')}")
    for index, parent in enumerate(request.parents):
        said = request.feedback[index] if feedback and index < len(request.feedback) else ""
        parts.append(_shown(index, parent, request) + (f"\nIts evaluation: {said}" if said else ""))
    if request.template:
        parts.append(f"Begin with exactly:\n{_quoted(request.template, request)}")
    return "\n\n".join(parts)


def _shown(index: int, parent: str, request: MutationRequest) -> str:
    quoted = _quoted(parent, request)
    if len(request.parents) > 1:
        return f"{_TITLES.get(request.language, _TITLES['text'])} {index + 1}:\n{quoted}"
    return f"The parent:\n{quoted}" if request.language == "python" else quoted


def _quoted(text: str, request: MutationRequest) -> str:
    # A small model asked about a fenced text writes about fences and titles, not a text.
    return fenced(text, request.language) if request.language == "python" else text.strip("\n")


def fenced(text: str, language: str) -> str:
    """Return a text between fences."""
    newline = "" if text.endswith("\n") else "\n"
    return f"```{language}\n{text}{newline}```"


def _child(reply: Reply, request: MutationRequest) -> str | Noted | Problem:
    if request.language == "python":
        return extract_program(reply.text, request)
    return text_of_reply(reply, request)
