"""Measures of a program's shape, read off its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from elm_envs_puzzles.source_parsing import nesting
from elm_protocols import ContinuousAxis

_BRANCHES = (
    ast.If,
    ast.IfExp,
    ast.For,
    ast.While,
    ast.comprehension,
    ast.BoolOp,
    ast.Try,
    ast.FunctionDef,
    ast.Lambda,
)


@dataclass(frozen=True, slots=True)
class ShapeMeasure:
    """A measure of a function: its axis, and how it is taken from the function's tree."""

    axis: ContinuousAxis
    measure: Callable[[ast.AST], float]


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that are a program's own, without docstrings and contexts of names."""
    for node in ast.walk(tree):
        bare_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not bare_text and not isinstance(node, ast.expr_context | ast.operator | ast.unaryop | ast.cmpop):
            yield node


def _characters(tree: ast.AST) -> float:
    return float(len(ast.unparse(tree)))


def _lines(tree: ast.AST) -> float:
    return float(sum(isinstance(node, ast.stmt) for node in _nodes(tree)))


def _node_count(tree: ast.AST) -> float:
    return float(sum(1 for _ in _nodes(tree)))


def _node_kinds(tree: ast.AST) -> float:
    return float(len({type(node) for node in _nodes(tree)}))


def _branches(tree: ast.AST) -> float:
    return float(sum(isinstance(node, _BRANCHES) for node in _nodes(tree)))


SHAPE_MEASURES: Mapping[str, ShapeMeasure] = {
    measure.axis.name: measure
    for measure in (
        ShapeMeasure(ContinuousAxis("length", 0.0, 600.0, "characters"), _characters),
        ShapeMeasure(ContinuousAxis("statements", 0.0, 20.0), _lines),
        ShapeMeasure(ContinuousAxis("ast_nodes", 0.0, 150.0), _node_count),
        ShapeMeasure(ContinuousAxis("ast_depth", 0.0, 16.0, "levels"), lambda tree: float(nesting(tree))),
        ShapeMeasure(ContinuousAxis("ast_kinds", 0.0, 25.0), _node_kinds),
        ShapeMeasure(ContinuousAxis("branches", 0.0, 10.0), _branches),
    )
}
"""By name: characters as `ast.unparse` writes them, statements, nodes, levels and different kinds of nodes of
the tree, and branches (conditions, loops, comprehensions, boolean operators, inner functions)."""
