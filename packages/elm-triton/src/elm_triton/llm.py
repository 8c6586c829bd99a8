"""A model on Triton as a LangChain LLM: text in, text out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseLLM
from langchain_core.outputs import Generation, GenerationChunk, LLMResult

from elm_triton import loop_thread
from elm_triton.sampling import Sampling
from elm_triton.settings import TritonSettings
from elm_triton.text_tensors import Reply


class TritonLLM(TritonSettings, BaseLLM):
    """A text model that a Triton server serves; the prompt goes to it as it is.

    A call may set `stop`, `temperature`, `top_p`, `max_tokens` and `seed`. The prompts of one call are asked
    together. Failures are raised as `TritonError`, with the server's message. `TritonSettings` tells the
    settings.
    """

    @property
    def _llm_type(self) -> str:
        return "elm-triton"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"url": self.url, "model_name": self.model_name, "temperature": self.temperature}

    def _generate(
        self,
        prompts: list[str],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> LLMResult:
        return loop_thread.run(self._ask_together(prompts, self.sampling(stop, kwargs)))

    async def _agenerate(
        self,
        prompts: list[str],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> LLMResult:
        return await loop_thread.arun(self._ask_together(prompts, self.sampling(stop, kwargs)))

    async def _ask_together(self, prompts: list[str], sampling: Sampling) -> LLMResult:
        replies = await asyncio.gather(
            *(self.reply(prompt, sampling) for prompt in prompts), return_exceptions=True
        )
        written = [reply for reply in replies if isinstance(reply, Reply)]
        for reply in replies:
            if isinstance(reply, BaseException):
                raise reply
        generations = [
            [Generation(text=reply.text, generation_info={"finish_reason": reply.finish_reason})]
            for reply in written
        ]
        return LLMResult(
            generations=[*generations],
            llm_output={"token_usage": _token_usage(*written), "model_name": self.model_name},
        )

    def _stream(
        self,
        prompt: str,
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> Iterator[GenerationChunk]:
        reply = None
        for reply in loop_thread.iterate(self.pieces(prompt, self.sampling(stop, kwargs))):
            chunk = GenerationChunk(text=reply.new)
            if run_manager:
                run_manager.on_llm_new_token(reply.new, chunk=chunk)
            yield chunk
        yield _last_chunk(reply)

    async def _astream(
        self,
        prompt: str,
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> AsyncIterator[GenerationChunk]:
        reply = None
        async for reply in loop_thread.aiterate(self.pieces(prompt, self.sampling(stop, kwargs))):
            chunk = GenerationChunk(text=reply.new)
            if run_manager:
                await run_manager.on_llm_new_token(reply.new, chunk=chunk)
            yield chunk
        yield _last_chunk(reply)


def _token_usage(*replies: Reply) -> dict[str, int]:
    """Return the tokens of replies in LangChain's words; 0 where the model does not count."""
    read = sum(reply.input_tokens for reply in replies)
    written = sum(reply.output_tokens for reply in replies)
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def _last_chunk(reply: Reply | None) -> GenerationChunk:
    # LangChain joins the chunks' information, texts end to end, so that only one chunk may carry it
    info = {"finish_reason": reply.finish_reason, "token_usage": _token_usage(reply)} if reply else {}
    return GenerationChunk(text="", generation_info=info)
