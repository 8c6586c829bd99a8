"""Which request of the journal an individual came from."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import elm_store
from elm_protocols import Json, content_hash
from elm_viewer.page_json import readable_json

MOST_TRIED = 50
"""Requests that brought the same child and are compared by their parents."""


class RecordedRequests:
    """Finds journal entries by the child that they brought. Safe to use from several threads.

    The journal names no individual. A reply belongs to an individual if its text is the genotype, asked
    with the parents' genotypes; where an environment makes something else of the text, or there is no child,
    the prompt's hash has to do.

    Args:
        run: The run whose journal is read, on first use and then as far as it has grown.
    """

    def __init__(self, run: elm_store.Run) -> None:
        self._run = run
        self._lock = threading.Lock()
        self._read = 0
        self._entries: dict[str, list[int]] = {}

    def update(self) -> None:
        """Take in what was added to the journal."""
        with self._lock:
            for entry in self._run.journal.entries(self._read):
                for key in _keys_of_reply(entry.reply):
                    self._entries.setdefault(key, []).append(self._read)
                self._read += 1

    def find(
        self, record: elm_store.IndividualRecord, parents: list[elm_store.IndividualRecord]
    ) -> dict[str, Json] | None:
        """Return the request and the reply that brought an individual; None if none is on record."""
        self.update()
        keys = _keys(record.genotype, record.prompt_hash)
        numbers = next((self._entries[key] for key in keys if key in self._entries), [])
        texts = [parent.genotype for parent in parents]
        found = None
        for number in numbers[:MOST_TRIED]:
            (entry,) = self._run.journal.entries(number, number + 1)
            same = _parents_of(entry.request) == texts
            if found is None or same:
                found = entry
            if same:
                break
        return None if found is None else _document(found)


def _keys_of_reply(reply: Mapping[str, Any]) -> list[str]:
    origin = reply.get("origin")
    if "text" not in reply or not isinstance(origin, Mapping):
        return []
    return _keys(reply["text"], str(origin.get("prompt_hash", "")))


def _keys(genotype: Json, prompt_hash: str) -> list[str]:
    """Return by what an individual and its reply know each other, the surest first."""
    exact = [] if genotype is None else [content_hash([genotype, prompt_hash])]
    return [*exact, prompt_hash] if prompt_hash else exact


def _parents_of(request: Json) -> list[Json]:
    asked = request.get("request") if isinstance(request, Mapping) else None
    parents = asked.get("parents") if isinstance(asked, Mapping) else None
    return list(parents) if isinstance(parents, list) else []


def _document(entry: elm_store.JournalEntry) -> dict[str, Json]:
    """Return what the page shows: the parts of the request by name, and the reply."""
    request = entry.request if isinstance(entry.request, Mapping) else {"request": entry.request}
    asked, by = request.get("request"), request.get("by")
    parts: list[Json] = []
    if isinstance(by, Mapping):
        parts += [[str(name), readable_json(settings)] for name, settings in by.items()]
    if isinstance(asked, Mapping):
        parts += [[str(name), _joined(value)] for name, value in asked.items() if value not in ("", [], None)]
    else:
        parts.append(["request", readable_json(asked)])
    text = entry.reply.get("text")
    return {
        "recorded": entry.recorded,
        "request": parts,
        "reply": readable_json(text) if text is not None else readable_json(dict(entry.reply)),
    }


def _joined(value: Json) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n\n--- next ---\n\n".join(map(str, value))
    return readable_json(value)
