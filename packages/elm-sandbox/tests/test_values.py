"""Values cross as they are, and hostile bytes are refused in bounded time."""

import contextlib
import json
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from elm_sandbox.inside.values import ARRAY_TYPES, MAX_DEPTH, NotDataError, dump, load

hashable = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=4),
    max_leaves=6,
)
values = st.recursive(
    hashable | st.complex_numbers(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner)
        | st.dictionaries(hashable, inner, max_size=4)
        | st.dictionaries(st.text(), inner, max_size=4)
        | st.sets(hashable, max_size=4)
    ),
    max_leaves=12,
)


def same(one, other):
    """Equal in value, type and (for floats) sign of zero, all the way down."""
    return type(one) is type(other) and repr_of(one) == repr_of(other)


def repr_of(value):
    if isinstance(value, set | frozenset):
        return (type(value), sorted(map(repr, map(repr_of, value))))
    if isinstance(value, dict):
        return [(repr_of(key), repr_of(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return (type(value), [repr_of(item) for item in value])
    return repr(value)


@given(values)
def test_values_come_back_as_they_were(value):
    assert same(load(dump(value)), value)


@pytest.mark.parametrize("value", [math.inf, -math.inf, -0.0, 2**63, -(2**64), 10**5000 % 2**9999, True, ""])
def test_special_values_come_back(value):
    assert same(load(dump(value)), value)
    assert math.isnan(load(dump(math.nan)))


@given(
    st.sampled_from(sorted(ARRAY_TYPES)).flatmap(lambda name: hnp.arrays(name, hnp.array_shapes(min_side=0)))
)
def test_arrays_come_back(array):
    back = load(dump(array))
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()
    assert back.flags.writeable


def test_odd_arrays_come_back():
    for array in (np.arange(6.0)[::2], np.asfortranarray(np.eye(3)), np.arange(3, dtype=">i4"), np.array(7)):
        assert np.array_equal(load(dump(array)), array)


def test_numpy_scalars_and_subclasses_become_plain():
    class Name(str):
        __slots__ = ()

    assert type(load(dump(np.float32(0.5)))) is float
    assert type(load(dump(np.int8(3)))) is int
    assert type(load(dump(Name("x")))) is str
    assert load(dump(np.True_)) is True


@pytest.mark.parametrize(
    "value", [object(), print, np.array([object()]), np.array(["text"]), [{1: {object()}}]]
)
def test_what_is_no_data_is_refused(value):
    with pytest.raises(NotDataError, match="not data"):
        dump(value)


def test_depth_is_bounded_both_ways():
    nest = []
    for _ in range(MAX_DEPTH + 1):
        nest = [nest]
    with pytest.raises(NotDataError, match="deeper"):
        dump(nest)
    with pytest.raises(NotDataError):
        load(b"[" * 100_000 + b"]" * 100_000)


@settings(max_examples=300)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_value_or_refused(content):
    with contextlib.suppress(NotDataError):
        load(content)


json_trees = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*"tszodifcba", "x"]), inner, max_size=2)
    ),
    max_leaves=10,
)


@settings(max_examples=300)
@given(json_trees)
def test_any_tagged_tree_is_a_value_or_refused(tree):
    with contextlib.suppress(NotDataError):
        load(json.dumps(tree).encode())


@pytest.mark.parametrize(
    "content",
    [
        b'{"a":["float64",[4611686018427387904,0,4],""]}',
        b'{"a":["float64",[-1],""]}',
        b'{"a":["float64",[2],"AAAAAAAAAAA="]}',
        b'{"a":["object",[1],"AAAAAAAAAAA="]}',
        b'{"a":["float64",[true],"AAAAAAAAAAA="]}',
        b'{"s":[[1]]}',
        b'{"s":[1,1]}',
        b'{"d":[[1,2],[1,3]]}',
        b'{"d":[[1]]}',
        b'{"f":"1.5"}',
        b'{"i":5}',
        b'{"t":[],"s":[]}',
        b"NaN",
        b"1" * 10_000,
        "\u00e9".encode(),
    ],
)
def test_forged_values_are_refused(content):
    with pytest.raises(NotDataError):
        load(content)


def test_keys_made_to_collide_cost_nothing():
    prime = 2**61 - 1
    pairs = [[{"i": format(index * prime, "x")}, 0] for index in range(1, 30_000)]
    started = time.monotonic()
    with pytest.raises(NotDataError, match="collide"):
        load(json.dumps({"d": pairs}).encode())
    assert time.monotonic() - started < 5  # building that dict takes minutes


def sets_of_sets(width, level, mark=0):
    """Sets of equal hash that differ in the last place that a comparison looks at."""
    prime = 2**61 - 1
    if level == 0:
        return {"i": format((mark + 1) * prime, "x")}
    last = list(frozenset((i + 1) * prime for i in range(width)))[-1] // prime - 1
    items = [sets_of_sets(width, level - 1, i + 10) for i in range(width)]
    items[last] = sets_of_sets(width, level - 1, 1000 + mark)
    return {"z": items}


@pytest.mark.parametrize(("width", "level"), [(33, 3), (2, 12), (4, 6)])
def test_sets_made_long_to_compare_cost_nothing(width, level):
    content = json.dumps(sets_of_sets(width, level)).encode()
    started = time.process_time()
    with pytest.raises(NotDataError, match=r"collide|deep"):
        load(content)
    assert time.process_time() - started < 1  # comparing those of width 33 took more than 2 s


def test_a_long_shape_is_refused_before_it_is_multiplied():
    started = time.process_time()
    with pytest.raises(NotDataError, match="axes"):
        load(b'{"a":["float64",[' + b"9223372036854775807," * 50_000 + b'0],""]}')
    assert time.process_time() - started < 1  # the product took 5 s


def test_honest_sets_of_sets_that_happen_to_collide_come_through():
    """-1 and -2 have the same hash, and so have sets and tuples of them."""
    edges = {frozenset({(-1, -1), (0, x)}) for x in (-1, -2)} | {frozenset({-1}), frozenset({-2})}
    corners = {(a, b, c, d) for a in (-1, -2) for b in (-1, -2) for c in (-1, -2) for d in (-1, -2)}
    assert load(dump(edges)) == edges
    assert load(dump(corners)) == corners


def test_the_number_of_parts_is_bounded_and_text_does_not_count():
    with pytest.raises(NotDataError, match="parts"):
        load(b"[" + b"0," * 2_000_001 + b"0]")
    text = ",[{" * 1_000_000 + '\\"'
    assert load(dump(text)) == text
