"""The walker as data, and what makes one valid."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from elm_protocols import Json

FloatArray: TypeAlias = npt.NDArray[np.float64]

WORLD_UNITS = 5.0
"""World units in one program unit: the ten-by-ten square of the ELM paper is a body 50 units wide."""

MAX_JOINTS = 100
MAX_MUSCLES = 500
MAX_EXTENT = 30.0
"""Largest width and height of a walker's design, in program units (150 world units)."""
MAX_COORDINATE = 1e6
"""Largest coordinate a joint may be given at, in program units: beyond it, rounding would change the body."""
MIN_DISTANCE = 0.1
"""Smallest distance between two joints, in program units (OpenELM's rule)."""
_DIGITS = 6
"""Decimals kept of every number of a walker, so that a last-bit difference between the mathematical
libraries of two machines does not become another walker."""


@dataclass(frozen=True, slots=True)
class Muscle:
    """A link between two joints.

    Attributes:
        first: Index of one joint.
        second: Index of the other joint.
        amplitude: Share of the largest swing; beyond [-1, 1] it counts as -1 or 1. Negative: opposite phase.
        phase: Shift of the swing, in radians.
    """

    first: int
    second: int
    amplitude: float = 0.0
    phase: float = 0.0


@dataclass(frozen=True, slots=True)
class Walker:
    """A robot's design, in program units (y points up).

    Attributes:
        joints: (x, y) of each joint.
        muscles: Links between joints.
    """

    joints: tuple[tuple[float, float], ...]
    muscles: tuple[Muscle, ...]

    def positions(self) -> FloatArray:
        """Return the joints as they are laid, in world units, shape (joints, 2).

        The middle of the design is at x = 0 and its lowest joint at y = 0, wherever the program drew it.
        """
        design = np.array(self.joints, dtype=np.float64)
        low, high = design.min(axis=0), design.max(axis=0)
        origin = np.array([(low[0] + high[0]) / 2, low[1]])
        laid: FloatArray = np.round(design - origin, _DIGITS) * WORLD_UNITS
        return laid

    def to_json(self) -> dict[str, Json]:
        """Return the walker as a JSON value."""
        return {
            "joints": [list(joint) for joint in self.joints],
            "muscles": [[m.first, m.second, m.amplitude, m.phase] for m in self.muscles],
        }


@dataclass(frozen=True, slots=True)
class InvalidWalker:
    """Why something is not a walker that can be simulated.

    Attributes:
        status: A short word naming the cause, as in `Evaluation.status`.
        feedback: One line on what to change.
    """

    status: str
    feedback: str


def read_walker(value: object) -> Walker | InvalidWalker:
    """Read a walker from data that an untrusted program returned.

    Muscles from a joint to itself have no length and are left out.

    Args:
        value: What the program's adapter sent: {"joints": [[x, y], ...], "muscles": [[j0, j1, a, p], ...]}.

    Returns:
        A walker within the limits of this module, or what is wrong, in time linear in the limits.
    """
    if not (isinstance(value, Mapping) and _is_list(value.get("joints")) and _is_list(value.get("muscles"))):
        return InvalidWalker("not-a-walker", "make_walker must return wc.get_walker().")
    joints, muscles = value["joints"], value["muscles"]
    problem = _check_counts(len(joints), len(muscles))
    if problem is not None:
        return problem
    try:
        points = tuple((_number(x), _number(y)) for x, y in joints)
        links = tuple(_muscle(*muscle) for muscle in muscles)
    except (TypeError, ValueError, OverflowError):
        return InvalidWalker(
            "not-a-walker", "Joints need two numbers and muscles two joints and two numbers."
        )
    walker = Walker(points, tuple(link for link in links if link.first != link.second))
    return _check(walker) or walker


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return round(float(value), _DIGITS)


def _muscle(first: object, second: object, amplitude: object, phase: object) -> Muscle:
    if isinstance(first, bool) or isinstance(second, bool):
        raise TypeError
    if not (isinstance(first, int) and isinstance(second, int)):
        raise TypeError
    return Muscle(first, second, _number(amplitude), _number(phase))


def _check_counts(joints: int, muscles: int) -> InvalidWalker | None:
    if joints == 0:
        return InvalidWalker("empty-walker", "The walker has no joints: call wc.add_joint.")
    if joints == 1:
        return InvalidWalker("one-joint", "The walker has one joint: add a second one and link them.")
    if joints > MAX_JOINTS:
        return InvalidWalker("too-many-joints", f"The walker has more than {MAX_JOINTS} joints.")
    if muscles > MAX_MUSCLES:
        return InvalidWalker("too-many-muscles", f"The walker has more than {MAX_MUSCLES} muscles.")
    return None


def _check(walker: Walker) -> InvalidWalker | None:
    numbers = [number for joint in walker.joints for number in joint]
    numbers += [number for m in walker.muscles for number in (m.amplitude, m.phase)]
    if not all(map(math.isfinite, numbers)):
        return InvalidWalker("not-finite", "A coordinate, amplitude or phase is NaN or infinite.")
    if max(map(abs, numbers)) > MAX_COORDINATE:
        return InvalidWalker("too-large", f"A number of the walker is larger than {MAX_COORDINATE:.0e}.")
    for m in walker.muscles:
        if not (0 <= m.first < len(walker.joints) and 0 <= m.second < len(walker.joints)):
            return InvalidWalker("unknown-joint", f"A muscle names joint {max(m.first, m.second)}.")
    return _check_geometry(walker)


def _check_geometry(walker: Walker) -> InvalidWalker | None:
    points = np.array(walker.joints)
    width, height = np.ptp(points, axis=0)
    if max(width, height) > MAX_EXTENT:
        return InvalidWalker(
            "too-large", f"The walker is {width:.6g} x {height:.6g}; at most {MAX_EXTENT:.0f} is allowed."
        )
    offsets = points[:, None, :] - points[None, :, :]
    squares = (offsets * offsets).sum(axis=2)
    np.fill_diagonal(squares, np.inf)
    if squares.min() < MIN_DISTANCE**2:
        first, second = divmod(int(squares.argmin()), len(points))
        return InvalidWalker("joints-coincide", f"Joints {first} and {second} lie at the same place.")
    if not _is_connected(walker):
        return InvalidWalker("disconnected", "Not every joint is linked to the others by muscles.")
    return None


def _is_connected(walker: Walker) -> bool:
    neighbours: list[list[int]] = [[] for _ in walker.joints]
    for m in walker.muscles:
        neighbours[m.first].append(m.second)
        neighbours[m.second].append(m.first)
    reached, frontier = {0}, [0]
    while frontier:
        new = set(neighbours[frontier.pop()]) - reached
        reached |= new
        frontier.extend(new)
    return len(reached) == len(walker.joints)
