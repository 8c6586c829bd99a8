"""Values as SQLite keeps them, so that each comes back bit for bit and can still be read with plain SQL.

Floats live in columns without type affinity: SQLite then keeps infinities and the sign of zero. It has no
NaN, so NaN becomes NULL, and a NaN with other bits than Python's own (0/0 on x86 sets its sign bit) becomes 8
bytes. Texts that are no valid Unicode (models write lone surrogates) become bytes. JSON comes back by
`json.loads`.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence

from elm_protocols import Json

SqlFloat = float | bytes | None
SqlText = str | bytes

_to_readable_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_to_ascii_json = json.JSONEncoder(separators=(",", ":")).encode
_PYTHONS_NAN = struct.pack("<d", math.nan)


def float_to_sql(value: float) -> SqlFloat:
    """Return what stands for `value` in a column without affinity."""
    number = float(value)
    if not math.isnan(number):
        return number
    bits = struct.pack("<d", number)
    return None if bits == _PYTHONS_NAN else bits


def float_from_sql(value: SqlFloat) -> float:
    """Return the float that `float_to_sql` wrote."""
    if value is None:
        return math.nan
    if isinstance(value, bytes):
        (number,) = struct.unpack("<d", value)
        return float(number)
    return float(value)


def text_to_sql(value: str) -> SqlText:
    """Return `value`, or its bytes where it has lone surrogates."""
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")
    return value


def text_from_sql(value: SqlText) -> str:
    """Return the text that `text_to_sql` wrote."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogatepass")


def json_to_sql(value: Json) -> str:
    """Return the JSON text of `value`, its keys in their order (a program may depend on it)."""
    text = _to_readable_json(value)
    return _to_ascii_json(value) if isinstance(text_to_sql(text), bytes) else text


def measures_to_sql(measures: Sequence[float]) -> str:
    """Return a JSON list of numbers; what JSON cannot say (NaN, infinities) as 16 hexadecimal digits."""
    numbers = [float(measure) for measure in measures]
    return json.dumps([x if math.isfinite(x) else struct.pack(">d", x).hex() for x in numbers])


def measures_from_sql(text: str) -> tuple[float, ...]:
    """Return the measures that `measures_to_sql` wrote."""
    return tuple(_measure(item) for item in json.loads(text))


def _measure(item: float | str) -> float:
    if isinstance(item, str):
        (number,) = struct.unpack(">d", bytes.fromhex(item))
        return float(number)
    return float(item)
