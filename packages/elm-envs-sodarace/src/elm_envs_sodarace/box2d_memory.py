"""Numbers of all links or joints of a world at once, as numpy arrays over Box2D's own memory.

Box2D's bindings set one length and read one position a call, which costs a quarter of a simulation, and half
of one of which every step is recorded. Box2D keeps each number as a float32 at a fixed place of its object,
and objects that are made one after another lie at equal distances, so that one array stands for all of them.
Where exactly is written nowhere: it is found by trial, once a process. Where the trial gives no clear answer,
the bindings are called, for the same bits.

An array must not be used after its world is gone.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from itertools import pairwise
from types import EllipsisType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from elm_envs_sodarace.box2d_bindings import (
    b2CircleShape,
    b2DistanceJoint,
    b2FixtureDef,
    b2World,
    set_length,
)
from elm_envs_sodarace.walker import FloatArray

Rows = NDArray[np.float32]

_SEARCHED_BYTES = 192
"""How much of an object is searched; blocks of Box2D are larger, or lie in a piece that is."""
_LENGTHS_TRIED = (1.5, 1234.5, 7.25)
_POSITIONS_TRIED = ((3.5, -77.25), (1234.5, 9.75), (-0.125, 65.5))
"""Exact as float32, and unlike any other number of an object."""


class LinkLengths(Protocol):
    """What takes the lengths of all links of a world, float32, shape (links,): `lengths[...] = row`."""

    def __setitem__(self, key: EllipsisType, row: Rows, /) -> None:
        """Set every length, world units."""
        ...


def link_lengths(links: Sequence[b2DistanceJoint]) -> LinkLengths:
    """Return what sets the resting lengths of `links`."""
    place = place_of_length()
    if place is None:
        return LengthsThroughBindings(links)
    views = [view[:, 0] for view in _views(links, place, 1)]
    return views[0] if len(views) == 1 else _LengthsInPieces(views)


def position_reader(bodies: Sequence[Any]) -> Callable[[], FloatArray]:
    """Return a function that reads the positions of `bodies`, world units, shape (bodies, 2)."""
    place = place_of_position()
    if place is None:
        return partial(positions_through_bindings, bodies)
    return partial(_concatenated, tuple(_views(bodies, place, 2)))


@cache
def place_of_length() -> int | None:
    """Return how many bytes from its beginning a distance joint keeps its length; None if unclear."""
    world = b2World()
    ends = [world.CreateDynamicBody(position=(x, 0.0)) for x in (0.0, 1.0)]
    joint = world.CreateDistanceJoint(bodyA=ends[0], bodyB=ends[1])
    return _place_found(joint, ((length,) for length in _LENGTHS_TRIED), _try_length)


@cache
def place_of_position() -> int | None:
    """Return how many bytes from its beginning a body keeps its position; None if unclear."""
    world = b2World()  # a body's memory is gone with its world
    body = world.CreateDynamicBody()
    # Beside the body's origin, so that its centre of mass is another point than its position.
    body.CreateFixture(b2FixtureDef(shape=b2CircleShape(radius=1.0, pos=(0.5, 0.25)), density=1.0))
    return _place_found(body, _POSITIONS_TRIED, _try_position)


def _try_length(joint: b2DistanceJoint, values: tuple[float, ...]) -> None:
    set_length(joint.this, values[0])


def _try_position(body: Any, values: tuple[float, ...]) -> None:
    body.position = values


def _place_found(
    thing: Any, trials: Iterable[tuple[float, ...]], assign: Callable[[Any, tuple[float, ...]], None]
) -> int | None:
    """Return the one place of an object that holds what is assigned to it; None if not just one."""
    memory = _view(int(thing.this), _SEARCHED_BYTES // 4, 4, 0, 1)[:, 0]
    places = set(range(len(memory)))
    for values in trials:
        assign(thing, values)
        places = {at for at in places if memory[at : at + len(values)].tolist() == list(values)}
    return 4 * places.pop() if len(places) == 1 else None


def _views(things: Sequence[Any], place: int, width: int) -> list[Rows]:
    """Return arrays over `width` numbers at `place` of each object, a row an object."""
    addresses = [int(thing.this) for thing in things]
    gap = max(0, addresses[1] - addresses[0]) if len(addresses) > 1 else 0
    # Box2D takes its objects from pieces of 16 KB: where there are many, they lie in several rows.
    starts = [i for i, (one, next_one) in enumerate(pairwise(addresses), 1) if next_one - one != gap]
    bounds = pairwise([0, *starts, len(addresses)])
    return [
        _view(addresses[start], stop - start, gap, place, width) for start, stop in bounds if stop > start
    ]


def _view(address: int, count: int, gap: int, place: int, width: int) -> Rows:
    memory = (ctypes.c_char * (gap * (count - 1) + place + 4 * width)).from_address(address)
    return np.ndarray((count, width), np.float32, memoryview(memory), place, (gap, 4))


def _concatenated(views: tuple[Rows, ...]) -> FloatArray:
    return np.concatenate(views, dtype=np.float64)


class _LengthsInPieces:
    """The lengths of links that lie in several rows of memory."""

    def __init__(self, views: Sequence[Rows]) -> None:
        ends = np.cumsum([len(view) for view in views], dtype=int).tolist()
        self._pieces = [(view, slice(end - len(view), end)) for view, end in zip(views, ends, strict=True)]

    def __setitem__(self, key: EllipsisType, row: Rows) -> None:
        """Set every length, world units."""
        for view, piece in self._pieces:
            view[...] = row[piece]


class LengthsThroughBindings:
    """Sets the lengths of links one by one."""

    def __init__(self, links: Sequence[b2DistanceJoint]) -> None:
        # Bare pointers: the bindings find them faster than the proxies around them.
        self._links = [link.this for link in links]

    def __setitem__(self, key: EllipsisType, row: Rows) -> None:
        """Set every length, world units."""
        for link, length in zip(self._links, row.tolist(), strict=True):
            set_length(link, length)


def positions_through_bindings(bodies: Sequence[Any]) -> FloatArray:
    """Return the positions of `bodies`, world units, shape (bodies, 2)."""
    return np.array([(point.x, point.y) for point in (body.position for body in bodies)])
