"""The operators without a language model: every child parses, and the seed alone decides it."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elm_mutation import RandomInfill, TreeEdits
from elm_protocols import MutationRequest, UserError
from elm_protocols.testing import check_mutation_model

OPERATORS = [RandomInfill(), TreeEdits()]


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: type(operator).__name__)
def test_conformance_on_walkers(operator, requests):
    check_mutation_model(operator, requests(5))
    completions = operator.generate(requests(5))
    assert all(completion.ok for completion in completions)
    assert operator.generate(requests(5)) == completions
    assert len({completion.text for completion in completions}) >= 10


names = st.sampled_from("abcn")


def _formatted(expression):
    return expression if {"'", '"'} & set(expression) else f'f"{{{expression}}} 5"'


def _grown(inner):
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "*", "<"]), inner).map(lambda t: f"({' '.join(t)})"),
        inner.map(lambda e: f"-{e}"),
        st.tuples(names, inner).map(lambda t: f"{t[0]}({t[1]}, 7)"),
        inner.map(lambda e: f"[{e} for a in range(3)]"),
        inner.map(_formatted),
    )


numbers_and_names = st.one_of(st.integers(0, 99).map(str), names, st.sampled_from(["0.5", "'t'"]))
expressions = st.recursive(numbers_and_names, _grown, max_leaves=5)


def _indented(lines):
    return [f"    {line}" for line in lines]


simple = st.one_of(
    st.tuples(names, expressions).map(lambda t: [f"{t[0]} = {t[1]}"]),
    expressions.map(lambda e: [e]),
    expressions.map(lambda e: [f"return {e}"]),
    st.just(["x = 1; y = 2"]),
    st.just(['"""A text', 'over two lines 5."""']),
    st.just(["if n: pass"]),
    st.just(["# a remark, é 5"]).map(lambda lines: [*lines, "pass"]),
)
blocks = st.recursive(
    st.lists(simple, min_size=1, max_size=3).map(lambda parts: [line for part in parts for line in part]),
    lambda inner: st.one_of(
        inner.map(lambda body: ["for a in range(4):", *_indented(body)]),
        st.tuples(inner, inner).map(lambda t: ["if b < 5:", *_indented(t[0]), "else:", *_indented(t[1])]),
        st.tuples(inner, inner).map(lambda t: [*t[0], *t[1]]),
        inner.map(lambda body: ["def c(n, b=5):", *_indented(body)]),
    ),
    max_leaves=4,
)
programs_of_any_shape = blocks.map(
    lambda body: "\n".join(["n = b = c = 1", "def a(n=5):", *_indented(body), ""])
)


@settings(max_examples=150, deadline=None)
@given(program=programs_of_any_shape, other=programs_of_any_shape, seed=st.integers(0, 2**32 - 1))
def test_every_child_of_any_program_parses(program, other, seed):
    ast.parse(program)
    for operator in OPERATORS:
        for parents in ((program,), (program, other)):
            (child,) = operator.generate([MutationRequest(parents=parents, seed=seed)])
            if child.ok:
                ast.parse(child.text)
                assert ast.dump(ast.parse(child.text)) != ast.dump(ast.parse(program))
            assert "syntax" not in child.origin.lost
            assert child.status != "syntax"


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: type(operator).__name__)
@pytest.mark.parametrize(
    ("parent", "template", "status"),
    [("def f(:", "", "syntax"), ("x = y\n", "", "no-place"), ("n = 1\n", "import math\n", "no-place")],
)
def test_a_parent_that_cannot_be_edited_is_a_status(operator, parent, template, status):
    (completion,) = operator.generate([MutationRequest(parents=(parent,), seed=0, template=template)])
    assert completion.status == status
    assert completion.text is None
    assert completion.feedback


def test_a_text_is_the_users_mistake():
    with pytest.raises(UserError, match="operator=crossover"):
        TreeEdits().generate([MutationRequest(parents=("a poem",), seed=0, language="text")])


def test_several_parents_are_mixed():
    parents = (
        "def f(n):\n    a = n\n    return a\n",
        "def g(n):\n    if n:\n        print(n)\n    return 2\n",
    )
    children = TreeEdits(edits=1).generate(
        [MutationRequest(parents=parents, seed=seed) for seed in range(40)]
    )
    assert any("def f" in child.text and "    if n:\n        print(n)\n" in child.text for child in children)


def test_lost_draws_are_counted_by_cause():
    parent = "def f():\n    return 3\n"  # a number of one digit: many draws repeat it
    completions = RandomInfill(draws=1).generate(
        [MutationRequest(parents=(parent,), seed=seed) for seed in range(60)]
    )
    assert {completion.status for completion in completions} == {"ok", "duplicate"}
    again = RandomInfill(draws=20).generate(
        [MutationRequest(parents=(parent,), seed=seed) for seed in range(60)]
    )
    assert all(completion.ok for completion in again)
    assert {cause for completion in again for cause in completion.origin.lost} == {"duplicate"}


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: TreeEdits(edits=0), "'edits' must be at least 1"),
        (lambda: TreeEdits(draws=0), "'draws' must be at least 1"),
        (lambda: RandomInfill(draws=0), "'draws' must be at least 1"),
    ],
)
def test_options_out_of_range_are_refused(make, sentence):
    with pytest.raises(UserError, match=sentence):
        make()
