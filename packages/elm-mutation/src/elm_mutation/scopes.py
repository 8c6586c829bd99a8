"""A walk over a program that knows, at each node, which names are certainly bound and what they hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from elm_mutation.interface import (
    UNKNOWN,
    Function,
    Interface,
    Parameter,
    kind_of_annotation,
    union_of_kinds,
)
from elm_mutation.kinds import Kinds, Names

_ROUNDS = 3  # a kind travels from a call to a parameter, from there to a return, from there to a list


@dataclass(frozen=True, slots=True)
class Scope:
    """A function, or the module.

    Attributes:
        function: The function's name; empty for the module.
        inherited: Names that were bound outside of it; assigning to one would hide it.
        recursive: Functions that may call this one: itself and those after it; a call of one may never end.
    """

    function: str = ""
    inherited: frozenset[str] = frozenset()
    recursive: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ScopedNode:
    """A statement or expression, the names bound before it, and the scope that it is in."""

    node: ast.stmt | ast.expr
    names: Names
    scope: Scope

    @property
    def function(self) -> str:
        """Name of the function that it is in; empty for the module."""
        return self.scope.function


def infer_kinds(tree: ast.Module, interface: Interface) -> Kinds:
    """Return what is known of a program: kinds of parameters, returns and lists' elements.

    A parameter's kind is its annotation's, its default's, or that of the arguments it is called with.
    """
    kinds = Kinds(interface)
    for _ in range(_ROUNDS):
        kinds = _look_again(tree, kinds)
    return kinds


def _look_again(tree: ast.Module, kinds: Kinds) -> Kinds:
    arguments: dict[tuple[str, int], list[str]] = {}
    returns: dict[str, list[str]] = {}
    elements: dict[tuple[str, str], list[str]] = {}
    handles: dict[tuple[str, int], str] = {}
    for scoped in scoped_nodes(tree, kinds):
        match scoped.node:
            case ast.Call(func=ast.Attribute(attr=name), args=args) if kinds.called(
                scoped.node, scoped.names
            ):
                for index, argument in enumerate(args):
                    kind = kinds.of(argument, scoped.names)
                    if kind.startswith("int of "):
                        handles[(name, index)] = kind
            case ast.Call(func=ast.Name(id=name), args=args):
                for index, argument in enumerate(args):
                    kind = kinds.of(argument, scoped.names)
                    arguments.setdefault((name, index), []).append(kind)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[argument]):
                kind = kinds.of(argument, scoped.names)
                elements.setdefault((scoped.function, name), []).append(kind)
            case ast.Return(value=ast.expr() as value):
                returns.setdefault(scoped.function, []).append(kinds.of(value, scoped.names))
    functions = {
        node.name: Function(
            node.name,
            tuple(_parameters(node, arguments, kinds)),
            kind_of_annotation(node.returns) or union_of_kinds(returns.get(node.name, ["None"])),
        )
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }
    listed = {key: union_of_kinds(found) for key, found in elements.items()}
    return Kinds(kinds.interface, functions, listed, handles)


def _parameters(
    node: ast.FunctionDef, arguments: dict[tuple[str, int], list[str]], kinds: Kinds
) -> Iterator[Parameter]:
    positional = [*node.args.posonlyargs, *node.args.args]
    optional_from = len(positional) - len(node.args.defaults)
    for index, argument in enumerate(positional):
        kind = kind_of_annotation(argument.annotation)
        found = list(arguments.get((node.name, index), []))
        if index >= optional_from:
            found.append(kinds.of(node.args.defaults[index - optional_from], {}))
        yield Parameter(argument.arg, kind or union_of_kinds(found), index >= optional_from)


def scoped_nodes(tree: ast.Module, kinds: Kinds) -> Iterator[ScopedNode]:
    """Yield every statement and expression in the order of the text, with the names bound before it.

    Only names that are bound on every way to a node count: not those of an earlier branch or loop.
    Annotations, f-strings and patterns are left out.
    """
    yield from _Walk(kinds, _module_functions(tree)).block(tree.body, {}, Scope())


def _module_functions(tree: ast.Module) -> Names:
    return {node.name: f"def {node.name}" for node in tree.body if isinstance(node, ast.FunctionDef)}


@dataclass(frozen=True, slots=True)
class _Walk:
    kinds: Kinds
    functions: Names  # a function of the module is bound by the time another one's body runs

    def block(self, statements: list[ast.stmt], names: Names, scope: Scope) -> Iterator[ScopedNode]:
        for statement in statements:
            yield ScopedNode(statement, names, scope)
            yield from self._inside(statement, names, scope)
            names = {**names, **self.kinds.bound_by(statement, names, scope.function)}

    def _inside(  # noqa: PLR0912 (one branch a kind of statement)
        self, statement: ast.stmt, names: Names, scope: Scope
    ) -> Iterator[ScopedNode]:
        match statement:
            case ast.FunctionDef():
                yield from self._defaults(statement, names, scope)
                recursive = frozenset(self.functions) - set(names) | {statement.name}
                names = {**names, **self.functions}
                parameters = {
                    node.arg: UNKNOWN for node in ast.walk(statement.args) if isinstance(node, ast.arg)
                }
                known = self.kinds.functions.get(statement.name)
                for parameter in known.parameters if known else ():
                    parameters[parameter.name] = parameter.kind
                own = Scope(statement.name, frozenset(names) - set(parameters), recursive)
                yield from self.block(statement.body, {**names, **parameters}, own)
            case ast.For(target=target, iter=iterable):
                yield from self.expression(iterable, names, scope)
                bound = self.kinds.bound_by_loop(target, iterable, names)
                yield from self.block(statement.body, {**names, **bound}, scope)
                yield from self.block(statement.orelse, names, scope)
            case ast.While(test=test) | ast.If(test=test):
                yield from self.expression(test, names, scope)
                yield from self.block(statement.body, names, scope)
                yield from self.block(statement.orelse, names, scope)
            case ast.With(items=items):
                for item in items:
                    yield from self.expression(item.context_expr, names, scope)
                inner = {**names, **self.kinds.bound_by(statement, names, scope.function)}
                yield from self.block(statement.body, inner, scope)
            case ast.Try():
                for block in (statement.body, *(handler.body for handler in statement.handlers)):
                    yield from self.block(block, names, scope)
                for block in (statement.orelse, statement.finalbody):
                    yield from self.block(block, names, scope)
            case ast.ClassDef():
                yield from self.block(statement.body, names, scope)
            case ast.AnnAssign(value=value):
                if value is not None:
                    yield from self.expression(value, names, scope)
            case ast.Assign() | ast.AugAssign() | ast.Return() | ast.Expr() | ast.Assert() | ast.Delete():
                for child in ast.iter_child_nodes(statement):
                    if isinstance(child, ast.expr):
                        yield from self.expression(child, names, scope)

    def _defaults(self, node: ast.FunctionDef, names: Names, scope: Scope) -> Iterator[ScopedNode]:
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                yield from self.expression(default, names, scope)

    def expression(self, node: ast.expr, names: Names, scope: Scope) -> Iterator[ScopedNode]:
        yield ScopedNode(node, names, scope)
        match node:
            case ast.JoinedStr():
                return  # its parts have no positions of their own before Python 3.12
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                yield from self._comprehension(node, names, scope)
            case ast.Lambda(args=arguments, body=body):
                inner = {argument.arg: UNKNOWN for argument in arguments.args}
                yield from self.expression(body, {**names, **inner}, scope)
            case _:
                for child in ast.iter_child_nodes(node):
                    part = child.value if isinstance(child, ast.keyword) else child
                    if isinstance(part, ast.expr):
                        yield from self.expression(part, names, scope)

    def _comprehension(
        self,
        node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
        names: Names,
        scope: Scope,
    ) -> Iterator[ScopedNode]:
        inner = dict(names)
        for generator in node.generators:
            yield from self.expression(generator.iter, dict(inner), scope)
            inner.update(self.kinds.bound_by_loop(generator.target, generator.iter, inner))
            for condition in generator.ifs:
                yield from self.expression(condition, dict(inner), scope)
        results = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        for result in results:
            yield from self.expression(result, inner, scope)
