import ast

import numpy as np
import pytest

from elm_envs_puzzles import hashed_ngrams, load_puzzles
from elm_envs_puzzles.embedding_axes import EmbeddingAxes
from elm_envs_puzzles.program_measures import MeasuredProgram, ProgramMeasures
from elm_envs_puzzles.program_shape import SHAPE_MEASURES
from elm_protocols import ContinuousAxis, UserError

TEXTS = [puzzle.sat for puzzle in load_puzzles()]


def measured(text, **given):
    return MeasuredProgram(ast.parse(text), text, given)


@pytest.mark.parametrize("name", sorted(SHAPE_MEASURES))
def test_a_larger_program_measures_more_and_comments_do_not_count(name):
    small = "def sol():\n    return 1"
    loop = "for i in range(n):\n            n += i"
    large = f"def sol(n=3):\n    if n > 2 and n < 9:\n        {loop}\n    return [n]"
    shape = SHAPE_MEASURES[name].measure
    assert shape(ast.parse(small)) < shape(ast.parse(large))
    assert shape(ast.parse(f"# remark\n{small}  # and another")) == shape(ast.parse(small))


def test_axes_and_points_are_in_the_order_of_the_names():
    given = {"spins": (ContinuousAxis("up", 0.0, 1.0), ContinuousAxis("down", 0.0, 1.0))}
    names = ("ast_depth", "spins", "embedding_2", "length")
    measures = ProgramMeasures(names, hashed_ngrams, TEXTS, given)
    assert measures.space.names == ("ast_depth", "up", "down", "embedding_2", "length")
    [point] = measures.measure([measured("x = 1", spins=(0.25, 0.75))])
    assert len(point) == 5
    assert point[1:3] == (0.25, 0.75)
    assert point[4] == 5.0


@pytest.mark.parametrize(
    "names", [("size",), ("embedding_0",), ("embedding_",), ("embedding_99",), (), ("length",) * 2]
)
def test_unknown_measures_are_the_users_mistake(names):
    with pytest.raises(UserError):
        ProgramMeasures(names, hashed_ngrams, TEXTS, {})


def test_hashed_ngrams_are_near_for_like_texts_and_blind_to_layout():
    one, spaced, like, other = hashed_ngrams(
        ["return a + b * 2", "return  a+b*2", "return a + b * 3", "while True: print('no')"]
    )
    assert np.array_equal(one, spaced)
    assert one @ like > one @ other
    assert np.linalg.norm(one) == pytest.approx(1.0)
    assert not hashed_ngrams([""]).any()


def test_embedding_axes_have_deviation_one_over_the_reference_and_do_not_depend_on_company():
    axes = EmbeddingAxes(hashed_ngrams, TEXTS, 3)
    together = axes.measure(TEXTS)
    assert together.std(axis=0) == pytest.approx([1.0] * 3, abs=1e-4)
    assert np.array_equal(together[:1], EmbeddingAxes(hashed_ngrams, TEXTS, 3).measure(TEXTS[:1]))
    assert axes.measure([]).shape == (0, 3)


@pytest.mark.parametrize("vectors", [[[1.0, float("nan")]], [1.0], [[1.0], [2.0]]])
def test_an_embedder_that_gives_no_vectors_is_the_users_mistake(vectors):
    with pytest.raises(UserError, match="embedder"):
        EmbeddingAxes(lambda texts: vectors, TEXTS, 2).measure(["x"])
