"""A grammar describes the same texts whether it is drawn from or written as GBNF."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from elm_mutation.grammar import Number, Text, chain, choice, draw, to_gbnf, to_regex

rules = st.recursive(
    st.builds(Text, st.text('ab("\\\n', min_size=1, max_size=4))
    | st.builds(Number, st.integers(1, 4), st.integers(0, 3), st.booleans()),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: chain(*parts))
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: choice([(1.0, p) for p in parts]))
    ),
    max_leaves=12,
)


@given(rules, st.integers(0, 2**32 - 1))
def test_every_text_drawn_is_of_the_rule(rule, seed):
    assert re.fullmatch(to_regex(rule), draw(rule, np.random.default_rng(seed)))


@given(rules)
def test_gbnf_defines_each_symbol_that_it_uses_once(rule):
    lines = to_gbnf(rule).splitlines()
    defined = [line.split(" ::= ")[0] for line in lines]
    literal = r'"(?:[^"\\]|\\.)*"'
    used = {
        name for line in lines for name in re.findall(r"\br\d+\b", re.sub(literal, "", line.split("::=")[1]))
    }
    assert defined[0] == "root"
    assert len(set(defined)) == len(defined)
    assert used == set(defined[1:])


def test_numbers_are_written_as_python_writes_them():
    rng = np.random.default_rng(0)
    drawn = [draw(Number(3, 2, negative=True), rng) for _ in range(500)]
    assert all(str(float(text)) != "nan" for text in drawn)
    assert any(text.startswith("-") for text in drawn)
    assert any("." in text for text in drawn)
    assert any(re.fullmatch(r"\d{3}.*", text) for text in drawn)
    assert not any(re.match(r"-?0\d", text) for text in drawn)


def test_the_weights_of_a_choice_decide_how_often_it_is_drawn():
    rng = np.random.default_rng(1)
    rule = choice([(9.0, "a"), (1.0, "b")])
    assert 40 < sum(draw(rule, rng) == "b" for _ in range(600)) < 85
