"""The seven seed programs of the ELM paper (arXiv 2206.08896, section 5 and appendix) and of OpenELM.

Written anew, so that each is valid and walks to the right; each reads as `ast.unparse` writes it, and
begins with
`program.TEMPLATE`.
"""

from __future__ import annotations

from collections.abc import Mapping

from elm_protocols import UserError

_SQUARE = """\
from walker import walker_creator
import math

def make_walker():
    wc = walker_creator()

    def make_square(x0, y0, x1, y1):
        j0 = wc.add_joint(x0, y0)
        j1 = wc.add_joint(x0, y1)
        j2 = wc.add_joint(x1, y1)
        j3 = wc.add_joint(x1, y0)
        return [j0, j1, j2, j3]
    sides = make_square(0, 0, 10, 10)
    center = wc.add_joint(5, 5)
    for k in range(4):
        wc.add_muscle(sides[k], sides[(k + 1) % 4])
    for k in range(4):
        wc.add_muscle(sides[k], center, 0.7, -1.5 * k)
    return wc.get_walker()
"""
"""Bones around a square, four muscles to its middle (ELM paper, appendix)."""

_RADIAL = """\
from walker import walker_creator
import math

def make_walker():
    wc = walker_creator()

    def make_circle(cx, cy, radius, num_points):
        joints = []
        for k in range(num_points):
            angle = 2 * math.pi * k / num_points
            x = cx + radius * math.cos(angle)
            y = cy + radius * math.sin(angle)
            joints.append(wc.add_joint(x, y))
        return joints
    num_points = 8
    points = make_circle(5, 5, 5, num_points)
    center = wc.add_joint(5, 5)
    for k in range(num_points):
        phase = -2 * math.pi * k / num_points
        wc.add_muscle(points[k], points[(k + 1) % num_points])
        wc.add_muscle(points[k], center, 0.7, phase)
    return wc.get_walker()
"""
"""Eight joints on a circle, spokes that swing one after the other."""

_WHEEL = """\
from walker import walker_creator
import math

def make_walker():
    wc = walker_creator()

    def make_ring(radius, num_points):
        ring = []
        for k in range(num_points):
            angle = 2 * math.pi * k / num_points
            x = radius * math.cos(angle)
            y = radius * math.sin(angle)
            ring.append(wc.add_joint(x, y))
        return ring
    num_points = 7
    inner = make_ring(2, num_points)
    outer = make_ring(6, num_points)
    for k in range(num_points):
        after = (k + 1) % num_points
        phase = 2 * math.pi * k / num_points
        wc.add_muscle(inner[k], inner[after])
        wc.add_muscle(outer[k], outer[after], 0.3, phase)
        wc.add_muscle(inner[k], outer[k], 0.7, phase)
        wc.add_muscle(inner[k], outer[after], 0.7, phase + 1.0)
    return wc.get_walker()
"""
"""Two rings with muscles between them: it rolls."""

_CPPN_FIXED = """\
from walker import walker_creator
import math

def make_walker():
    wc = walker_creator()

    def query_cppn(columns, rows, scale, connect, amplitude, phase):
        joints = {}
        for x in range(columns):
            for y in range(rows):
                joints[x, y] = wc.add_joint(x * scale, y * scale)
        for x0, y0 in joints:
            for x1, y1 in joints:
                if (x0, y0) < (x1, y1) and connect(x0, y0, x1, y1):
                    a = amplitude(x0, y0, x1, y1)
                    p = phase(x0, y0, x1, y1)
                    wc.add_muscle(joints[x0, y0], joints[x1, y1], a, p)

    def connect(x0, y0, x1, y1):
        return (x0 - x1) ** 2 + (y0 - y1) ** 2 <= 2.5

    def amplitude(x0, y0, x1, y1):
        return 0.5

    def phase(x0, y0, x1, y1):
        return -1.2 * x0
    query_cppn(8, 3, 1.5, connect, amplitude, phase)
    return wc.get_walker()
"""
"""A grid of joints whose links are functions of their place; every muscle swings equally far."""

