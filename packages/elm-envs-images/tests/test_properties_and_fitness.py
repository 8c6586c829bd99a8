"""Measures and fitness: ranges for any image, values for known ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from elm_envs_images import image_properties as properties
from elm_envs_images.fitness import (
    AESTHETICS,
    complexity,
    import_scorer,
    likeness_to,
    structural_similarity_to,
)
from elm_envs_images.measures import MEASURE_NAMES, behavior_space, measure
from elm_envs_images.targets import TARGET_NAMES, load_target
from elm_protocols import CategoricalAxis, UserError

images = arrays.arrays(np.uint8, st.tuples(st.integers(16, 20), st.integers(16, 20), st.just(3)))
NOISE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)


def plain(red, green, blue):
    return np.full((16, 16, 3), (red, green, blue), np.uint8)


WHITE, BLACK = plain(255, 255, 255), plain(0, 0, 0)
HALF = np.where(np.arange(16)[None, :, None] < 8, WHITE, BLACK)


@given(images)
def test_measures_are_in_their_ranges(image):
    values = {name: measure(name, image) for name in MEASURE_NAMES}
    hue = values.pop("dominant_hue")
    assert hue in range(len(properties.HUES))
    assert 0 <= values.pop("contrast") <= 0.5 + 1e-9
    assert all(-1e-9 <= value <= 1 + 1e-9 for value in values.values())


@given(images)
def test_a_mirrored_image_has_the_same_symmetry_and_brightness(image):
    mirrored = np.ascontiguousarray(image[:, ::-1])
    assert properties.symmetry(mirrored) == pytest.approx(properties.symmetry(image))
    assert properties.brightness(mirrored) == pytest.approx(properties.brightness(image))


@given(images)
@settings(max_examples=30)
def test_scores_are_in_their_ranges_and_best_at_the_target(image):
    for score in AESTHETICS.values():
        assert 0 <= score(image) <= 1
    other = 255 - image
    mae, ssim = likeness_to(image), structural_similarity_to(image)
    assert mae(image) == 1
    assert ssim(image) == pytest.approx(1)
    assert 0 <= mae(other) <= 1
    assert -1 <= ssim(other) <= 1 + 1e-9


def test_known_images_have_known_properties():
    assert properties.brightness(WHITE) == pytest.approx(1)
    assert properties.brightness(plain(0, 255, 0)) == pytest.approx(0.7152)
    assert properties.contrast(HALF) == pytest.approx(0.5)
    assert properties.contrast(WHITE) == pytest.approx(0)
    assert properties.symmetry(HALF) == 0
    assert properties.symmetry(np.swapaxes(HALF, 0, 1)) == 1
    assert properties.edge_density(HALF) == pytest.approx(2 / 16)
    assert properties.edge_density(WHITE) == 0
    assert properties.mean_shade(plain(51, 0, 0), 0) == pytest.approx(0.2)
    assert likeness_to(BLACK)(WHITE) == 0
    assert likeness_to(BLACK)(HALF) == pytest.approx(0.5)


def test_noise_hardly_compresses_and_is_not_complex():
    assert properties.compression_ratio(NOISE) > 0.95
    assert properties.compression_ratio(np.zeros_like(NOISE)) < 0.01
    assert complexity(NOISE) < 0.2
    half_noise = NOISE.copy()
    half_noise[:32] = 0
    assert complexity(half_noise) > 0.9


@pytest.mark.parametrize(
    ("shade", "hue"),
    [
        ((120, 120, 120), "gray"),
        ((0, 0, 0), "gray"),
        ((255, 0, 0), "red"),
        ((255, 0, 60), "red"),
        ((200, 190, 20), "yellow"),
        ((10, 90, 10), "green"),
        ((0, 200, 210), "cyan"),
        ((0, 30, 200), "blue"),
        ((200, 0, 200), "magenta"),
    ],
)
def test_the_dominant_hue_has_its_name(shade, hue):
    assert properties.HUES[int(properties.dominant_hue(plain(*shade)))] == hue


def test_the_dominant_hue_is_that_of_most_chroma_not_most_pixels():
    image = plain(110, 100, 100)
    image[:6] = (0, 0, 255)
    assert properties.HUES[int(properties.dominant_hue(image))] == "blue"


def test_the_axes_are_those_named():
    space = behavior_space(("contrast", "dominant_hue"))
    assert space.names == ("contrast", "dominant_hue")
    assert isinstance(space.axes[1], CategoricalAxis)
    assert behavior_space(MEASURE_NAMES).names == MEASURE_NAMES
    for names in [(), ("red", "red"), ("colour",)]:
        with pytest.raises(UserError):
            behavior_space(names)


@pytest.mark.parametrize("name", TARGET_NAMES)
@pytest.mark.parametrize("size", [(64, 64), (48, 100)])
def test_a_target_has_the_size_asked_for(name, size):
    target = load_target(name, *size)
    assert (target.shape, target.dtype) == ((*size, 3), np.uint8)
    assert properties.contrast(target) > 0.1


def test_a_scorer_is_imported_by_its_path():
    assert import_scorer("numpy:mean")(HALF) == pytest.approx(127.5)
    for path in ["numpy", "numpy:no_such_name", "no_such_module:f", ":f", "numpy:pi"]:
        with pytest.raises(UserError, match="scorer"):
            import_scorer(path)
