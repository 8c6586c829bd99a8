"""The drive law: how long each muscle is at each moment.

A link whose amplitude is below `BONE_AMPLITUDE` is a bone. A muscle follows
`L(t) = L0 * (1 + SWING * a * cos(RATE * t + phase))`, t in seconds, a in [-1, 1], phase in RADIANS: whole
numbers, which models like to write, are then all different phases. (Counted in cycles, as in the law's
usual form with 2 pi * phase, every whole number would be the same phase.)

Rate, swing, cutoff and stiffness are those of OpenELM's simulator, which follows IESoR's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from elm_envs_sodarace.walker import FloatArray, Walker

RATE = 3.0
"""Angular frequency of every muscle, in radians a second: a cycle takes 2.09 s."""
SWING = 0.3
"""Largest change of a muscle's length, as a share of its resting length."""
BONE_AMPLITUDE = 0.2
"""Links with an amplitude below this (either sign) are rigid and not driven."""


def cosine_and_sine(angles: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the cosine and sine of `angles` (radians, any shape) with the same bits on every machine.

    `numpy.cos` and the C library choose their code by the processor and differ in the last bit, which a
    chaotic trajectory turns into another one. Here are only additions, multiplications and roundings, which
    IEEE 754
    fixes: the angle is reduced to [-pi/4, pi/4] and the Taylor series is summed to order 17. The error is
    below 1e-15 for the reduced angle and grows as that of the reduction, to about 1e-10 at an angle of 1e6.
    """
    quarter = np.rint(angles * (2 / np.pi))
    rest = (angles - quarter * 1.57079632673412561417e00) - quarter * 6.07710050650619224932e-11
    square = rest * rest
    sine, cosine = np.zeros_like(rest), np.zeros_like(rest)
    for order in range(16, 0, -2):
        cosine = (1.0 + cosine) * (-square / ((order - 1) * order))
        sine = (1.0 + sine) * (-square / (order * (order + 1)))
    cosine, sine = 1.0 + cosine, (1.0 + sine) * rest
    turned = quarter.astype(np.int64) & 3
    return (
        np.choose(turned, (cosine, -sine, -cosine, sine)),
        np.choose(turned, (sine, cosine, -sine, -cosine)),
    )


@dataclass(frozen=True, slots=True)
class Drive:
    """The driven links of a walker; its length at a time is `rest + even * cos(RATE t) + odd * sin(RATE t)`.

    Attributes:
        indices: Position of each driven link among the walker's muscles.
        rest: Resting lengths, world units.
        even: Factors of the cosine, world units.
        odd: Factors of the sine, world units.
    """

    indices: tuple[int, ...]
    rest: FloatArray
    even: FloatArray
    odd: FloatArray

    def lengths(self, start: int, stop: int, step: float) -> list[list[float]]:
        """Return the lengths at the beginning of steps `start` to `stop` (excluded), a list a step.

        Args:
            start: Number of the first step.
            stop: Number after the last step.
            step: Seconds a step.
        """
        cosine, sine = _swing(-(-stop // _TABLE) * _TABLE, step)
        even = cosine[start:stop, None] * self.even
        odd = sine[start:stop, None] * self.odd
        lengths: list[list[float]] = (self.rest + (even + odd)).tolist()
        return lengths


_TABLE = 1024
"""The cosine and sine of the drive are kept for a multiple of this many steps."""


@lru_cache(maxsize=8)
def _swing(steps: int, step: float) -> tuple[FloatArray, FloatArray]:
    return cosine_and_sine(RATE * (np.arange(steps, dtype=np.float64) * step))


def is_bone(amplitude: float) -> bool:
    """Return whether a link of this amplitude is rigid."""
    return abs(amplitude) < BONE_AMPLITUDE


def drive_of(walker: Walker, lengths: FloatArray) -> Drive:
    """Return the driven links of `walker`.

    Args:
        walker: The robot.
        lengths: Resting length of every muscle, world units.
    """
    indices = tuple(i for i, muscle in enumerate(walker.muscles) if not is_bone(muscle.amplitude))
    muscles = [walker.muscles[i] for i in indices]
    amplitudes = np.array([min(1.0, max(-1.0, muscle.amplitude)) for muscle in muscles])
    cosine, sine = cosine_and_sine(np.array([muscle.phase for muscle in muscles]))
    rest = lengths[list(indices)]
    swing = SWING * amplitudes * rest
    return Drive(indices, rest, swing * cosine, -(swing * sine))
