"""What a caller declares a program's value to be (`Program.schema`), and whether it is that.

A schema is a name (`any`, `none`, `bool`, `int`, `float`, `number`: int or float, `complex`, `str`, `bytes`)
or a sequence: `["list", item]`, `["set", item]`, `["tuple", first, second, ...]`, `["dict", key, value]`,
`["array", dtype, shape]` with None for an axis of any length, `["one of", schema, schema, ...]`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from elm_protocols import UserError
from elm_sandbox.inside.values import ARRAY_TYPES, MAX_DEPTH

_NAMES: dict[str, tuple[type, ...]] = {
    "any": (object,),
    "none": (type(None),),
    "bool": (bool,),
    "int": (int,),
    "float": (float,),
    "number": (int, float),
    "complex": (complex,),
    "str": (str,),
    "bytes": (bytes,),
}
_COLLECTIONS: dict[str, tuple[type, ...]] = {"list": (list,), "set": (set, frozenset)}
_MOST_SHOWN = 80


def check_schema(schema: Any, depth: int = 0) -> None:
    """Raise UserError where a schema is none, or deeper than any value."""
    if depth > MAX_DEPTH:
        raise UserError(f"A program's schema may be at most {MAX_DEPTH} deep.")
    match schema:
        case str(name) if name in _NAMES:
            return
        case ["array", str(dtype), [*shape]] if dtype in ARRAY_TYPES and all(map(_is_length, shape)):
            return
        case ["list" | "set", inner]:
            parts: Sequence[Any] = [inner]
        case ["dict", key, value]:
            parts = [key, value]
        case ["tuple", *parts] | ["one of", *parts]:
            pass
        case _:
            raise UserError(f"A program's schema is of no use: {str(schema)[:_MOST_SHOWN]!r} is no schema.")
    for part in parts:
        check_schema(part, depth + 1)


def _is_length(axis: Any) -> bool:
    return axis is None or (type(axis) is int and axis >= 0)


def mismatch(value: Any, schema: Any, where: str = "its value") -> str:
    """Return in what a decoded value is not what was declared, or nothing."""
    match schema:
        case str(name):
            return "" if name == "any" else _unlike(value, _NAMES[name], where, name)
        case ["list" | "set" as kind, inner]:
            return _unlike(value, _COLLECTIONS[kind], where, kind) or _first_mismatch(value, inner, where)
        case ["tuple", *parts]:
            return _unlike_tuple(value, parts, where)
        case ["dict", key, inner]:
            return (
                _unlike(value, (dict,), where, "dict")
                or _first_mismatch(value, key, where.replace("its value", "the keys of its value"))
                or _first_mismatch(value.values(), inner, where)
            )
        case ["array", dtype, shape]:
            return _unlike_array(value, dtype, shape, where)
        case ["one of", *choices]:
            fits = any(not mismatch(value, choice, where) for choice in choices)
            return "" if fits else f"{where} is none of what was declared"
        case _:
            raise AssertionError("a schema that was not checked")


def _unlike(value: Any, kinds: tuple[type, ...], where: str, name: str) -> str:
    return "" if type(value) in kinds else f"{where} is of type {type(value).__name__}, not {name}"


def _first_mismatch(items: Collection[Any], schema: Any, where: str) -> str:
    found = (mismatch(item, schema, f"an item of {where}") for item in items)
    return next((sentence for sentence in found if sentence), "")


def _unlike_tuple(value: Any, parts: Sequence[Any], where: str) -> str:
    if sentence := _unlike(value, (tuple,), where, "tuple"):
        return sentence
    if len(value) != len(parts):
        return f"{where} has {len(value)} items, not {len(parts)}"
    pairs = enumerate(zip(value, parts, strict=True))
    found = (mismatch(item, part, f"item {index} of {where}") for index, (item, part) in pairs)
    return next((sentence for sentence in found if sentence), "")


def _unlike_array(value: Any, dtype: str, shape: Sequence[int | None], where: str) -> str:
    if not isinstance(value, np.ndarray):
        return f"{where} is of type {type(value).__name__}, not array"
    fits = len(shape) == value.ndim and all(
        wanted in (None, length) for wanted, length in zip(shape, value.shape, strict=True)
    )
    if value.dtype.name == dtype and fits:
        return ""
    wanted = ", ".join("any" if axis is None else str(axis) for axis in shape)
    return f"{where} is an array of {value.dtype.name} {value.shape}, not of {dtype} ({wanted})"
