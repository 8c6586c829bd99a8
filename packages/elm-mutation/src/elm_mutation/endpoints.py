"""Several OpenAI-compatible servers as one chat model."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from typing import Any

import openai
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr

REST_SECONDS = 30.0
"""So long a server that failed is left out, unless all others have failed too."""

_SERVER_FAILED = (openai.APIConnectionError, openai.InternalServerError, openai.RateLimitError)


class RotatingChatOpenAI(ChatOpenAI):
    """Asks several servers of the same model in turn. One that fails is left out for `REST_SECONDS`.

    A request goes to the next server without retries; where that fails, to the one after it, and so on. When
    all have failed, one is asked once more, with the retries that `max_retries` allows. Safe to use from
    several threads.
    """

    _eager: list[ChatOpenAI] = PrivateAttr(default_factory=list)
    _patient: list[ChatOpenAI] = PrivateAttr(default_factory=list)
    _rested: list[float] = PrivateAttr(default_factory=list)
    _turns: itertools.count[int] = PrivateAttr(default_factory=itertools.count)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        turn, count = next(self._turns), len(self._eager)
        servers = [(turn + i) % count for i in range(count)]
        for server in sorted(servers, key=lambda server: self._rested[server] > time.monotonic()):
            try:
                return self._eager[server]._generate(messages, stop, run_manager, **kwargs)
            except _SERVER_FAILED:
                self._rested[server] = time.monotonic() + REST_SECONDS
        return self._patient[servers[0]]._generate(messages, stop, run_manager, **kwargs)


def rotating(model: str, base_urls: Sequence[str], **settings: Any) -> RotatingChatOpenAI:
    """Return one chat model over the servers at `base_urls`, at least one.

    Args:
        model: The model's name, the same at each.
        base_urls: Their addresses.
        settings: Of `ChatOpenAI`.
    """
    one = RotatingChatOpenAI(model=model, base_url=base_urls[0], **settings)
    # LangChain's rate limiter stands before `_generate`, so it holds for the whole.
    eager = {**settings, "max_retries": 0}
    one._eager = [ChatOpenAI(model=model, base_url=url, **eager) for url in base_urls]
    one._patient = [ChatOpenAI(model=model, base_url=url, **settings) for url in base_urls]
    one._rested = [0.0 for _ in base_urls]
    return one
