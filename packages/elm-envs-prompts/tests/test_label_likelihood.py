"""Probabilities of labels from likelihoods."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_envs_prompts.label_likelihood import LabelQuestion, LabelScorer
from elm_envs_prompts.language_model import Failure

QUESTION = LabelQuestion("{text}\n\nIt is ", (("good", "great"), ("bad",)))


class Table:
    """A model with given log-likelihoods: for the text, and for no text."""

    def __init__(self, text, nothing):
        self.rows = {True: nothing, False: text}
        self.prompts = []

    def score(self, prompt, continuations):
        self.prompts.append(prompt)
        assert list(continuations) == [" good", " great", " bad"]
        return self.rows[prompt.startswith("N/A")]


likelihoods = st.lists(st.floats(-50, 0), min_size=3, max_size=3)


@given(likelihoods, likelihoods)
def test_the_probabilities_of_labels_sum_to_one(text, nothing):
    ((answer,),) = LabelScorer(Table(text, nothing)).probabilities([QUESTION], ["a poem"])
    assert len(answer) == 2
    assert sum(answer) == pytest.approx(1.0)
    assert all(0.0 <= share <= 1.0 for share in answer)


@given(likelihoods)
def test_what_any_text_would_get_counts_for_nothing(same):
    ((answer,),) = LabelScorer(Table(same, same)).probabilities([QUESTION], ["a poem"])
    assert answer == pytest.approx((0.5, 0.5))


def test_the_likeliest_word_of_a_label_counts():
    ((answer,),) = LabelScorer(Table([-9.0, -1.0, -2.0], [-3.0] * 3)).probabilities([QUESTION], ["x"])
    assert answer[0] == pytest.approx(1 / (1 + math.exp(-1)))


def test_no_text_is_asked_about_once_and_prompts_end_in_no_space():
    model = Table([-1.0] * 3, [-2.0] * 3)
    scorer = LabelScorer(model)
    scorer.probabilities([QUESTION], ["one", "two"])
    scorer.probabilities([QUESTION], ["three"])
    assert sum(prompt.startswith("N/A") for prompt in model.prompts) == 1
    assert len(model.prompts) == 4
    assert all(prompt.endswith("It is") for prompt in model.prompts)


def test_a_model_that_fails_is_a_failure_of_that_text():
    class Failing(Table):
        def score(self, prompt, continuations):
            if prompt.startswith("two"):
                raise RuntimeError("out of memory")
            return super().score(prompt, continuations)

    rows = LabelScorer(Failing([-1.0] * 3, [-2.0] * 3)).probabilities([QUESTION], ["one", "two"])
    assert rows[0] == [pytest.approx((0.5, 0.5))]
    assert isinstance(rows[1][0], Failure)
    assert rows[1][0].status == "model-error"
