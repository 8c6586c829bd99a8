"""The drawing module: known pictures, and no finite number that raises or leaves the range."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_envs_images import canvas
from elm_envs_images.canvas import Canvas

SHAPES = {"circle": 6, "ring": 7, "rectangle": 7, "triangle": 9, "line": 8, "gradient": 4, "cover": 3}
YELLOW = (100, 100, 0)


def painted(drawing):
    """Share of the canvas that a yellow shape on black covers."""
    return drawing.image()[..., 0].mean() / 255


def test_an_empty_canvas_has_one_shade():
    assert (Canvas(0, 50, 100).image() == (0, 127.5, 255)).all()


@pytest.mark.parametrize(
    ("shape", "arguments", "share"),
    [
        ("circle", (50, 50, 30), math.pi * 0.3**2),
        ("ring", (50, 50, 30, 10), math.pi * (0.35**2 - 0.25**2)),
        ("rectangle", (40, 50, 50, 25), 0.5 * 0.25),
        ("triangle", (10, 10, 90, 10, 10, 90), 0.8 * 0.8 / 2),
        ("triangle", (10, 90, 90, 10, 10, 10), 0.8 * 0.8 / 2),
        ("line", (20, 50, 80, 50, 10), 0.6 * 0.1 + math.pi * 0.05**2),
        ("gradient", (0,), 0.5),
        ("gradient", (13,), 0.5),
    ],
)
def test_a_shape_covers_its_area(shape, arguments, share):
    drawing = Canvas(0, 0, 0)
    getattr(drawing, shape)(*arguments, *YELLOW)
    assert painted(drawing) == pytest.approx(share, abs=0.01)


def test_places_are_percent_from_the_upper_left_corner():
    drawing = Canvas(0, 0, 0)
    drawing.circle(25, 75, 10, 100, 0, 0)
    red = drawing.image()[..., 0]
    assert red[48, 16] == 255
    assert red[16, 48] == 0


def test_a_gradient_grows_in_its_direction():
    rightwards, downwards = Canvas(0, 0, 0), Canvas(0, 0, 0)
    rightwards.gradient(0, 100, 100, 100)
    downwards.gradient(25, 100, 100, 100)
    assert (np.diff(rightwards.image()[10, :, 0]) > 0).all()
    assert downwards.image()[..., 0] == pytest.approx(rightwards.image()[..., 0].T)


@given(st.data())
def test_any_number_gives_an_image(data):
    numbers = st.floats(width=32) | st.integers(-(10**6), 10**6)
    drawing = Canvas(*data.draw(st.tuples(numbers, numbers, numbers)))
    for name, count in SHAPES.items():
        getattr(drawing, name)(*data.draw(st.tuples(*[numbers] * count)))
    image = drawing.image()
    assert image.shape == (canvas.HEIGHT, canvas.WIDTH, 3)
    assert image.min() >= -0.5
    assert image.max() <= 255.5


def test_the_grid_holds_the_centres_of_pixels():
    x, y = Canvas(0, 0, 0).grid()
    assert x[0, 0] == pytest.approx(50 / 64)
    assert (x == y.T).all()
    assert x.mean() == pytest.approx(50)


def test_a_cover_takes_arrays():
    drawing = Canvas(0, 0, 0)
    x, _ = drawing.grid()
    drawing.cover(x, 50, np.full_like(x, np.nan))
    image = drawing.image()
    assert (np.diff(image[0, :, 0]) > 0).all()
    assert (image[..., 1] == 127.5).all()
    assert (image[..., 2] == 0).all()
