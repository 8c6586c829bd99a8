import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from elm_envs_puzzles import P3Problem, load_puzzles, write_puzzles
from elm_protocols import Individual, UserError
from elm_protocols.testing import check_environment

NAMES = ("BalancedBrackets:0", "SumOfTwoSquares")


@pytest.fixture
def environment(integer_changer, sandbox):
    return P3Problem(integer_changer, sandbox, names=NAMES[1:])


def individual(number, genotype, evaluation):
    return Individual(number, genotype, evaluation.fitness, evaluation.measures, evaluation.feedback)


@pytest.mark.parametrize(
    "options",
    [
        {"names": NAMES[:1]},
        {"names": NAMES, "start": "solution", "fitness": "solved"},
        {"measures": ("embedding_1", "embedding_2", "statements")},
    ],
)
def test_it_keeps_the_promises_of_an_environment(integer_changer, sandbox, options):
    check_environment(P3Problem(integer_changer, sandbox, **options))


def test_given_solutions_have_fitness_one(integer_changer, sandbox):
    environment = P3Problem(integer_changer, sandbox, start="solution")
    programs = [puzzle.program(puzzle.bodies[0]) for puzzle in load_puzzles()]
    evaluations = environment.evaluate(programs)
    assert [evaluation.fitness for evaluation in evaluations] == [1.0] * len(programs)
    assert [evaluation.measures[0] for evaluation in evaluations] == [float(i) for i in range(len(programs))]
    assert environment.behavior_space.names == ("puzzle", "length", "ast_depth")


def test_unsolved_puzzles_give_graded_credit_or_none(integer_changer, sandbox, puzzles):
    puzzle = puzzles["SumOfTwoSquares:0"]
    programs = [puzzle.program(f"    return {answer}") for answer in ([4, 33], [4, 32], [0, 0], [1])]
    graded = P3Problem(integer_changer, sandbox, names=(puzzle.name,)).evaluate(programs)
    fitnesses = [evaluation.fitness for evaluation in graded]
    assert fitnesses[0] == 1.0
    assert 1.0 > fitnesses[1] > fitnesses[2] > fitnesses[3] == 0.0
    solved = P3Problem(integer_changer, sandbox, names=(puzzle.name,), fitness="solved").evaluate(programs)
    assert [evaluation.fitness for evaluation in solved] == [1.0, 0.0, 0.0, 0.0]


def test_integers_beyond_pythons_limit_for_digits_are_like_any_other(environment, puzzles):
    program = puzzles["SumOfTwoSquares:0"].program(f"    return [0x{'f' * 9000}, 4]")
    [evaluation] = environment.evaluate([program])
    assert evaluation.ok
    assert 0.0 < evaluation.fitness < 1.0


def test_failures_have_a_status_each(environment, puzzles):
    puzzle = puzzles["SumOfTwoSquares:0"]
    genotypes = {
        "changed-puzzle": puzzle.program("    return [4, 33]").replace("0 < a", "0 < 1"),
        "syntax": puzzle.program("    return [4, 33"),
        "no-solution": puzzle.template.replace("\n\n\ndef sol", "\n\n\ndef soul"),
        "wrong-type": puzzle.program("    return (4, 33)"),
        "error": puzzle.program("    return [1 // 0]"),
        "too-long": puzzle.program("    return [" + "4, " * 20_000 + "]"),
        "memory": puzzle.program("    return [1] * 10 ** 9"),
    }
    genotypes["no-solution"] = puzzle.program("    return [4, 33]\n\n\ndel sol")
    expected = list(genotypes)
    expected[2] = "error"
    evaluations = environment.evaluate([*genotypes.values(), None, 3])
    assert [evaluation.status for evaluation in evaluations] == [
        *expected,
        "changed-puzzle",
        "changed-puzzle",
    ]
    assert all(evaluation.feedback for evaluation in evaluations)


def test_evolution_by_changed_integers_solves_a_puzzle(integer_changer, sandbox, puzzles, tmp_path):
    """Hill climbing with a random mutation finds the number, led by graded credit alone."""
    sat = "def sat(n: int, low=45, high=50):\n    return low < n < high"
    write_puzzles(
        [replace(puzzles["DigitSum:0"], name="Between", sat=sat, docstring="")], tmp_path / "p.json"
    )
    environment = P3Problem(integer_changer, sandbox, puzzles=str(tmp_path / "p.json"))
    rng = np.random.default_rng(3)
    best = None
    for number in range(20):
        born = environment.random(4, rng) if best is None else environment.mutate([(best,)] * 4, rng)
        genotypes = [child.genotype for child in born if child.ok]
        for genotype, evaluation in zip(genotypes, environment.evaluate(genotypes), strict=True):
            if evaluation.ok and (best is None or evaluation.fitness > best.fitness):
                best = individual(number, genotype, evaluation)
    assert best.fitness == 1.0


def test_it_serves_several_threads(environment, puzzles):
    puzzle = puzzles["SumOfTwoSquares:0"]
    programs = [puzzle.program(f"    return [4, {n}]") for n in range(30, 36)]
    alone = [evaluation.fitness for evaluation in environment.evaluate(programs)]
    with ThreadPoolExecutor(3) as threads:
        together = list(threads.map(environment.evaluate, [[program] for program in programs]))
    assert [evaluation.fitness for [evaluation] in together] == alone


def test_solutions_are_written_in_p3s_format(environment, puzzles, tmp_path):
    puzzle = puzzles["SumOfTwoSquares:0"]
    programs = [puzzle.program(f"    return {answer}") for answer in ("[4, 33]", "[9, 32]", "[1, 1]")]
    elites = [
        individual(n, *pair)
        for n, pair in enumerate(zip(programs, environment.evaluate(programs), strict=True))
    ]
    best, solved = environment.illustrate(elites, tmp_path)
    assert best.read_text() == programs[0]
    assert load_puzzles(solved)[0].bodies == ("    return [4, 33]", "    return [9, 32]")
    json.loads(solved.read_text())


@pytest.mark.parametrize(
    "options",
    [
        {"start": "empty"},
        {"fitness": "best"},
        {"measures": ("beauty",)},
        {"names": ("Riddle",)},
        {"puzzles": "/nowhere/p.json"},
        {"seconds": 0.0},
        {"seconds": float("nan")},
        {"memory_mb": 0},
    ],
)
def test_wrong_options_are_one_sentence(integer_changer, sandbox, options):
    with pytest.raises(UserError) as caught:
        P3Problem(integer_changer, sandbox, **options)
    assert "\n" not in str(caught.value)
