"""JSON as a page can read it."""

from __future__ import annotations

import json

from elm_protocols import Json
from elm_store.exports import finite


def page_json(value: Json) -> str:
    """Return the JSON text of `value`; NaN and infinities, which JSON does not have, become null."""
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    except ValueError:
        return json.dumps(finite(value), separators=(",", ":"), allow_nan=False)


def readable_json(value: Json) -> str:
    """Return `value` as an indented text for people; a text stays as it is."""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
