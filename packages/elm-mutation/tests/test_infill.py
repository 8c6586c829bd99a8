"""Infill with the real embedded model."""

import ast
import re
import threading

import pytest

from elm_mutation import Infill, embedded
from elm_mutation.infill import _by_parent, _Search
from elm_protocols import MutationRequest, UserError
from elm_protocols.testing import check_mutation_model


@pytest.fixture(scope="module")
def infill(embedded_model):
    return Infill(embedded_model)


def test_conformance_on_walkers(infill, requests):
    check_mutation_model(infill, requests(3))


def test_children_are_valid_cheap_and_different(infill, requests):
    asked = requests(6)
    completions = infill.generate(asked)
    children = [completion for completion in completions if completion.ok]
    assert len(children) >= 0.9 * len(asked)
    assert len({child.text for child in children}) >= 0.9 * len(children)
    for child in children:
        ast.parse(child.text)
        assert child.origin.operator == "infill"
        assert child.origin.model.startswith("SmolLM2-135M")
        assert len(child.origin.prompt_hash) == 64
        usage = child.origin.usage
        assert usage.requests == 1 + sum(child.origin.lost.values())
        assert 2 <= usage.completion_tokens / usage.requests <= 64
        assert usage.seconds > 0


def test_failed_draws_are_drawn_again_and_counted(embedded_model):
    parent = f"def f():\n    return [{', '.join(['1'] * 12)}]\n"  # a cold model writes 1 again
    asked = [MutationRequest(parents=(parent,), seed=seed) for seed in range(8)]
    completions = Infill(embedded_model, draws=3, temperature=0.01).generate(asked)
    lost = [completion for completion in completions if completion.status == "duplicate"]
    assert lost
    assert all(completion.text is None and completion.feedback for completion in lost)
    assert all(completion.origin.lost == {"duplicate": 2} for completion in lost)
    assert all(completion.origin.usage.requests == 3 for completion in lost)


def test_numbers_can_be_drawn_near_the_parents(embedded_model):
    parent = "def f():\n    return [70.5, 71.5, 72.5]\n"
    asked = [MutationRequest(parents=(parent,), seed=seed) for seed in range(8)]
    children = Infill(embedded_model, numbers="drawn").generate(asked)
    changed = {number for child in children if child.ok for number in re.findall(r"\d+\.\d+", child.text)}
    assert len(changed - {"70.5", "71.5", "72.5"}) >= 6
    assert all(0 < float(number) < 200 for number in changed)


def test_several_threads_may_ask_at_once(infill, requests):
    asked = requests(1)
    results = {}
    threads = [
        threading.Thread(target=lambda k=k: results.update({k: infill.generate(asked)})) for k in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(results[k]) for k in range(3)] == [len(asked)] * 3


def test_a_reproducible_model_gives_the_same_children_whatever_came_before(requests):
    infill = Infill(embedded(servers=2, slots=2, reproducible=True))
    first = infill.generate(requests(1))
    infill.generate(requests(2)[3:5])
    again = infill.generate(requests(1)[::-1])[::-1]
    assert [child.text for child in again] == [child.text for child in first]


def test_one_parents_children_stay_together_but_the_work_is_shared(requests):
    searches = [_Search(request, 1) for request in requests(4)]
    groups = _by_parent(searches, 2)
    assert sorted(map(len, groups)) == [4, 4, 4]
    assert all(len({search.request.parents[0] for search in group}) == 1 for group in groups)
    assert sorted(map(len, _by_parent(searches[:4], 2))) == [2, 2]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"draws": 0}, "'draws' must be at least 1"),
        ({"temperature": 0.0}, "'temperature' must be above 0"),
        ({"concurrency": -1}, "'concurrency' must be at least 0"),
        ({"numbers": "none"}, "'numbers' must be model or drawn"),
    ],
)
def test_options_out_of_range_are_refused(options, sentence, embedded_model):
    with pytest.raises(UserError, match=sentence):
        Infill(embedded_model, **options)
