"""Integer literals that Python refuses to read in decimal, written in hexadecimal.

Since 3.11, Python's parser refuses decimal literals of more than 4300 digits; P3 has such a puzzle. The
limit does not hold for hexadecimal, so the puzzle's value stays what it was.
"""

from __future__ import annotations

import re

_LONG = re.compile(r"(?<![\w.\"'])\d{4301,}(?![\w.\"'])")
_CHUNK = 4000


def with_readable_literals(source: str) -> str:
    """Return `source` with every bare decimal integer of more than 4300 digits in hexadecimal."""
    return _LONG.sub(lambda match: hex(_long_int(match[0])), source)


def _long_int(digits: str) -> int:
    value = 0
    for start in range(0, len(digits), _CHUNK):
        chunk = digits[start : start + _CHUNK]
        value = value * 10 ** len(chunk) + int(chunk)
    return value
