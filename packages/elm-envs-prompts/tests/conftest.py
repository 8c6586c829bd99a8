"""Scripted models that stand in for a language model, and the real embedded one."""

import re
from collections.abc import Sequence

import pytest

from elm_protocols import Completion, MutationRequest, Origin


class Writer:
    """A mutation model that follows the template with a text that the seed decides."""

    def __init__(self) -> None:
        self.requests: list[MutationRequest] = []

    def generate(self, requests: Sequence[MutationRequest]) -> list[Completion]:
        self.requests += requests
        return [
            Completion(
                text=f"{request.template} Version {request.seed} of it.".lstrip(),
                origin=Origin(operator="writer"),
            )
            for request in requests
        ]


class Continuer:
    """A model with likelihoods: a continuation is the likelier the more of its letters the prompt has."""

    def __init__(self) -> None:
        self.scored: list[str] = []

    def batch(self, inputs, config=None, *, return_exceptions=False, **settings):
        return [f" {len(prompt)}" for prompt in inputs]

    def score(self, prompt, continuations):
        self.scored.append(prompt)
        letters = set(prompt.lower())
        return [-float(len(set(word.strip().lower()) - letters)) - 0.1 * len(word) for word in continuations]


class Chat:
    """A chat model without likelihoods: its replies come from a function of the prompt and the attempt."""

    def __init__(self, reply) -> None:
        self.reply = reply
        self.asked: list[str] = []

    def batch(self, inputs, config=None, *, return_exceptions=False, **settings):
        replies = []
        for prompt in inputs:
            self.asked.append(prompt)
            answer = self.reply(prompt, self.asked.count(prompt))
            replies.append(answer)
        return replies


@pytest.fixture
def writer():
    return Writer()


@pytest.fixture
def continuer():
    return Continuer()


@pytest.fixture
def chat():
    """Return a maker of chat models."""
    return Chat


@pytest.fixture
def poems_by_word():
    """A chat model that reads quality and labels off words in the poem."""

    def reply(prompt, attempt):
        text = re.search(r"The poem:\n\n(.*?)\n\nJudge it", prompt, re.S).group(1)
        tone = "dark" if "cold" in text or "death" in text else "happy"
        genre = "haiku" if len(text.splitlines()) == 3 else "ballad"
        return f'{{"quality": {min(10, len(text) // 30 + 1)}, "genre": "{genre}", "tone": "{tone}"}}'

    return Chat(reply)


@pytest.fixture(scope="session")
def embedded_model():
    from elm_mutation import embedded

    return embedded()
