"""Places are found by the syntax tree, and whatever is drawn for one fits."""

import ast
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elm_mutation.grammar import draw, to_gbnf
from elm_mutation.interface import read_interface
from elm_mutation.place_choice import cut_open
from elm_mutation.places import PlaceKind, find_places
from elm_mutation.program_checks import unbound_names


def fitting(source, interface, first=0):
    return [place for place in find_places(source, interface, first) if place.rule is not None]


def _spans(source, places, kind):
    return [source[place.start : place.end] for place in places if place.kind is kind]


def test_each_kind_of_place_is_found(programs, stub):
    source = programs["radial"]
    places = fitting(source, read_interface(stub))
    assert _spans(source, places, PlaceKind.BOUND) == ["num_points", "8"]
    assert "0.8" in _spans(source, places, PlaceKind.NUMBER)
    assert "cx + radius * math.cos(angle)" in _spans(source, places, PlaceKind.ARGUMENT)
    assert "points[k], center, 0.8, k / 8" in _spans(source, places, PlaceKind.CALL)
    assert "2 * math.pi * i / num_points" in _spans(source, places, PlaceKind.VALUE)
    assert "joints.append(" in _spans(source, places, PlaceKind.STATEMENT)[0]
    assert len(_spans(source, places, PlaceKind.INSERTION)) == 11
    assert places == sorted(places, key=lambda place: place.start)


def test_no_place_lies_in_the_template(programs, stub):
    source = programs["radial"]
    template = source[: source.index("center")]
    assert all(place.start >= len(template) for place in fitting(source, read_interface(stub), len(template)))


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(["galloper", "radial", "square"]), seed=st.integers(0, 2**32 - 1))
def test_every_random_fragment_parses_and_uses_bound_names(programs, stub, name, seed):
    source = programs[name]
    rng = np.random.default_rng(seed)
    for place in fitting(source, read_interface(stub)):
        child = cut_open(source, place).child_of_fragment(draw(place.rule, rng))
        ast.parse(child)
        assert unbound_names(child) == frozenset()


def test_the_edited_program_is_the_source_around_the_fragment(programs, stub):
    for source in programs.values():
        for place in fitting(source, read_interface(stub)):
            cut = cut_open(source, place)
            assert not cut.before[-1:].isspace()
            if place.kind is not PlaceKind.INSERTION:
                assert cut.child_of_fragment(source[place.start : place.end]) == source
                assert cut.child(cut.lead + source[place.start : place.end] + cut.close) == source
                assert cut.close.strip() or cut.close.endswith("\n")


def test_positions_are_right_beside_letters_of_several_bytes_and_odd_line_ends():
    source = 'def f():\n    s = "é\x0c🦎"; n = 42\n    return n  # ü\n'
    (place,) = [p for p in fitting(source, read_interface("")) if p.kind is PlaceKind.NUMBER]
    assert source[place.start : place.end] == "42"


ONLY_AFTER = """
def f(flag):
    a = 1
    if flag:
        b = 2.5
    c = 3
    return c
"""


def test_only_names_bound_on_every_way_are_offered():
    places = fitting(ONLY_AFTER, read_interface(""))
    last = [place for place in places if place.kind is PlaceKind.VALUE][-1]
    grammar = to_gbnf(last.rule)
    assert '"a"' in grammar
    assert '"b"' not in grammar
    assert '"c"' not in grammar


SHADOW = """
N = 8

def first():
    second()

def second():
    m = N
    third(m)

def third(m):
    return m
"""


def test_statements_neither_hide_names_from_outside_nor_call_in_circles():
    places = fitting(SHADOW, read_interface(""))
    inside = [
        p for p in places if p.kind is PlaceKind.INSERTION and "third(m)" in SHADOW[p.start : p.start + 9]
    ]
    grammar = to_gbnf(inside[0].rule)
    assert '"m = "' in grammar
    assert '"N = "' not in grammar
    assert "second(" not in grammar
    assert "third(" not in grammar


KINDS_STUB = """
class Joint: ...
class Color: ...
class canvas:
    size: int
    def dot(self, at: Joint, color: Literal["red", "green"], thick: bool = False) -> None: ...
    def joint(self, x: float, y: float) -> Joint: ...
"""
KINDS = """
from art import canvas

def draw(c: canvas):
    spots = []
    for i in range(4):
        spots.append(c.joint(i, 2 * i))
    c.dot(spots[0], "red", True)
"""


@pytest.mark.parametrize(
    ("argument", "offered", "not_offered"),
    [
        ("spots[0]", ['"spots["'], ['"red"', "[0-9] [0-9]"]),
        ('"red"', ["\"'red'\"", "\"'green'\""], ['"spots["']),
        ("True", ['"True"', '"False"'], ['"spots["']),
        ("2 * i", ['"i"', '" * "'], ['"spots["']),
    ],
)
def test_fragments_are_of_the_kind_that_the_interface_asks_for(argument, offered, not_offered):
    places = fitting(KINDS, read_interface(KINDS_STUB))
    (place,) = [p for p in places if p.kind is PlaceKind.ARGUMENT and KINDS[p.start : p.end] == argument]
    grammar = to_gbnf(place.rule)
    assert all(text in grammar for text in offered)
    assert not any(text in grammar for text in not_offered)


HANDLES = """
def make(wc: walker_creator, n: int = 4):
    joints = [wc.add_joint(k, 1) for k in range(n)]
    wc.add_muscle(joints[0], joints[1], 0.5)
    return wc.get_walker()
"""


def test_numbers_that_a_method_returns_are_not_mixed_with_others(stub):
    places = fitting(HANDLES, read_interface(stub))
    (first,) = [p for p in places if p.kind is PlaceKind.ARGUMENT and HANDLES[p.start : p.end] == "joints[0]"]
    assert '"joints["' in to_gbnf(first.rule)
    assert "[0-9]" not in to_gbnf(first.rule)


def test_a_new_object_is_used_at_once(stub):
    places = fitting(HANDLES, read_interface(stub))
    last = [place for place in places if place.kind is PlaceKind.INSERTION][-1]
    rng = np.random.default_rng(0)
    drawn = {draw(last.rule, rng) for _ in range(300)}
    made = [text for text in drawn if "add_joint" in text]
    assert made
    assert all(re.fullmatch(r"j0 = wc\.add_joint\(.*\); wc\.add_muscle\(j0, .*\)", text) for text in made)
