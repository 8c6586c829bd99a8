"""How likely a model holds each label of a text to be.

A small model cannot say "9 of 10", but the likelihoods that it gives to words tell texts apart. What a label
would get after any text at all is taken off first: contextual calibration, Zhao et al. (2021), "Calibrate
Before Use", arXiv 2102.09690, section 4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from elm_envs_prompts.language_model import MODEL_ERROR, Failure, ScoringModel, score_all

_NO_TEXT = "N/A"


@dataclass(frozen=True, slots=True)
class LabelQuestion:
    """A sentence about a text that a label completes.

    Attributes:
        sentence: Ends where the label follows; `{text}` stands for the text.
        labels: For each label the words that mean it; the likeliest counts.
    """

    sentence: str
    labels: tuple[tuple[str, ...], ...]

    def prompt(self, text: str) -> str:
        """Return the prompt for a text; it ends in no white space."""
        return self.sentence.replace("{text}", text.strip()).rstrip()

    @property
    def continuations(self) -> tuple[str, ...]:
        """The words of all labels, each with the space before it."""
        return tuple(f" {word}" for words in self.labels for word in words)


class LabelScorer:
    """Asks one model about labels; what it says of no text at all is asked once a question and kept.

    Args:
        model: A model that gives likelihoods.
    """

    def __init__(self, model: ScoringModel) -> None:
        self._model = model
        self._priors: dict[LabelQuestion, tuple[float, ...]] = {}

    def probabilities(
        self, questions: Sequence[LabelQuestion], texts: Sequence[str]
    ) -> list[list[tuple[float, ...] | Failure]]:
        """Return the probabilities of the labels of each question, for each text.

        The probabilities of a question's labels sum to 1: the labels are the only answers considered.

        Returns:
            One list a text, with one entry a question.
        """
        unknown = [question for question in dict.fromkeys(questions) if question not in self._priors]
        asked = [(question, _NO_TEXT) for question in unknown]
        asked += [(question, text) for text in texts for question in questions]
        scores = score_all(
            self._model, [(question.prompt(text), question.continuations) for question, text in asked]
        )
        for question, prior in zip(unknown, scores, strict=False):
            if not isinstance(prior, Failure):
                self._priors[question] = prior
        answers = iter(scores[len(unknown) :])
        return [
            [_calibrated(question, next(answers), self._priors.get(question)) for question in questions]
            for _ in texts
        ]


def _calibrated(
    question: LabelQuestion, scores: tuple[float, ...] | Failure, prior: tuple[float, ...] | None
) -> tuple[float, ...] | Failure:
    if isinstance(scores, Failure):
        return scores
    if prior is None:
        return Failure(MODEL_ERROR, "The model did not answer the question without a text.")
    differences = iter([score - before for score, before in zip(scores, prior, strict=True)])
    best = [max(next(differences) for _ in words) for words in question.labels]
    weights = [math.exp(value - max(best)) for value in best]
    return tuple(weight / sum(weights) for weight in weights)
