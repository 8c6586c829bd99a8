"""Patches as models write them: found in a reply, and applied where there is no doubt.

Models miscount lines, quote half a line of context too much, and lose indentation. So line numbers are only
used to choose between places that fit equally well; a hunk that fits nowhere, or in two places, is refused
and named.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_HUNK = re.compile(r"^@@(?: -(\d+)(?:,\d+)? \+\d+(?:,\d+)?)? ?.*$")
_SEARCH = re.compile(r"^<{5,9} ?SEARCH.*$", re.I)
_MIDDLE = re.compile(r"^={5,9}$")
_REPLACE = re.compile(r"^>{5,9} ?REPLACE.*$", re.I)
_ALIKE = 0.8  # least difflib ratio: one changed word in a line of code passes, another line does not


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines to be exchanged for others, without line ends.

    Attributes:
        old: The lines as the patch says they are.
        new: The lines that replace them.
        line: Number of the first line (from 1) by the patch; 0 if it gives none.
    """

    old: tuple[str, ...]
    new: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class PatchOutcome:
    """What became of a patch.

    Attributes:
        text: The text with the applied hunks.
        applied: Numbers of the hunks that were applied, from 1.
        refused: Why each other hunk was not, by number.
    """

    text: str
    applied: tuple[int, ...]
    refused: dict[int, str]

    @property
    def summary(self) -> str:
        """One line: which hunks applied and why the others did not."""
        total = len(self.applied) + len(self.refused)
        reasons = "; ".join(f"hunk {number}: {reason}" for number, reason in self.refused.items())
        return f"{len(self.applied)} of {total} hunks applied" + (f" ({reasons})." if reasons else ".")


def read_unified_diff(text: str) -> list[Hunk]:
    """Return the hunks of a unified diff anywhere in a text; line counts need not be right."""
    hunks: list[Hunk] = []
    lines: list[str] | None = None
    start = 0
    for line in [*text.splitlines(), "@@"]:
        begins = _HUNK.match(line)
        if lines is not None and (begins or not _is_diff_line(line)):
            hunks += _hunk_of_lines(lines, start)
            lines = None
        if begins:
            lines, start = [], int(begins.group(1) or 0)
        elif lines is not None:
            lines.append(line)
    return hunks


def _is_diff_line(line: str) -> bool:
    if line.startswith(("--- ", "+++ ", "```", "diff ", "<")):
        return False
    return not line or line[0] in " +-\\\t"


def _hunk_of_lines(lines: Sequence[str], start: int) -> Iterator[Hunk]:
    kept = [line for line in lines if not line.startswith("\\")]  # "\ No newline at end of file"
    while kept and not kept[-1].strip():
        kept.pop()  # an empty line between hunks or after the last is no context
    old = tuple(line[1:] for line in kept if not line.startswith("+"))
    new = tuple(line[1:] for line in kept if not line.startswith("-"))
    if old != new:
        yield Hunk(old, new, start)


def read_search_replace(text: str) -> list[Hunk]:
    """Return the search/replace blocks of a text: `<<<<<<< SEARCH`, `=======`, `>>>>>>> REPLACE`.

    A last block that is cut off before its end is left out.
    """
    hunks: list[Hunk] = []
    old: list[str] | None = None
    new: list[str] | None = None
    for line in text.splitlines():
        if _SEARCH.match(line):
            old, new = [], None
        elif old is not None and new is None and _MIDDLE.match(line):
            new = []
        elif old is not None and new is not None and _REPLACE.match(line):
            hunks.append(Hunk(tuple(old), tuple(new)))
            old = new = None
        elif new is not None:
            new.append(line)
        elif old is not None:
            old.append(line)
    return hunks


def apply_hunks(text: str, hunks: Sequence[Hunk]) -> PatchOutcome:
    """Apply to a text those hunks that fit in exactly one place, one after the other.

    A hunk fits where its old lines stand, first compared exactly; then without white space at line ends;
    then with another indentation; then without up to two lines of its context at either end; then with
    lines that are nearly alike. At the first of these at which it fits anywhere, it must fit in one place
    only, or in one at the line that it names.
    """
    lines = text.removesuffix("\n").split("\n") if text else []
    applied: list[int] = []
    refused: dict[int, str] = {}
    shift = 0
    for number, hunk in enumerate(hunks, 1):
        result = _apply(lines, hunk, shift)
        if isinstance(result, str):
            refused[number] = result
        else:
            shift += len(result) - len(lines)
            lines = result
            applied.append(number)
    end = "\n" if lines and (text.endswith("\n") or not text) else ""
    patched = "\n".join(lines) + end if applied else text
    return PatchOutcome(patched, tuple(applied), refused)


