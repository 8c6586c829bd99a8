"""Declared values pass, all others are named; what is no schema is the caller's mistake."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_protocols import Limits, Program, UserError
from elm_sandbox.schema import check_schema, mismatch

PIXELS = ["array", "uint8", [None, None, 3]]


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (None, "none"),
        (True, "bool"),
        (2**100, "int"),
        (1.5, "float"),
        (1, "number"),
        (1.5, "number"),
        (1j, "complex"),
        ("a", "str"),
        (b"a", "bytes"),
        ([], ["list", "int"]),
        ({1, 2}, ["set", "int"]),
        (frozenset("a"), ["set", "str"]),
        ((1, "a"), ["tuple", "int", "str"]),
        ((), ["tuple"]),
        ({"a": [1]}, ["dict", "str", ["list", "int"]]),
        (np.zeros((2, 5, 3), "uint8"), PIXELS),
        (None, ["one of", "none", PIXELS]),
        ([(1, 2.0)], ("list", ("tuple", "int", "number"))),
    ],
)
def test_what_was_declared_passes(value, schema):
    check_schema(schema)
    assert mismatch(value, schema) == ""
    assert mismatch(value, "any") == ""
    assert mismatch(value, ["one of", schema, "bytes"]) == ""


@pytest.mark.parametrize(
    ("value", "schema", "sentence"),
    [
        (True, "int", "its value is of type bool, not int"),
        (1, "float", "its value is of type int, not float"),
        ((1,), ["list", "int"], "its value is of type tuple, not list"),
        ([1, "a"], ["list", "int"], "an item of its value is of type str, not int"),
        ((1, 2), ["tuple", "int"], "its value has 2 items, not 1"),
        ((1, "a"), ["tuple", "int", "int"], "item 1 of its value is of type str, not int"),
        ({1: 2}, ["dict", "str", "int"], "an item of the keys of its value is of type int, not str"),
        ({"a": "b"}, ["dict", "str", "int"], "an item of its value is of type str, not int"),
        ([], PIXELS, "its value is of type list, not array"),
        (np.zeros((2, 2, 4), "uint8"), PIXELS, "not of uint8 (any, any, 3)"),
        (np.zeros((2, 3), "uint8"), PIXELS, "array of uint8 (2, 3)"),
        (np.zeros((2, 2, 3)), PIXELS, "array of float64"),
        (1, ["one of", "none", "str"], "none of what was declared"),
    ],
)
def test_all_else_is_named(value, schema, sentence):
    check_schema(schema)
    assert sentence in mismatch(value, schema)


@pytest.mark.parametrize(
    "schema",
    [None, 1, "integer", [], ["list"], ["list", "int", "int"], ["dict", "str"], ["array", "object", []],
     ["array", "uint8", [-1]], ["array", "uint8", [True]], ["array", "uint8", "12"], ["one of", "x"]],
)  # fmt: skip
def test_what_is_no_schema_is_refused(schema, jail):
    with pytest.raises(UserError, match="no schema"):
        check_schema(schema)
    with pytest.raises(UserError, match="no schema"):
        jail.run([Program(source="", schema=schema)], Limits())


def test_a_schema_deeper_than_any_value_is_refused():
    schema = "int"
    for _ in range(5000):
        schema = ["list", schema]
    with pytest.raises(UserError, match="deep"):
        check_schema(schema)


junk = st.recursive(
    st.sampled_from(["int", "list", "array", "tuple", "uint8", "one of"]) | st.none() | st.integers(-1, 3),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)


@given(junk, junk)
def test_whatever_passes_as_a_schema_can_be_checked_against(schema, value):
    try:
        check_schema(schema)
    except UserError:
        return
    assert isinstance(mismatch(value, schema), str)
