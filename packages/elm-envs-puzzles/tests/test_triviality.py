import pytest

from elm_envs_puzzles import load_puzzles
from elm_envs_puzzles.puzzle_programs import parse_puzzle_program
from elm_envs_puzzles.triviality import ignored_answer, same_puzzle, solved_by_constant
from elm_protocols import Limits

SOL = "\n\n\ndef sol():\n    return 77\n"


def program(sat):
    return parse_puzzle_program("from typing import List\n\n\n" + sat + SOL)


@pytest.mark.parametrize(
    ("sat", "ignores"),
    [
        ("def sat(n: int):\n    return True", True),
        ("def sat(n: int, m=3):\n    n = m\n    return m == 3", True),
        ("def sat(n: int):\n    return n == 77", False),
        ("def sat(n: int):\n    return any(v == n for v in (76, 77))", False),
    ],
)
def test_a_puzzle_must_look_at_its_answer(sat, ignores):
    refusal = ignored_answer(program(sat))
    assert (refusal is not None) is ignores
    assert refusal is None or refusal.status == "ignores-answer"


@pytest.mark.parametrize(
    ("sat", "trivial"),
    [
        ("def sat(n: int):\n    return n == n", True),
        ("def sat(n: int):\n    return n % 5 == 0", True),
        ("def sat(x: List[str]):\n    return len(x) < 4", True),
        ("def sat(b: bool):\n    return b == False", True),
        ("def sat(n: int):\n    return n == 77", False),
        ("def sat(n: int):\n    return 100 // n == 1 and n == 77", False),
    ],
)
def test_a_blind_constant_must_not_solve_it(sandbox, sat, trivial):
    refusal = solved_by_constant(program(sat), sandbox, Limits(seconds=1.0))
    assert (refusal is not None) is trivial
    assert refusal is None or refusal.status == "constant-solves"


def test_no_own_puzzle_is_trivial(sandbox):
    for puzzle in load_puzzles():
        parsed = parse_puzzle_program(puzzle.program(puzzle.bodies[0]))
        assert ignored_answer(parsed) is None
        assert solved_by_constant(parsed, sandbox, Limits()) is None


ORIGINAL = "def sat(n: int, a=4):\n    b = [a * v for v in range(3)]\n    return n in b"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (
            "def sat(x: int, y=4):\n    # so\n    z = [y * w for w in range(3)]\n    return (x in z)",
            True,
        ),
        (ORIGINAL.replace("a=4", "a=5"), False),
        (ORIGINAL.replace("n in b", "n not in b"), False),
        (ORIGINAL.replace("a * v", "v * v"), False),
        (ORIGINAL.replace("range", "reversed"), False),
    ],
)
def test_a_copy_is_the_same_but_for_names_and_layout(other, same):
    assert same_puzzle(program(ORIGINAL), program(other)) is same
