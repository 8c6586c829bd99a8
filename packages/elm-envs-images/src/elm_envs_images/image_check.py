"""Whether the value that a program drew is an image; this source is the adapter that runs in the sandbox."""

from __future__ import annotations

import numpy as np

HEIGHT = 64
WIDTH = 64
_HALF_A_STEP = 0.5  # rounding may leave 255.2 or -0.3; both are shades


def adapt(value: object) -> object:
    """Return the image as uint8 (height, width, 3), or {"problem": status, "feedback": one line}."""
    if not isinstance(value, np.ndarray):
        kind = type(value).__name__
        return _problem("not-an-image", f"draw() returned {kind}; return a numpy array.")
    image = np.asarray(value)
    if image.dtype.kind not in "biuf":
        return _problem("not-numeric", f"draw() returned an array of {image.dtype}; return numbers.")
    if image.shape != (HEIGHT, WIDTH, 3):
        return _problem(
            "wrong-shape", f"draw() returned an array of shape {image.shape}; return {(HEIGHT, WIDTH, 3)}."
        )
    return _shades(image)


def _shades(image: np.ndarray) -> object:
    """Return the values as uint8, False as 0 and True as 255, or the problem with them."""
    if image.dtype.kind == "b":
        return np.uint8(255) * np.ascontiguousarray(image)
    if not np.isfinite(image).all():
        return _problem("not-finite", "The image of draw() has NaN or infinite values.")
    low, high = image.min(), image.max()
    if not (low >= -_HALF_A_STEP and high <= 255 + _HALF_A_STEP):
        return _problem(
            "out-of-range",
            f"The image of draw() has values from {low:.6g} to {high:.6g}; keep them from 0 to 255.",
        )
    return np.ascontiguousarray(np.clip(np.rint(image), 0, 255).astype(np.uint8))


def _problem(status: str, feedback: str) -> dict[str, str]:
    return {"problem": status, "feedback": feedback[:300]}
