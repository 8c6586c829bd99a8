"""The drive law: how long each muscle is at each moment.

A link whose amplitude is below `BONE_AMPLITUDE` is a bone. A muscle follows
`L(t) = L0 * (1 + SWING * a * cos(RATE * t + phase))`, t in seconds, a in [-1, 1], phase in RADIANS: whole
numbers, which models like to write, are then all different phases. (Counted in cycles, as in the law's
usual form with 2 pi * phase, every whole number would be the same phase.)

Rate, swing, cutoff and stiffness are those of OpenELM's simulator, which follows IESoR's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from elm_envs_sodarace.walker import FloatArray, Walker

RATE = 3.0
"""Angular frequency of every muscle, in radians a second: a cycle takes 2.09 s."""
SWING = 0.3
"""Largest change of a muscle's length, as a share of its resting length."""
BONE_AMPLITUDE = 0.2
"""Links with an amplitude below this (either sign) are rigid and not driven."""

_DIVISORS = np.array([((order - 1) * order, order * (order + 1)) for order in range(16, 0, -2)])
"""Of the terms of the Taylor series, for the cosine and the sine, the last term first."""


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
    negative_square = -(rest * rest)
    series = np.zeros((2, *rest.shape))  # of the cosine and of the sine
    for divisors in _DIVISORS.reshape(-1, 2, *[1] * rest.ndim):
        series = (1.0 + series) * (negative_square / divisors)
    cosine, sine = 1.0 + series[0], (1.0 + series[1]) * rest
    turned = quarter.astype(np.int64) & 3
    return (
        np.choose(turned, (cosine, -sine, -cosine, sine)),
        np.choose(turned, (sine, cosine, -sine, -cosine)),
    )


@dataclass(frozen=True, slots=True)
class Drive:
    """The links of a walker; their length at a time is `rest + even * cos(RATE t) + odd * sin(RATE t)`.

    All attributes have shape (links,) and are in world units.

    Attributes:
        rest: Resting lengths.
        even: Factors of the cosine; 0 for bones.
        odd: Factors of the sine; 0 for bones.
    """

    rest: FloatArray
    even: FloatArray
    odd: FloatArray

    def lengths(self, steps: int, step: float) -> Iterator[NDArray[np.float32]]:
        """Return the lengths at the beginning of each of `steps` steps, shape (links,).

        Args:
            steps: How many steps.
            step: Seconds a step.
        """
        starts = range(0, steps, _BLOCK)
        return chain.from_iterable(self._block(start, min(start + _BLOCK, steps), step) for start in starts)

    def _block(self, start: int, stop: int, step: float) -> NDArray[np.float32]:
        cosine, sine = _swing(-(-stop // _BLOCK) * _BLOCK, step)
        lengths = cosine[start:stop, None] * self.even
        lengths += sine[start:stop, None] * self.odd
        lengths += self.rest
        return lengths.astype(np.float32)


_BLOCK = 512
"""Steps whose lengths are computed together."""


@lru_cache(maxsize=8)
def _swing(steps: int, step: float) -> tuple[FloatArray, FloatArray]:
    return cosine_and_sine(RATE * (np.arange(steps, dtype=np.float64) * step))


def is_bone(amplitude: float) -> bool:
    """Return whether a link of this amplitude is rigid."""
    return abs(amplitude) < BONE_AMPLITUDE


def drive_of(walker: Walker, lengths: FloatArray) -> Drive:
    """Return how the links of `walker` change.

    Args:
        walker: The robot.
        lengths: Resting length of every link, world units, shape (links,).
    """
    amplitudes = np.array([muscle.amplitude for muscle in walker.muscles]).clip(-1.0, 1.0)
    amplitudes[np.abs(amplitudes) < BONE_AMPLITUDE] = 0.0
    cosine, sine = cosine_and_sine(np.array([muscle.phase for muscle in walker.muscles]))
    swing = SWING * amplitudes * lengths
    return Drive(lengths, swing * cosine, -(swing * sine))
