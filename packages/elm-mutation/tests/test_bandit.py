"""The bandit gives more children to the operator that earns more, and says what it knows."""

import pytest

from elm_mutation import RandomInfill, TreeEdits
from elm_mutation.bandit import OperatorBandit
from elm_protocols import (
    Addition,
    AddStatus,
    Completion,
    Evaluation,
    MutationModel,
    MutationRequest,
    Offspring,
    Origin,
    Statistics,
    Step,
    Usage,
    UserError,
)
from elm_protocols.testing import check_mutation_model

NONE = Statistics(individuals=0, valid=0, niches=1, filled=0, qd_score=0, best=0, mean=0, lowest=0)


class Named:
    """A scripted operator: here only the sharing is tested."""

    def __init__(self, name, tokens=0):
        self.name, self.tokens = name, tokens

    def generate(self, requests):
        usage = Usage(1, 0, self.tokens, 0.1)
        return [Completion(text=f"x = {r.seed}", origin=Origin(self.name, usage=usage)) for r in requests]


def step_of(completions, gain_of):
    offspring = tuple(Offspring(genotype=c.text, parents=(0,), origin=c.origin) for c in completions)
    additions = tuple(
        Addition(i, AddStatus.IMPROVED if gain_of(c) else AddStatus.REJECTED, gain_of(c))
        for i, c in enumerate(completions)
    )
    return Step(0, offspring, tuple(Evaluation() for _ in offspring), additions, NONE)


def run(bandit, gain_of, steps=40):
    counts = []
    for index in range(steps):
        requests = [MutationRequest(parents=("y = 1\n",), seed=8 * index + k) for k in range(8)]
        completions = bandit.generate(requests)
        counts += [completion.origin.operator for completion in completions]
        bandit.on_step(step_of(completions, gain_of))
    return counts


def test_it_is_a_mutation_model_over_real_operators(requests):
    bandit = OperatorBandit({"edits": TreeEdits(), "fragments": RandomInfill()})
    assert isinstance(bandit, MutationModel)
    check_mutation_model(bandit, requests(6))
    names = [completion.origin.operator for completion in bandit.generate(requests(6))]
    assert set(names) == {"edits", "fragments"}
    assert [c.origin.operator for c in bandit.generate(requests(6))] == names


def test_what_earns_more_gets_more():
    bandit = OperatorBandit({"good": Named("a", 10), "bad": Named("b", 10)})
    counts = run(bandit, lambda c: 2.0 if c.origin.operator == "good" else 0.2)
    assert counts[-160:].count("good") > 120
    assert counts[-160:].count("bad") >= 1  # it is not forgotten


def test_what_costs_more_must_earn_more():
    def gain(completion):
        return 2.0 if completion.origin.operator == "dear" else 1.0

    by_tokens = OperatorBandit({"dear": Named("a", 100), "cheap": Named("b", 10)})
    assert run(by_tokens, gain)[-160:].count("cheap") > 120
    by_children = OperatorBandit({"dear": Named("a", 100), "cheap": Named("b", 10)}, cost="children")
    assert run(by_children, gain)[-160:].count("dear") > 120


def test_without_adapting_the_weights_decide():
    bandit = OperatorBandit(
        {"a": Named("a"), "b": Named("b"), "c": Named("c")}, weights={"a": 3, "b": 1}, adaptive=False
    )
    counts = run(bandit, lambda c: 1.0)
    assert 200 < counts.count("a") < 280
    assert counts.count("c") == 0


def test_the_table_has_gain_cost_and_interval():
    bandit = OperatorBandit({"a": Named("a", 10), "b": Named("b", 10)})
    assert bandit.table().count("(unknown)") == 2
    run(bandit, lambda c: float(c.origin.operator == "a"), steps=5)
    header, _, first, second = bandit.table().splitlines()
    assert "95 % interval" in header
    assert first.startswith("| a  ")
    assert "0.1 (0.1 to 0.1)" in first
    assert second.startswith("| b  ")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"cost": "miles"}, "'cost' must be"),
        ({"floor": 2.0}, "'floor' must be"),
        ({"weights": {"x": 1.0}}, "none of the operators"),
        ({"weights": {"a": 0.0}}, "name one of them"),
    ],
)
def test_options_out_of_range_are_refused(options, sentence):
    with pytest.raises(UserError, match=sentence):
        OperatorBandit({"a": Named("a")}, **options)
    with pytest.raises(UserError, match="at least one operator"):
        OperatorBandit({})
