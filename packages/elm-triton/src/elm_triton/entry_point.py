"""The model `triton` of `elm-run model=triton`."""

from __future__ import annotations

import os
from typing import Any

from pydantic import SecretStr

from elm_protocols import UserError
from elm_triton.addresses import TOKEN_VARIABLE
from elm_triton.chat import ChatTriton
from elm_triton.failures import TritonError
from elm_triton.llm import TritonLLM


def triton_model(
    *,
    url: str = "localhost:8001",
    model_name: str = "",
    chat: bool = True,
    chat_template: str = "",
    temperature: float = 0.8,
    top_p: float = 0.95,
    max_tokens: int = 512,
    timeout: float = 120.0,
    start_timeout: float = 15.0,
    max_concurrency: int = 32,
    token_variable: str = TOKEN_VARIABLE,
    token_header: str = "authorization",
    ca_certificate: str = "",
    client_certificate: str = "",
    client_key: str = "",
) -> ChatTriton | TritonLLM:
    """A language model on one or more NVIDIA Triton Inference Servers.

    Args:
        url: The servers, comma-separated: host:8001 (gRPC), grpcs://host:8001, https://host:8000.
        model_name: Name under which they serve the model.
        chat: Prompt the model with its chat template; false: with plain text.
        chat_template: A Jinja file or Hugging Face model directory; empty: the template the server tells.
        temperature: At least 0; 0 takes the likeliest token each time.
        top_p: Share of the probability that is drawn from, above 0 and up to 1.
        max_tokens: Most tokens of a reply.
        timeout: Seconds that a request may take, waiting for a server that is down included.
        start_timeout: Seconds that the servers have to tell of the model before anything else is done; 0:
            they are not asked, and a search waits for them at its first request.
        max_concurrency: Most requests under way at once.
        token_variable: Environment variable with a token to send with every request.
        token_header: Header that carries it: authorization (as Bearer TOKEN), or another one as it is.
        ca_certificate: PEM file of the authorities to trust; empty: the system's.
        client_certificate: PEM file of this client's certificate.
        client_key: PEM file of its key.

    Returns:
        The LangChain model.

    Raises:
        UserError: An option is out of range or missing, no server serves the model, or none answers in time.
    """
    if start_timeout < 0:
        raise UserError(f"Option 'start_timeout' must be 0 or more seconds, not {start_timeout}.")
    if chat_template and not chat:
        raise UserError("Option 'chat_template' needs chat=true.")
    settings: dict[str, Any] = {
        "url": url,
        "model_name": model_name,
        "temperature": temperature,
        "top_p": top_p,
        "max_tokens": max_tokens,
        "timeout": timeout,
        "max_concurrency": max_concurrency,
        "token": SecretStr(os.environ.get(token_variable, "")),
        "token_header": token_header,
        "ca_certificate": ca_certificate,
        "client_certificate": client_certificate,
        "client_key": client_key,
    }
    model = TritonLLM(**settings)
    if start_timeout:
        _look(TritonLLM(**{**settings, "timeout": start_timeout}))
    return ChatTriton(**settings, chat_template=chat_template) if chat else model


def _look(model: TritonLLM) -> None:
    """Have a server tell of the model: a wrong address is to be known before a search waits for it.

    Raises:
        UserError: None does.
    """
    try:
        model.describe()
        model.close()
    except TritonError as error:
        raise UserError(
            f"{error} Set model.url to where it runs, or start it ('elm-triton check {model.url}' looks "
            "again; model.start_timeout=0 waits for it instead)."
        ) from error
