"""Terrains as data: kinds with parameters, read from a word, a JSON value or a JSON file.

The four terrains of the ELM paper (arXiv 2206.08896, section 5: left wall, right wall, bumpy, tunnel) and
flat ground stand beside slopes, stairs, gaps, generated terrains and free outlines. A terrain is laid out
around a body that stands at x = 0: the ground under it is flat, and obstacles begin at a distance from its
edges, so that no walker starts inside one.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from elm_envs_sodarace.outline import Outline, Points, spaced
from elm_envs_sodarace.terrain_layouts import LAYOUTS
from elm_protocols import Json, UserError


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of a terrain.

    Attributes:
        default: Its usual value.
        low: Smallest value allowed.
        high: Largest value allowed.
        whole: Whether it must be a whole number.
    """

    default: float
    low: float
    high: float
    whole: bool = False


_DISTANCE = Parameter(10.0, 5.0, 30.0)
_WALL = {"height": Parameter(20.0, 6.0, 40.0), "distance": _DISTANCE}

KINDS: Mapping[str, Mapping[str, Parameter]] = {
    "flat": {},
    "left_wall": _WALL,
    "right_wall": _WALL,
    "bumpy": {
        "height": Parameter(4.0, 2.0, 6.0),
        "spacing": Parameter(24.0, 12.0, 48.0),
        "distance": _DISTANCE,
    },
    "tunnel": {"ceiling": Parameter(60.0, 36.0, 80.0), "distance": _DISTANCE},
    "slope": {"angle": Parameter(8.0, -30.0, 30.0), "distance": _DISTANCE},
    "stairs": {
        "rise": Parameter(3.0, -12.0, 12.0),
        "run": Parameter(20.0, 8.0, 80.0),
        "distance": _DISTANCE,
    },
    "gaps": {
        "width": Parameter(8.0, 3.0, 24.0),
        "depth": Parameter(12.0, 4.0, 40.0),
        "spacing": Parameter(40.0, 16.0, 120.0),
        "distance": _DISTANCE,
    },
    "generated": {
        "difficulty": Parameter(0.5, 0.0, 1.0),
        "seed": Parameter(0, 0, 2**32 - 1, whole=True),
        "distance": _DISTANCE,
    },
}
"""The parameters of each kind, in world units (angles in degrees, `difficulty` from 0 to 1)."""


@dataclass(frozen=True, slots=True)
class Terrain:
    """A terrain, as data.

    Attributes:
        kind: A key of `KINDS`, or `outline`.
        parameters: A value for each of the kind's parameters.
        floor: For `outline`: corners of the floor, from left to right.
        ceiling: For `outline`: corners of the ceiling; empty for none.
    """

    kind: str = "flat"
    parameters: Mapping[str, float] = field(default_factory=dict)
    floor: Points = ()
    ceiling: Points = ()

    def __post_init__(self) -> None:
        if self.kind == "outline":
            _check_outline(self)
        else:
            object.__setattr__(self, "parameters", _filled_in(self.kind, self.parameters))

    def outline(self, left: float, right: float) -> Outline:
        """Return the ground around a body.

        Args:
            left: Position of the body's left edge, world units, below 0.
            right: Position of its right edge, above 0.
        """
        if self.kind == "outline":
            return Outline(self.floor, self.ceiling)
        laid = LAYOUTS[self.kind](left, right, self.parameters)
        return Outline(spaced(laid.floor), spaced(laid.ceiling))

    def to_json(self) -> dict[str, Json]:
        """Return the terrain as a JSON value that `read_terrain` reads."""
        if self.kind == "outline":
            floor, ceiling = [list(p) for p in self.floor], [list(p) for p in self.ceiling]
            return {"kind": self.kind, "floor": floor, "ceiling": ceiling}
        return {"kind": self.kind, **self.parameters}

    def __str__(self) -> str:
        changed = [
            f"{name}={value:g}"
            for name, value in self.parameters.items()
            if value != _default(self.kind, name)
        ]
        return ":".join([self.kind, *changed])


