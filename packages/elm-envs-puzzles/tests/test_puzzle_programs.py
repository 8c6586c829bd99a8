import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_envs_puzzles import load_puzzles
from elm_envs_puzzles.puzzle_programs import (
    PUZZLE_TEMPLATE,
    PuzzleProgram,
    parse_puzzle_program,
    with_shared_inputs,
)
from elm_envs_puzzles.source_parsing import Refusal

GOOD = "def sat(n: int, a=4):\n    return n == 2 * a\n\n\ndef sol(a=4):\n    return 2 * a\n"


@pytest.mark.parametrize(
    ("program", "status"),
    [
        ("x" * 60_000, "too-long"),
        ("def sat(:", "syntax"),
        ("\x00", "syntax"),
        ("-" * 40_000 + "1", "syntax"),
        (GOOD + "x = " + "-" * 90 + "(" + "-" * 90 + "1)", "too-deep"),
        (GOOD + "x = " + "+".join("1" * 2000), "too-deep"),
        ("def sol():\n    return 1", "no-puzzle"),
        ("def sat():\n    return True\ndef sol():\n    return 1", "no-puzzle"),
        ("def sat(n: int):\n    return True\n" + GOOD, "no-puzzle"),
        ("@cache\n" + GOOD, "no-puzzle"),
        ("def sat(n: int):\n    return n > 1", "no-solution"),
        ("async def sol():\n    return 1\ndef sat(n: int):\n    return n > 1", "no-solution"),
        (GOOD.replace(": int", ""), "no-answer-type"),
        (GOOD.replace(": int", ": Dict[int, int]"), "no-answer-type"),
    ],
)
def test_what_is_no_puzzle_program_has_a_status(program, status):
    refusal = parse_puzzle_program(program)
    assert isinstance(refusal, Refusal)
    assert refusal.status == status or (status == "too-deep" and refusal.status == "syntax")
    assert refusal.feedback
    assert "\n" not in refusal.feedback


@given(st.text(max_size=300))
def test_any_text_is_taken_apart_or_refused(text):
    parse_puzzle_program(text)
    parse_puzzle_program(PUZZLE_TEMPLATE + text)
    assert isinstance(with_shared_inputs(text), str)


def test_own_puzzles_come_back_from_their_programs():
    for puzzle in load_puzzles():
        program = parse_puzzle_program(puzzle.program(puzzle.bodies[0]), puzzle.name)
        assert isinstance(program, PuzzleProgram)
        assert program.puzzle.sat == puzzle.sat
        assert program.puzzle.answer_type == puzzle.answer_type
        assert program.puzzle.docstring == puzzle.docstring
        assert program.puzzle.bodies == puzzle.bodies
        assert program.text.startswith(PUZZLE_TEMPLATE)


def test_imports_go_with_the_puzzle_and_a_one_line_solution_gets_a_body():
    imports = "import math\nfrom typing import List\n"
    text = imports + "def sat(n: int): return n == math.factorial(5)\ndef sol(): return 120\n"
    puzzle = parse_puzzle_program(text).puzzle
    assert puzzle.sat == "import math\n\n\ndef sat(n: int): return n == math.factorial(5)"
    assert (puzzle.header, puzzle.bodies) == ("def sol():", ("    return 120",))


def test_the_solution_gets_the_puzzles_inputs():
    assert with_shared_inputs(GOOD.replace("sat(n: int, a=4)", "sat(n: int, a=9)")) == GOOD.replace(
        "a=4", "a=9"
    )
    several_lines = GOOD.replace("def sol(a=4):", "def sol(\n    a=4,  # this:\n):").replace(
        "int, a=4", "int, a=5"
    )
    assert with_shared_inputs(several_lines) == GOOD.replace("a=4", "a=5")
    grown = GOOD.replace("sat(n: int, a=4)", "sat(n: int, a=4, b='x')")
    assert "def sol(a=4, b='x'):" in with_shared_inputs(grown)


@pytest.mark.parametrize("header", ["def sol(z=1):", "def sol(*a):", "def sol(*, a=4):"])
def test_a_solution_with_inputs_of_its_own_stays_as_it_is(header):
    text = GOOD.replace("def sol(a=4):", header).replace("int, a=4", "int, a=5")
    assert with_shared_inputs(text) == text
