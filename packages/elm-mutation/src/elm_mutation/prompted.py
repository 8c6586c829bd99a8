"""Prompt: an instruct model rewrites its parents as it is told.

After the mutation prompts of Lehman et al. (2022), "Evolution through Large Models", section 3, and of
OpenELM's prompt environments; showing a model why its last try failed follows Shinn et al. (2023),
"Reflexion".
"""

from __future__ import annotations

from collections.abc import Sequence

from numpy.random import Generator

from elm_mutation.extraction import extract_program, extract_text
from elm_mutation.model_calls import AskedModel, Message, Prompt, Reply
from elm_mutation.program_checks import Problem
from elm_mutation.reply_search import Effort, Refusal, ReplyReading, children_of_replies
from elm_protocols import Completion, MutationRequest

_SYSTEM = {
    "python": "You write Python programs. Answer with one whole program in a ```python block, nothing else.",
    "text": "You write texts. Answer with the text alone.",
}
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
        title = f"Parent {index + 1}" if len(request.parents) > 1 else "The parent"
        parts.append(
            f"{title}:\n{fenced(parent, request.language)}" + (f"\nIts evaluation: {said}" if said else "")
        )
    if request.template:
        parts.append(f"Begin with exactly:\n{fenced(request.template, request.language)}")
    return "\n\n".join(parts)


def fenced(text: str, language: str) -> str:
    """Return a text between fences."""
    newline = "" if text.endswith("\n") else "\n"
    return f"```{language}\n{text}{newline}```"


def _child(reply: Reply, request: MutationRequest) -> str | Problem:
    if request.language == "python":
        return extract_program(reply.text, request)
    return extract_text(reply.text, request, finished=reply.finished)
