"""Random edits of the syntax tree: the genetic-programming baseline, without any language model.

Lehman et al. (2022), "Evolution through Large Models", section 4, compare their diff model with mutations
of this sort. Edits are made in the text, at the tree's positions, so that comments and layout stay.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from numpy.random import Generator

from elm_mutation.drawing import check_draws, check_parent, first_valid_draw
from elm_mutation.interface import Interface
from elm_mutation.kinds import Kinds
from elm_mutation.number_draws import nearby_number
from elm_mutation.program_checks import Problem, parse
from elm_mutation.scopes import scoped_nodes
from elm_mutation.source_text import SourceText
from elm_protocols import Completion, MutationRequest, UserError


class TreeEdits:
    """Edit the parent at random: change numbers; duplicate, delete or swap statements. No language model.

    With several parents, statements of the others may also be copied into the first.

    Args:
        edits: Most edits that one child differs by, at least 1; how many is drawn for each child.
        draws: Most tries at one child before it is given up, at least 1.
    """

    def __init__(self, *, edits: int = 2, draws: int = 8) -> None:
        check_draws(draws)
        if edits < 1:
            raise UserError(f"Option 'edits' must be at least 1, not {edits}.")
        self._edits = edits
        self._draws = draws

    def generate(self, requests: Sequence[MutationRequest]) -> list[Completion]:
        """Return one completion a request, in order, decided by its seed."""
        return [self._complete(request) for request in requests]

    def _complete(self, request: MutationRequest) -> Completion:
        problem = check_parent("ast", request)

        def draw(rng: Generator) -> str | Problem:
            return problem or _edited(request, int(rng.integers(1, self._edits + 1)), rng)

        return first_valid_draw("ast", request, draw, self._draws)


@dataclass(frozen=True, slots=True)
class _Lines:
    """A statement that has its lines to itself.

    Attributes:
        start: Offset of the first line.
        end: Offset after the last line.
        indent: White space before the statement.
        block: Number of the block that it is in.
        alone: Whether it is the only statement of its block.
    """

    start: int
    end: int
    indent: str
    block: int
    alone: bool


def _edited(request: MutationRequest, edits: int, rng: Generator) -> str | Problem:
    text = request.parents[0]
    for _ in range(edits):
        tree = parse(text)
        if isinstance(tree, Problem):
            return tree
        kinds = _EDITS if len(request.parents) == 1 else (*_EDITS, _graft)
        edit = kinds[int(rng.integers(len(kinds)))]
        changed = edit(text, tree, request, rng)
        if changed is None:
            return Problem("no-place", "The parent has nothing that could be edited so.")
        text = changed
    return text


def _change_number(text: str, tree: ast.Module, request: MutationRequest, rng: Generator) -> str | None:
    source = SourceText(text)
    numbers = [
        source.span(scoped.node)
        for scoped in scoped_nodes(tree, Kinds(Interface()))
        if isinstance(scoped.node, ast.Constant) and type(scoped.node.value) in (int, float)
    ]
    numbers = [span for span in numbers if span[0] >= len(request.template)]
    if not numbers:
        return None
    start, end = numbers[int(rng.integers(len(numbers)))]
    return text[:start] + nearby_number(ast.literal_eval(text[start:end]), rng) + text[end:]


def _duplicate(text: str, tree: ast.Module, request: MutationRequest, rng: Generator) -> str | None:
    line = _any(_statements(text, tree, request), rng)
    return text[: line.end] + text[line.start : line.end] + text[line.end :] if line else None


def _delete(text: str, tree: ast.Module, request: MutationRequest, rng: Generator) -> str | None:
    line = _any([line for line in _statements(text, tree, request) if not line.alone], rng)
    return text[: line.start] + text[line.end :] if line else None


def _swap(text: str, tree: ast.Module, request: MutationRequest, rng: Generator) -> str | None:
    lines = _statements(text, tree, request)
    first = _any([line for line in lines if not line.alone], rng)
    if first is None:
        return None
    second = _any([other for other in lines if other.block == first.block and other != first], rng)
    if second is None:
        return None
    first, second = sorted((first, second), key=lambda line: line.start)
    between = text[first.end : second.start]
    return (
        text[: first.start]
        + text[second.start : second.end]
        + between
        + text[first.start : first.end]
        + text[second.end :]
    )


def _graft(text: str, tree: ast.Module, request: MutationRequest, rng: Generator) -> str | None:
    other = request.parents[rng.integers(1, len(request.parents))]
    other_tree = parse(other)
    if isinstance(other_tree, Problem):
        return None
    scion = _any(_statements(other, other_tree, request), rng)
    stock = _any(_statements(text, tree, request), rng)
    if not scion or not stock:
        return None
    lines = other[scion.start : scion.end].splitlines(keepends=True)
    moved = "".join(stock.indent + line.removeprefix(scion.indent) for line in lines)
    return text[: stock.start] + moved + text[stock.start :]


_Edit = Callable[[str, ast.Module, MutationRequest, Generator], str | None]
_EDITS: tuple[_Edit, ...] = (_change_number, _change_number, _change_number, _duplicate, _delete, _swap)


def _any(lines: Sequence[_Lines], rng: Generator) -> _Lines | None:
    return lines[int(rng.integers(len(lines)))] if lines else None


def _statements(text: str, tree: ast.Module, request: MutationRequest) -> list[_Lines]:
    """Return the statements of all functions that have their lines to themselves and follow the template.

    Not those that say or end something: docstrings, `return`, `pass`.
    """
    source = SourceText(text)
    found = []
    for number, block in enumerate(_blocks(tree)):
        for index, statement in enumerate(block):
            start, end = _whole_lines(source, statement)
            before = _end_line(block[index - 1]) if index else 0
            after = block[index + 1].lineno if index + 1 < len(block) else math.inf
            indent = source.line_prefix(source.span(statement)[0])
            if (
                not _is_fixed(statement)
                and indent.isspace()
                and text[end - 1 : end] == "\n"
                and before < statement.lineno
                and _end_line(statement) < after
                and start >= len(request.template)
            ):
                found.append(_Lines(start, end, indent, number, len(block) == 1))
    return found


def _is_fixed(statement: ast.stmt) -> bool:
    literal = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return literal or isinstance(statement, ast.Return | ast.Pass)


def _blocks(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                for name in ("body", "orelse", "finalbody"):
                    block = getattr(node, name, None)
                    if isinstance(block, list) and block:
                        yield block


def _whole_lines(source: SourceText, statement: ast.stmt) -> tuple[int, int]:
    return source.offset(statement.lineno, 0), source.offset(_end_line(statement) + 1, 0)


def _end_line(statement: ast.stmt) -> int:
    if statement.end_lineno is None:
        raise ValueError("The statement does not come from parsed text.")
    return statement.end_lineno
