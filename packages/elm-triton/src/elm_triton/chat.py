"""A model on Triton as a LangChain chat model: messages in, a message out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
)
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from elm_protocols import UserError
from elm_triton import loop_thread
from elm_triton.chat_template import read_template, render, served_template
from elm_triton.settings import TritonSettings
from elm_triton.text_tensors import Reply


class ChatTriton(TritonSettings, BaseChatModel):
    """A chat model that a Triton server serves.

    A call may set `stop`, `temperature`, `top_p`, `max_tokens` and `seed`. Failures are raised as
    `TritonError`, with the server's message. `TritonSettings` tells the other settings.

    Attributes:
        chat_template: A Jinja file or a Hugging Face model directory; empty: the template in the model's
            configuration on the server, where `elm-triton export` puts it.
    """

    chat_template: str = ""

    @property
    def _llm_type(self) -> str:
        return "elm-triton-chat"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"url": self.url, "model_name": self.model_name, "temperature": self.temperature}

    def prompt(self, messages: list[BaseMessage]) -> str:
        """Return the text that the model gets for messages.

        Raises:
            UserError: There is no template, it refuses the messages, or a message is not plain text.
            TritonError: No server tells the template.
        """
        template, tokens = self._template
        return render(template, [_message(message) for message in messages], tokens)

    @cached_property
    def _template(self) -> tuple[str, dict[str, str]]:
        if self.chat_template:
            return read_template(Path(self.chat_template))
        return served_template(self.describe().served)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> ChatResult:
        sampling = self.sampling(stop, kwargs)
        return _result(self.model_name, loop_thread.run(self.reply(self.prompt(messages), sampling)))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> ChatResult:
        sampling = self.sampling(stop, kwargs)
        prompt = await asyncio.to_thread(self.prompt, messages)
        return _result(self.model_name, await loop_thread.arun(self.reply(prompt, sampling)))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> Iterator[ChatGenerationChunk]:
        pieces = self.pieces(self.prompt(messages), self.sampling(stop, kwargs))
        reply = None
        for reply in loop_thread.iterate(pieces):
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=reply.new))
            if run_manager:
                run_manager.on_llm_new_token(reply.new, chunk=chunk)
            yield chunk
        yield _last_chunk(self.model_name, reply)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> AsyncIterator[ChatGenerationChunk]:
        sampling = self.sampling(stop, kwargs)
        prompt = await asyncio.to_thread(self.prompt, messages)
        reply = None
        async for reply in loop_thread.aiterate(self.pieces(prompt, sampling)):
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=reply.new))
            if run_manager:
                await run_manager.on_llm_new_token(reply.new, chunk=chunk)
            yield chunk
        yield _last_chunk(self.model_name, reply)


def _message(message: BaseMessage) -> dict[str, str]:
    if not isinstance(message.content, str):
        raise UserError("A Triton model reads plain text only: leave images and other parts out of messages.")
    match message:
        case SystemMessage():
            role = "system"
        case HumanMessage():
            role = "user"
        case AIMessage():
            role = "assistant"
        case ChatMessage():
            role = message.role
        case _:
            raise UserError(f"A Triton model takes no message of the kind '{message.type}'.")
    return {"role": role, "content": message.content}


def _result(model_name: str, reply: Reply) -> ChatResult:
    message = AIMessage(
        content=reply.text, usage_metadata=_usage(reply), response_metadata=_metadata(model_name, reply)
    )
    return ChatResult(generations=[ChatGeneration(message=message)])


def _last_chunk(model_name: str, reply: Reply | None) -> ChatGenerationChunk:
    # LangChain joins the chunks' information, texts end to end, so that only one chunk may carry it
    message = AIMessageChunk(content="", chunk_position="last")
    if reply:
        message.usage_metadata = _usage(reply)
        message.response_metadata = _metadata(model_name, reply)
    return ChatGenerationChunk(message=message)


def _metadata(model_name: str, reply: Reply) -> dict[str, str]:
    return {"model_name": model_name, "finish_reason": reply.finish_reason}


def _usage(reply: Reply) -> UsageMetadata | None:
    if not reply.output_tokens:
        return None  # the model does not count
    return UsageMetadata(
        input_tokens=reply.input_tokens,
        output_tokens=reply.output_tokens,
        total_tokens=reply.input_tokens + reply.output_tokens,
    )
