"""Diff: a model writes a patch, and the parent is patched.

Lehman et al. (2022), "Evolution through Large Models", section 3.1: diff models are trained on commits, as
file name, file before, commit message, and the unified diff after it. CarperAI's published ones
(diff-codegen-350m-v2, -2b-v2, -6b-v2) mark these as <NME>, <BEF>, <MSG>, <DFF>.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from numpy.random import Generator

from elm_mutation.model_calls import AskedModel, Message, Prompt, Reply, accepts
from elm_mutation.patch_grammar import search_replace_grammar
from elm_mutation.patches import Hunk, apply_hunks, read_search_replace, read_unified_diff
from elm_mutation.program_checks import Problem
from elm_mutation.prompted import fenced
from elm_mutation.reply_search import Effort, Noted, Refusal, ReplyReading, children_of_replies
from elm_protocols import Completion, MutationRequest, UserError

_DEFAULT_MESSAGE = "Change the program so that it may work better."
_NO_PATCH = Problem("no-patch", "The reply holds no patch.")
_SEARCH_REPLACE = """\
Answer with one or more blocks of this form and nothing else; SEARCH quotes whole lines of the program:
<<<<<<< SEARCH
lines as they are
=======
lines as they shall be
>>>>>>> REPLACE"""
_UNIFIED = "Answer with a unified diff of the program in one ```diff block and nothing else."


class DiffOperator:
    """Let a model write a patch of the parent and apply what fits without doubt.

    Needs a diff model (style `commit`) or an instruct model of some billion parameters. Where the model takes
    a grammar, a search/replace block is held to one line of the parent; a model of 135M parameters then
    gives some valid children, and none in another style.

    Args:
        model: A LangChain chat model or LLM.
        style: `search_replace` or `unified` for instruct models; `commit` for diff models.
        partial: Take a child although some hunks did not fit; what did is said in its feedback.
        draws: Most replies asked for one child before it is given up, at least 1.
        temperature: Sampling temperature, where the model takes one.
        max_tokens: Most tokens of a reply, where the model takes a limit.
        concurrency: Most requests under way at once, at least 1.
    """

    def __init__(
        self,
        model: AskedModel,
        *,
        style: str = "search_replace",
        partial: bool = False,
        draws: int = 2,
        temperature: float = 0.8,
        max_tokens: int = 512,
        concurrency: int = 8,
    ) -> None:
        if style not in _STYLES:
            raise UserError(f"Option 'style' must be one of {', '.join(_STYLES)}, not '{style}'.")
        self._effort = Effort(draws, concurrency, temperature, max_tokens)
        self._model = model
        self._style = _STYLES[style]
        self._partial = partial

    def generate(self, requests: Sequence[MutationRequest]) -> list[Completion]:
        """Return one completion a request, in order."""
        settings = self._effort.settings()
        stop = self._style.stop
        reading = ReplyReading(
            "diff", self._prompt, self._child, settings, lambda _request: stop, self._grammar
        )
        return children_of_replies(requests, self._model, reading, self._effort)

    def _prompt(self, request: MutationRequest, _rng: Generator, refusal: Refusal | None) -> Prompt:
        return self._style.prompt(request, refusal)

    def _grammar(self, request: MutationRequest) -> str:
        return self._style.grammar(request) if accepts(self._model, "grammar") else ""

    def _child(self, reply: Reply, request: MutationRequest) -> str | Noted | Problem:
        hunks = self._style.hunks(reply.text)
        if not hunks:
            return _NO_PATCH
        outcome = apply_hunks(request.parents[0], hunks)
        if not outcome.applied or (outcome.refused and not self._partial):
            return Problem("patch", outcome.summary)
        return Noted(outcome.text, outcome.summary) if outcome.refused else outcome.text


@dataclass(frozen=True, slots=True)
class _Style:
    """A way to ask for a patch, to read one, the texts that end a reply, and the grammar of one (or none)."""

    prompt: Callable[[MutationRequest, Refusal | None], Prompt]
    hunks: Callable[[str], list[Hunk]]
    stop: tuple[str, ...] = ()
    grammar: Callable[[MutationRequest], str] = lambda _request: ""


def _commit(request: MutationRequest, _refusal: Refusal | None) -> Prompt:
    # The message is one line, as in the commits that the diff models were trained on.
    message = " ".join((request.instruction or _DEFAULT_MESSAGE).split())
    suffix = "py" if request.language == "python" else "txt"
    return f"<NME> program.{suffix}\n<BEF> {request.parents[0].rstrip()}\n<MSG> {message}\n<DFF>"


def _conversation(form: str) -> Callable[[MutationRequest, Refusal | None], Prompt]:
    def prompt(request: MutationRequest, refusal: Refusal | None) -> Prompt:
        task = f"{request.instruction or _DEFAULT_MESSAGE}\n\n{fenced(request.parents[0], request.language)}"
        interface = f"\n\nIt may use:\n{fenced(request.interface, 'python')}" if request.interface else ""
        turns = (Message("system", form), Message("human", task + interface))
        if refusal is None:
            return turns
        wrong = f"That could not be used: {refusal.problem.feedback} Write it again, mended."
        return (*turns, Message("ai", refusal.reply or "(nothing)"), Message("human", wrong))

    return prompt


_STYLES: Mapping[str, _Style] = {
    "search_replace": _Style(
        _conversation(_SEARCH_REPLACE), read_search_replace, grammar=search_replace_grammar
    ),
    "unified": _Style(_conversation(_UNIFIED), read_unified_diff),
    "commit": _Style(_commit, read_unified_diff, ("\n<NME>", "\n<BEF>", "\n<MSG>")),
}
