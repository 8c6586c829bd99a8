"""Numbers that describe an image; each function takes an image (height, width, 3), uint8."""

from __future__ import annotations

import bz2

import numpy as np
from numpy.typing import NDArray

from elm_envs_images.targets import Image

_LUMA = np.array([0.2126, 0.7152, 0.0722]) / 255  # ITU-R BT.709, section 3.2
_EDGE = 0.05  # change of luma a pixel from which an edge is seen
_GRAY = 0.05  # mean chroma up to which a picture counts as gray

HUES = ("gray", "red", "yellow", "green", "cyan", "blue", "magenta")


def mean_shade(image: Image, channel: int) -> float:
    """Return the mean of one channel (0 red, 1 green, 2 blue), 0 to 1."""
    return float(image[..., channel].mean()) / 255


def brightness(image: Image) -> float:
    """Return the mean luma, 0 (black) to 1 (white)."""
    return float(_luma(image).mean())


def contrast(image: Image) -> float:
    """Return the standard deviation of the luma, 0 to 0.5.

    The RMS contrast of Peli, "Contrast in complex images" (J. Opt. Soc. Am. A, 1990), section 2.
    """
    return float(_luma(image).std())


def edge_density(image: Image) -> float:
    """Return the share of pixels where the luma changes by more than 5 % a pixel, 0 to 1."""
    down, across = np.gradient(_luma(image))
    return float((np.hypot(down, across) > _EDGE).mean())


def compression_ratio(image: Image) -> float:
    """Return the image's size compressed by bzip2 over its raw size, about 0 to 1 (noise; never more).

    An upper bound of its Kolmogorov complexity a byte. bzip2, since its output does not depend on the
    library's build as that of zlib does.
    """
    raw = image.tobytes()
    return min(len(bz2.compress(raw)) / len(raw), 1.0)


def symmetry(image: Image) -> float:
    """Return the likeness of the image and its mirror image (left to right), 0 to 1 (symmetric)."""
    return likeness(image, image[:, ::-1])


def likeness(image: Image, other: Image) -> float:
    """Return 1 - the mean absolute difference of two images, 0 (black and white) to 1 (equal)."""
    return 1 - float(np.abs(image.astype(float) - other).mean()) / 255


def dominant_hue(image: Image) -> float:
    """Return the index in `HUES` of the hue with most chroma; 0 where there is hardly any colour."""
    shades = image.astype(float) / 255
    highest, lowest = shades.max(axis=2), shades.min(axis=2)
    chroma = highest - lowest
    if chroma.mean() <= _GRAY:
        return 0.0
    sector = (
        np.floor(_hue(shades, highest, chroma) + 0.5).astype(int) % 6
    )  # each hue in the middle of its sector
    return 1.0 + int(np.argmax(np.bincount(sector.ravel(), weights=chroma.ravel(), minlength=6)))


def _hue(
    shades: NDArray[np.float64], highest: NDArray[np.float64], chroma: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the hue of each pixel in sixths of a turn from red, 0 to 6."""
    red, green, blue = np.moveaxis(shades, 2, 0)
    divisor = np.where(chroma == 0, 1.0, chroma)
    of_red = ((green - blue) / divisor) % 6
    of_green = (blue - red) / divisor + 2
    of_blue = (red - green) / divisor + 4
    hue: NDArray[np.float64] = np.where(highest == red, of_red, np.where(highest == green, of_green, of_blue))
    return hue


def _luma(image: Image) -> NDArray[np.float64]:
    luma: NDArray[np.float64] = image @ _LUMA
    return luma
