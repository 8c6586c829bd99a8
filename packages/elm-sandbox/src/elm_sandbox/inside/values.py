# ruff: noqa: SIM905 - values of any kind are what this module is about
"""Values as bounded, typed JSON: the only form in which data crosses the boundary, in either direction.

None, booleans, strings, finite floats, integers below 2**63 and lists are themselves. Everything else is an
object with one key, its tag: `t` tuple, `s` set, `z` frozenset, `o` dict with string keys, `d` dict (pairs),
`i` integer (hexadecimal), `f` inf, -inf or nan, `c` complex, `b` bytes (base64), `a` array (dtype, shape,
base64 of little-endian C order). Nothing is ever unpickled or evaluated.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

MAX_DEPTH = 100
MAX_PARTS = 2_000_000
MAX_AXES = 32
"""Bounds of decoding: nesting, number of parts, axes of an array."""

MAX_SAME_HASH = 64
MAX_SAME_HASH_OF_SETS = 4
MAX_SET_LEVELS = 4
"""Bounds of sets and of the keys of dicts: how many may share a hash value; how many that hold frozensets;
how deep those nest. Two sets are compared item by item, so that collisions multiply with every level: before
these bounds, 1 MB of sets in sets cost the host 2 s, and 16 MB would have cost it minutes."""

ARRAY_TYPES = frozenset(
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 "
    "float16 float32 float64 complex64 complex128".split()
)

_SMALL = 2**63
_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)', re.S)


class NotDataError(ValueError):
    """A value that cannot cross, or bytes that are no value; the message says what and why."""


def dump(value: Any) -> bytes:
    """Encode `value`; raises NotDataError for what is not data."""
    return json.dumps(encode(value), allow_nan=False, separators=(",", ":")).encode("ascii")


def load(content: bytes | bytearray) -> Any:
    """Decode what `dump` made, trusting nothing: raises NotDataError for anything else."""
    skeleton = _STRINGS.sub(b"", content)
    if skeleton.count(b",") + skeleton.count(b"[") + skeleton.count(b"{") > MAX_PARTS:
        raise NotDataError(f"more than {MAX_PARTS} parts")
    try:
        return decode(json.loads(content.decode("ascii"), parse_constant=_no_constant))
    except NotDataError:
        raise
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise NotDataError(f"malformed value ({type(error).__name__})") from None


def _no_constant(name: str) -> Any:
    raise NotDataError(f"bare {name}")


def encode(value: Any, depth: int = 0) -> Any:
    """Return the JSON tree of `value`.

    Subclasses are sent as the plain type they extend, read by that type's own methods, so that a subclass
    cannot run code here nor appear on the other side.
    """
    if depth > MAX_DEPTH:
        raise NotDataError(f"nested deeper than {MAX_DEPTH} (or cyclic)")
    if value is None or value is True or value is False:
        return value
    for kind in type(value).__mro__:
        encoder = _ENCODERS.get(kind)
        if encoder is not None:
            return encoder(value, depth)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        kinds = type(value).__mro__
        if numpy.ndarray in kinds:
            return _encode_array(numpy, value)
        if numpy.generic in kinds:
            return encode(numpy.generic.item(value), depth + 1)
    raise NotDataError(f"a value of type {type(value).__name__[:80]} is not data")


def _encode_int(value: int, _: int) -> Any:
    value = int.__pos__(value)
    return value if -_SMALL <= value < _SMALL else {"i": format(value, "x")}


def _encode_float(value: float, _: int) -> Any:
    value = float.__pos__(value)
    return value if math.isfinite(value) else {"f": repr(value)}


def _encode_complex(value: complex, depth: int) -> Any:
    real, imaginary = complex.real.__get__(value), complex.imag.__get__(value)
    return {"c": [_encode_float(real, depth), _encode_float(imaginary, depth)]}


def _encode_text(value: str, _: int) -> Any:
    return str.__str__(value)


def _encode_bytes(value: bytes | bytearray, _: int) -> Any:
    return {"b": base64.b64encode(memoryview(value)).decode("ascii")}


def _encode_list(value: list[Any], depth: int) -> Any:
    return [encode(item, depth + 1) for item in list.__iter__(value)]


def _tagged(tag: str, read: Callable[[Any], Iterable[Any]]) -> Callable[[Any, int], Any]:
    def encode_items(value: Any, depth: int) -> Any:
        return {tag: [encode(item, depth + 1) for item in read(value)]}

    return encode_items


def _encode_dict(value: dict[Any, Any], depth: int) -> Any:
    items = list(dict.items(value))
    if all(type(key) is str for key, _ in items):
        return {"o": {key: encode(item, depth + 1) for key, item in items}}
    return {"d": [[encode(key, depth + 1), encode(item, depth + 1)] for key, item in items]}


def _encode_array(numpy: Any, value: Any) -> Any:
    plain = numpy.ndarray.view(value, numpy.ndarray)
    name = plain.dtype.name
    if name not in ARRAY_TYPES:
        raise NotDataError(f"an array of dtype {name[:80]} is not data")
    little = plain.astype(plain.dtype.newbyteorder("<"), copy=False)
    return {"a": [name, list(plain.shape), base64.b64encode(little.tobytes("C")).decode("ascii")]}


_ENCODERS: dict[type, Callable[[Any, int], Any]] = {
    int: _encode_int,
    float: _encode_float,
    complex: _encode_complex,
    str: _encode_text,
    bytes: _encode_bytes,
    bytearray: _encode_bytes,
    list: _encode_list,
    dict: _encode_dict,
    tuple: _tagged("t", tuple.__iter__),
    set: _tagged("s", set.__iter__),
    frozenset: _tagged("z", frozenset.__iter__),
}


def decode(tree: Any, depth: int = 0) -> Any:
    """Return the value of a JSON tree from an untrusted source; raises NotDataError (or ValueError)."""
    if depth > MAX_DEPTH:
        raise NotDataError(f"nested deeper than {MAX_DEPTH}")
    if type(tree) is list:
        return [decode(item, depth + 1) for item in tree]
    if type(tree) is not dict:
        return tree
    if len(tree) != 1:
        raise NotDataError("an object without its one tag")
    ((tag, content),) = tree.items()
    decoder = _DECODERS.get(tag)
    if decoder is None:
        raise NotDataError("an unknown tag")
    return decoder(content, depth)


def _require(content: Any, kind: type) -> Any:
    if type(content) is not kind:
        raise NotDataError("a tag with content of the wrong type")
    return content


def _decode_number(content: Any, depth: int) -> float:
    number = decode(content, depth + 1)
    if type(number) not in (int, float):
        raise NotDataError("a complex number of other parts than numbers")
    return float(number)


def _decode_float(content: Any, _: int) -> float:
    if content not in ("inf", "-inf", "nan"):
        raise NotDataError("a float that is none")
    return float(content)


def _decode_complex(content: Any, depth: int) -> complex:
    real, imaginary = _require(content, list)
    return complex(_decode_number(real, depth), _decode_number(imaginary, depth))


def _decode_bytes(content: Any, _: int = 0) -> bytes:
    try:
        return base64.b64decode(_require(content, str), validate=True)
    except binascii.Error:
        raise NotDataError("bytes that are no base64") from None


def _decode_items(content: Any, depth: int) -> list[Any]:
    return [decode(item, depth + 1) for item in _require(content, list)]


def _hashable(items: list[Any]) -> list[Any]:
    """Check that `items` build a set or dict in linear time: no flood of equal hash values."""
    levels = [_set_levels(item) for item in items]
    if max(levels, default=0) >= MAX_SET_LEVELS:
        raise NotDataError(f"sets in sets, more than {MAX_SET_LEVELS} deep")
    counts = Counter(map(hash, items))
    for item, inner in zip(items, levels, strict=True):
        if counts[hash(item)] > (MAX_SAME_HASH_OF_SETS if inner else MAX_SAME_HASH):
            raise NotDataError("keys made to collide")
    return items


def _set_levels(item: Any) -> int:
    """How deep frozensets nest in a hashable item."""
    if type(item) is tuple:
        return max(map(_set_levels, item), default=0)
    return 1 + max(map(_set_levels, item), default=0) if type(item) is frozenset else 0


def _decode_set(content: Any, depth: int) -> frozenset[Any]:
    items = _hashable(_decode_items(content, depth))
    result = frozenset(items)
    if len(result) != len(items):
        raise NotDataError("the same item twice")
    return result


def _decode_object(content: Any, depth: int) -> dict[str, Any]:
    return {key: decode(item, depth + 1) for key, item in _require(content, dict).items()}


def _decode_dict(content: Any, depth: int) -> dict[Any, Any]:
    pairs = [_decode_items(pair, depth + 1) for pair in _require(content, list)]
    if any(len(pair) != 2 for pair in pairs):
        raise NotDataError("a pair that is none")
    _hashable([key for key, _ in pairs])
    result = dict(pairs)
    if len(result) != len(pairs):
        raise NotDataError("the same key twice")
    return result


def _decode_array(content: Any, _: int) -> Any:
    import numpy as np  # noqa: PLC0415 - a worker without numpy must still decode the rest

    name, shape, data = _require(content, list)
    if len(_require(shape, list)) > MAX_AXES:
        raise NotDataError(f"an array of more than {MAX_AXES} axes")
    if name not in ARRAY_TYPES or not all(type(size) is int and 0 <= size < _SMALL for size in shape):
        raise NotDataError("an array of unknown dtype or shape")
    dtype = np.dtype(name).newbyteorder("<")
    raw = _decode_bytes(data)
    if math.prod(shape) * dtype.itemsize != len(raw):
        raise NotDataError("an array whose bytes do not fill its shape")
    return np.frombuffer(raw, dtype).astype(np.dtype(name)).reshape(shape)


_DECODERS: dict[str, Callable[[Any, int], Any]] = {
    "t": lambda content, depth: tuple(_decode_items(content, depth)),
    "s": lambda content, depth: set(_decode_set(content, depth)),
    "z": _decode_set,
    "o": _decode_object,
    "d": _decode_dict,
    "i": lambda content, _: int(_require(content, str), 16),
    "f": _decode_float,
    "c": _decode_complex,
    "b": _decode_bytes,
    "a": _decode_array,
}
