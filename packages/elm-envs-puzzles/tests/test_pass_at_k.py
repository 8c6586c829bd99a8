import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_envs_puzzles import pass_at_k
from elm_protocols import UserError


@st.composite
def counts(draw):
    attempts = draw(st.integers(1, 9))
    return attempts, draw(st.integers(0, attempts)), draw(st.integers(1, attempts))


@given(counts())
def test_it_is_the_share_of_k_subsets_with_a_solution(numbers):
    attempts, solved, k = numbers
    outcomes = [True] * solved + [False] * (attempts - solved)
    subsets = list(itertools.combinations(outcomes, k))
    assert pass_at_k(attempts, solved, k) == pytest.approx(sum(map(any, subsets)) / len(subsets))


def test_large_numbers_stay_in_range():
    assert pass_at_k(10**6, 1, 10**5) == pytest.approx(0.1)
    assert pass_at_k(200, 0, 100) == 0.0
    assert pass_at_k(200, 101, 100) == 1.0


@pytest.mark.parametrize("numbers", [(5, 0, 6), (5, 0, 0), (5, 6, 1), (5, -1, 1), (0, 0, 1)])
def test_impossible_numbers_are_refused(numbers):
    with pytest.raises(UserError):
        pass_at_k(*numbers)
