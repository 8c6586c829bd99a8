"""What an individual builds, as the page shows it: walker, image, puzzle, graded examples, or plain data."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from elm_protocols import Json
from elm_viewer.page_json import readable_json
from elm_viewer.walker_replays import is_walker, terrain_names

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST_PICTURE = 4 * 2**20
"""Of a picture's base64 text, in characters."""
LARGEST_DATA = 100_000
"""Of the text of other artifacts, in characters: the rest is cut."""


def phenotype_parts(artifacts: Mapping[str, Any]) -> list[Json]:
    """Return the parts of a phenotype, each an object whose `kind` says how to show it.

    Kinds: `walker` (`runs`: terrain and travel), `image` (`name`, `png`: base64), `puzzle` (its facts),
    `examples` (a table: `columns`, `rows` of texts), `text` (`name`, `text`) and `data` (`text`: what
    nobody knows, as readable JSON).
    """
    left = dict(artifacts)
    parts: list[Json] = []
    if is_walker(left):
        parts.append({"kind": "walker", "runs": terrain_names(left)})
        left = {key: value for key, value in left.items() if key not in ("walker", "runs", "duration")}
    for key in [key for key, value in left.items() if is_png(value)]:
        parts.append({"kind": "image", "name": key, "png": left.pop(key)})
    if "answer" in left and "solved" in left:
        facts = {key: left.pop(key) for key in _PUZZLE if key in left}
        parts.append({"kind": "puzzle", "facts": [[key, readable_json(facts[key])] for key in facts]})
    for key in [key for key, value in left.items() if _is_table(value)]:
        parts.append({"kind": "examples", "name": key, **_table(left.pop(key))})
    for key in [key for key, value in left.items() if isinstance(value, str) and "\n" in value]:
        parts.append({"kind": "text", "name": key, "text": _cut(left.pop(key))})
    if left:
        parts.append({"kind": "data", "text": _cut(readable_json(left))})
    return parts


_PUZZLE = ("puzzle", "solved", "answer", "attempts", "pass_at_k", "k", "difficulty", "skills")


def is_png(value: object) -> bool:
    """Whether a value is the base64 text of a PNG."""
    if not isinstance(value, str) or not 16 <= len(value) <= LARGEST_PICTURE:
        return False
    try:
        return base64.b64decode(value, validate=True).startswith(PNG_SIGNATURE)
    except (binascii.Error, ValueError):
        return False


def _is_table(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _table(rows: list[Mapping[str, Any]]) -> dict[str, Json]:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    shown = rows[:200]
    return {
        "columns": columns,
        "rows": [[_cell(row[key]) if key in row else "" for key in columns] for row in shown],
        "more": len(rows) - len(shown),
    }


def _cell(value: Json) -> str:
    return f"{value:.6g}" if isinstance(value, float) else _cut(readable_json(value))


def _cut(text: str) -> str:
    return text if len(text) <= LARGEST_DATA else f"{text[:LARGEST_DATA]}\n... (cut)"
