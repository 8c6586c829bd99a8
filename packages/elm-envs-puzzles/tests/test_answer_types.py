import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_envs_puzzles.answer_types import parse_answer_type

SCALARS = {"int": st.integers(), "float": st.floats(), "str": st.text(), "bool": st.booleans()}


@pytest.mark.parametrize(
    ("type_name", "value", "right"),
    [
        ("List[int]", [1, 2], True),
        ("List[int]", [], True),
        ("List[int]", (1, 2), False),
        ("List[int]", [1, True], False),
        ("List[int]", [1, 2.0], False),
        ("List[List[str]]", [["a"], []], True),
        ("List[List[str]]", [["a"], "b"], False),
        ("int", True, False),
        ("bool", 1, False),
        ("float", 1, False),
        ("str", None, False),
        ("list[int]", [3], True),
        ("typing.List[ int ]", [3], True),
    ],
)
def test_types_are_checked_to_the_letter(type_name, value, right):
    mismatch = parse_answer_type(type_name).mismatch(value)
    assert (mismatch == "") is right
    assert right or str(parse_answer_type(type_name)) in mismatch


@pytest.mark.parametrize(
    "text", ["", "List", "List[]", "Set[int]", "List[int", "List[" * 6 + "int" + "]" * 6, "complex", "int]"]
)
def test_other_types_are_not_answer_types(text):
    assert parse_answer_type(text) is None


@given(st.sampled_from(sorted(SCALARS)), st.integers(0, 3), st.data())
def test_a_value_made_for_a_type_is_of_it_and_the_type_comes_back_from_its_text(scalar, depth, data):
    strategy = SCALARS[scalar]
    for _ in range(depth):
        strategy = st.lists(strategy, max_size=3)
    answer_type = parse_answer_type("List[" * depth + scalar + "]" * depth)
    assert parse_answer_type(str(answer_type)) == answer_type
    assert answer_type.mismatch(data.draw(strategy)) == ""


@pytest.mark.parametrize("text", ["int", "float", "str", "bool", "List[int]", "List[List[str]]"])
def test_probes_are_of_their_type(text):
    answer_type = parse_answer_type(text)
    assert len(answer_type.probes()) >= 2
    assert not any(answer_type.mismatch(probe) for probe in answer_type.probes())
