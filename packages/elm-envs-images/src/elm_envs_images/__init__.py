"""Programs that draw images, as an environment for evolution with large models."""

from elm_envs_images.environment import ImageEvolution
from elm_envs_images.fitness import FITNESS_NAMES
from elm_envs_images.measures import MEASURE_NAMES
from elm_envs_images.targets import TARGET_NAMES

__all__ = ["FITNESS_NAMES", "MEASURE_NAMES", "TARGET_NAMES", "ImageEvolution"]
