"""JSON values: the form in which genotypes and artifacts are stored, hashed, compared and sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

Genotype: TypeAlias = Json
"""What evolves: a program, a prompt, a poem (a `str`), or any other JSON value. Never mutated in place."""


def canonical_json(value: Json) -> str:
    """Return the one text of `value`: sorted keys, no spaces, so that equal values give equal texts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content_hash(value: Json) -> str:
    """Return the SHA-256 of the canonical text of `value`, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value).encode("utf-8", "surrogatepass")).hexdigest()
