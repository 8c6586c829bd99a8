"""How good a prompt is on examples: replies compared with what was expected, likelihoods, or a judge."""

from __future__ import annotations

import math
import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from elm_envs_prompts.language_model import (
    Failure,
    LanguageModel,
    ScoringModel,
    can_score,
    replies_by_schema,
    score_all,
    write,
)
from elm_envs_prompts.prompt_task import PromptTask
from elm_envs_prompts.task_data import Example
from elm_protocols import OVER_BUDGET, Json, UserError

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_ARTICLES = re.compile(r"^(?:a|an|the)\s+")
_RATING: dict[str, Json] = {
    "description": "How well a reply keeps to a rubric.",
    "type": "object",
    "properties": {"rating": {"type": "integer", "minimum": 1, "maximum": 10}},
    "required": ["rating"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Scored:
    """What a prompt came to on one example.

    Attributes:
        score: Higher is better: 0 or 1, a rating from 0 to 1, or a log-likelihood (nats, at most 0).
        reply: What the model wrote; empty where it only scored.
    """

    score: float
    reply: str = ""


@dataclass(frozen=True, slots=True)
class PromptScorer:
    """Scores prompts of a task with one model.

    Attributes:
        task: The task.
        model: The model that is prompted, and that judges where score is `judge`.
        score: One of `SCORES`.
        attempts: How often a judge is asked while its reply is unusable, at least 1.
        counts: Replies of the judge, usable and not, for the report.
    """

    task: PromptTask
    model: LanguageModel
    score: str
    attempts: int = 3
    counts: dict[str, int] = field(default_factory=lambda: {"asked": 0, "usable": 0})

    def __post_init__(self) -> None:
        if self.score == "likelihood" and not can_score(self.model):
            raise UserError(
                "score=likelihood needs a model that gives likelihoods (model=embedded, model=hf); "
                "choose env.score=match or another."
            )

    def scores(self, pairs: Sequence[tuple[Mapping[str, str], Example]], seed: int) -> list[Scored | Failure]:
        """Return the score of each prompt on its example, in order, as one batch.

        Args:
            pairs: The texts of the fields, and the example.
            seed: Seed of the model's replies, where it takes one.
        """
        if self.score == "likelihood":
            return self._likelihoods(pairs)
        prompts = [self.task.prompt(*pair) for pair in pairs]
        replies = write(
            self.model,
            prompts,
            stop=self.task.stop,
            max_tokens=self.task.max_tokens,
            temperature=0.0,
            seed=seed,
        )
        if self.score == "judge":
            return self._rated(pairs, replies)
        agree = _COMPARISONS[self.score]
        return [
            reply
            if isinstance(reply, Failure)
            else Scored(float(any(agree(reply, right) for right in example.expected)), reply.strip())
            for reply, (_, example) in zip(replies, pairs, strict=True)
        ]

    def _likelihoods(self, pairs: Sequence[tuple[Mapping[str, str], Example]]) -> list[Scored | Failure]:
        model = self.model
        assert isinstance(model, ScoringModel)
        asked = [
            (self.task.prompt(fields, example), [f" {example.expected[0]}"]) for fields, example in pairs
        ]
        found = score_all(model, asked)
        return [value if isinstance(value, Failure) else Scored(value[0]) for value in found]

    def _rated(
        self, pairs: Sequence[tuple[Mapping[str, str], Example]], replies: Sequence[str | Failure]
    ) -> list[Scored | Failure]:
        found: list[Scored | Failure] = [
            reply if isinstance(reply, Failure) else Failure("unusable-reply", "") for reply in replies
        ]
        open_places = [place for place, reply in enumerate(replies) if isinstance(reply, str)]
        for attempt in range(self.attempts):
            questions = [self._question(pairs[place][1], str(replies[place])) for place in open_places]
            ratings = replies_by_schema(self.model, questions, _RATING, seed=attempt, temperature=0.3)
            for place, rating in zip(open_places, ratings, strict=True):
                usable = not isinstance(rating, Failure)
                found[place] = (
                    rating
                    if isinstance(rating, Failure)
                    else Scored((int(str(rating["rating"])) - 1) / 9, str(replies[place]).strip())
                )
                refused = isinstance(rating, Failure) and rating.status == OVER_BUDGET
                self.counts["asked"] += not refused
                self.counts["usable"] += usable
            open_places = [place for place in open_places if isinstance(found[place], Failure)]
            if not open_places:
                break
        return found

    def _question(self, example: Example, reply: str) -> str:
        given = "\n".join(f"{name}: {value}" for name, value in example.inputs.items())
        return (
            f"Input:\n{given}\n\nExpected output: {example.expected[0]}\n\nReply:\n{reply.strip()}\n\n"
            f"Rubric: {self.task.rubric}\n"
            'Rate the reply by the rubric from 1 to 10, as JSON {"rating": ...}:'
        )


def normalised(text: str) -> str:
    """Return the first line of a text in lower case, without punctuation and article."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    plain = line.translate(str.maketrans("", "", string.punctuation)).casefold().strip()
    return " ".join(_ARTICLES.sub("", plain).split())


def last_number(text: str) -> float | None:
    """Return the last number in a text, thousands separators allowed; None if there is none."""
    numbers = _NUMBER.findall(text)
    return float(numbers[-1].replace(",", "")) if numbers else None


def _same_number(reply: str, expected: str) -> bool:
    found, right = last_number(reply), last_number(expected)
    return found is not None and right is not None and math.isclose(found, right)


_COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "exact": lambda reply, expected: reply.strip() == expected,
    "match": lambda reply, expected: normalised(reply) == normalised(expected),
    "number": _same_number,
}
