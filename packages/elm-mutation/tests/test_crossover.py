"""Crossover with the real embedded model and over its chat route."""

import ast

import pytest

from elm_mutation.crossover import Crossover
from elm_mutation.models import chat
from elm_protocols import MutationRequest, UserError
from elm_protocols.testing import check_mutation_model

TEMPLATE = "from walker import walker_creator\n\ndef make_walker():\n"
FAMILY = tuple(
    TEMPLATE
    + "    wc = walker_creator()\n"
    + f"    a = wc.add_joint(0, {k})\n    b = wc.add_joint({k + 3}, 0)\n"
    + f"    wc.add_muscle(a, b, 0.{k}, 1.{k})\n    return wc.get_walker()\n"
    for k in range(2, 6)
)


def family_requests(n):
    return [MutationRequest(parents=FAMILY, seed=seed, template=TEMPLATE) for seed in range(n)]


def test_relatives_give_valid_children(embedded_model):
    operator = Crossover(embedded_model, max_tokens=160, draws=3)
    check_mutation_model(operator, family_requests(2))
    children = operator.generate(family_requests(4))
    valid = [child for child in children if child.ok]
    assert len(valid) >= 2
    for child in valid:
        ast.parse(child.text)
        assert child.text.count("def make_walker") == 1
        assert child.origin.operator == "crossover"


def test_texts_are_crossed_too(embedded_model):
    sentences = ("The red bird sings.", "The blue bird flies.", "The old bird sleeps.")
    requests = [MutationRequest(parents=sentences, seed=seed, language="text") for seed in range(3)]
    children = [
        child for child in Crossover(embedded_model, max_tokens=24, draws=3).generate(requests) if child.ok
    ]
    assert children
    assert all("Text" not in child.text for child in children)


def test_the_list_ends_inside_the_next_item_for_a_base_model_and_is_asked_of_a_chat_model(
    embedded_model, monkeypatch
):
    (request,) = family_requests(1)
    prompt = Crossover(embedded_model)._prompt(request, _rng(), None)
    assert prompt.endswith("# Program 5\nfrom walker import walker_creator\n\ndef make_walker():")
    assert all(parent.strip() in prompt for parent in FAMILY)
    alone = MutationRequest(parents=FAMILY[:1], seed=0, template=TEMPLATE)
    assert Crossover(embedded_model, copies=3)._prompt(alone, _rng(), None).count(FAMILY[0].strip()) == 3
    given = Crossover(embedded_model, shuffle=False)._prompt(request, _rng(), None)
    places = [given.index(parent.strip()) for parent in FAMILY]
    assert places == sorted(places)
    monkeypatch.setenv("OPENAI_API_KEY", "not-a-secret")
    turns = Crossover(chat(id="openai:x"))._prompt(request, _rng(), None)
    assert [turn.role for turn in turns] == ["system", "human"]


def _rng():
    import numpy as np

    return np.random.default_rng(0)


def test_options_out_of_range_are_refused(embedded_model):
    for options in (
        {"copies": 0},
        {"draws": 0},
        {"max_tokens": 0},
        {"concurrency": 0},
        {"temperature": -1.0},
    ):
        with pytest.raises(UserError, match=f"'{next(iter(options))}' must be"):
            Crossover(embedded_model, **options)
