"""The schedule of a steady state in the run's journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count

from elm_app.journaled_model import FoundReplies, ReplyJournal
from elm_protocols import Json
from elm_qd import Schedule


class ScheduleRecord:
    """Records the schedule; a `ScheduleObserver`.

    A crash may fall between the note on a step and the step: then another child becomes that step in the next
    session, and the last note counts.

    Args:
        journal: The run's.
        inherited: Steps that a fork has from its source; its journal has the source's schedule as well, so
            each fork's entries carry this number.
    """

    def __init__(self, journal: ReplyJournal, inherited: int) -> None:
        self._journal = journal
        self._inherited = inherited

    def on_ask(self, child: int, steps: int) -> None:
        """Record that `child` is about to be asked for after `steps` steps."""
        self._journal.record(_ask(self._inherited, child), 0, {"steps": steps})

    def on_tell(self, step: int, child: int) -> None:
        """Record that step `step` is about to be `child`."""
        request = _tell(self._inherited, step)
        draw = next(draw for draw in count() if self._journal.find(request, draw) is None)
        self._journal.record(request, draw, {"child": child})


def recorded_schedule(journal: FoundReplies, inherited: int, steps: int) -> Schedule:
    """Return the schedule on record.

    Args:
        journal: The run's.
        inherited: See `ScheduleRecord`.
        steps: How many steps are on record, inherited ones included.
    """
    asked = [_number(reply, "steps") for reply in _asks(journal, inherited)]
    told = [_last_child(journal, inherited, step) for step in range(inherited, steps)]
    return Schedule(tuple(asked), tuple(told))


def _asks(journal: FoundReplies, inherited: int) -> Iterator[Mapping[str, Json]]:
    for child in count():
        reply = journal.find(_ask(inherited, child), 0)
        if reply is None:
            return
        yield reply


def _last_child(journal: FoundReplies, inherited: int, step: int) -> int:
    child = -1
    for draw in count():
        reply = journal.find(_tell(inherited, step), draw)
        if reply is None:
            return child
        child = _number(reply, "child")
    raise AssertionError("unreachable")


def _ask(inherited: int, child: int) -> Json:
    return {"schedule": "ask", "inherited": inherited, "child": child}


def _tell(inherited: int, step: int) -> Json:
    return {"schedule": "tell", "inherited": inherited, "step": step}


def _number(reply: Mapping[str, Json], key: str) -> int:
    value = reply[key]
    assert isinstance(value, int)
    return value
