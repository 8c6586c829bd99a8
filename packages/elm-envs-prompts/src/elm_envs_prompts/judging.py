"""A model judges texts: how good they are, and which labels they have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from elm_envs_prompts.label_likelihood import LabelScorer
from elm_envs_prompts.language_model import (
    UNUSABLE_REPLY,
    Failure,
    LanguageModel,
    ScoringModel,
    replies_by_schema,
)
from elm_envs_prompts.text_domain import LabelAxis, TextDomain
from elm_protocols import OVER_BUDGET, Json, UserError

_TEMPERATURE = 0.3


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a judge says of a text.

    Attributes:
        quality: From 1 to 10.
        probabilities: For each axis the probability of each label; of a judge that replies, 1 for the label
            that it names.
    """

    quality: float
    probabilities: Mapping[str, tuple[float, ...]]

    def label(self, axis: LabelAxis) -> str:
        """Return the likeliest label of an axis."""
        found = self.probabilities[axis.name]
        return axis.names[found.index(max(found))]

    def measure(self, axis: LabelAxis) -> float:
        """Return the measure: the probability of the first label, or the number of the likeliest."""
        found = self.probabilities[axis.name]
        return found[0] if axis.probability else float(found.index(max(found)))


@dataclass
class ReplyCount:
    """How many replies a judge gave, and how many of them could be used."""

    asked: int = 0
    usable: int = 0


class Judge(Protocol):
    """Judges texts."""

    @property
    def replies(self) -> ReplyCount:
        """What became of the judge's replies so far."""
        ...

    def judge(self, texts: Sequence[str], draw: int) -> list[Judgement | Failure]:
        """Return judgement number `draw` of each text; another number may give another judgement."""
        ...


class LikelihoodJudge:
    """Judges by the probabilities that a model gives to the labels, as QDAIF's continuous measures do.

    Further judgements of a text ask in the other wordings of the domain.

    Args:
        domain: The domain.
        model: A model that gives likelihoods.
    """

    def __init__(self, domain: TextDomain, model: ScoringModel) -> None:
        self._domain = domain
        self._scorer = LabelScorer(model)
        self.replies = ReplyCount()

    def judge(self, texts: Sequence[str], draw: int) -> list[Judgement | Failure]:
        """Return judgement number `draw` of each text."""
        questions = [axis.wording(draw) for axis in (self._domain.quality, *self._domain.axes)]
        return [self._judgement(row) for row in self._scorer.probabilities(questions, texts)]

    def _judgement(self, row: Sequence[tuple[float, ...] | Failure]) -> Judgement | Failure:
        self.replies.asked += len(row)
        found: list[tuple[float, ...]] = []
        for answer in row:
            if isinstance(answer, Failure):
                return answer
            found.append(answer)
        self.replies.usable += len(row)
        names = [axis.name for axis in self._domain.axes]
        return Judgement(1.0 + 9.0 * found[0][0], dict(zip(names, found[1:], strict=True)))


@dataclass(frozen=True)
class ReplyJudge:
    """Judges by replies that are held to a JSON schema.

    Attributes:
        domain: The domain.
        model: The judge.
        attempts: How often it is asked while its reply is unusable.
        replies: What became of its replies.
    """

    domain: TextDomain
    model: LanguageModel
    attempts: int = 3
    replies: ReplyCount = field(default_factory=ReplyCount)

    def judge(self, texts: Sequence[str], draw: int) -> list[Judgement | Failure]:
        """Return judgement number `draw` of each text."""
        schema = reply_schema(self.domain)
        found: list[Judgement | Failure] = [Failure(UNUSABLE_REPLY, "") for _ in texts]
        places = list(range(len(texts)))
        for attempt in range(self.attempts):
            questions = [self._question(texts[place]) for place in places]
            seed = draw * self.attempts + attempt
            replies = replies_by_schema(self.model, questions, schema, seed=seed, temperature=_TEMPERATURE)
            for place, reply in zip(places, replies, strict=True):
                found[place] = reply if isinstance(reply, Failure) else self._judgement(reply)
            failures = {place: one for place in places if isinstance(one := found[place], Failure)}
            refused = [place for place, failure in failures.items() if failure.status == OVER_BUDGET]
            self.replies.asked += len(places) - len(refused)
            self.replies.usable += len(places) - len(failures)
            places = [place for place in failures if place not in refused]
            if not places:
                break
        return found

    def _question(self, text: str) -> str:
        asked = [f"- quality: {self.domain.quality.question}"]
        for axis in self.domain.axes:
            if axis.probability:
                scale = f"from 0 (surely {' or '.join(axis.names[1:])}) to 10 (surely {axis.names[0]})"
                asked.append(f"- {axis.name}: {axis.question} Give a number {scale}.")
            else:
                asked.append(f"- {axis.name}: {axis.question} {', '.join(axis.names)}")
        listed = "\n".join(asked)
        return f"The {self.domain.kind}:\n\n{text.strip()}\n\nJudge it, as a JSON object:\n{listed}\n\nJSON:"

    def _judgement(self, reply: Mapping[str, Json]) -> Judgement:
        probabilities: dict[str, tuple[float, ...]] = {}
        for axis in self.domain.axes:
            if axis.probability:
                share = int(str(reply[axis.name])) / 10
                others = (1.0 - share) / (len(axis.names) - 1)
                probabilities[axis.name] = (share, *[others] * (len(axis.names) - 1))
            else:
                probabilities[axis.name] = tuple(float(name == reply[axis.name]) for name in axis.names)
        return Judgement(float(str(reply["quality"])), probabilities)


def reply_schema(domain: TextDomain) -> dict[str, Json]:
    """Return the JSON schema of a judge's reply."""
    properties: dict[str, Json] = {"quality": {"type": "integer", "minimum": 1, "maximum": 10}}
    for axis in domain.axes:
        properties[axis.name] = (
            {"type": "integer", "minimum": 0, "maximum": 10}
            if axis.probability
            else {"type": "string", "enum": list(axis.names)}
        )
    return {
        "description": f"The judgement of one {domain.kind}.",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def judge_named(name: str, domain: TextDomain, model: LanguageModel, attempts: int) -> Judge:
    """Return the judge: `likelihood`, `reply`, or `auto`: by likelihoods where the model gives them.

    Raises:
        UserError: There is no such judge, or the model gives no likelihoods.
    """
    if name not in ("auto", "likelihood", "reply"):
        raise UserError(f"Option 'judge' is auto, likelihood or reply, not '{name}'.")
    if isinstance(model, ScoringModel) and name != "reply":
        return LikelihoodJudge(domain, model)
    if name == "likelihood":
        raise UserError("judge=likelihood needs a model that gives likelihoods; choose env.judge=reply.")
    return ReplyJudge(domain, model, attempts)
