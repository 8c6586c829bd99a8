"""How good an image is: likeness to a target, an aesthetic measure, or the user's own callable."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TypeAlias

from elm_envs_images.image_properties import compression_ratio, likeness, symmetry
from elm_envs_images.targets import Image
from elm_protocols import MissingExtraError, UserError

Score: TypeAlias = Callable[[Image], float]
"""From an image (height, width, 3), uint8, to its fitness; higher is better."""


def complexity(image: Image) -> float:
    """Return how far an image is from both order and disorder, 0 (flat or noise) to 1.

    4 * d * (1 - d) with the disorder d estimated by the compression ratio: the measure "simple measure
    for complexity" of Shiner, Davison and Landsberg (Phys. Rev. E 59, 1999) with both exponents 1, scaled.
    """
    disorder = compression_ratio(image)
    return 4 * disorder * (1 - disorder)


def symmetric_complexity(image: Image) -> float:
    """Return symmetry times complexity, 0 to 1: order of form in a picture that is not simple."""
    return symmetry(image) * complexity(image)


AESTHETICS: dict[str, Score] = {
    "complexity": complexity,
    "symmetry": symmetry,
    "symmetric_complexity": symmetric_complexity,
}

TARGET_SCORES = ("mae", "ssim")
"""Scores that compare with a target."""

FITNESS_NAMES = (*TARGET_SCORES, *AESTHETICS, "scorer")


def likeness_to(target: Image) -> Score:
    """Return the score 1 - mean absolute error, 0 to 1 (equal)."""
    return lambda image: likeness(image, target)


def structural_similarity_to(target: Image) -> Score:
    """Return the score SSIM, -1 to 1 (equal).

    Wang et al., "Image quality assessment: from error visibility to structural similarity" (IEEE Trans.
    Image Processing 13, 2004) with its Gaussian window (sigma 1.5), mean over the three channels.

    Raises:
        MissingExtraError: scikit-image is not installed.
    """
    try:
        metrics = importlib.import_module("skimage.metrics")
    except ModuleNotFoundError as error:
        raise MissingExtraError("elm-envs-images", "ssim", "score by structural similarity") from error

    def score(image: Image) -> float:
        return float(
            metrics.structural_similarity(
                image,
                target,
                channel_axis=2,
                data_range=255,
                gaussian_weights=True,
                sigma=1.5,
                use_sample_covariance=False,
            )
        )

    return score


def import_scorer(path: str) -> Score:
    """Return the callable behind an import path such as `my_scores.clip:likeness_to_a_fox`.

    Raises:
        UserError: There is no such module, or nothing callable of that name in it.
    """
    module_name, _, name = path.partition(":")
    try:
        scorer = getattr(importlib.import_module(module_name), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UserError(
            f"The scorer '{path}' cannot be imported ({error}): write MODULE:CALLABLE of an installed module."
        ) from error
    if not callable(scorer):
        raise UserError(f"The scorer '{path}' is not callable: name a function that takes an image.")
    return lambda image: float(scorer(image))