def _apply(lines: list[str], hunk: Hunk, shift: int) -> list[str] | str:
    """Return the lines with the hunk applied, or why it cannot be."""
    if not any(line.strip() for line in hunk.old):
        return [*lines, *hunk.new] if not lines else "it names no line of the text"
    for attempt in (_exactly, _but_for_line_ends, _but_for_indentation, _but_for_outer_context, _nearly):
        found = attempt(lines, hunk)
        if len(found) > 1 and hunk.line:
            found = [place for place in found if place.start == hunk.line - 1 + shift] or found
        if len(found) > 1:
            return f"its lines stand in {len(found)} places"
        if found:
            (place,) = found
            return [*lines[: place.start], *place.new, *lines[place.end :]]
    return "its lines are not in the text"


@dataclass(frozen=True, slots=True)
class _Place:
    """Lines `start` to before `end` are to be exchanged for `new`."""

    start: int
    end: int
    new: tuple[str, ...]


def _windows(lines: Sequence[str], length: int) -> Iterator[tuple[int, Sequence[str]]]:
    for start in range(len(lines) - length + 1):
        yield start, lines[start : start + length]


def _exactly(lines: Sequence[str], hunk: Hunk) -> list[_Place]:
    size = len(hunk.old)
    return [
        _Place(start, start + size, hunk.new)
        for start, window in _windows(lines, size)
        if tuple(window) == hunk.old
    ]


def _but_for_line_ends(lines: Sequence[str], hunk: Hunk) -> list[_Place]:
    size, wanted = len(hunk.old), [line.rstrip() for line in hunk.old]
    return [
        _Place(start, start + size, _keeping(window, hunk))
        for start, window in _windows(lines, size)
        if [line.rstrip() for line in window] == wanted
    ]


def _but_for_indentation(lines: Sequence[str], hunk: Hunk) -> list[_Place]:
    """Places where all lines are indented by the same amount more or less than the patch has them."""
    places = []
    for start, window in _windows(lines, len(hunk.old)):
        pairs = [
            (old, line) for old, line in zip(hunk.old, window, strict=True) if old.strip() or line.strip()
        ]
        if any(old.strip() != line.strip() for old, line in pairs):
            continue
        shifts = {_indent(line) - _indent(old) for old, line in pairs}
        if len(shifts) == 1:
            (more,) = shifts
            moved = tuple(_moved(line, more) for line in hunk.new)
            places.append(_Place(start, start + len(window), moved))
    return places


def _but_for_outer_context(lines: Sequence[str], hunk: Hunk) -> list[_Place]:
    """Places found without some first and last lines that the hunk leaves as they are; fewest first."""
    before = _common_start(hunk.old, hunk.new)
    after = min(_common_start(hunk.old[::-1], hunk.new[::-1]), len(hunk.old) - before)
    drops = sorted(
        ((head, tail) for head in range(min(before, 2) + 1) for tail in range(min(after, 2) + 1)), key=sum
    )
    for head, tail in drops[1:]:
        inner = Hunk(hunk.old[head : len(hunk.old) - tail], hunk.new[head : len(hunk.new) - tail])
        if any(line.strip() for line in inner.old):
            found = _but_for_line_ends(lines, inner)
            if found:
                return found
    return []


def _nearly(lines: Sequence[str], hunk: Hunk) -> list[_Place]:
    """Places where every line is nearly that of the hunk; lines that it keeps stay as the text has them."""
    places = []
    for start, window in _windows(lines, len(hunk.old)):
        pairs = zip(hunk.old, window, strict=True)
        if len(window) > 1 and all(_alike(old.strip(), line.strip()) for old, line in pairs):
            places.append(_Place(start, start + len(window), _keeping(window, hunk)))
    return places


def _keeping(window: Sequence[str], hunk: Hunk) -> tuple[str, ...]:
    """The new lines, those that the hunk keeps taken from the text."""
    new: list[str] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(
        None, hunk.old, hunk.new, autojunk=False
    ).get_opcodes():
        new += window[i1:i2] if tag == "equal" else hunk.new[j1:j2]
    return tuple(new)


def _alike(one: str, other: str) -> bool:
    return one == other or difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE


def _common_start(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _moved(line: str, more: int) -> str:
    if not line.strip():
        return line
    return " " * more + line if more > 0 else line[min(-more, _indent(line)) :]
