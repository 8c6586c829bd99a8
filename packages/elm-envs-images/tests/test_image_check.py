"""The check that runs inside the sandbox: any numeric image passes, everything else is named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from elm_envs_images.image_check import adapt
from elm_envs_images.rendering import IMAGE_PROBLEMS

SHAPE = (64, 64, 3)


@pytest.mark.parametrize("dtype", ["u1", "i2", "u4", "i8", "f2", "f4", "f8", "g"])
def test_any_numeric_dtype_is_an_image(dtype):
    image = np.full(SHAPE, 200, dtype)
    checked = adapt(image)
    assert checked.dtype == np.uint8
    assert (checked == 200).all()


def test_true_is_white():
    assert (adapt(np.ones(SHAPE, bool)) == 255).all()


def test_a_strided_view_comes_back_as_plain_memory():
    checked = adapt(np.zeros((128, 64, 3))[::2])
    assert type(checked) is np.ndarray
    assert checked.flags["C_CONTIGUOUS"]


def test_values_are_rounded():
    image = np.full(SHAPE, 99.6)
    image[0] = -0.4
    image[1] = 255.4
    checked = adapt(image)
    assert (checked[0, 0, 0], checked[1, 0, 0], checked[2, 0, 0]) == (0, 255, 100)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "not-an-image"),
        ([[[0, 0, 0]]], "not-an-image"),
        (np.zeros(SHAPE, object), "not-numeric"),
        (np.zeros(SHAPE, complex), "not-numeric"),
        (np.zeros(SHAPE, "U3"), "not-numeric"),
        (np.zeros(SHAPE, "M8[s]"), "not-numeric"),
        (np.zeros(SHAPE, [("r", "f8")]), "not-numeric"),
        (np.zeros((64, 64)), "wrong-shape"),
        (np.zeros((64, 64, 4)), "wrong-shape"),
        (np.zeros((64, 32, 3)), "wrong-shape"),
        (np.zeros(()), "wrong-shape"),
        (np.zeros((0, 64, 3)), "wrong-shape"),
        (np.broadcast_to(np.float64(0), (10**6, 10**6, 3)), "wrong-shape"),
        (np.full(SHAPE, np.nan), "not-finite"),
        (np.full(SHAPE, -np.inf), "not-finite"),
        (np.full(SHAPE, 256), "out-of-range"),
        (np.full(SHAPE, -1), "out-of-range"),
        (np.full(SHAPE, 1e300), "out-of-range"),
        (np.full(SHAPE, 2**64 - 1, np.uint64), "out-of-range"),
    ],
)
def test_what_is_no_image_is_named(value, problem):
    found = adapt(value)
    assert found["problem"] == problem
    assert problem in IMAGE_PROBLEMS
    assert found["feedback"].endswith(".")


def test_one_bad_pixel_is_found():
    image = np.zeros(SHAPE)
    image[63, 63, 2] = np.nan
    assert adapt(image)["problem"] == "not-finite"


@given(
    arrays.arrays(dtype=arrays.scalar_dtypes(), shape=st.sampled_from([SHAPE, (64, 64), (3,), ()]))
    | st.none()
    | st.text()
)
def test_the_result_is_an_image_or_a_named_problem(value):
    found = adapt(value)
    if isinstance(found, np.ndarray):
        assert (found.dtype, found.shape) == (np.uint8, SHAPE)
    else:
        assert found["problem"] in IMAGE_PROBLEMS
