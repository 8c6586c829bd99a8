"""Programs of every kind of misbehaviour, in the real sandbox: a status each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_envs_puzzles.answer_types import parse_answer_type
from elm_envs_puzzles.judging import Attempt, describe, judge
from elm_envs_puzzles.puzzle import PREAMBLE
from elm_protocols import Limits

SAT = PREAMBLE + "def sat(x: List[int], n=3):\n    assert all(v > 0 for v in x)\n    return len(x) == n"


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ("return [1, 2, 3]", "ok", ""),
        ("print('x' * 5000)\n    return [1, 2, 3]", "ok", ""),
        ("return [1, 2]", "unsolved", "False for the answer [1, 2]"),
        ("return [1, -2, 3]", "unsolved", "AssertionError"),
        ("return (1, 2, 3)", "wrong-type", "tuple found where List[int] has a list"),
        ("return [1, 2, True]", "wrong-type", "bool found"),
        ("pass", "wrong-type", "NoneType"),
        ("return [1] * 10 ** 9", "memory", ""),
        ("return range(10 ** 9)", "bad-result", ""),
        ("return [7 ** 10] * 200_000", "output", ""),
        ("raise ValueError('no idea')", "error", "no idea"),
        ("while True:\n        pass", "timeout", ""),
        ("return sol()", None, ""),
        ("import os\n    os._exit(3)", None, ""),
        ("return )", "syntax", ""),
    ],
)
def test_each_misbehaviour_has_its_status(sandbox, body, status, told):
    attempt = Attempt(SAT, parse_answer_type("List[int]"), f"{SAT}\n\n\ndef sol(n=3):\n    {body}\n")
    [verdict] = judge([attempt], sandbox, Limits(seconds=3.0, memory_bytes=128 * 2**20))
    assert verdict.status == status or (status is None and verdict.status in ("crashed", "killed", "error"))
    assert told in verdict.feedback
    assert (verdict.feedback == "") is verdict.solved
    assert "\n" not in verdict.feedback


def test_a_program_can_neither_redefine_the_puzzle_nor_return_an_object_that_equals_everything(
    sandbox, limits
):
    sat = f"{PREAMBLE}def sat(x: int):\n    return x == 4 and x == 5"
    cheats = [
        f"{sat}\n\n\ndef sol():\n    return 1\n\n\ndef sat(x):\n    return True\n",
        f"{sat}\n\n\nclass Any(int):\n    __eq__ = lambda *two: True\n\n\ndef sol():\n    return Any()\n",
        f"{sat}\n\n\ndef sol():\n    import builtins\n    builtins.all = lambda x: True\n    return 4\n",
    ]
    verdicts = judge([Attempt(sat, parse_answer_type("int"), cheat) for cheat in cheats], sandbox, limits)
    assert not any(verdict.solved for verdict in verdicts)


@pytest.mark.parametrize(
    ("sat", "status"),
    [
        ("def sat(x: int):\n    while x:\n        pass", "puzzle-timeout"),
        ("def sat(x: int):\n    return len([0] * 10 ** 10)", "puzzle-memory"),
        ("def sat(x: int):\n    return sat", "puzzle-bad-result"),
        ("def sat(x: int):\n    return 1", "unsolved"),
        ("def sat(x: int):\n    return undefined", "unsolved"),
        ("def sat(x: int):\n    return )", "puzzle-syntax"),
    ],
)
def test_a_puzzle_that_breaks_is_told_from_a_program_that_does(sandbox, sat, status):
    attempt = Attempt(PREAMBLE + sat, parse_answer_type("int"), f"{PREAMBLE}def sol():\n    return 1\n")
    [verdict] = judge([attempt], sandbox, Limits(seconds=1.0, memory_bytes=128 * 2**20))
    assert verdict.status == status


def test_integers_of_any_size_and_line_numbers_that_are_true(sandbox, limits):
    sat = f"{PREAMBLE}def sat(n: int):\n    return len(str(n)) == 9001"
    programs = [f"{sat}\n\n\ndef sol():\n    return {body}\n" for body in ("10 ** 9000", "1 / 0")]
    right, wrong = judge([Attempt(sat, parse_answer_type("int"), text) for text in programs], sandbox, limits)
    assert right.solved
    assert wrong.status == "error"
    assert "line 9" in wrong.feedback


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_descriptions_are_short_lines_of_ascii(value):
    text = describe(value)
    assert text.isascii()
    assert len(text) < 140
    assert "\n" not in text


def test_a_huge_integer_is_described_by_its_size():
    assert describe(2**100_000) == "an int of 100001 bits"
