"""Measures: the numbers that place a walker in the behaviour space, by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from elm_envs_sodarace.drive import is_bone
from elm_envs_sodarace.simulation import RADIUS, Simulation
from elm_envs_sodarace.walker import WORLD_UNITS, Walker
from elm_protocols import BehaviorSpace, ContinuousAxis, UserError

BoolArray: TypeAlias = npt.NDArray[np.bool_]

RECORD_EVERY = 3
"""Steps between the frames on which the measures of a gait are taken: 20 a second."""
CONTACT_GAP = 0.15
"""A joint touches the floor where its disc is nearer to it than this, in world units."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure.

    Attributes:
        axis: Its name, unit, and the bounds in which evolved walkers lie.
        of: Computes it.
        needs_frames: Whether the simulation must be recorded.
    """

    axis: ContinuousAxis
    of: Callable[[Walker, Simulation], float]
    needs_frames: bool = False


def behavior_space(names: Sequence[str]) -> BehaviorSpace:
    """Return the behaviour space of the named measures.

    Raises:
        UserError: If a name is unknown, or there is none.
    """
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        raise UserError(f"There is no measure '{unknown[0]}'; take some of {', '.join(MEASURES)}.")
    return BehaviorSpace(tuple(MEASURES[name].axis for name in names))


def needs_frames(names: Sequence[str]) -> bool:
    """Return whether one of the measures looks at the run and not only at its ends."""
    return any(MEASURES[name].needs_frames for name in names)


def measure(names: Sequence[str], walker: Walker, simulation: Simulation) -> tuple[float, ...]:
    """Return the named measures of a simulation (recorded every `RECORD_EVERY` steps where they need it)."""
    return tuple(float(MEASURES[name].of(walker, simulation)) for name in names)


def _height(walker: Walker, simulation: Simulation) -> float:
    return float(np.ptp(simulation.settled[:, 1]))


def _width(walker: Walker, simulation: Simulation) -> float:
    return float(np.ptp(simulation.settled[:, 0]))


def _mass(walker: Walker, simulation: Simulation) -> float:
    joints = walker.joints
    lengths = [math.dist(joints[m.first], joints[m.second]) for m in walker.muscles]
    return len(joints) + WORLD_UNITS * math.fsum(lengths) / 2


def _joints(walker: Walker, simulation: Simulation) -> float:
    return len(walker.joints)


def _muscle_share(walker: Walker, simulation: Simulation) -> float:
    driven = sum(not is_bone(muscle.amplitude) for muscle in walker.muscles)
    return driven / len(walker.muscles)


def _mean_height(walker: Walker, simulation: Simulation) -> float:
    frames = simulation.frames
    above = frames[:, :, 1] - simulation.outline.height(frames[:, :, 0])
    return float(above.mean())


def _contact_share(walker: Walker, simulation: Simulation) -> float:
    shares = touching(simulation).mean(axis=0)
    feet = shares[shares > 0]
    return float(feet.mean()) if len(feet) else 0.0


def _rear_contact(walker: Walker, simulation: Simulation) -> float:
    return _contact_of_foot(simulation, rear=True)


def _front_contact(walker: Walker, simulation: Simulation) -> float:
    return _contact_of_foot(simulation, rear=False)


def _contact_of_foot(simulation: Simulation, *, rear: bool) -> float:
    """Return the contact share of the rearmost or foremost of the joints that ever touch the floor."""
    shares = touching(simulation).mean(axis=0)
    feet = np.flatnonzero(shares)
    if not len(feet):
        return 0.0
    along = simulation.settled[feet, 0]
    return float(shares[feet[along.argmin() if rear else along.argmax()]])


def _gait_frequency(walker: Walker, simulation: Simulation) -> float:
    contact = touching(simulation)
    feet = contact.any(axis=0)
    seconds = (len(contact) - 1) * simulation.frame_seconds
    if not feet.any() or seconds <= 0:
        return 0.0
    strikes = (contact[1:] & ~contact[:-1]).sum(axis=0)[feet]
    return float(strikes.mean()) / seconds


def touching(simulation: Simulation) -> BoolArray:
    """Return which joint touches the floor in which frame, shape (frames, joints), true or false.

    The gap is taken square to the floor under the disc's middle; walls and ceilings do not count.
    """
    x, y = simulation.frames[:, :, 0], simulation.frames[:, :, 1]
    here, ahead = simulation.outline.height(x), simulation.outline.height(x + 0.01)
    slope = (ahead - here) / 0.01
    gap = (y - here) / np.sqrt(1.0 + slope * slope) - RADIUS
    contact: BoolArray = gap < CONTACT_GAP
    return contact


def _axis(name: str, low: float, high: float, unit: str = "") -> ContinuousAxis:
    return ContinuousAxis(name, low, high, unit)


_ALL = (
    Measure(_axis("height", 0.0, 150.0, "units"), _height),
    Measure(_axis("width", 0.0, 150.0, "units"), _width),
    Measure(_axis("mass", 0.0, 600.0, "units"), _mass),
    Measure(_axis("joints", 0.0, 30.0), _joints),
    Measure(_axis("muscle_share", 0.0, 1.0), _muscle_share),
    Measure(_axis("contact_share", 0.0, 1.0), _contact_share, needs_frames=True),
    Measure(_axis("rear_contact", 0.0, 1.0), _rear_contact, needs_frames=True),
    Measure(_axis("front_contact", 0.0, 1.0), _front_contact, needs_frames=True),
    Measure(_axis("mean_height", 0.0, 75.0, "units"), _mean_height, needs_frames=True),
    Measure(_axis("gait_frequency", 0.0, 1.0, "Hz"), _gait_frequency, needs_frames=True),
)

MEASURES: Mapping[str, Measure] = {entry.axis.name: entry for entry in _ALL}
"""Every measure by name.

- `height`, `width` (of the settled body, between its outermost joints) and `mass` (number of joints plus
  half the summed length of the links), as in OpenELM;
- `joints`, `muscle_share` (driven share of the links);
- `contact_share`: share of the time a foot touches the floor, mean over the feet (the joints that ever
  touch it);
  `rear_contact` and `front_contact`: the same of the rearmost and the foremost foot;
- `mean_height` of the centre of mass above the floor; `gait_frequency`: how often a second a foot strikes
  the floor, mean over the feet.
"""
