"""From programs to images: runs `draw()` in the sandbox and trusts nothing that comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from elm_envs_images.drawing_programs import ENTRY, canvas_source, image_check_source
from elm_envs_images.targets import Image
from elm_protocols import OK, Genotype, Limits, Outcome, OutcomeStatus, Program, Sandbox

NOT_DETERMINISTIC = "not-deterministic"
IMAGE_PROBLEMS = ("not-an-image", "not-numeric", "wrong-shape", "not-finite", "out-of-range")
"""Statuses of values that are no image of the right kind, as `image_check` names them."""

_MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class Rendering:
    """What one program drew.

    Attributes:
        status: `ok`, a status of the sandbox, one of `IMAGE_PROBLEMS`, or `not-deterministic`.
        image: uint8 (height, width, 3); None exactly where `status` is not `ok`.
        feedback: One line on the failure; empty if none.
        seconds: Time in the sandbox.
    """

    status: str
    image: Image | None = None
    feedback: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Renderer:
    """Draws the images of programs.

    Attributes:
        sandbox: Runs the programs.
        height: Pixels of every image.
        width: Pixels of every image.
        seconds: Wall clock that one `draw()` may take.
        memory_mb: Memory that it may use.
    """

    sandbox: Sandbox
    height: int
    width: int
    seconds: float
    memory_mb: int
    _modules: Mapping[str, str] = field(init=False, repr=False)
    _adapter: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_modules", {"canvas": canvas_source(self.height, self.width)})
        object.__setattr__(self, "_adapter", image_check_source(self.height, self.width))

    def render(self, genotypes: Sequence[Genotype]) -> list[Rendering]:
        """Return what each program draws."""
        # A genotype that is JSON but no text is run as its text, which defines no draw(): a status.
        programs = [
            Program(source=str(genotype), entry=ENTRY, modules=self._modules, adapter=self._adapter)
            for genotype in genotypes
        ]
        limits = Limits(
            seconds=self.seconds,
            memory_bytes=self.memory_mb * _MEGABYTE,
            output_bytes=4 * self.height * self.width + 4096,  # 3 bytes a pixel, in base64
        )
        return [self._read(outcome) for outcome in self.sandbox.run(programs, limits)]

    def render_twice(self, genotypes: Sequence[Genotype]) -> list[Rendering]:
        """Return what each program draws, and `not-deterministic` where a second run draws another image.

        The sandbox seeds the global generators, so those may be used; clocks and fresh entropy may not.
        """
        first = self.render(genotypes)
        drawn = [index for index, rendering in enumerate(first) if rendering.image is not None]
        second = self.render([genotypes[index] for index in drawn])
        for index, again in zip(drawn, second, strict=True):
            first[index] = _agreed(first[index], again)
        return first

    def _read(self, outcome: Outcome) -> Rendering:
        if not outcome.ok:
            return Rendering(str(outcome.status), None, outcome.feedback, outcome.seconds)
        match outcome.value:
            case np.ndarray(dtype=np.uint8, shape=(self.height, self.width, 3)) as image:
                return Rendering(OK, image, "", outcome.seconds)
            case {"problem": str(status), "feedback": str(feedback)} if status in IMAGE_PROBLEMS:
                line = " ".join(feedback.split())[:300]
                return Rendering(status, None, line, outcome.seconds)
        # Only a program that tampers with the check comes here.
        return Rendering(
            str(OutcomeStatus.BAD_RESULT), None, "What came back is not an image.", outcome.seconds
        )


def _agreed(one: Rendering, other: Rendering) -> Rendering:
    """Return the first of two renderings of a program, or why the second disagrees."""
    seconds = one.seconds + other.seconds
    if one.image is not None and other.image is not None and np.array_equal(one.image, other.image):
        return Rendering(OK, one.image, "", seconds)
    if other.status == OutcomeStatus.SANDBOX_ERROR:
        return Rendering(other.status, None, other.feedback, seconds)
    return Rendering(NOT_DETERMINISTIC, None, "Two runs of draw() gave different results.", seconds)
