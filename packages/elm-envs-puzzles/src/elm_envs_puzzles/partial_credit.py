"""Graded credit for an answer that does not solve a puzzle: how near it comes.

The puzzle is rewritten so that it tells of each of its conditions (the parts of `and` in what it asserts and
returns) how nearly it holds: 1 where it does, for `all(...)` the share of items, for a comparison of numbers
1 / (1 + log(1 + distance)), for equality of sequences the share of equal positions. The credit is the mean.
The distances are those of search-based testing (branch distance: McMinn 2004, "Search-based software test
data generation: a survey", section 3.2); the mean over conditions is this project's own choice.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from elm_envs_puzzles.source_parsing import Refusal, parse_source
from elm_protocols import Limits, Program, Sandbox

_MODULE = "elm_partial_credit"

_MOST = 0.99
"""Credit of an unsolved puzzle stays below 1, which says solved."""

CREDIT_SOURCE = '''
import math

_values = {}
_planned = [0, 0]


def plan(assertions, returned):
    """Note how many assertions there are, and the most conditions that one return has."""
    _planned[:] = assertions, returned
    _values.clear()


def check(index, conditions):
    """Note an assertion; whether it holds."""
    _values[index] = _mean(conditions)
    return _values[index] == 1.0


def total(conditions=()):
    """The mean over all assertions and what is returned; what was not reached counts as 0."""
    assertions, returned = _planned
    noted = sum(_values.values()) + (returned * _mean(conditions) if conditions else 0.0)
    return float(noted / (assertions + returned)) if assertions + returned else 0.0


def share(items):
    held = [bool(item) for item in items]
    return sum(held) / len(held) if held else 1.0


def near(holds, left, right):
    if holds(left, right):
        return 1.0
    numbers = (int, float)
    if type(left) in numbers and type(right) in numbers:
        distance = abs(left - right)
        return min(0.99, 1.0 / (1.0 + math.log(1 + distance))) if distance < math.inf else 0.0
    if type(left) is type(right) and type(left) in (str, list, tuple):
        longest = max(len(left), len(right))
        return 0.99 * sum(a == b for a, b in zip(left, right)) / longest if longest else 0.0
    return 0.0


def _mean(conditions):
    values = [_nearness(condition) for condition in conditions]
    return sum(values) / len(values)


def _nearness(condition):
    try:
        value = condition()
    except Exception:
        return 0.0
    return value if type(value) is float else float(bool(value))
'''
"""What runs beside the rewritten puzzle in the sandbox."""


def partial_credit(questions: Sequence[tuple[str, Any]], sandbox: Sandbox, limits: Limits) -> list[float]:
    """Return the credit of each answer, 0 to 0.99; 0 where none can be had.

    Args:
        questions: Puzzle (source that defines `sat`) and answer, which is known not to solve it.
        sandbox: Runs the rewritten puzzles.
        limits: Of each run.
    """
    programs = [
        Program(
            source=telling_puzzle(statement),
            entry="sat",
            args=(answer,),
            modules={_MODULE: CREDIT_SOURCE},
        )
        for statement, answer in questions
    ]
    return [
        min(outcome.value, _MOST)
        if outcome.ok and type(outcome.value) is float and 0 <= outcome.value <= 1
        else 0.0
        for outcome in sandbox.run(programs, limits)
    ]


def telling_puzzle(statement: str) -> str:
    """Return the puzzle rewritten so that `sat` returns the credit of its answer; unchanged if unreadable."""
    tree = parse_source(statement)
    if isinstance(tree, Refusal):
        return statement
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "sat":
            _Rewriter().rewrite(node)
    return f"import {_MODULE}\n{ast.unparse(ast.fix_missing_locations(tree))}\n"


class _Rewriter(ast.NodeTransformer):
    """Rewrites assertions and returns of one function, not of functions inside it."""

    def __init__(self) -> None:
        self._assertions = 0
        self._returned = 0

    def rewrite(self, function: ast.FunctionDef) -> None:
        body = [self.visit(statement) for statement in function.body]
        function.body = [_statement(f"{_MODULE}.plan({self._assertions}, {self._returned})"), *body]
        function.body.append(_statement(f"return {_MODULE}.total()"))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        index, self._assertions = self._assertions, self._assertions + 1
        held = f"{_MODULE}.check({index}, [{_conditions(node.test)}])"
        return _statement(f"if not {held}:\n    return {_MODULE}.total()")

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        if node.value is None:
            return _statement(f"return {_MODULE}.total()")
        self._returned = max(self._returned, len(_parts(node.value)))
        return _statement(f"return {_MODULE}.total([{_conditions(node.value)}])")


def _statement(source: str) -> ast.stmt:
    return ast.parse(source).body[0]


def _conditions(test: ast.expr) -> str:
    """Return the source of a list of functions, one a condition, each giving its nearness or truth."""
    return ", ".join(f"lambda: {_telling(condition)}" for condition in _parts(test))


def _parts(test: ast.expr) -> list[ast.expr]:
    """Split `a and b` and `a < b < c` into conditions that must all hold."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return [part for value in test.values for part in _parts(value)]
    if isinstance(test, ast.Compare):
        lefts = [test.left, *test.comparators]
        pairs = zip(lefts, test.ops, test.comparators, strict=False)
        return [ast.Compare(left, [op], [right]) for left, op, right in pairs]
    return [test]


def _telling(condition: ast.expr) -> str:
    if isinstance(condition, ast.Compare):
        left, right = ast.unparse(condition.left), ast.unparse(condition.comparators[0])
        compared = ast.unparse(ast.Compare(ast.Name("l"), condition.ops, [ast.Name("r")]))
        return f"{_MODULE}.near(lambda l, r: {compared}, {left}, {right})"
    if (
        isinstance(condition, ast.Call)
        and isinstance(condition.func, ast.Name)
        and condition.func.id == "all"
        and len(condition.args) == 1
    ):
        return f"{_MODULE}.share({ast.unparse(condition.args[0])})"
    return f"bool({ast.unparse(condition)})"
