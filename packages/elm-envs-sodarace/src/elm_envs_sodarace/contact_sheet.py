"""A contact sheet of the archive: each niche's best walker, drawn in its cell of two measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from elm_envs_sodarace.drawing import SKY, TEXT, View, draw
from elm_envs_sodarace.outline import Outline
from elm_envs_sodarace.simulation import RADIUS
from elm_envs_sodarace.walker import InvalidWalker, Walker
from elm_protocols import Axis, BehaviorSpace, Genotype, Individual, MissingExtraError

try:
    from PIL import Image, ImageDraw, ImageFont
except ImportError:
    raise MissingExtraError("elm-envs-sodarace", "render", "draw walkers") from None

CELLS = 12
"""Cells along either axis, unless told otherwise."""
CELL = 84
"""Width and height of a cell, in pixels."""
MARGIN, TOP = 46, 26
"""Room for the labels to the left and below, and above."""

BuildWalkers = Callable[[Sequence[Genotype]], Sequence[Walker | InvalidWalker]]


def write_contact_sheet(
    path: Path, elites: Sequence[Individual], space: BehaviorSpace, build: BuildWalkers, cells: int = CELLS
) -> Path:
    """Write a PNG with the archive over its first two measures; further measures are collapsed to their best.

    Args:
        path: The file to write.
        elites: Members of the archive, best first.
        space: Their behaviour space; with one measure, the sheet is a row.
        build: Turns programs into walkers.
        cells: Cells along each axis.
    """
    best = best_of_cells(elites, space, cells)
    walkers = build([elite.genotype for elite in best.values()])
    rows = cells if len(space) > 1 else 1
    sheet = Image.new("RGB", (MARGIN + cells * CELL + 24, TOP + rows * CELL + MARGIN), (255, 255, 255))
    for ((column, row), elite), walker in zip(best.items(), walkers, strict=True):
        if isinstance(walker, Walker):
            sheet.paste(
                _portrait(walker, elite.fitness), (MARGIN + column * CELL, TOP + (rows - 1 - row) * CELL)
            )
    _draw_axes(ImageDraw.Draw(sheet), space, cells, rows)
    sheet.quantize(128).save(path, optimize=True)
    return path


def best_of_cells(
    elites: Sequence[Individual], space: BehaviorSpace, cells: int = CELLS
) -> Mapping[tuple[int, int], Individual]:
    """Return the fittest of `elites` (best first) in each cell (column, row) of the first two measures."""
    best: dict[tuple[int, int], Individual] = {}
    axes = list(space)[:2]
    for elite in elites:
        place = [_cell(value, axis, cells) for value, axis in zip(elite.measures, axes, strict=False)]
        best.setdefault((place[0], place[1] if len(place) > 1 else 0), elite)
    return best


def _cell(value: float, axis: Axis, cells: int) -> int:
    share = (value - axis.low) / (axis.high - axis.low)
    return min(cells - 1, max(0, int(share * cells)))


def _portrait(walker: Walker, fitness: float) -> Image.Image:
    positions = walker.positions() + np.array([0.0, RADIUS])
    width, height = np.ptp(positions, axis=0) + 2 * RADIUS
    scale = min(0.8 * CELL / width, 0.66 * CELL / height)
    view = View((0.0, 0.38 * CELL / scale), scale, (CELL - 2, CELL - 2))
    picture = draw(walker, positions, Outline(), view, marks=False)
    ImageDraw.Draw(picture).text((4, 2), f"{fitness:.0f}", fill=TEXT, font=ImageFont.load_default(11))
    return picture


def _draw_axes(pen: ImageDraw.ImageDraw, space: BehaviorSpace, cells: int, rows: int) -> None:
    font = ImageFont.load_default(12)
    across = next(iter(space))
    bottom = TOP + rows * CELL
    for index in range(cells + 1):
        x, y = MARGIN + index * CELL, bottom - index * CELL
        pen.line([(x, TOP), (x, bottom)], fill=SKY)
        pen.text((x, bottom + 4), f"{_edge(across, index / cells):g}", fill=TEXT, font=font, anchor="mt")
        if index <= rows and len(space) > 1:
            up = list(space)[1]
            pen.line([(MARGIN, y), (MARGIN + cells * CELL, y)], fill=SKY)
            pen.text((MARGIN - 5, y), f"{_edge(up, index / rows):g}", fill=TEXT, font=font, anchor="rm")
    if len(space) > 1:
        pen.text((4, 4), f"{list(space)[1].name} (upwards); in the corners: fitness", fill=TEXT, font=font)
    pen.text((MARGIN + cells * CELL / 2, bottom + 22), across.name, fill=TEXT, font=font, anchor="mt")


def _edge(axis: Axis, share: float) -> float:
    return round(axis.low + share * (axis.high - axis.low), 2)
