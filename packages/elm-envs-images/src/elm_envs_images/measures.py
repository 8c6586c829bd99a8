"""The axes of the behaviour space that can be chosen by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from elm_envs_images.image_properties import (
    HUES,
    brightness,
    compression_ratio,
    contrast,
    dominant_hue,
    edge_density,
    mean_shade,
    symmetry,
)
from elm_envs_images.targets import Image
from elm_protocols import Axis, BehaviorSpace, CategoricalAxis, ContinuousAxis, UserError

_TENTHS = tuple(tenth / 10 for tenth in range(1, 10))

# Where drawings crowd together, narrow bins keep a few shapes, many shapes and textures apart.
_MEASURES: dict[str, tuple[Callable[[Image], float], ContinuousAxis]] = {
    "red": (partial(mean_shade, channel=0), ContinuousAxis("red", 0, 1, edges=_TENTHS)),
    "green": (partial(mean_shade, channel=1), ContinuousAxis("green", 0, 1, edges=_TENTHS)),
    "blue": (partial(mean_shade, channel=2), ContinuousAxis("blue", 0, 1, edges=_TENTHS)),
    "brightness": (brightness, ContinuousAxis("brightness", 0, 1, edges=_TENTHS)),
    "contrast": (
        contrast,
        ContinuousAxis("contrast", 0, 0.5, edges=(0.03, 0.06, 0.1, 0.14, 0.18, 0.23, 0.28, 0.34, 0.4)),
    ),
    "edge_density": (
        edge_density,
        ContinuousAxis("edge_density", 0, 1, edges=(0.01, 0.03, 0.05, 0.08, 0.12, 0.17, 0.23, 0.3, 0.4)),
    ),
    "compression_ratio": (
        compression_ratio,
        ContinuousAxis(
            "compression_ratio", 0, 1, edges=(0.007, 0.012, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3)
        ),
    ),
    "symmetry": (
        symmetry,
        ContinuousAxis("symmetry", 0, 1, edges=(0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99)),
    ),
}

MEASURE_NAMES = (*_MEASURES, "dominant_hue")
"""The measures that `ImageEvolution` offers."""


def behavior_space(names: Sequence[str]) -> BehaviorSpace:
    """Return the behaviour space with these axes.

    Raises:
        UserError: A name is unknown, given twice, or none is given.
    """
    for name in names:
        if name not in MEASURE_NAMES:
            raise UserError(f"There is no measure '{name}': choose among {', '.join(MEASURE_NAMES)}.")
    return BehaviorSpace(tuple(_axis(name) for name in names))


def measure(name: str, image: Image) -> float:
    """Return the measure of an image (height, width, 3), uint8."""
    if name == "dominant_hue":
        return dominant_hue(image)
    return _MEASURES[name][0](image)


def _axis(name: str) -> Axis:
    return CategoricalAxis(name, HUES) if name == "dominant_hue" else _MEASURES[name][1]