def read_terrain(value: object) -> Terrain:
    """Read a terrain.

    Args:
        value: A kind (`bumpy`), a kind with parameters (`bumpy:height=3:spacing=30`), the path of a `.json`
            file, or a JSON value such as {"kind": "bumpy", "height": 3} or
            {"kind": "outline", "floor": [[x, y], ...], "ceiling": []}.

    Raises:
        UserError: If it names no terrain, or a parameter is unknown or out of its range.
    """
    if isinstance(value, str):
        value = _read_json(value) if value.endswith(".json") else _read_words(value)
    if not isinstance(value, Mapping) or not isinstance(value.get("kind"), str):
        raise UserError(f"A terrain needs a kind, one of {', '.join(KINDS)} or outline.")
    rest = {name: number for name, number in value.items() if name != "kind"}
    if value["kind"] == "outline":
        return Terrain("outline", floor=_points(rest.get("floor")), ceiling=_points(rest.get("ceiling", [])))
    return Terrain(value["kind"], rest)


def read_terrains(value: str | Sequence[str]) -> tuple[Terrain, ...]:
    """Read one or more terrains: a sequence, or one text in which `+` joins them (`flat+bumpy`).

    Raises:
        UserError: If there is none, or one of them is wrong.
    """
    words = value.split("+") if isinstance(value, str) else value
    terrains = tuple(read_terrain(word) for word in words)
    if not terrains:
        raise UserError("Name at least one terrain, for example flat.")
    return terrains


def _read_words(text: str) -> dict[str, Any]:
    kind, *settings = text.split(":")
    found: dict[str, Any] = {"kind": kind.strip()}
    for setting in settings:
        name, _, number = setting.partition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            raise UserError(f"'{setting}' of the terrain '{text}' should read name=number.") from None
    return found


def _read_json(path: str) -> object:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"The terrain file {path} cannot be read: {error}.") from None


def _filled_in(kind: str, given: Mapping[str, Any]) -> dict[str, float]:
    if kind not in KINDS:
        raise UserError(f"There is no terrain '{kind}'; take one of {', '.join(KINDS)}.")
    known = KINDS[kind]
    unknown = sorted(set(given) - set(known))
    if unknown:
        names = ", ".join(known) or "none"
        raise UserError(f"The terrain {kind} has no parameter '{unknown[0]}'; its parameters are: {names}.")
    return {name: _checked(kind, name, p, given.get(name, p.default)) for name, p in known.items()}


def _checked(kind: str, name: str, parameter: Parameter, value: object) -> float:
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    if not parameter.low <= number <= parameter.high or (parameter.whole and number != int(number)):
        what = "a whole number" if parameter.whole else "a number"
        raise UserError(
            f"{name} of the terrain {kind} is {what} from {parameter.low:g} to {parameter.high:g}, "
            f"not {value}."
        )
    return int(number) if parameter.whole else float(number)


def _default(kind: str, name: str) -> float:
    return KINDS[kind][name].default


def _points(value: object) -> Points:
    try:
        pairs: Any = value
        return tuple((float(x), float(y)) for x, y in pairs)
    except (TypeError, ValueError):
        raise UserError("The floor and ceiling of an outline are lists of [x, y] pairs.") from None


def _check_outline(terrain: Terrain) -> None:
    if len(terrain.floor) < 2:
        raise UserError("The floor of an outline needs at least two corners.")
    for points in (terrain.floor, terrain.ceiling):
        if not all(math.isfinite(number) for point in points for number in point):
            raise UserError("The corners of an outline must be finite numbers.")
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            if x1 < x0 or (x1 - x0) ** 2 + (y1 - y0) ** 2 < 0.01:
                raise UserError("The corners of an outline go from left to right, at least 0.1 units apart.")
    if len(terrain.ceiling) == 1:
        raise UserError("The ceiling of an outline needs at least two corners, or none.")
