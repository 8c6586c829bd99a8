import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_protocols import (
    BehaviorSpace,
    CategoricalAxis,
    ContinuousAxis,
    MissingExtraError,
    Statistics,
    Usage,
    UserError,
    canonical_json,
    content_hash,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_canonical_json_round_trips(value):
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(st.text(), st.integers()))
def test_the_hash_ignores_the_order_of_keys(value):
    assert content_hash(value) == content_hash(dict(reversed(value.items())))


@given(json_values)
def test_the_hash_is_64_hexadecimal_digits_for_any_text(value):
    assert len(content_hash(value)) == 64
    assert int(content_hash(value), 16) >= 0


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1), (math.nan, 1), (0, math.inf)])
def test_bounds_that_make_no_axis_are_refused(low, high):
    with pytest.raises(UserError, match="low < high"):
        ContinuousAxis("x", low, high)


def test_edges_must_increase_inside_the_bounds():
    assert ContinuousAxis("x", 0, 1, edges=(0.2, 0.7)).edges == (0.2, 0.7)
    for edges in [(0.7, 0.2), (0.0,), (1.0,), (0.5, 0.5)]:
        with pytest.raises(UserError, match="increasing"):
            ContinuousAxis("x", 0, 1, edges=edges)


def test_a_categorical_axis_centres_its_categories():
    axis = CategoricalAxis("genre", ("haiku", "sonnet"))
    assert (axis.low, axis.high) == (-0.5, 1.5)
    with pytest.raises(UserError, match="twice"):
        CategoricalAxis("genre", ("haiku", "haiku"))


def test_a_space_needs_different_names():
    with pytest.raises(UserError, match="different names"):
        BehaviorSpace((ContinuousAxis("x", 0, 1), CategoricalAxis("x", ("a",))))
    with pytest.raises(UserError, match="at least one axis"):
        BehaviorSpace(())


def test_usage_adds_up():
    assert Usage(1, 2, 3, 0.5) + Usage(1, 1, 1, 1.5) == Usage(2, 3, 4, 2.0)
    assert Usage(1, 2, 3).tokens == 5


def test_shares_of_nothing_are_zero():
    nan = math.nan
    empty = Statistics(
        individuals=0, valid=0, niches=0, filled=0, qd_score=0.0, best=nan, mean=nan, lowest=nan
    )
    assert empty.coverage == 0.0
    assert empty.valid_share == 0.0


def test_a_missing_extra_says_what_to_type():
    assert "pip install 'elm-qd[plot]'" in str(MissingExtraError("elm-qd", "plot", "draw an archive"))
