"""One call of a LangChain model: a prompt in, a text and its cost out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, runtime_checkable

from elm_mutation.program_checks import Problem
from elm_protocols import Usage, UserError

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage
    from langchain_core.outputs import LLMResult
    from langchain_core.prompt_values import PromptValue

_CUT_OFF = ("length", "max_tokens", "MAX_TOKENS", "model_length")
_REFUSED_KEY = (401, 403)


class PromptedModel(Protocol):
    """What the operators use of a LangChain model (`BaseLLM` or `BaseChatModel`)."""

    def generate_prompt(self, prompts: list[PromptValue], **settings: Any) -> LLMResult:
        """Return LangChain's `LLMResult` for the prompts."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation with an instruct model."""

    role: Literal["system", "human", "ai"]
    text: str


Prompt = str | tuple[Message, ...]
"""A text to be continued, or a conversation to be answered."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model wrote.

    Attributes:
        text: The text; empty where `problem` says why.
        finished: Whether the model ended by itself, not at the token limit.
        usage: What it cost.
        model: The model's name as it gives it; may be empty.
        problem: Why there is no text; None if there is.
    """

    text: str
    finished: bool
    usage: Usage
    model: str
    problem: Problem | None = None


@runtime_checkable
class ReplyingModel(Protocol):
    """Something between the operators and a model, such as a journal or a budget."""

    @property
    def wrapped(self) -> AskedModel:
        """The model behind it."""
        ...

    def reply(self, prompt: Prompt, stop: tuple[str, ...], settings: dict[str, object]) -> Reply:
        """Return the model's reply, or one of its own."""
        ...


AskedModel: TypeAlias = PromptedModel | ReplyingModel
"""What operators ask: a LangChain model, or something around one."""


def behind(model: AskedModel) -> PromptedModel:
    """Return the LangChain model behind everything that is around it."""
    while isinstance(model, ReplyingModel):
        model = model.wrapped
    return model


def accepts(model: AskedModel, setting: str) -> bool:
    """Return whether calls of a model may set `setting`: whether LangChain's class has a field for it."""
    return setting in getattr(type(behind(model)), "model_fields", {})


def is_chat(model: AskedModel) -> bool:
    """Return whether a model answers conversations; else it continues texts."""
    from langchain_core.language_models import BaseChatModel  # noqa: PLC0415 (an extra)

    return isinstance(behind(model), BaseChatModel)


def ask(model: AskedModel, prompt: Prompt, *, stop: Sequence[str] = (), **settings: object) -> Reply:
    """Return the model's reply, ended before any of the texts `stop`.

    Settings that the model's class has no field for are left out.

    A call that fails is a reply with a problem (`timeout`, `model-error`), after whatever the model's own
    retries were.

    Raises:
        UserError: The model's service refuses the key.
    """
    if isinstance(model, ReplyingModel):
        return model.reply(prompt, tuple(stop), settings)
    known = {name: value for name, value in settings.items() if accepts(model, name)}
    begin = time.perf_counter()
    try:
        result = model.generate_prompt([_prompt_value(prompt)], stop=list(stop) or None, **known)
    except UserError:
        raise
    except Exception as error:  # each provider's client raises errors of its own
        if getattr(error, "status_code", None) in _REFUSED_KEY:
            raise UserError(f"The model's service refuses the API key: {_one_line(error)}") from error
        usage = Usage(requests=1, seconds=time.perf_counter() - begin)
        return Reply("", finished=False, usage=usage, model="", problem=_problem(error))
    return _read_result(result, time.perf_counter() - begin)


def _prompt_value(prompt: Prompt) -> PromptValue:
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage  # noqa: PLC0415 (an extra)
    from langchain_core.prompt_values import ChatPromptValue, StringPromptValue  # noqa: PLC0415 (an extra)

    if isinstance(prompt, str):
        return StringPromptValue(text=prompt)
    kinds = {"system": SystemMessage, "human": HumanMessage, "ai": AIMessage}
    return ChatPromptValue(messages=[kinds[turn.role](turn.text) for turn in prompt])


def _read_result(result: LLMResult, seconds: float) -> Reply:
    generation: Any = result.generations[0][0]
    message: BaseMessage | None = getattr(generation, "message", None)  # chat models only
    info: Mapping[str, Any] = generation.generation_info or {}
    if message is not None:
        info = {**info, **message.response_metadata}
    output = result.llm_output or {}
    read, written = tokens_of(output, message)
    return Reply(
        text=generation.text,
        finished=info.get("finish_reason", info.get("stop_reason")) not in _CUT_OFF,
        usage=Usage(1, read, written, seconds),
        model=str(info.get("model_name") or output.get("model_name") or ""),
    )


def tokens_of(output: Mapping[str, Any], message: BaseMessage | None) -> tuple[int, int]:
    """Return the tokens read and written by LangChain's account of a call: `llm_output`, and the reply."""
    counted = getattr(message, "usage_metadata", None)
    if counted:
        return counted["input_tokens"], counted["output_tokens"]
    counted = output.get("token_usage") or {}
    return counted.get("prompt_tokens", 0), counted.get("completion_tokens", 0)


def _problem(error: Exception) -> Problem:
    late = isinstance(error, TimeoutError) or "timeout" in type(error).__name__.lower()
    return Problem("timeout" if late else "model-error", f"{type(error).__name__}: {_one_line(error)}")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def conversation_text(prompt: Prompt) -> Sequence[Sequence[str]] | str:
    """Return a prompt as JSON, for hashes and journals."""
    return prompt if isinstance(prompt, str) else [[turn.role, turn.text] for turn in prompt]
