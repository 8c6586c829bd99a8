"""The environment `image_evolution`."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from pathlib import Path

from numpy.random import Generator

from elm_envs_images.drawing_programs import SEED_NAMES, TEMPLATE, interface
from elm_envs_images.fitness import (
    AESTHETICS,
    TARGET_SCORES,
    Score,
    import_scorer,
    likeness_to,
    structural_similarity_to,
)
from elm_envs_images.image_properties import mean_shade
from elm_envs_images.measures import behavior_space, measure
from elm_envs_images.options import check_fitness, check_limits, chosen_seeds
from elm_envs_images.pictures import (
    even_selection,
    png_bytes,
    save_animation,
    save_contact_sheet,
    save_picture,
)
from elm_envs_images.rendering import Renderer, Rendering
from elm_envs_images.targets import TARGET_NAMES, Image, load_target
from elm_protocols import (
    BehaviorSpace,
    Evaluation,
    Genotype,
    Individual,
    MutationModel,
    MutationRequest,
    Offspring,
    Origin,
    Sandbox,
)

_DEFAULT_TARGET = "circle"
_MOST_ON_SHEET = 400


class ImageEvolution:
    """Programs that draw images: `draw()` returns an array (height, width, 3) of numbers from 0 to 255.

    Args:
        mutation_model: Varies programs.
        sandbox: Runs programs.
        target: Name of a built-in target (circle, checkerboard, gradient, rings, stripes, landscape) or
            path of an image file; None: the circle, where the fitness compares with a target.
        fitness: mae (1 - mean absolute error) or ssim (structural similarity, needs the extra `ssim`) to
            the target; complexity, symmetry or symmetric_complexity without a target; or scorer.
        scorer: For fitness=scorer, MODULE:CALLABLE of a function from an image (uint8 array) to a number,
            for example the likeness to a text by CLIP.
        measures: Axes of the behaviour space: red, green, blue (means), brightness, contrast,
            edge_density, compression_ratio, symmetry, dominant_hue.
        seeds: Programs to begin with: empty, disc, stripes, rings, house, waves, numpy_disc.
        height: Pixels of every image, 16 to 1024.
        width: Pixels of every image, 16 to 1024.
        seconds: Wall clock that one run of `draw()` may take.
        memory_mb: Memory that one run of `draw()` may use, in MiB.

    Raises:
        UserError: An option has a value that is not offered.
        UnreadableFileError: The target's file is no image.
        MissingExtraError: fitness=ssim without scikit-image.
    """

    def __init__(
        self,
        mutation_model: MutationModel,
        sandbox: Sandbox,
        *,
        target: str | None = None,
        fitness: str = "mae",
        scorer: str | None = None,
        measures: tuple[str, ...] = ("brightness", "edge_density"),
        seeds: tuple[str, ...] = SEED_NAMES,
        height: int = 64,
        width: int = 64,
        seconds: float = 2.0,
        memory_mb: int = 256,
    ) -> None:
        check_limits(height, width, seconds, memory_mb)
        check_fitness(fitness, target, scorer)
        self._space = behavior_space(measures)
        self._seeds = chosen_seeds(seeds, height, width)
        self._mutation_model = mutation_model
        self._renderer = Renderer(sandbox, height, width, seconds, memory_mb)
        self._target: Image | None = None
        if fitness in TARGET_SCORES:
            target = target or _DEFAULT_TARGET
            self._target = load_target(target, height, width)
        self._score = _score(fitness, self._target, scorer)
        self._fitness = fitness
        self._instruction = _instruction(fitness, target, height, width)
        self._interface = interface()

    @property
    def behavior_space(self) -> BehaviorSpace:
        """The axes that the option `measures` names."""
        return self._space

    def random(self, n: int, rng: Generator) -> list[Offspring]:
        """Return `n` seed programs, each of them once before any comes again."""
        rounds = -(-n // len(self._seeds))
        order = [int(index) for _ in range(rounds) for index in rng.permutation(len(self._seeds))]
        origin = Origin(operator="seed")
        return [Offspring(genotype=self._seeds[index], origin=origin) for index in order[:n]]

    def mutate(self, parents: Sequence[Sequence[Individual]], rng: Generator) -> list[Offspring]:
        """Return one child for each group of parents."""
        requests = [
            MutationRequest(
                parents=tuple(str(parent.genotype) for parent in group),
                seed=int(rng.integers(2**31)),
                instruction=self._instruction,
                template=TEMPLATE,
                interface=self._interface,
                feedback=tuple(parent.feedback for parent in group),
            )
            for group in parents
        ]
        completions = self._mutation_model.generate(requests)
        return [
            Offspring(
                genotype=completion.text,
                parents=tuple(parent.id for parent in group),
                status=completion.status,
                feedback=completion.feedback,
                origin=completion.origin,
            )
            for group, completion in zip(parents, completions, strict=True)
        ]

    def evaluate(self, genotypes: Sequence[Genotype]) -> list[Evaluation]:
        """Return fitness and measures of what each program draws.

        `artifacts["png"]` is the image as base64 of a PNG. Statuses beside those of the sandbox:
        `not-an-image`, `not-numeric`, `wrong-shape`, `not-finite`, `out-of-range`, `not-deterministic`
        (two runs differ), and `no-score` (the scorer gave NaN or an infinity).
        """
        return [self._evaluation(rendering) for rendering in self._renderer.render_twice(genotypes)]

    def illustrate(self, elites: Sequence[Individual], directory: Path) -> list[Path]:
        """Write `best.png`, `best.py`, `contact_sheet.png` and the target, if there is one.

        The sheet shows the best first; of more than 400 elites an even selection.
        """
        shown = even_selection(elites, _MOST_ON_SHEET)
        renderings = self._renderer.render([elite.genotype for elite in shown])
        written = []
        if (best := renderings[0].image) is not None:
            written.append(save_picture(best, directory / "best.png"))
        if images := _images(renderings):
            written.append(save_contact_sheet(images, directory / "contact_sheet.png"))
        program = directory / "best.py"
        program.write_text(str(elites[0].genotype), encoding="utf-8")
        written.append(program)
        if self._target is not None:
            written.append(save_picture(self._target, directory / "target.png"))
        return written

    def illustrate_lineage(self, lineage: Sequence[Genotype], directory: Path) -> list[Path]:
        """Write `lineage.gif`, the images from the first ancestor to the last descendant.

        Args:
            lineage: The genotypes, ancestor first; at least one.
            directory: An existing folder.

        Returns:
            The file written; none if no program of the lineage draws an image.
        """
        images = _images(self._renderer.render(lineage))
        return [save_animation(images, directory / "lineage.gif")] if images else []

    def _evaluation(self, rendering: Rendering) -> Evaluation:
        image = rendering.image
        if image is None:
            return Evaluation(status=rendering.status, feedback=rendering.feedback, seconds=rendering.seconds)
        fitness = self._score(image)
        artifacts = {"png": base64.b64encode(png_bytes(image)).decode("ascii")}
        if not math.isfinite(fitness):
            feedback = f"The scorer gave {fitness}, which is no fitness."
            return Evaluation(
                status="no-score", feedback=feedback, artifacts=artifacts, seconds=rendering.seconds
            )
        return Evaluation(
            fitness=fitness,
            measures=tuple(measure(name, image) for name in self._space.names),
            feedback=f"{self._fitness} {fitness:.4f}; {self._shades(image)}",
            artifacts=artifacts,
            seconds=rendering.seconds,
        )

    def _shades(self, image: Image) -> str:
        if self._target is None:
            return f"mean shade {_mean_shades(image)} percent"
        return f"mean shade {_mean_shades(image)} percent, the target's {_mean_shades(self._target)}"


def _images(renderings: Sequence[Rendering]) -> list[Image]:
    return [rendering.image for rendering in renderings if rendering.image is not None]


def _mean_shades(image: Image) -> str:
    return "(" + ", ".join(f"{100 * mean_shade(image, channel):.0f}" for channel in range(3)) + ")"


def _score(fitness: str, target: Image | None, scorer: str | None) -> Score:
    if scorer is not None:
        return import_scorer(scorer)
    if target is None:
        return AESTHETICS[fitness]
    return structural_similarity_to(target) if fitness == "ssim" else likeness_to(target)


def _instruction(fitness: str, target: str | None, height: int, width: int) -> str:
    if target is None:
        aim = f"a different picture with a higher score ({fitness.replace('_', ' ')})"
    elif target in TARGET_NAMES:
        aim = f"a picture more like this one: {target}"
    else:
        aim = f"a picture more like {Path(target).stem}"
    return (
        f"Change the program so that draw() returns {aim}. draw() returns a numpy array of shape "
        f"({height}, {width}, 3) with red, green and blue from 0 to 255."
    )
