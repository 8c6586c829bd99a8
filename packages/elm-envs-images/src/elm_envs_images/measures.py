"""The axes of the behaviour space that can be chosen by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from elm_envs_images import image_properties as properties
from elm_envs_images.targets import Image
from elm_protocols import Axis, BehaviorSpace, CategoricalAxis, ContinuousAxis, UserError

_CONTINUOUS: dict[str, tuple[float, float, Callable[[Image], float]]] = {
    "red": (0.0, 1.0, partial(properties.mean_shade, channel=0)),
    "green": (0.0, 1.0, partial(properties.mean_shade, channel=1)),
    "blue": (0.0, 1.0, partial(properties.mean_shade, channel=2)),
    "brightness": (0.0, 1.0, properties.brightness),
    "contrast": (0.0, 0.5, properties.contrast),
    "edge_density": (0.0, 0.6, properties.edge_density),
    "compression_ratio": (0.0, 0.5, properties.compression_ratio),
    "symmetry": (0.0, 1.0, properties.symmetry),
}

MEASURE_NAMES = (*_CONTINUOUS, "dominant_hue")
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
        return properties.dominant_hue(image)
    return _CONTINUOUS[name][2](image)


def _axis(name: str) -> Axis:
    if name == "dominant_hue":
        return CategoricalAxis(name, properties.HUES)
    low, high, _ = _CONTINUOUS[name]
    return ContinuousAxis(name, low, high)
