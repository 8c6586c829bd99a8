"""A child counts only if it begins with the template, parses, resolves its names and is new."""

import ast

import pytest

from elm_mutation.program_checks import check_child, names_read_too_early, unbound_names
from elm_protocols import MutationRequest

PARENT = "import math\n\ndef f(n):\n    return math.pi * n\n"


@pytest.mark.parametrize(
    ("child", "status"),
    [
        ("import math\n\ndef f(n):\n    return math.e * n\n", None),
        ("import math\n\ndef f(n):\n    return math.pi * n  # the same program\n\n", "duplicate"),
        ("import math\n\ndef f(n):\n    return (\n", "syntax"),
        ("import math\n\ndef f(n):\n    return m\n", "name"),
        ("import math\n\ndef f(n):\n    return helper(n)\n", None),
        ("import math\n  \n", "empty"),
        ("def f(n):\n    return 1\n", "template"),
        ("import math\nx = '\0'\n", "syntax"),
        ("import math\nx = " + "(" * 300 + "1" + ")" * 300, "syntax"),
    ],
)
def test_what_is_wrong_with_a_child(child, status):
    request = MutationRequest(
        parents=(PARENT,), seed=0, template="import math\n", interface="def helper(n: int) -> int: ..."
    )
    problem = check_child(child, request)
    assert (problem.status if problem else None) == status
    assert problem is None or "\n" not in problem.feedback


@pytest.mark.parametrize(
    ("child", "status"), [("a new text", None), ("an  old text\n", "duplicate"), ("  ", "empty")]
)
def test_what_is_wrong_with_a_text(child, status):
    request = MutationRequest(parents=("an old text",), seed=0, language="text")
    problem = check_child(child, request)
    assert (problem.status if problem else None) == status


def test_names_that_a_parent_takes_from_elsewhere_are_allowed():
    request = MutationRequest(parents=("x = given(1)\n",), seed=0)
    assert check_child("x = given(2)\n", request) is None
    assert check_child("x = taken(2)\n", request).status == "name"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def f():\n    return g()\ndef g():\n    return 1\n", set()),
        ("def f():\n    global n\n    n = 1\nprint(n)\n", set()),
        ("xs = [i * k for i in range(3)]\n", {"k"}),
        ("class A:\n    def f(self):\n        return self.x + y\n", {"y"}),
        ("from math import *\nprint(sin(1))\n", set()),
        ("try:\n    pass\nexcept ValueError as e:\n    print(e)\n", set()),
        ("f = lambda a: a + b\n", {"b"}),
    ],
)
def test_names_that_nothing_binds(text, names):
    assert unbound_names(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def f():\n    print(a)\n    a = 1\n", {"a"}),
        ("def f(a):\n    print(a)\n    a = 1\n", set()),
        ("def f():\n    a = 1\n    print(a)\n    a = 2\n", set()),
        ("def f():\n    for i in range(3):\n        if i:\n            print(a)\n        a = 1\n", set()),
        ("def f():\n    g()\n    def g():\n        return b\n", {"g"}),
        ("def f():\n    def g():\n        return a\n    a = 1\n    return g()\n", set()),
        ("def f():\n    x = [a for a in range(3)]\n    a = 1\n    return x\n", set()),
        ("def f():\n    global a\n    print(a)\n    a = 1\na = 2\n", set()),
    ],
)
def test_names_that_are_read_before_they_are_bound(text, names):
    assert names_read_too_early(ast.parse(text)) == names
