"""The simulation of a walker on a terrain, in Box2D.

A pure function of (walker, terrain, duration): the same bits in every process, and on every x86-64 machine
with
the same Box2D wheel. Constants are those of OpenELM's simulator (which follows IESoR's) where it had them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from elm_envs_sodarace.box2d_bindings import (
    b2ChainShape,
    b2CircleShape,
    b2DistanceJoint,
    b2Filter,
    b2FixtureDef,
    b2World,
    step_world,
)
from elm_envs_sodarace.box2d_memory import link_lengths, position_reader
from elm_envs_sodarace.drive import drive_of, is_bone
from elm_envs_sodarace.outline import Outline, Points
from elm_envs_sodarace.terrain import Terrain
from elm_envs_sodarace.walker import FloatArray, Walker

STEPS_PER_SECOND = 60
"""Steps of the integrator in a simulated second."""
VELOCITY_ITERATIONS = 10
POSITION_ITERATIONS = 10
GRAVITY = -25.0
"""World units / s^2."""
RADIUS = 1.95
"""Radius of a joint's disc, world units. Joints do not collide with each other."""
DENSITY = 25.0
"""Mass of a disc by its area. Links have no mass, so every joint weighs the same."""
FRICTION = 1.0
RESTITUTION = 0.1
LINEAR_DAMPING = 1.1
"""Share of its velocity that a joint loses in a second, by air."""
STIFFNESS = 3.0
"""Natural frequency of a muscle's spring, in Hz."""
DAMPING = 0.3
"""Damping ratio of a muscle's spring."""
SETTLING_SECONDS = 2
"""How long a walker comes to rest, undriven, before its run begins."""
MAX_DURATION = 120.0
"""Longest run, in seconds."""

CHECK_SECONDS = 5
"""Driven time between two looks at whether the walker is still one body."""

