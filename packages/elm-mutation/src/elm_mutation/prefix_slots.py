"""Which slot of which server reads a prompt, so that little of it has to be read anew.

A llama.cpp server keeps, for each of its slots, what it last read there; a prompt that begins like it costs
only its other tokens. Each server here runs one prompt at a time on one thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of a server, both numbered from 0."""

    server: int
    index: int


class PrefixSlots:
    """Hands out the slots of idle servers, the one with the longest common prefix first.

    Args:
        servers: How many servers there are.
        slots: How many slots each has.
    """

    def __init__(self, servers: int, slots: int) -> None:
        self._idle = set(range(servers))
        self._held = {Slot(server, index): "" for server in range(servers) for index in range(slots)}
        self._changed = threading.Condition()

    @contextmanager
    def use(self, prompt: str) -> Iterator[Slot]:
        """Wait for an idle server and keep it to oneself; the slot is taken to hold the prompt afterwards."""
        with self._changed:
            self._changed.wait_for(lambda: self._idle)
            slot = self._best(prompt)
            self._idle.remove(slot.server)
            del self._held[slot]
            self._held[slot] = prompt  # now the latest
        try:
            yield slot
        finally:
            with self._changed:
                self._idle.add(slot.server)
                self._changed.notify()

    def _best(self, prompt: str) -> Slot:
        """The idle slot that begins most like the prompt; of equal ones the one longest unused."""
        candidates = [slot for slot in self._held if slot.server in self._idle]
        return max(candidates, key=lambda slot: _common_prefix(prompt, self._held[slot]))


def _common_prefix(one: str, other: str) -> int:
    """Length of the longest text that both begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
