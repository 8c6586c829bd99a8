"""Draws one moment of a run with Pillow, without a screen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from elm_envs_sodarace.drive import SWING, is_bone
from elm_envs_sodarace.outline import Outline, Points
from elm_envs_sodarace.simulation import RADIUS
from elm_envs_sodarace.walker import FloatArray, Walker
from elm_protocols import MissingExtraError

try:
    from PIL import Image, ImageDraw, ImageFont
except ImportError:
    raise MissingExtraError("elm-envs-sodarace", "render", "draw walkers") from None

SKY = (245, 247, 251)
GROUND = (196, 186, 170)
EDGE = (110, 98, 82)
MARK = (150, 140, 125)
BONE = (62, 70, 84)
JOINT = (32, 38, 50)
TEXT = (70, 70, 70)
SHORT, REST, LONG = (214, 58, 48), (238, 190, 120), (40, 110, 200)
"""Colour of a muscle that is contracted, at rest, stretched."""
OVERSAMPLING = 2
"""Pictures are drawn larger by this and shrunk, which smooths their lines."""
MARK_EVERY = 10.0
"""World units between two marks on the ground; every fifth one bears its distance from the start."""


@dataclass(frozen=True, slots=True)
class View:
    """What of the world a picture shows.

    Attributes:
        center: World position of the picture's middle.
        scale: Pixels a world unit.
        size: (width, height) in pixels.
    """

    center: tuple[float, float]
    scale: float
    size: tuple[int, int]

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the world lies in the oversampled picture."""
        zoom = self.scale * OVERSAMPLING
        return (
            (x - self.center[0]) * zoom + self.size[0] * OVERSAMPLING / 2,
            (self.center[1] - y) * zoom + self.size[1] * OVERSAMPLING / 2,
        )

    @property
    def sides(self) -> tuple[float, float]:
        """World positions of the left and right side."""
        half = self.size[0] / 2 / self.scale
        return self.center[0] - half, self.center[0] + half


def draw(
    walker: Walker,
    positions: FloatArray,
    outline: Outline,
    view: View,
    caption: str = "",
    *,
    marks: bool = True,
) -> Image.Image:
    """Return the picture of a walker on its ground.

    Args:
        walker: Whose links to draw.
        positions: Where its joints are, world units, shape (joints, 2).
        outline: The ground.
        view: The section of the world.
        caption: Text for the upper left corner.
        marks: Whether to draw distance marks on the ground.
    """
    image = Image.new("RGB", (view.size[0] * OVERSAMPLING, view.size[1] * OVERSAMPLING), SKY)
    pen = ImageDraw.Draw(image)
    _draw_ground(pen, outline, view)
    if marks:
        _draw_marks(pen, outline, view)
    _draw_walker(pen, walker, positions, view)
    small = image.resize(view.size, Image.Resampling.LANCZOS)
    if caption:
        ImageDraw.Draw(small).text((8, 6), caption, fill=TEXT, font=ImageFont.load_default(13))
    return small


def view_of(positions: FloatArray, size: tuple[int, int], reach: float = 0.0) -> View:
    """Return a view in which a body of these positions fills about half of the picture's height.

    Args:
        positions: Shape (joints, 2).
        size: (width, height) in pixels.
        reach: How high above the floor the body ever gets, world units: it then still is in the picture.
    """
    width, height = np.ptp(positions, axis=0) + 2 * RADIUS
    scale = min(0.55 * size[1] / height, 0.6 * size[0] / width, 0.72 * size[1] / max(reach, height))
    middle = float(positions[:, 0].mean())
    floor = float(positions[:, 1].min()) - RADIUS
    return View((middle, floor + 0.32 * size[1] / scale), scale, size)


def _draw_ground(pen: ImageDraw.ImageDraw, outline: Outline, view: View) -> None:
    bottom, top = view.size[1] * OVERSAMPLING + 10, -10
    _draw_rock(pen, outline.whole_floor(), view, bottom)
    if outline.ceiling:
        _draw_rock(pen, outline.ceiling, view, top)


def _draw_rock(pen: ImageDraw.ImageDraw, corners: Points, view: View, far: int) -> None:
    """Fill the rock between a line of corners and the far side (a row of pixels) of the picture."""
    line = [view.pixel(x, y) for x, y in _visible(corners, *view.sides)]
    if len(line) < 2:
        return
    pen.polygon([(line[0][0], far), *line, (line[-1][0], far)], fill=GROUND)
    pen.line(line, fill=EDGE, width=2 * OVERSAMPLING)


def _visible(corners: Points, left: float, right: float) -> list[tuple[float, float]]:
    """Return the part of a line between two positions, cut at the sides."""
    inside = [(x, y) for x, y in corners if left <= x <= right]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    ends = [(x, float(np.interp(x, xs, ys))) for x in (left, right) if xs[0] < x < xs[-1]]
    return [*(end for end in ends if end[0] == left), *inside, *(end for end in ends if end[0] == right)]


def _draw_marks(pen: ImageDraw.ImageDraw, outline: Outline, view: View) -> None:
    left, right = view.sides
    font = ImageFont.load_default(11 * OVERSAMPLING)
    for number in range(math.ceil(left / MARK_EVERY), math.floor(right / MARK_EVERY) + 1):
        distance = number * MARK_EVERY
        height = float(outline.height(np.array([distance]))[0])
        x, y = view.pixel(distance, height)
        labelled = number % 5 == 0
        pen.line([(x, y + 3), (x, y + (14 if labelled else 8) * OVERSAMPLING)], fill=MARK, width=OVERSAMPLING)
        if labelled:
            pen.text((x, y + 15 * OVERSAMPLING), f"{distance:g}", fill=MARK, font=font, anchor="mt")


def _draw_walker(pen: ImageDraw.ImageDraw, walker: Walker, positions: FloatArray, view: View) -> None:
    laid = walker.positions()
    dots = [view.pixel(x, y) for x, y in positions.tolist()]
    thin = max(2.0, RADIUS * 0.7 * view.scale * OVERSAMPLING)
    for muscle in walker.muscles:
        ends = [muscle.first, muscle.second]
        rest = math.dist(*laid[ends].tolist())
        now = math.dist(*positions[ends].tolist())
        bone = is_bone(muscle.amplitude)
        color = BONE if bone else muscle_color(now / rest)
        line = [dots[muscle.first], dots[muscle.second]]
        pen.line(line, fill=color, width=round(thin if bone else 0.8 * thin))
    radius = max(2.0 * OVERSAMPLING, RADIUS * view.scale * OVERSAMPLING)
    for x, y in dots:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=JOINT)


def muscle_color(stretch: float) -> tuple[int, int, int]:
    """Return the colour of a muscle whose length is `stretch` times its resting length."""
    share = max(-1.0, min(1.0, (stretch - 1.0) / SWING))
    end = LONG if share > 0 else SHORT
    red, green, blue = (round(r + (e - r) * abs(share)) for r, e in zip(REST, end, strict=True))
    return red, green, blue
