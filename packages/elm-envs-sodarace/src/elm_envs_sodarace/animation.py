"""Animations of a run: GIF with Pillow, MP4 where ffmpeg is installed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from elm_envs_sodarace import drawing
from elm_envs_sodarace.drawing import draw, view_of
from elm_envs_sodarace.drive import SWING
from elm_envs_sodarace.simulation import RADIUS, Simulation
from elm_envs_sodarace.walker import FloatArray, Walker
from elm_protocols import MissingExtraError, UserError

try:
    from PIL import Image
except ImportError:
    raise MissingExtraError("elm-envs-sodarace", "render", "draw walkers") from None

STEPS_PER_FRAME = 3
"""Record simulations at this stride for animations: 20 frames a second, which GIF can time exactly."""
SIZE = (400, 225)
"""Width and height in pixels."""
REACH = 0.35
"""How far the walker may get from the camera's middle, as a share of its size."""
GLIDE_SECONDS = 1.0
"""How long the camera takes to catch up."""


def write_gif(path: Path, walker: Walker, simulation: Simulation, title: str = "") -> Path:
    """Write an animated GIF that loops, in real time.

    Args:
        path: The file to write.
        walker: The robot.
        simulation: Its run, recorded.
        title: Text shown before time and distance.
    """
    palette = _palette()
    shots = pictures(walker, simulation, title)
    frames = [shot.quantize(palette=palette, dither=Image.Dither.NONE) for shot in shots]
    milliseconds = round(simulation.frame_seconds * 1000)
    frames[0].save(
        path, save_all=True, append_images=frames[1:], duration=milliseconds, loop=0, optimize=False
    )
    return path


def _palette() -> Image.Image:
    """Return the one palette of all frames: every colour of a drawing, and it half mixed with the sky.

    With a palette for each frame, a GIF would store the sky anew in every one.
    """
    muscles = [drawing.muscle_color(1 + share * SWING) for share in (-1, -0.6, -0.3, 0, 0.3, 0.6, 1)]
    others = [drawing.GROUND, drawing.EDGE, drawing.MARK, drawing.BONE, drawing.JOINT, drawing.TEXT]
    mixed = [_mixed(color, drawing.SKY) for color in (*muscles, *others)]
    colors = [drawing.SKY, *others, *muscles, *mixed]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for color in colors for part in color])
    return palette


def _mixed(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[int, int, int]:
    red, green, blue = ((a + b) // 2 for a, b in zip(one, other, strict=True))
    return red, green, blue


def write_mp4(path: Path, walker: Walker, simulation: Simulation, title: str = "") -> Path:
    """Write an MP4 video with the ffmpeg on PATH.

    Raises:
        UserError: If ffmpeg is not there or fails.
    """
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        raise UserError("To write an MP4, install ffmpeg so that it is on PATH, or write a .gif instead.")
    rate = f"{1 / simulation.frame_seconds:g}"
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{SIZE[0]}x{SIZE[1]}", "-r", rate, "-i", "-"]
    # Players want yuv420p, which wants even sides: doubled, they are.
    target = ["-vf", "scale=2*iw:2*ih", "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(path)]
    raw = b"".join(frame.tobytes() for frame in pictures(walker, simulation, title))
    done = subprocess.run(
        [ffmpeg, "-loglevel", "error", "-y", *source, *target], input=raw, capture_output=True, check=False
    )
    if done.returncode:
        message = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UserError(f"ffmpeg could not write {path}: {message[-1] if message else done.returncode}.")
    return path


def write_png(
    path: Path, walker: Walker, simulation: Simulation, seconds: float = 0.0, title: str = ""
) -> Path:
    """Write the picture of one moment, `seconds` after settling."""
    shots = list(range(len(simulation.frames)))
    index = min(shots[-1], round(seconds / simulation.frame_seconds))
    picture(walker, simulation, index, title).save(path, optimize=True)
    return path


def pictures(walker: Walker, simulation: Simulation, title: str = "") -> Iterator[Image.Image]:
    """Return the picture of every recorded frame; the camera follows the walker."""
    return (picture(walker, simulation, index, title) for index in range(len(simulation.frames)))


def picture(walker: Walker, simulation: Simulation, index: int, title: str = "") -> Image.Image:
    """Return the picture of one recorded frame."""
    positions = simulation.frames[index]
    travelled = float(positions[:, 0].mean() - simulation.settled[:, 0].mean())
    caption = (
        f"{title + '   ' if title else ''}{index * simulation.frame_seconds:4.1f} s   {travelled:+.1f} units"
    )
    view = view_of(simulation.settled, SIZE, _reach(simulation))
    shift = camera_path(simulation)[index]
    center = (view.center[0] + float(shift[0]), view.center[1] + float(shift[1]))
    return draw(walker, positions, simulation.outline, replace(view, center=center), caption)


def _reach(simulation: Simulation) -> float:
    """Return how high above the floor below it a joint ever gets, world units."""
    frames = simulation.frames
    return float((frames[:, :, 1] - simulation.outline.height(frames[:, :, 0])).max()) + RADIUS


def camera_path(simulation: Simulation) -> FloatArray:
    """Return how far the camera has moved from its first place in each frame, world units, shape (frames, 2).

    It stands still, so that the walker is seen to move and frames differ little, until the middle of the
    body is further from the camera than `REACH` of its size; then it glides there.
    """
    middles = simulation.frames.mean(axis=1) - simulation.settled.mean(axis=0)
    # Upwards it follows the ground, so that the ground stays in view when the body leaps or leans.
    middles[:, 1] = simulation.outline.height(simulation.frames[:, :, 0].mean(axis=1))
    reach = REACH * float(np.ptp(simulation.settled, axis=0).max())
    held = [np.zeros(2)]
    for middle in middles[1:]:
        held.append(middle if float(np.abs(middle - held[-1]).max()) > reach else held[-1])
    glide = max(1, round(GLIDE_SECONDS / simulation.frame_seconds))
    padded = np.concatenate([held, [held[-1]] * (glide - 1)])
    return np.array([padded[index : index + glide].mean(axis=0) for index in range(len(held))])
