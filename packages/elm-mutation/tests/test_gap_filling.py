"""Infill with models that take no grammar: a real server's text and chat routes, and a table of answers."""

import ast

import numpy as np
import pytest
from langchain_core.language_models import FakeListChatModel
from langchain_openai import OpenAI

from elm_mutation import Infill, chat
from elm_mutation.gap_filling import _answered, filling_by
from elm_mutation.grammar import Number
from elm_mutation.model_calls import Reply
from elm_mutation.place_choice import Cut, open_somewhere
from elm_protocols import MutationRequest, Usage, UserError

CUT = Cut(
    before="def f(a):\n    x = g(a,",
    lead=" ",
    rule=Number(1, 0, negative=False),
    close=")",
    after=")\n    return x\n",
)


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "not-a-secret")


def check(children, at_least):
    made = [child for child in children if child.ok]
    assert len(made) >= at_least
    for child in made:
        ast.parse(child.text)
        assert 0 < child.origin.usage.completion_tokens / child.origin.usage.requests <= 256
    assert all(sum(child.origin.lost.values()) + 1 == child.origin.usage.requests for child in made)
    return {cause for child in children for cause in child.origin.lost}


def test_a_text_model_of_a_real_server_is_cut_where_it_leaves_the_grammar(embedded_model, requests):
    model = OpenAI(base_url=embedded_model.base_urls[0], model="smollm2", max_tokens=32)
    children = Infill(model, concurrency=2, draws=2).generate(requests(3))
    assert "no-fragment" in check(children, at_least=1)


def test_a_chat_model_of_a_real_server_is_asked_for_the_gap(embedded_model, requests):
    model = chat(id="openai:smollm2", base_url=embedded_model.base_urls[0])
    check(Infill(model, concurrency=2, draws=2).generate(requests(2)), at_least=1)


@pytest.mark.parametrize(
    "answer",
    [
        "3 + a",
        " `3 + a` ",
        "```python\n3 + a\n```",
        "Sure! Here it is:\n```\n3 + a\n```\nIt is better.",
        "x = g(a, 3 + a)",
        "```python\n    x = g(a, 3 + a)\n```",
    ],
)
def test_answers_and_what_must_come_out(answer):
    """Scripted: what large chat models answer."""
    reply = Reply(answer, finished=True, usage=Usage(), model="m")
    assert _answered(CUT, reply) == "def f(a):\n    x = g(a, 3 + a)\n    return x\n"


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        ("\n", "empty"),
        ("I cannot say.", "no-fragment"),
        ("The answer is 7, I think.", "def f(a):\n    x = g(a, 7)\n    return x\n"),
    ],
)
def test_answers_of_small_models(answer, read):
    found = _answered(CUT, Reply(answer, finished=True, usage=Usage(), model="m"))
    assert getattr(found, "status", found) == read


def test_a_chat_model_sees_the_gap_the_interface_and_what_would_fit(requests):
    request = MutationRequest(
        parents=("def f(a):\n    return a + 2\n",),
        seed=1,
        interface="def g(a: float) -> float: ...",
        instruction="Make it larger.",
    )
    rng = np.random.default_rng(1)
    cut = open_somewhere(request, rng)
    filling = filling_by(FakeListChatModel(responses=[""]))
    shown = filling.prompt(request, cut, rng)[1].text
    for part in ("Make it larger.", "def g(a: float)", cut.child_of_fragment("<GAP>"), "These would fit: `"):
        assert part in shown


def test_drawn_numbers_need_a_grammar():
    with pytest.raises(UserError, match="numbers=drawn needs a model that takes a grammar"):
        Infill(FakeListChatModel(responses=[""]), numbers="drawn")
