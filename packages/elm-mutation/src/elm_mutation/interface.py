"""What a program may use: classes, methods and functions, read from a `.pyi`-like stub.

A *kind* is the short text of a type: `int`, `float`, `bool`, `str`, `None`, `list[...]`, a class's name,
`Literal['a', 'b']`; the empty text where it is not known.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from elm_protocols import UserError

UNKNOWN = ""
_SEQUENCES = {"list", "List", "Sequence", "Iterable", "Iterator", "tuple", "Tuple"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function: its name, its kind, and whether it may be left out."""

    name: str
    kind: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method: its positional parameters (without `self`) and the kind it returns."""

    name: str
    parameters: tuple[Parameter, ...]
    returns: str = UNKNOWN


@dataclass(frozen=True, slots=True)
class ClassInterface:
    """A class: its constructor, methods by name, and kinds of attributes by name."""

    constructor: Function
    methods: Mapping[str, Function] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Interface:
    """Everything that a stub declares at its top level.

    Attributes:
        classes: Classes by name.
        functions: Functions by name.
        variables: Kinds of variables by name.
        bases: What a new name for a kind stands for, for example {"Joint": "int"}.
    """

    classes: Mapping[str, ClassInterface] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[str, str] = field(default_factory=dict)


def read_interface(stub: str) -> Interface:
    """Return what a stub declares.

    Raises:
        UserError: The stub is not Python.
    """
    try:
        tree = ast.parse(stub)
    except SyntaxError as error:
        raise UserError(
            f"The interface of an environment must be a Python stub, but line {error.lineno} does not parse."
        ) from error
    classes: dict[str, ClassInterface] = {}
    functions: dict[str, Function] = {}
    variables: dict[str, str] = {}
    bases: dict[str, str] = {}
    for node in tree.body:
        match node:
            case ast.ClassDef():
                classes[node.name] = _read_class(node)
            case ast.FunctionDef():
                functions[node.name] = read_function(node)
            case ast.AnnAssign(target=ast.Name(id=name)):
                variables[name] = kind_of_annotation(node.annotation)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                bases[name] = _base_of_alias(value)
    return Interface(classes, functions, variables, bases)


def _read_class(node: ast.ClassDef) -> ClassInterface:
    constructor = Function(node.name, (), node.name)
    methods: dict[str, Function] = {}
    attributes: dict[str, str] = {}
    for item in node.body:
        match item:
            case ast.FunctionDef(name="__init__"):
                constructor = Function(node.name, read_function(item, method=True).parameters, node.name)
            case ast.FunctionDef(name=name) if not name.startswith("_"):
                if any(isinstance(mark, ast.Name) and mark.id == "property" for mark in item.decorator_list):
                    attributes[name] = kind_of_annotation(item.returns)
                else:
                    methods[name] = read_function(item, method=True)
            case ast.AnnAssign(target=ast.Name(id=name)):
                attributes[name] = kind_of_annotation(item.annotation)
    return ClassInterface(constructor, methods, attributes)


def read_function(node: ast.FunctionDef, *, method: bool = False) -> Function:
    """Return a function's positional parameters and return kind; `method` leaves the first one out."""
    positional = [*node.args.posonlyargs, *node.args.args]
    optional_from = len(positional) - len(node.args.defaults)
    parameters = [
        Parameter(argument.arg, kind_of_annotation(argument.annotation), index >= optional_from)
        for index, argument in enumerate(positional)
    ]
    return Function(node.name, tuple(parameters[1 if method else 0 :]), kind_of_annotation(node.returns))


def kind_of_annotation(annotation: ast.expr | None) -> str:  # noqa: PLR0911 (one a case)
    """Return the kind that an annotation names."""
    match annotation:
        case ast.Constant(value=None):
            return "None"
        case ast.Constant(value=str(text)):
            return kind_of_annotation(ast.parse(text, mode="eval").body)
        case ast.Name(id=name):
            return UNKNOWN if name == "Any" else name
        case ast.Attribute(attr=name):
            return name
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return union_of_kinds([kind_of_annotation(left), kind_of_annotation(right)])
        case ast.Subscript(value=ast.Name(id=name), slice=inner):
            return _kind_of_generic(name, inner, annotation)
    return UNKNOWN


def _kind_of_generic(name: str, inner: ast.expr, annotation: ast.expr) -> str:
    members = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if name == "Literal":
        return ast.unparse(annotation)
    if name in ("Optional", "Union"):
        return union_of_kinds([kind_of_annotation(member) for member in members])
    if name in _SEQUENCES:
        kinds = [kind_of_annotation(m) for m in members if not _is_ellipsis(m)]
        return f"list[{union_of_kinds(kinds)}]"
    return UNKNOWN


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _base_of_alias(value: ast.expr) -> str:
    match value:
        case ast.Call(func=ast.Name(id="NewType"), args=[_, base]):
            return kind_of_annotation(base)
    return kind_of_annotation(value)


def union_of_kinds(kinds: Sequence[str]) -> str:
    """Return the one kind that covers all: numbers widen to `float`, None is optional, else unknown."""
    different = set(kinds) - {"None"}
    if different == {"int", "float"}:
        return "float"
    return different.pop() if len(different) == 1 else UNKNOWN
