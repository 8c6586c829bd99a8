"""The places of a program where a fragment can be exchanged or put in, found by its syntax tree."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, partial

from elm_mutation.fragments import Fragments
from elm_mutation.grammar import Rule
from elm_mutation.interface import Interface
from elm_mutation.kinds import NUMBERS, Kinds
from elm_mutation.scopes import ScopedNode, infer_kinds, scoped_nodes
from elm_mutation.source_text import SourceText

_MOST_STRINGS = 8
_NUMBER_TYPES = (int, float)  # not bool, which is an int


class PlaceKind(StrEnum):
    """What stands at a place."""

    NUMBER = "number"
    """A literal number."""
    ARGUMENT = "argument"
    """One argument of a call whose parameters are known."""
    CALL = "call"
    """All arguments of such a call."""
    VALUE = "value"
    """The right-hand side of an assignment."""
    BOUND = "bound"
    """An argument of `range`."""
    STATEMENT = "statement"
    """A call that is a statement of its own."""
    INSERTION = "insertion"
    """The gap before a statement: nothing goes, a line comes."""


@dataclass(frozen=True)
class Place:
    """A place and what may be written there.

    Attributes:
        kind: What stands there now.
        start: Offset of its first character in the program.
        end: Offset after its last character; equal to `start` at an insertion.
        write_rule: Writes the grammar of the fragments that fit; a program has many places and needs one.
    """

    kind: PlaceKind
    start: int
    end: int
    write_rule: Callable[[], Rule | None]

    @cached_property
    def rule(self) -> Rule | None:
        """Grammar of the fragments that fit; None where nothing does."""
        return self.write_rule()


def find_places(source: str, interface: Interface, first: int = 0) -> list[Place]:
    """Return the places of a program in the order of the text; at some of them nothing may fit.

    Args:
        source: A program that parses.
        interface: What it may use.
        first: Places begin at this offset or later.
    """
    tree = ast.parse(source)
    kinds = infer_kinds(tree, interface)
    finder = _Finder(SourceText(source), kinds, *_number_format(tree), _strings(tree))
    found = [place for scoped in scoped_nodes(tree, kinds) for place in finder.places(scoped)]
    return sorted((place for place in found if place.start >= first), key=lambda place: place.start)


def _number_format(tree: ast.Module) -> tuple[int, int]:
    """Most digits before and after the point among a program's numbers, within bounds."""
    texts = [
        repr(node.value).split("e")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and type(node.value) in _NUMBER_TYPES
    ]
    digits = max((len(text.split(".")[0]) for text in texts), default=1)
    fraction = max((len(text.partition(".")[2]) for text in texts), default=1)
    return min(digits, 4), min(max(fraction, 1), 3)


def _strings(tree: ast.Module) -> tuple[str, ...]:
    texts = {
        node.value: None
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"\S{1,20}", node.value)
    }
    return tuple(texts)[:_MOST_STRINGS]


@dataclass(frozen=True, slots=True)
class _Finder:
    text: SourceText
    kinds: Kinds
    digits: int
    fraction: int
    strings: tuple[str, ...]

    def places(self, scoped: ScopedNode) -> Iterator[Place]:
        fragments = Fragments(
            self.kinds, scoped.names, self.digits, self.fraction, self.strings, scoped.scope
        )
        match scoped.node:
            case ast.stmt() as statement:
                yield from self._of_statement(statement, scoped, fragments)
            case ast.Constant(value=value) as constant if type(value) in _NUMBER_TYPES:
                kind = type(value).__name__
                yield self._place(PlaceKind.NUMBER, constant, partial(fragments.number, kind))
            case ast.Call() as call:
                yield from self._of_call(call, scoped, fragments)

    def _of_statement(self, statement: ast.stmt, scoped: ScopedNode, fragments: Fragments) -> Iterator[Place]:
        if scoped.function and not _is_docstring(statement):
            yield from self._insertion(statement, fragments)
        match statement:
            case ast.Expr(value=ast.Call()) if scoped.function:
                yield self._place(PlaceKind.STATEMENT, statement, fragments.statement)
            case ast.Assign(value=value):
                kind = self.kinds.of(value, scoped.names)
                if kind in NUMBERS:
                    yield self._place(PlaceKind.VALUE, value, partial(fragments.expression, kind))

    def _insertion(self, statement: ast.stmt, fragments: Fragments) -> Iterator[Place]:
        start, _ = self.text.span(statement)
        if not self.text.line_prefix(start).strip():
            yield Place(PlaceKind.INSERTION, start, start, fragments.statement)

    def _of_call(self, call: ast.Call, scoped: ScopedNode, fragments: Fragments) -> Iterator[Place]:
        if isinstance(call.func, ast.Name) and call.func.id == "range" and "range" not in scoped.names:
            for argument in call.args:
                yield self._place(PlaceKind.BOUND, argument, partial(fragments.expression, "int"))
            return
        function = self.kinds.called(call, scoped.names)
        plain = not call.keywords and not any(isinstance(a, ast.Starred) for a in call.args)
        if function is None or not plain or not call.args or len(call.args) > len(function.parameters):
            return
        for argument, parameter in zip(call.args, function.parameters, strict=False):
            kind = parameter.kind or self.kinds.of(argument, scoped.names)
            if kind:
                yield self._place(PlaceKind.ARGUMENT, argument, partial(fragments.expression, kind))
        if len(call.args) > 1:
            start, end = self.text.span(call.args[0])[0], self.text.span(call.args[-1])[1]
            (_, opening), (_, closing) = self.text.span(call.func), self.text.span(call)
            around = self.text.text[opening:start] + self.text.text[end:closing]
            if re.fullmatch(r"\s*\(\s*,?\s*\)", around):  # not where an argument has brackets of its own
                yield Place(PlaceKind.CALL, start, end, partial(fragments.arguments, function.parameters))

    def _place(
        self, kind: PlaceKind, node: ast.expr | ast.stmt, write_rule: Callable[[], Rule | None]
    ) -> Place:
        start, end = self.text.span(node)
        return Place(kind, start, end, write_rule)


def _is_docstring(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
