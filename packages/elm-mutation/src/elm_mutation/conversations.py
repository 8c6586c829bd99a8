"""Conversations with models that continue texts: written out in the model's own chat template."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from langchain_core.messages import BaseMessage
from langchain_core.prompt_values import ChatPromptValue, PromptValue, StringPromptValue

_ROLES = {"human": "user", "ai": "assistant"}

Turns = list[dict[str, str]]
"""Turns as chat templates take them: `role` (`system`, `user`, `assistant`) and `content`."""


def written_out(prompts: Sequence[PromptValue], write: Callable[[Turns], str]) -> list[PromptValue]:
    """Return the prompts with each conversation as the text that `write` makes of its turns.

    LangChain's own way (`Human: ...`) is not what a model was trained on: SmolLM2 does not answer it.
    """
    return [_text(prompt, write) for prompt in prompts]


def _text(prompt: PromptValue, write: Callable[[Turns], str]) -> PromptValue:
    if not isinstance(prompt, ChatPromptValue):
        return prompt
    return StringPromptValue(text=write(_turns(prompt.messages)))


def _turns(messages: Sequence[BaseMessage]) -> Turns:
    return [
        {"role": _ROLES.get(message.type, message.type), "content": str(message.text)} for message in messages
    ]
