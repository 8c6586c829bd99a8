"""What a child program must pass before an evaluation is spent on it."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from elm_protocols import MutationRequest

_GIVEN = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__"}


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
    return None


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
