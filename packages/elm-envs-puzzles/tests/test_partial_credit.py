import pytest

from elm_envs_puzzles import load_puzzles
from elm_envs_puzzles.partial_credit import partial_credit, telling_puzzle
from elm_envs_puzzles.puzzle import PREAMBLE
from elm_protocols import Limits


def credit_of(sandbox, sat, answers):
    return partial_credit([(PREAMBLE + sat, answer) for answer in answers], sandbox, Limits())


def test_more_conditions_met_is_more_credit(sandbox):
    sat = "def sat(s: str):\n    assert s\n    assert s[0] == 'a'\n    return s.isupper() and s.endswith('b')"
    empty, first, second, third = credit_of(sandbox, sat, ["", "xx", "ax", "ab"])
    assert 0.0 == empty < first < second < third < 1.0


def test_nearer_numbers_and_longer_common_parts_are_more_credit(sandbox):
    far, near, nearer = credit_of(sandbox, "def sat(n: int):\n    return n == 1000", [-(10**40), 900, 999])
    assert 0.0 < far < near < nearer < 1.0
    two, three = credit_of(
        sandbox, "def sat(x: List[int]):\n    return x == [4, 5, 6, 7]", [[4, 5], [4, 5, 6]]
    )
    assert 0.0 < two < three < 1.0


def test_all_gives_the_share_of_its_items(sandbox):
    sat = "def sat(x: List[int]):\n    return all(v % 2 == 0 for v in x)"
    assert credit_of(sandbox, sat, [[2, 4, 5, 6]]) == [0.75]


def test_conditions_inside_loops_and_branches_count(sandbox):
    sat = (
        "def sat(x: List[int]):\n    for v in x:\n        assert 0 < v < 10\n"
        "    if len(x) == 3:\n        return sum(x) == 12\n    return False"
    )
    outside, short, right_length = credit_of(sandbox, sat, [[40], [4], [4, 4, 3]])
    assert outside < right_length
    assert short < right_length


@pytest.mark.parametrize(
    "sat",
    [
        "def sat(n: int):\n    while True:\n        pass",
        "def sat(n: int):\n    raise ValueError",
        "def sat(n: int):\n    x = n",
        "def sat(n: int):\n    return",
        "def sat(n: int):\n    return )",
        "def sat(n: int):\n    return (lambda: False)()",
        "def sat(n: int):\n    return 0 == float('nan')",
    ],
)
def test_where_no_credit_can_be_had_it_is_zero(sandbox, sat):
    assert partial_credit([(PREAMBLE + sat, 3)], sandbox, Limits(seconds=0.5)) == [0.0]


def test_credit_of_a_solution_is_the_most_there_is(sandbox, puzzles):
    """The rewritten puzzle agrees with the puzzle: it finds nothing missing in a right answer."""
    chosen = [
        puzzles[f"{name}:0"] for name in ("BalancedBrackets", "SumOfTwoSquares", "PathOnGrid", "CubeRoot")
    ]
    answers = [
        "((()))()()()",
        [4, 33],
        [[0, 0], [1, 0], [2, 0], [3, 0], [3, 1], [3, 2], [3, 3]],
        30 ** (1 / 3),
    ]
    questions = [(puzzle.statement, answer) for puzzle, answer in zip(chosen, answers, strict=True)]
    assert partial_credit(questions, sandbox, Limits()) == [0.99] * 4


def test_every_own_puzzle_can_be_rewritten():
    for puzzle in load_puzzles():
        compile(telling_puzzle(puzzle.statement), puzzle.name, "exec")
