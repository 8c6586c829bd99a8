"""Measures of prompts by name: length, steps, sentiment, and places between two texts in an embedding."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from elm_envs_prompts.label_likelihood import LabelQuestion, LabelScorer
from elm_envs_prompts.language_model import (
    Failure,
    LanguageModel,
    ScoringModel,
    replies_by_schema,
)
from elm_protocols import BehaviorSpace, ContinuousAxis, Json, UserError

Embedder: TypeAlias = Callable[[Sequence[str]], ArrayLike]
"""Turns n texts into an (n, dimensions) array."""

_TOKEN = re.compile(r"\w+|[^\w\s]")
_STEP = re.compile(
    r"^\s*(?:\d+[.)]|[-*•])\s|\b(?:step|first|then|next|after that|finally|for example|example|e\.g\.)\b",
    re.IGNORECASE | re.MULTILINE,
)
_MOST_TOKENS, _MOST_STEPS = 60, 8

_SENTIMENT = LabelQuestion("{text}\n\nThe tone of this is", (("positive", "friendly"), ("negative", "angry")))
_SENTIMENT_REPLY: dict[str, Json] = {
    "description": "The sentiment of a text.",
    "type": "object",
    "properties": {"sentiment": {"type": "integer", "minimum": 1, "maximum": 10}},
    "required": ["sentiment"],
    "additionalProperties": False,
}
_POSITIVE = (
    "This is wonderful, kind and friendly. I love it.|Thank you so much, that makes me happy.|Well done!"
)
_NEGATIVE = "This is terrible, cold and hostile. I hate it.|Stop that at once, it makes me sick.|You failed."


def token_count(text: str) -> int:
    """Return how many words and punctuation marks a text has."""
    return len(_TOKEN.findall(text))


def step_count(text: str) -> int:
    """Return how many steps and examples a text asks for: numbered or dashed lines, and words for them."""
    return len(_STEP.findall(text))


@dataclass(frozen=True, slots=True)
class PromptMeasures:
    """Takes named measures of texts.

    Attributes:
        names: `length`, `steps`, `sentiment`, or `TEXT/TEXT`: the place between two texts.
        model: The language model, for the sentiment.
        labels: Asks it for likelihoods; None where it gives none.
        embedder: Embeds texts; None: there is none.
    """

    names: tuple[str, ...]
    model: LanguageModel
    labels: LabelScorer | None
    embedder: Embedder | None

    def __post_init__(self) -> None:
        for name in self.names:
            if name not in _AXES and "/" not in name.strip("/"):
                known = ", ".join(_AXES)
                raise UserError(
                    f"There is no measure '{name}'; choose from {known}, or two texts 'polite/rude' for the "
                    "place between them."
                )
            if "/" in name and self.embedder is None:
                raise UserError(
                    f"The measure '{name}' needs an embedding model: choose embedder=embedded or another."
                )

    @property
    def space(self) -> BehaviorSpace:
        """The axes."""
        return BehaviorSpace(
            tuple(_AXES[name] if name in _AXES else ContinuousAxis(name, -1.0, 1.0) for name in self.names)
        )

    def measure(self, texts: Sequence[str]) -> list[tuple[float, ...] | Failure]:
        """Return the measures of each text, in the order of the axes."""
        if not texts:
            return []
        columns = [self._column(name, texts) for name in self.names]
        return [_point(row) for row in zip(*columns, strict=True)]

    def _column(self, name: str, texts: Sequence[str]) -> Sequence[float | Failure]:
        if name == "length":
            return [float(token_count(text)) for text in texts]
        if name == "steps":
            return [float(step_count(text)) for text in texts]
        if name == "sentiment":
            return self._sentiments(texts)
        first, _, second = name.partition("/")
        return between(texts, [first], [second], self.embedder)

    def _sentiments(self, texts: Sequence[str]) -> Sequence[float | Failure]:
        """From 0 (negative) to 1 (positive), by embeddings, likelihoods or a judge's replies."""
        if self.embedder is not None:
            places = between(texts, _POSITIVE.split("|"), _NEGATIVE.split("|"), self.embedder)
            return [(place + 1) / 2 for place in places]
        if self.labels is not None:
            rows = self.labels.probabilities([_SENTIMENT], texts)
            return [answer if isinstance(answer, Failure) else answer[0] for (answer,) in rows]
        asked = [
            f"{text}\n\nHow positive is the sentiment of this text, from 1 (negative) to 10 (positive)? "
            'Answer as JSON {"sentiment": ...}:'
            for text in texts
        ]
        replies = replies_by_schema(self.model, asked, _SENTIMENT_REPLY, temperature=0.0)
        return [
            reply if isinstance(reply, Failure) else (int(str(reply["sentiment"])) - 1) / 9
            for reply in replies
        ]


_AXES: Mapping[str, ContinuousAxis] = {
    "length": ContinuousAxis("length", 0.0, float(_MOST_TOKENS), "tokens"),
    "steps": ContinuousAxis("steps", 0.0, float(_MOST_STEPS)),
    "sentiment": ContinuousAxis("sentiment", 0.0, 1.0),
}


def between(
    texts: Sequence[str], first: Sequence[str], second: Sequence[str], embedder: Embedder | None
) -> list[float]:
    """Return where each text lies on the line from the mean of `second` (-1) to that of `first` (1).

    Texts beyond the two ends are put there. An axis between two poles in an embedding: An, Kwak & Ahn
    (2018), "SemAxis", arXiv 1806.05521.
    """
    assert embedder is not None
    vectors = _embed([*first, *second, *texts], embedder)
    one = vectors[: len(first)].mean(axis=0)
    other = vectors[len(first) : len(first) + len(second)].mean(axis=0)
    direction = one - other
    length = float(direction @ direction) or 1.0
    places = (vectors[len(first) + len(second) :] - (one + other) / 2) @ direction * (2 / length)
    return [round(float(place), 6) for place in np.clip(places, -1.0, 1.0)]


def _embed(texts: Sequence[str], embedder: Embedder) -> NDArray[np.float64]:
    vectors = np.asarray(embedder(list(texts)), dtype=np.float64)
    if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
        raise UserError("The embedding model must give one vector of finite numbers a text.")
    return vectors


def label_scorer(model: object) -> LabelScorer | None:
    """Return a scorer of labels if the model gives likelihoods."""
    return LabelScorer(model) if isinstance(model, ScoringModel) else None


def _point(row: Sequence[float | Failure]) -> tuple[float, ...] | Failure:
    for value in row:
        if isinstance(value, Failure):
            return value
    return tuple(value for value in row if not isinstance(value, Failure))
