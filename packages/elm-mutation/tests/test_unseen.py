"""What was evaluated is not evaluated again."""

import pytest

from elm_mutation import RandomInfill, UnseenChildren
from elm_protocols import (
    Addition,
    AddStatus,
    Evaluation,
    MutationRequest,
    Offspring,
    Statistics,
    Step,
    UserError,
)
from elm_protocols.testing import check_mutation_model

NONE = Statistics(individuals=0, valid=0, niches=1, filled=0, qd_score=0, best=0, mean=0, lowest=0)
PARENT = "def f():\n    return 3\n"  # ten children at most


def requests(n):
    return [MutationRequest(parents=(PARENT,), seed=seed) for seed in range(n)]


def told(*texts):
    offspring = tuple(Offspring(genotype=text) for text in texts)
    evaluations = tuple(Evaluation() for _ in texts)
    additions = tuple(Addition(index, AddStatus.INVALID) for index in range(len(texts)))
    return Step(0, offspring, evaluations, additions, NONE)


def test_conformance(stub, programs):
    asked = [MutationRequest(parents=(text,), seed=1, interface=stub) for text in programs.values()]
    check_mutation_model(UnseenChildren(RandomInfill()), asked)


def test_no_child_is_given_twice():
    unseen = UnseenChildren(RandomInfill(), draws=20)
    first = unseen.generate(requests(8))
    texts = [child.text for child in first]
    assert len(set(texts)) == 8
    assert any("seen" in child.origin.lost for child in first)
    unseen.on_step(told(*(f"{text}\n# the same program\n" for text in texts)))
    later = unseen.generate(requests(3))
    assert not {child.text for child in later if child.ok} & set(texts)
    assert any("seen" in child.origin.lost for child in later)


def test_a_child_that_cannot_be_new_says_so():
    unseen = UnseenChildren(RandomInfill(), draws=3)
    unseen.on_step(told(*(PARENT.replace("3", str(digit)) for digit in range(10))))
    (child,) = unseen.generate(requests(1))
    assert child.status == "seen"
    assert child.text is None
    assert child.origin.lost["seen"] == 2


def test_the_same_seeds_give_the_same_children():
    def run():
        return [child.text for child in UnseenChildren(RandomInfill()).generate(requests(8))]

    assert run() == run()


def test_options_out_of_range_are_refused():
    with pytest.raises(UserError, match="'draws'"):
        UnseenChildren(RandomInfill(), draws=0)
