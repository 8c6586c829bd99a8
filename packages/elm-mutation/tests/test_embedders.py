"""Embedding models: the embedded one for real, and the sentences for what is missing."""

import numpy as np
import pytest

from elm_mutation.embedders import embedded, langchain
from elm_protocols import UserError


@pytest.fixture(scope="module")
def embedder():
    return embedded()


def test_texts_become_rows_of_finite_numbers(embedder):
    rows = embedder(["a robot walks", "x = 1 + 2"])
    assert rows.shape == (2, 576)
    assert np.isfinite(rows).all()


def test_a_row_depends_on_its_text_alone(embedder):
    alone = embedder(["a robot walks"])
    together = embedder(["x = 1", "a robot walks", "y = 2"])
    assert np.array_equal(alone[0], together[1])


def test_like_texts_lie_nearer_than_unlike_ones(embedder):
    one, near, far = embedder(
        ["def add(a, b):\n    return a + b", "def sum2(a, b):\n    return b + a", "Roses are red, my love."]
    )

    def cosine(a, b):
        return a @ b / np.linalg.norm(a) / np.linalg.norm(b)

    assert cosine(one, near) > cosine(one, far)


@pytest.mark.parametrize("name", ["", "nonsense", "nonsense:model"])
def test_an_unusable_name_is_one_sentence(name):
    with pytest.raises(UserError) as raised:
        langchain(id=name)
    assert "\n" not in str(raised.value)
