# ruff: noqa: SIM905 - lists of names read best as text
"""The guard: a static look at a program's syntax tree, before anything of it runs.

It refuses what no honest program of these domains needs, so that a hopeless program costs no run. It is a
filter that saves time and NEVER the boundary: Python offers endless ways around any such list (a static guard
alone let 37 of 134 attacks of a trial corpus pass).
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Set

REFUSED_NAMES = frozenset(
    (
        "exec eval compile open __import__ breakpoint input globals locals vars memoryview __builtins__ "
        "__loader__ __spec__ help exit quit"
    ).split()
)

REFUSED_ATTRIBUTES = frozenset(
    (
        "f_back f_globals f_locals f_builtins f_code tb_frame tb_next gi_frame gi_code cr_frame cr_code "
        "ag_frame ag_code co_code func_globals ctypeslib ctypes _getframe settrace setprofile "
        "setrecursionlimit _current_frames get_objects get_referrers get_referents"
    ).split()
)

HARMLESS_DUNDERS = frozenset(
    (
        "__init__ __name__ __doc__ __post_init__ __len__ __iter__ __next__ __call__ __getitem__ __setitem__ "
        "__contains__ __eq__ __lt__ __add__ __sub__ __mul__ __neg__ __abs__ __str__ __repr__ __hash__ "
        "__bool__ __enter__ __exit__ __new__ __version__ __annotations__ __qualname__ __truediv__ __pow__ "
        "__matmul__"
    ).split()
)

MAX_BITS = 4_000_000
"""Largest integer, in bits, that an expression of constants may make."""
MAX_REPEAT = 50_000_000
"""Longest sequence that repeating a constant may make."""


def inspect_source(source: str, allowed_modules: Set[str]) -> str | None:
    """Return why the program is refused, or None. Raises SyntaxError where it does not parse."""
    return inspect_tree(ast.parse(source), allowed_modules)


def inspect_tree(tree: ast.AST, allowed_modules: Set[str]) -> str | None:
    """Return why the program is refused, or None.

    Args:
        tree: Its syntax tree.
        allowed_modules: Modules it may import, each with its submodules.
    """
    for node in ast.walk(tree):
        for finding in _findings(node, allowed_modules):
            return f"{finding} (line {getattr(node, 'lineno', 1)})"
    return None


def _findings(node: ast.AST, allowed_modules: Set[str]) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (f"import of '{n.name}'" for n in names if not _allowed(n.name, allowed_modules))
        case ast.ImportFrom(module=module, level=level):
            if level or not _allowed(module or "", allowed_modules):
                yield f"import of '{'.' * level}{module or ''}'"
            yield from (f"import of '{n.name}'" for n in node.names if _is_refused_attribute(n.name))
        case ast.Attribute(attr=name) if _is_refused_attribute(name):
            yield f"attribute '{name}'"
        case ast.Name(id=name) if name in REFUSED_NAMES:
            yield f"name '{name}'"
        case ast.Constant(value=str(text)) if "__" in text and _names_a_dunder(text):
            yield "a string that names a dunder attribute"
        case ast.BinOp() if _is_bomb(node):
            yield "an expression too large to compute"
        case _:
            pass


def _allowed(name: str, allowed_modules: Set[str]) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:count]) in allowed_modules for count in range(1, len(parts) + 1))


def _is_refused_attribute(name: str) -> bool:
    dunder = name.startswith("__") and name.endswith("__") and name not in HARMLESS_DUNDERS
    return dunder or name in REFUSED_ATTRIBUTES


def _names_a_dunder(text: str) -> bool:
    """Whether a short string spells an attribute walk, as getattr and format strings take it."""
    parts = text.replace("{", ".").replace("}", ".").replace("[", ".").split(".")
    return any(
        part.startswith("__") and part.endswith("__") and part.isidentifier() and part not in HARMLESS_DUNDERS
        for part in parts
        if part != "__main__"
    )


def _is_bomb(node: ast.BinOp) -> bool:
    left, right = _constant(node.left), _constant(node.right)
    match node.op:
        case ast.Pow() if isinstance(left, int) and isinstance(right, int):
            return abs(left) > 1 and right * math.log2(abs(left)) > MAX_BITS
        case ast.LShift() if isinstance(left, int) and isinstance(right, int):
            return right > MAX_BITS
        case ast.Mult():
            return (
                _repeat_length(node.left, right) > MAX_REPEAT or _repeat_length(node.right, left) > MAX_REPEAT
            )
        case _:
            return False


def _repeat_length(sequence: ast.expr, times: int | None) -> float:
    if not isinstance(times, int):
        return 0
    match sequence:
        case ast.Constant(value=str(text)) | ast.Constant(value=bytes(text)):
            return len(text) * times
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return len(items) * times
        case _:
            return 0


def _constant(node: ast.expr) -> int | None:
    """Fold small constant integer arithmetic, for bombs such as 9**9**9; None where it is no such thing."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int(number)):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _constant(operand)
            return None if inner is None else -inner
        case ast.BinOp(op=ast.Pow() | ast.Mult() as op, left=left, right=right):
            return _fold(op, _constant(left), _constant(right))
        case _:
            return None


def _fold(op: ast.operator, left: int | None, right: int | None) -> int | None:
    if left is None or right is None:
        return None
    if isinstance(op, ast.Mult):
        return left * right if left.bit_length() + right.bit_length() <= 128 else None
    small = right >= 0 and right * left.bit_length() <= 128
    return left**right if small else None
