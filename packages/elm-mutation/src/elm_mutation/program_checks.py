"""What a child program must pass before an evaluation is spent on it."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from elm_protocols import MutationRequest

_GIVEN = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__"}

_STRAIGHT = (ast.Expr, ast.Assign, ast.AugAssign, ast.Return)
_SHARING = (ast.Global, ast.Nonlocal)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_SCOPES = (*_FUNCTIONS, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text is no child: a status of `Completion` and one line."""

    status: str
    feedback: str


def check_child(text: str, request: MutationRequest) -> Problem | None:
    """Return what is wrong with a child, None if it may be evaluated.

    A text must begin with the template and differ from its parents. A program must also parse, and use no
    name that nothing binds (but for those its parents take from elsewhere or the interface declares); it
    differs from another program if their syntax trees do.
    """
    if not text.startswith(request.template):
        return Problem("template", "The child does not begin with the template.")
    if not text.removeprefix(request.template).strip():
        return Problem("empty", "There is nothing after the template.")
    return _check_program(text, request) if request.language == "python" else _check_text(text, request)


def _check_text(text: str, request: MutationRequest) -> Problem | None:
    same = any(text.split() == parent.split() for parent in request.parents)
    return Problem("duplicate", "The child is its parent.") if same else None


def _check_program(text: str, request: MutationRequest) -> Problem | None:
    tree = parse(text)
    if isinstance(tree, Problem):
        return tree
    if any(_same_program(tree, parent) for parent in request.parents):
        return Problem("duplicate", "The child is its parent.")
    known = _declared(request.interface)
    for parent in request.parents:
        known |= unbound_names(parent)
    missing = unbound_names(text) - known
    if missing:
        return Problem("name", f"Nothing binds the name {min(missing)}.")
    early = names_read_too_early(tree)
    return Problem("name", f"The name {min(early)} is read before it is bound.") if early else None


def parse(text: str) -> ast.Module | Problem:
    """Return a program's syntax tree, or what is wrong with it."""
    try:
        return ast.parse(text)
    except SyntaxError as error:
        return Problem("syntax", f"Line {error.lineno}: {error.msg}.")
    except (ValueError, RecursionError, MemoryError) as error:  # NUL bytes; nesting beyond the parser's depth
        return Problem("syntax", f"The program does not parse: {error}.")


def _same_program(tree: ast.Module, parent: str) -> bool:
    other = parse(parent)
    return isinstance(other, ast.Module) and ast.dump(tree) == ast.dump(other)


def unbound_names(text: str) -> frozenset[str]:
    """Return the names that a program reads and nothing in it binds, builtins aside.

    A program that does not parse has none, nor one with `from ... import *`, which may bind any.
    """
    if "import *" in text:
        return frozenset()
    try:
        top = symtable.symtable(text, "program", "exec")
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    bound = {symbol.get_name() for symbol in top.get_symbols() if _binds(symbol)}
    tables = list(_all_tables(top))
    for table in tables:
        bound |= {s.get_name() for s in table.get_symbols() if s.is_declared_global() and s.is_assigned()}
    read = {
        symbol.get_name()
        for table in tables
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (table is top or symbol.is_global())
    }
    return frozenset(read - bound - _GIVEN)


def names_read_too_early(tree: ast.Module) -> frozenset[str]:
    """Return local names of functions that are read, outside of any loop, before the function binds them."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return frozenset(name for function in functions for name in _read_too_early(function))


def _read_too_early(function: ast.FunctionDef) -> Iterator[str]:
    shared = {name for node in _own_nodes(function) if isinstance(node, _SHARING) for name in node.names}
    given = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
    bound: dict[str, int] = {}
    for node in _own_nodes(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound[node.id] = min(node.lineno, bound.get(node.id, node.lineno))
        elif isinstance(node, ast.FunctionDef):
            bound[node.name] = min(node.lineno, bound.get(node.name, node.lineno))
    straight = [node for node in function.body if isinstance(node, _STRAIGHT)]
    for statement in straight:
        for node in _own_nodes(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                late = statement.lineno < bound.get(node.id, 0)
                if late and node.id not in shared | given:
                    yield node.id


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes within a function or statement, without the insides of scopes of their own."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, _SCOPES):
            yield from _own_nodes(child)


def _binds(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def _all_tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _all_tables(child)


def _declared(stub: str) -> frozenset[str]:
    tree = parse(stub)
    return frozenset(_declared_names(tree.body)) if isinstance(tree, ast.Module) else frozenset()


def _declared_names(statements: Iterable[ast.stmt]) -> Iterator[str]:
    for statement in statements:
        match statement:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                yield name
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                yield from (alias.asname or alias.name for alias in aliases)
