"""Target pictures: a built-in set, or the user's own image file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageOps

from elm_protocols import UnreadableFileError, UserError

Image: TypeAlias = NDArray[np.uint8]
"""An array (height, width, 3) of red, green and blue from 0 to 255."""

_Plane: TypeAlias = NDArray[np.float64]

# What Pillow raises for damaged, foreign and absurdly large files (UnidentifiedImageError is an OSError).
_UNREADABLE = (OSError, SyntaxError, ValueError, PillowImage.DecompressionBombError)

_BLACK = (0, 0, 0)
_WHITE = (255, 255, 255)


def load_target(target: str, height: int, width: int) -> Image:
    """Return a target as an image of the given size.

    Args:
        target: Name of a built-in target, or path of an image file, which is scaled to the size.
        height: Pixels.
        width: Pixels.

    Raises:
        UserError: There is neither a built-in target nor a file of that name.
        UnreadableFileError: The file holds no image that can be read.
    """
    if target in _PAINTERS:
        x, y = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
        return _PAINTERS[target](x, y).astype(np.uint8)
    path = Path(target).expanduser()
    if not path.is_file():
        names = ", ".join(TARGET_NAMES)
        raise UserError(f"There is no target '{target}': name one of {names}, or an image file that exists.")
    return _read_image(path, height, width)


def _read_image(path: Path, height: int, width: int) -> Image:
    try:
        with PillowImage.open(path) as opened:
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except _UNREADABLE as error:
        raise UnreadableFileError(
            f"The file '{path}' cannot be read as an image; save it as PNG or JPEG ({error})."
        ) from error
    page = PillowImage.new("RGBA", upright.size, "white")  # what is transparent shows as on a white page
    page.alpha_composite(upright)
    small = page.convert("RGB").resize((width, height), PillowImage.Resampling.LANCZOS)
    return np.asarray(small, dtype=np.uint8)


def _mix(share: _Plane, one: tuple[int, int, int], other: tuple[int, int, int]) -> _Plane:
    """Return `one` where the share is 1, `other` where it is 0, blends between."""
    mixed: _Plane = share[..., np.newaxis] * np.array(one) + (1 - share[..., np.newaxis]) * np.array(other)
    return mixed


def _where(condition: NDArray[np.bool_], one: tuple[int, int, int], other: tuple[int, int, int]) -> _Plane:
    return _mix(condition.astype(float), one, other)


def _circle(x: _Plane, y: _Plane) -> _Plane:
    return _where(np.hypot(x - 0.5, y - 0.5) < 0.3, (255, 255, 0), _BLACK)


def _checkerboard(x: _Plane, y: _Plane) -> _Plane:
    return _where((np.floor(x * 4) + np.floor(y * 4)) % 2 == 0, _WHITE, _BLACK)


def _gradient(x: _Plane, y: _Plane) -> _Plane:
    return _mix((x + y) / 2, (255, 180, 60), (30, 30, 120))


def _rings(x: _Plane, y: _Plane) -> _Plane:
    return _where(np.floor(np.hypot(x - 0.5, y - 0.5) * 10) % 2 == 0, (200, 40, 40), (245, 240, 225))


def _stripes(x: _Plane, y: _Plane) -> _Plane:
    return _where(np.floor(x * 6) % 2 == 0, (20, 60, 140), (240, 240, 240)) + 0 * y[..., np.newaxis]


def _landscape(x: _Plane, y: _Plane) -> _Plane:
    picture = _mix(1 - y, (70, 140, 230), (220, 230, 245))
    picture[np.hypot(x - 0.75, y - 0.25) < 0.12] = (255, 220, 70)
    picture[y > 0.35 + 1.1 * np.abs(x - 0.35)] = (110, 105, 115)
    picture[y > 0.75] = (60, 130, 55)
    return picture


_PAINTERS: dict[str, Callable[[_Plane, _Plane], _Plane]] = {
    "circle": _circle,
    "checkerboard": _checkerboard,
    "gradient": _gradient,
    "rings": _rings,
    "stripes": _stripes,
    "landscape": _landscape,
}

TARGET_NAMES = tuple(_PAINTERS)
"""The built-in targets."""
