"""Pictures for people: PNG, contact sheet, animation."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image as PillowImage

from elm_envs_images.targets import Image

T = TypeVar("T")

_SHOWN = 256  # pixels that the longer side of a single picture has at least
_THUMBNAIL = 48  # pixels of the longer side of a picture on the sheet
_GAP = 4
_PAGE = (255, 255, 255)
_MOST_FRAMES = 200
_FRAME_MS = 200
_LAST_FRAME_MS = 2000


def png_bytes(image: Image) -> bytes:
    """Return an image as PNG, pixel for pixel."""
    buffer = io.BytesIO()
    PillowImage.fromarray(image).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def save_picture(image: Image, path: Path) -> Path:
    """Write one image as PNG, enlarged by a whole factor if it is small."""
    _enlarged(image).save(path, optimize=True)
    return path


def save_contact_sheet(images: Sequence[Image], path: Path) -> Path:
    """Write small versions of images in rows, in order.

    Args:
        images: At least one, all of one size.
        path: The PNG to write.
    """
    height, width, _ = images[0].shape
    scale = _THUMBNAIL / max(height, width)
    across, down = max(round(width * scale), 1), max(round(height * scale), 1)
    columns = max(round(np.sqrt(len(images) * down / across)), 1)
    rows = -(-len(images) // columns)
    sheet = PillowImage.new("RGB", (columns * (across + _GAP) + _GAP, rows * (down + _GAP) + _GAP), _PAGE)
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        small = PillowImage.fromarray(image).resize((across, down), PillowImage.Resampling.BOX)
        sheet.paste(small, (column * (across + _GAP) + _GAP, row * (down + _GAP) + _GAP))
    sheet.save(path, optimize=True)
    return path


def save_animation(images: Sequence[Image], path: Path) -> Path:
    """Write images as the frames of a GIF that loops and rests on the last one.

    Images equal to the one before are left out; of more than 200 an even selection is shown.

    Args:
        images: At least one, all of one size.
        path: The GIF to write.
    """
    changed = [image for index, image in enumerate(images) if not index or (image != images[index - 1]).any()]
    frames = [_enlarged(image) for image in even_selection(changed, _MOST_FRAMES)]
    durations = [_FRAME_MS] * (len(frames) - 1) + [_LAST_FRAME_MS]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=durations, loop=0)
    return path


def even_selection(items: Sequence[T], most: int) -> list[T]:
    """Return at most `most` of the items, evenly spread, the first and the last among them."""
    if len(items) <= most:
        return list(items)
    return [items[round(float(place))] for place in np.linspace(0, len(items) - 1, most)]


def _enlarged(image: Image) -> PillowImage.Image:
    height, width, _ = image.shape
    factor = max(-(-_SHOWN // max(height, width)), 1)
    size = (width * factor, height * factor)
    return PillowImage.fromarray(image).resize(size, PillowImage.Resampling.NEAREST)
