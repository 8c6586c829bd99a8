"""Axes of the behaviour space along which embeddings of programs differ most."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from elm_protocols import ContinuousAxis, UserError

Embedder = Callable[[Sequence[str]], ArrayLike]
"""Turns n texts into an (n, dimensions) array; LangChain's `Embeddings.embed_documents` is one."""

_TOKEN = re.compile(r"[A-Za-z_]\w*|\d+|[^\w\s]")
_DIMENSIONS = 512
_LARGEST_NGRAM = 3


def hashed_ngrams(texts: Sequence[str]) -> NDArray[np.float64]:
    """Embed programs without any model: counts of token n-grams, hashed.

    Feature hashing with signs of 1- to 3-grams of tokens, each text scaled to length 1. Source: Weinberger
    et al. 2009, "Feature Hashing for Large Scale Multitask Learning", arXiv 0902.2206, section 2. It knows
    nothing of meaning: two programs are close where they share tokens.

    Returns:
        (n, 512) array of float64.
    """
    vectors = np.zeros((len(texts), _DIMENSIONS))
    for row, text in zip(vectors, texts, strict=True):
        tokens = _TOKEN.findall(text)
        for size in range(1, _LARGEST_NGRAM + 1):
            for start in range(len(tokens) - size + 1):
                key = zlib.crc32("\x00".join(tokens[start : start + size]).encode("utf-8", "surrogatepass"))
                row[key % _DIMENSIONS] += 1.0 if key >> 16 & 1 else -1.0
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: NDArray[np.float64] = vectors / np.where(norms > 0, norms, 1.0)
    return scaled


class EmbeddingAxes:
    """Projects texts on the principal components of a fixed set of reference texts.

    A text's measures depend on the text, the embedder and the reference alone, never on what a run has met.
    One unit is one standard deviation of the reference along that component, so the axes run from -3 to 3.

    Args:
        embedder: Embeds texts.
        reference: Texts that span the domain; more of them than `components`.
        components: How many axes.
    """

    def __init__(self, embedder: Embedder, reference: Sequence[str], components: int) -> None:
        if not 1 <= components < len(reference):
            raise UserError(f"Embedding axes can be 1 to {len(reference) - 1} in number, not {components}.")
        self._embedder = embedder
        self._reference = tuple(reference)
        self.axes = tuple(ContinuousAxis(f"embedding_{n}", -3.0, 3.0, "sd") for n in range(1, components + 1))

    def measure(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the texts' places on the axes.

        Returns:
            (n, components) array of float64, rounded to 6 decimals.

        Raises:
            UserError: If the embedder does not give one vector of finite numbers a text.
        """
        if not texts:
            return np.zeros((0, len(self.axes)))
        centre, components, deviations = self._projection
        # einsum sums in one order whatever the number of texts; a matrix product does not.
        placed = np.einsum("ij,kj->ik", self._embed(texts) - centre, components) / deviations
        rounded: NDArray[np.float64] = np.round(placed, 6)
        return rounded

    @cached_property
    def _projection(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Mean, components (rows) and standard deviations of the reference; embedded when first needed."""
        vectors = self._embed(self._reference)
        centre = vectors.mean(axis=0)
        _, spread, rows = np.linalg.svd(vectors - centre, full_matrices=False)
        rows, spread = rows[: len(self.axes)], spread[: len(self.axes)]
        # A component's sign is arbitrary: the entry that is largest in size is made positive.
        largest = np.take_along_axis(rows, np.abs(rows).argmax(axis=1)[:, None], axis=1)
        deviations = spread / np.sqrt(len(self._reference))
        return centre, rows * np.sign(largest), np.where(deviations > 1e-12, deviations, 1.0)

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        vectors = np.asarray(self._embedder(list(texts)), dtype=np.float64)
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise UserError(
                f"The embedder must give one vector of finite numbers for each of {len(texts)} texts, "
                f"and gave an array of shape {vectors.shape}."
            )
        return vectors
