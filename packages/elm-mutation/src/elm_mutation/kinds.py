"""What kind of value an expression of a program has, as far as a short look can tell."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from elm_mutation.interface import UNKNOWN, Function, Interface, kind_of_annotation, union_of_kinds

Names = Mapping[str, str]
"""The names certainly bound at a point of a program, with the kind of each.

Besides kinds of values: `type NAME` is the class NAME, `def NAME` a function, `module NAME` a module.
A number that a method returns is a *handle*, of the kind `int of METHOD`: it stands for something, and
arithmetic with it, or another number in its place, means nothing.
"""

NUMBERS = ("int", "float")
_INTEGER_CALLS = {"len", "int", "round", "ord"}
_FLOAT_CALLS = {"float"}
_PASSING_CALLS = {"abs", "min", "max", "sum"}
_LIST_CALLS = {"list", "sorted", "reversed", "tuple"}
_INTEGER_MATH = {"floor", "ceil", "trunc", "gcd", "comb", "factorial"}


@dataclass(frozen=True, slots=True)
class Kinds:
    """What is known of a program as a whole.

    Attributes:
        interface: What the program may use.
        functions: The program's own functions, by name.
        elements: Kind of the elements of a list that begins empty, by (function, name).
        handles: Kind of handle that the program hands to a parameter, by (method, position).
    """

    interface: Interface
    functions: Mapping[str, Function] = field(default_factory=dict)
    elements: Mapping[tuple[str, str], str] = field(default_factory=dict)
    handles: Mapping[tuple[str, int], str] = field(default_factory=dict)

    def of(self, node: ast.expr, names: Names) -> str:  # noqa: PLR0911 (one a case)
        """Return the kind of an expression's value; empty where it is not known."""
        match node:
            case ast.Constant(value=value):
                return type(value).__name__ if value is not None else "None"
            case ast.Name(id=name):
                return names.get(name, UNKNOWN)
            case ast.UnaryOp(op=ast.Not()) | ast.Compare():
                return "bool"
            case ast.UnaryOp(operand=operand):
                return self.of(operand, names)
            case ast.BinOp():
                return self._of_arithmetic(node, names)
            case ast.BoolOp(values=values):
                return union_of_kinds([self.of(value, names) for value in values])
            case ast.IfExp(body=body, orelse=orelse):
                return union_of_kinds([self.of(body, names), self.of(orelse, names)])
            case ast.List(elts=elements):
                return f"list[{union_of_kinds([self.of(element, names) for element in elements])}]"
            case ast.ListComp():
                return f"list[{self._of_comprehension(node, names)}]"
            case ast.Subscript(value=value, slice=index):
                kind = self.of(value, names)
                return kind if isinstance(index, ast.Slice) else element_of(kind)
            case ast.Attribute():
                return self._of_attribute(node, names)
            case ast.Call():
                return self._of_call(node, names)
        return UNKNOWN

    def _of_arithmetic(self, node: ast.BinOp, names: Names) -> str:
        left, right = self.of(node.left, names), self.of(node.right, names)
        if left in NUMBERS and right in NUMBERS:
            return "float" if isinstance(node.op, ast.Div | ast.Pow) else union_of_kinds([left, right])
        return left if left.startswith("list[") and right in (left, "int") else UNKNOWN

    def _of_comprehension(self, node: ast.ListComp, names: Names) -> str:
        inner = dict(names)
        for generator in node.generators:
            inner.update(self.bound_by_loop(generator.target, generator.iter, inner))
        return self.of(node.elt, inner)

    def _of_attribute(self, node: ast.Attribute, names: Names) -> str:
        owner = self.of(node.value, names)
        if owner == "module math":
            return "float" if isinstance(getattr(math, node.attr, None), float) else UNKNOWN
        if owner in self.interface.classes:
            return self.interface.classes[owner].attributes.get(node.attr, UNKNOWN)
        return UNKNOWN

    def _of_call(self, node: ast.Call, names: Names) -> str:
        function = self.called(node, names)
        if function is not None:
            method = isinstance(node.func, ast.Attribute)
            return f"int of {function.name}" if method and function.returns == "int" else function.returns
        match node.func:
            case ast.Attribute(value=value, attr=name):
                owner = self.of(value, names)
                if owner == "module math":
                    return "int" if name in _INTEGER_MATH else "float"
                return element_of(owner) if name == "pop" else UNKNOWN
            case ast.Name(id=name) if name not in names:
                return self._of_builtin(name, node, names)
        return UNKNOWN

    def _of_builtin(self, name: str, node: ast.Call, names: Names) -> str:
        arguments = [self.of(argument, names) for argument in node.args]
        if name == "range":
            return "list[int]"
        if name in _INTEGER_CALLS:
            return "int"
        if name in _FLOAT_CALLS:
            return "float"
        if name in _LIST_CALLS and arguments:
            return arguments[0] if arguments[0].startswith("list[") else UNKNOWN
        if name in _PASSING_CALLS:
            kind = union_of_kinds(arguments)
            return element_of(kind) if kind.startswith("list[") else kind
        return UNKNOWN

    def called(self, node: ast.Call, names: Names) -> Function | None:
        """Return the known function that a call calls, with kinds of its parameters; None if not known."""
        match node.func:
            case ast.Name(id=name):
                return self.function_of_kind(names.get(name, UNKNOWN))
            case ast.Attribute(value=value, attr=method):
                owner = self.interface.classes.get(self.of(value, names))
                return self.refined(owner.methods[method]) if owner and method in owner.methods else None
        return None

    def refined(self, method: Function) -> Function:
        """Return a method with its parameters of the kinds of handles that the program hands to them."""
        parameters = [
            replace(parameter, kind=self.handles.get((method.name, position), parameter.kind))
            for position, parameter in enumerate(method.parameters)
        ]
        return replace(method, parameters=tuple(parameters))

    def function_of_kind(self, kind: str) -> Function | None:
        """Return the function behind the kind of a name: a class's constructor, or a function."""
        role, _, name = kind.partition(" ")
        if role == "type" and name in self.interface.classes:
            return self.interface.classes[name].constructor
        if role == "def":
            return self.functions.get(name) or self.interface.functions.get(name)
        return None

    def bound_by_loop(self, target: ast.expr, iterable: ast.expr, names: Names) -> Names:
        """Return the names that `for target in iterable` binds."""
        match target, iterable:
            case ast.Name(id=name), _:
                return {name: element_of(self.of(iterable, names))}
            case (
                ast.Tuple(elts=[ast.Name(id=index), inner]),
                ast.Call(func=ast.Name(id="enumerate"), args=[items, *_]),
            ):
                return {index: "int", **self.bound_by_loop(inner, items, names)}
            case ast.Tuple(elts=targets), ast.Call(func=ast.Name(id="zip"), args=items) if len(
                targets
            ) == len(items):
                bound: dict[str, str] = {}
                for part, item in zip(targets, items, strict=True):
                    bound.update(self.bound_by_loop(part, item, names))
                return bound
        return _unknown_names(target)

    def bound_by(  # noqa: PLR0911 (one a case)
        self, statement: ast.stmt, names: Names, function: str
    ) -> Names:
        """Return the names that a statement certainly binds for those after it in its block."""
        match statement:
            case ast.Assign(targets=targets, value=value):
                bound: dict[str, str] = {}
                for target in targets:
                    bound.update(self._bound_by_assignment(target, value, names, function))
                return bound
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.expr()):
                return {name: kind_of_annotation(annotation)}
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                return {name: f"def {name}"}
            case ast.ClassDef(name=name):
                return {name: UNKNOWN}
            case ast.Import(names=aliases):
                return {alias.asname or alias.name.split(".")[0]: f"module {alias.name}" for alias in aliases}
            case ast.ImportFrom(names=aliases):
                return {alias.asname or alias.name: self._kind_of_import(alias.name) for alias in aliases}
            case ast.With(items=items):
                bound = {}
                for item in items:
                    if item.optional_vars is not None:
                        bound.update(_unknown_names(item.optional_vars))
                return bound
        return {}

    def _bound_by_assignment(self, target: ast.expr, value: ast.expr, names: Names, function: str) -> Names:
        match target, value:
            case ast.Name(id=name), ast.List(elts=[]):
                return {name: f"list[{self.elements.get((function, name), UNKNOWN)}]"}
            case ast.Name(id=name), _:
                return {name: self.of(value, names)}
            case (ast.Tuple(elts=targets), ast.Tuple(elts=values)) if len(targets) == len(values):
                bound: dict[str, str] = {}
                for part, item in zip(targets, values, strict=True):
                    bound.update(self._bound_by_assignment(part, item, names, function))
                return bound
        return _unknown_names(target)

    def _kind_of_import(self, name: str) -> str:
        if name in self.interface.classes:
            return f"type {name}"
        if name in self.interface.functions:
            return f"def {name}"
        return self.interface.variables.get(name, UNKNOWN)


def element_of(kind: str) -> str:
    """Return the kind of a list's elements; unknown if `kind` is no list."""
    return kind[5:-1] if kind.startswith("list[") else UNKNOWN


def _unknown_names(target: ast.expr) -> Names:
    return {
        node.id: UNKNOWN
        for node in ast.walk(target)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
