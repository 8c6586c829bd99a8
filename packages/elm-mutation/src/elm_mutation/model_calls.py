"""One call of a LangChain model: a prompt in, a text and its cost out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from elm_protocols import Usage

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage
    from langchain_core.outputs import LLMResult
    from langchain_core.prompt_values import PromptValue


class PromptedModel(Protocol):
    """What the operators use of a LangChain model (`BaseLLM` or `BaseChatModel`)."""

    def generate_prompt(self, prompts: list[PromptValue], **settings: Any) -> LLMResult:  # noqa: ANN401
        """Return LangChain's `LLMResult` for the prompts."""
        ...


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model wrote.

    Attributes:
        text: The text.
        finished: Whether the model ended by itself, not at the token limit.
        usage: What it cost.
        model: The model's name as it gives it; may be empty.
    """

    text: str
    finished: bool
    usage: Usage
    model: str


def ask(model: PromptedModel, prompt: str, **settings: object) -> Reply:
    """Return the model's reply to a text; `settings` go to the model as they are."""
    from langchain_core.prompt_values import StringPromptValue  # noqa: PLC0415 (only with a language model)

    begin = time.perf_counter()
    result = model.generate_prompt([StringPromptValue(text=prompt)], **settings)
    seconds = time.perf_counter() - begin
    generation = result.generations[0][0]
    message = getattr(generation, "message", None)  # chat models only
    info: Mapping[str, Any] = generation.generation_info or {}
    if message is not None:
        info = {**info, **message.response_metadata}
    prompt_tokens, completion_tokens = _tokens(result.llm_output or {}, message)
    return Reply(
        text=generation.text,
        finished=info.get("finish_reason", info.get("stop_reason")) not in ("length", "max_tokens"),
        usage=Usage(1, prompt_tokens, completion_tokens, seconds),
        model=str(info.get("model_name") or (result.llm_output or {}).get("model_name") or ""),
    )


def _tokens(output: Mapping[str, Any], message: BaseMessage | None) -> tuple[int, int]:
    counted = getattr(message, "usage_metadata", None)
    if counted:
        return counted["input_tokens"], counted["output_tokens"]
    counted = output.get("token_usage") or {}
    return counted.get("prompt_tokens", 0), counted.get("completion_tokens", 0)