_CPPN_MUTABLE = """\
from walker import walker_creator
import math

def make_walker():
    wc = walker_creator()

    def query_cppn(columns, rows, scale, connect, amplitude, phase):
        joints = {}
        for x in range(columns):
            for y in range(rows):
                joints[x, y] = wc.add_joint(x * scale, y * scale)
        for x0, y0 in joints:
            for x1, y1 in joints:
                if (x0, y0) < (x1, y1) and connect(x0, y0, x1, y1):
                    a = amplitude(x0, y0, x1, y1)
                    p = phase(x0, y0, x1, y1)
                    wc.add_muscle(joints[x0, y0], joints[x1, y1], a, p)

    def connect(x0, y0, x1, y1):
        return (x0 - x1) ** 2 + (y0 - y1) ** 2 <= 4.5

    def amplitude(x0, y0, x1, y1):
        return 0.9 * max(abs(x0 - x1), abs(y0 - y1))

    def phase(x0, y0, x1, y1):
        return x0 if x0 % 2 == 1 else -x0
    query_cppn(5, 3, 2.5, connect, amplitude, phase)
    return wc.get_walker()
"""
"""The same grid with an amplitude that depends on the place."""

_GALLOPER = """\
from walker import walker_creator
import math

def make_walker():
    wc = walker_creator()
    hind = wc.add_joint(0, 6)
    back = wc.add_joint(5, 7)
    fore = wc.add_joint(10, 6)
    belly = wc.add_joint(5, 4.5)
    for a, b in [(hind, back), (back, fore), (hind, belly), (belly, fore), (back, belly)]:
        wc.add_muscle(a, b)

    def make_leg(hip, x, phase):
        knee = wc.add_joint(x, 2.5)
        foot = wc.add_joint(x + 1, 0)
        wc.add_muscle(hip, knee)
        wc.add_muscle(knee, foot)
        wc.add_muscle(knee, belly, 0.3, phase)
        wc.add_muscle(foot, belly, 0.4, phase + 0.6)
        wc.add_muscle(foot, hip, 0.3, phase + 1.2)
    make_leg(hind, -1, 0.0)
    make_leg(fore, 9, 3.1)
    return wc.get_walker()
"""
"""A stiff back on a hind and a fore leg."""

_RUNNER = """\
from walker import walker_creator
import math

def make_walker():
    wc = walker_creator()
    spine = []
    for k in range(5):
        spine.append(wc.add_joint(3 * k, 5))
    ridge = wc.add_joint(6, 8)
    for joint in spine:
        wc.add_muscle(joint, ridge)
    for k in range(4):
        wc.add_muscle(spine[k], spine[k + 1])

    def make_leg(k, phase):
        foot = wc.add_joint(3 * k, 0)
        wc.add_muscle(spine[k], foot)
        wc.add_muscle(spine[k - 1], foot, 0.4, phase)
        wc.add_muscle(spine[k + 1], foot, 0.4, phase + 3.1)
    for k in range(1, 4):
        make_leg(k, 1.0 * k)
    return wc.get_walker()
"""
"""A stiff back on three legs."""

SEEDS: Mapping[str, str] = {
    "square": _SQUARE,
    "radial": _RADIAL,
    "wheel": _WHEEL,
    "cppn_fixed": _CPPN_FIXED,
    "cppn_mutable": _CPPN_MUTABLE,
    "galloper": _GALLOPER,
    "runner": _RUNNER,
}
"""Source of each seed by name."""


def seed_program(name: str) -> str:
    """Return the source of a seed.

    Raises:
        UserError: If there is no seed of that name.
    """
    if name not in SEEDS:
        raise UserError(f"There is no seed '{name}'; take one of {', '.join(SEEDS)}.")
    return SEEDS[name]
