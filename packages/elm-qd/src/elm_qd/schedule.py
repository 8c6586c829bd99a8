"""The schedule of a steady state: when each child was asked for, and which child each step was.

With it a steady state can be told again, continued and replayed: parents are drawn from the archive as it was
at that moment, so the archive follows from seed, schedule, replies and evaluations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a session left.

    Attributes:
        asked: For each child, by number: how many steps had been told when it was asked for.
        told: For each step (after those that a fork inherited): the number of its child.
    """

    asked: Sequence[int] = ()
    told: Sequence[int] = ()


class ScheduleObserver(Protocol):
    """Is told of the schedule as it comes about, in the coordinator's thread, before the event itself."""

    def on_ask(self, child: int, steps: int) -> None:
        """Take note that `child` is about to be asked for, after `steps` steps."""
        ...

    def on_tell(self, step: int, child: int) -> None:
        """Take note that step `step` is about to be `child`."""
        ...