_STEP = 1 / STEPS_PER_SECOND
_CHECK_STEPS = CHECK_SECONDS * STEPS_PER_SECOND
_WALKER_BIT, _TERRAIN_BIT = 0x0002, 0x0001


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a walker did.

    Attributes:
        outline: The ground it ran on; the middle of the walker's body started at x = 0.
        settled: Positions of the joints after settling, world units, shape (joints, 2).
        final: Positions at the end, shape (joints, 2).
        frames: Positions in time, the first at the end of settling, shape (frames, joints, 2); empty if not
            recorded.
        frame_seconds: Time between two frames.
    """

    outline: Outline
    settled: FloatArray
    final: FloatArray
    frames: FloatArray
    frame_seconds: float

    @property
    def travel(self) -> float:
        """Signed horizontal travel of the centre of mass after settling, world units: the fitness."""
        # fsum is exact, so the sum does not depend on how a library orders its additions.
        return math.fsum([*self.final[:, 0], *-self.settled[:, 0]]) / len(self.final)


@dataclass(frozen=True, slots=True)
class Instability:
    """A simulation that ended in numbers which are no walker.

    Attributes:
        seconds: When it was noticed, in driven time (0: while settling).
        feedback: One line.
    """

    seconds: float
    feedback: str


@dataclass(frozen=True, slots=True)
class World:
    """A Box2D world with one walker in it.

    Attributes:
        world: The Box2D world.
        read_positions: What `positions` calls; only while this object lives.
        links: The distance joint of each muscle.
        lengths: Resting length of each muscle, world units.
        laid_extent: Larger of the width and height in which the walker was laid, world units.
        outline: The ground.
    """

    world: b2World
    read_positions: Callable[[], FloatArray]
    links: tuple[b2DistanceJoint, ...]
    lengths: FloatArray
    laid_extent: float
    outline: Outline

    def positions(self) -> FloatArray:
        """Return where the joints are, world units, shape (joints, 2)."""
        return self.read_positions()


def build_world(walker: Walker, terrain: Terrain) -> World:
    """Lay `walker` on `terrain`: the middle of its body at x = 0, its lowest disc touching the floor."""
    positions = walker.positions()
    half = float(positions[:, 0].max()) + RADIUS
    outline = terrain.outline(-half, half)
    positions[:, 1] += RADIUS + _clearance(positions, outline)
    world = b2World(gravity=(0.0, GRAVITY))
    # The constructor's doSleep does nothing in these bindings, and a sleeping walker would not feel its
    # muscles.
    world.SetAllowSleeping(False)
    _build_ground(world, outline)
    bodies = tuple(_build_joints(world, positions))
    ends = np.array([(muscle.first, muscle.second) for muscle in walker.muscles], dtype=np.intp).reshape(
        -1, 2
    )
    offsets = positions[ends[:, 0]] - positions[ends[:, 1]]
    lengths = np.sqrt(offsets[:, 0] * offsets[:, 0] + offsets[:, 1] * offsets[:, 1])
    links = tuple(_build_links(world, bodies, walker, lengths.tolist()))
    laid_extent = float((positions.max(axis=0) - positions.min(axis=0)).max())
    return World(world, position_reader(bodies), links, lengths, laid_extent, outline)


def simulate(
    walker: Walker, terrain: Terrain, duration: float, *, record_every: int = 0
) -> Simulation | Instability:
    """Run a walker: lay it down, let it settle, then drive it for `duration` seconds.

    Args:
        walker: A valid walker (from `read_walker`).
        terrain: Where it runs.
        duration: Seconds of driven time, above 0 and up to `MAX_DURATION`; exact: where it is no whole
            number of steps, the last step is shorter.
        record_every: Steps between two recorded frames; 0: record none. Recording changes no number.

    Returns:
        The simulation, or the moment at which it left the finite world.
    """
    world = build_world(walker, terrain)
    handle = world.world.this  # the bindings find a bare pointer faster than the proxy around it
    for _ in range(SETTLING_SECONDS * STEPS_PER_SECOND):
        step_world(handle, _STEP, VELOCITY_ITERATIONS, POSITION_ITERATIONS)
    settled = world.positions()
    if not is_sound(settled, world.laid_extent):
        return Instability(0.0, "The walker flew apart while settling.")
    frames, final = [settled], settled
    for step, positions in _driven(world, walker, duration, record_every or _CHECK_STEPS):
        if step % _CHECK_STEPS == 0 and not is_sound(positions, world.laid_extent):
            return Instability(
                step / STEPS_PER_SECOND, f"The walker flew apart within {step / STEPS_PER_SECOND:g} s."
            )
        if record_every and step % record_every == 0:
            frames.append(positions)
        final = positions
    if not is_sound(final, world.laid_extent):
        return Instability(duration, f"The walker flew apart within {duration:g} s.")
    recorded = np.array(frames) if record_every else np.empty((0, *settled.shape))
    return Simulation(world.outline, settled, final, recorded, record_every / STEPS_PER_SECOND)


def whole_steps(duration: float) -> tuple[int, float]:
    """Return how many full steps a duration has, and the seconds of the shorter last one (0.0: none)."""
    steps = math.floor(duration * STEPS_PER_SECOND + 1e-6)
    rest = duration - steps / STEPS_PER_SECOND
    return steps, rest if rest > 1e-6 / STEPS_PER_SECOND else 0.0


def is_sound(positions: FloatArray, laid_extent: float) -> bool:
    """Return whether positions are those of a body: finite, and not stretched to many times its size.

    Args:
        positions: Shape (joints, 2).
        laid_extent: Larger of the width and height in which the body was laid, world units.
    """
    with np.errstate(invalid="ignore"):  # infinity minus infinity is NaN, and NaN is not below the limit
        return bool(np.abs(positions - positions[0]).max() <= 3.0 * laid_extent + 100.0)


def _driven(world: World, walker: Walker, duration: float, stride: int) -> Iterator[tuple[int, FloatArray]]:
    """Drive the muscles; give (steps done, positions) at each of `_stops`."""
    drive = drive_of(walker, world.lengths)
    lengths, handle = link_lengths(world.links), world.world.this
    steps, rest = whole_steps(duration)
    seconds = [_STEP] * steps + [rest] * (rest > 0)
    rows = drive.lengths(len(seconds), _STEP)
    start = 0
    for stop in _stops(len(seconds), stride):
        for step, row in zip(seconds[start:stop], rows, strict=False):
            lengths[...] = row
            step_world(handle, step, VELOCITY_ITERATIONS, POSITION_ITERATIONS)
        start = stop
        yield stop, world.positions()


def _stops(steps: int, stride: int) -> list[int]:
    """Return after which steps positions are read: every `stride`, every `_CHECK_STEPS`, and the last."""
    regular = {*range(stride, steps, stride), *range(_CHECK_STEPS, steps, _CHECK_STEPS)}
    return sorted(regular | {steps})


def _clearance(positions: FloatArray, outline: Outline) -> float:
    """Return how high to lift the body so that its lowest point above the floor touches it."""
    return float((outline.height(positions[:, 0]) - positions[:, 1]).max())


def _build_ground(world: b2World, outline: Outline) -> None:
    ground = world.CreateStaticBody()
    surface = b2Filter(categoryBits=_TERRAIN_BIT, maskBits=_WALKER_BIT, groupIndex=0)
    for chain in (outline.whole_floor(), outline.ceiling):
        if chain:
            shape = b2ChainShape(vertices_chain=list(_floats(chain)))
            ground.CreateFixture(b2FixtureDef(shape=shape, friction=FRICTION, filter=surface))


def _floats(points: Points) -> Iterator[tuple[float, float]]:
    return ((float(x), float(y)) for x, y in points)


def _build_joints(world: b2World, positions: FloatArray) -> Iterator[Any]:
    disc = b2FixtureDef(
        shape=b2CircleShape(radius=RADIUS),
        density=DENSITY,
        friction=FRICTION,
        restitution=RESTITUTION,
        filter=b2Filter(categoryBits=_WALKER_BIT, maskBits=_TERRAIN_BIT, groupIndex=0),
    )
    for position in positions.tolist():
        body = world.CreateDynamicBody(
            position=tuple(position), fixedRotation=True, linearDamping=LINEAR_DAMPING
        )
        body.CreateFixture(disc)
        yield body


def _build_links(
    world: b2World, bodies: tuple[Any, ...], walker: Walker, lengths: list[float]
) -> Iterator[b2DistanceJoint]:
    for muscle, length in zip(walker.muscles, lengths, strict=True):
        spring = {} if is_bone(muscle.amplitude) else {"frequencyHz": STIFFNESS, "dampingRatio": DAMPING}
        yield world.CreateDistanceJoint(
            bodyA=bodies[muscle.first],
            bodyB=bodies[muscle.second],
            localAnchorA=(0.0, 0.0),
            localAnchorB=(0.0, 0.0),
            length=length,
            **spring,
        )
