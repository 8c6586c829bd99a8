import math

import numpy as np
import pytest

from elm_envs_puzzles import P3ProbSol, load_puzzles
from elm_envs_puzzles.skills import SKILLS
from elm_protocols import Individual, Statistics, Step, UserError
from elm_protocols.testing import check_environment

PREAMBLE = "from typing import List\n\n\n"
NEW = PREAMBLE + "def sat(n: int, a=40):\n    return n == 2 * a\n\n\ndef sol(a=40):\n    return 2 * a\n"


@pytest.fixture
def environment(integer_changer, sandbox, scripted_solver):
    solver = scripted_solver("    return 80", "    return 81", "    return 82", "    return 83")
    return P3ProbSol(integer_changer, sandbox, solver=solver, attempts=4)


def individual(number, genotype, fitness=0.5):
    return Individual(number, genotype, fitness, (0.0, 0.0))


@pytest.mark.parametrize("options", [{}, {"fitness": "inverse", "measures": ("length", "branches"), "k": 2}])
def test_it_keeps_the_promises_of_an_environment(integer_changer, sandbox, options):
    check_environment(P3ProbSol(integer_changer, sandbox, attempts=2, **options))


def test_fitness_is_the_difficulty_for_the_model_under_test(integer_changer, sandbox, scripted_solver):
    def fitness(*bodies, **options):
        solver = scripted_solver(*(f"    return {body}" for body in bodies))
        [evaluation] = P3ProbSol(integer_changer, sandbox, solver=solver, attempts=4, **options).evaluate(
            [NEW]
        )
        assert evaluation.ok
        return evaluation.fitness

    assert fitness(80) == 0.0
    assert fitness(80, 1, 2, 3) == 0.75
    assert fitness(80, 1, 2, 3, k=2) == 0.5
    assert fitness(1) == 0.0
    assert fitness(80, fitness="inverse") == 1.0
    assert fitness(80, 1, 2, 3, fitness="inverse") == 4.0
    assert fitness(1, fitness="inverse") == 0.0


def test_a_model_under_test_that_fails_is_not_the_puzzles_fault(integer_changer, sandbox, scripted_solver):
    failing = P3ProbSol(integer_changer, sandbox, solver=scripted_solver(None), attempts=4)
    assert failing.evaluate([NEW])[0].status == "solver-error"
    half = P3ProbSol(integer_changer, sandbox, solver=scripted_solver(None, "    return 80"), attempts=4)
    assert half.evaluate([NEW])[0].artifacts["attempts"] == 2


def test_failures_have_a_status_each(environment):
    genotypes = {
        "syntax": NEW + ")",
        "no-puzzle": NEW.replace("sat(", "sit("),
        "no-solution": NEW.replace("sol(", "soul("),
        "no-answer-type": NEW.replace(": int", ""),
        "ignores-answer": NEW.replace("n == 2 * a", "2 * a == 80"),
        "constant-solves": NEW.replace("a=40", "a=5"),
        "unsolved": NEW.replace("return 2 * a", "return 3 * a"),
        "wrong-type": NEW.replace("return 2 * a", "return 2.0 * a"),
        "error": NEW.replace("return 2 * a", "return 2 * a / 0"),
        "too-long": NEW + "#" * 60_000,
        "memory": NEW.replace("return 2 * a", "return [a] * 10 ** 9"),
        "puzzle-memory": NEW.replace("n == 2 * a", "n in [0] * 10 ** 9"),
    }
    evaluations = environment.evaluate([*genotypes.values(), NEW, {"no": "program"}])
    assert [evaluation.status for evaluation in evaluations] == [*genotypes, "ok", "no-puzzle"]
    assert all(evaluation.feedback for evaluation in evaluations)


def test_integers_beyond_pythons_limit_for_digits_are_like_any_other(environment):
    number = "0x" + "f" * 9000
    huge = NEW.replace("a=40", f"a={number}")
    assert environment.evaluate([huge])[0].ok
    children = environment.mutate([(individual(0, huge),)] * 12, np.random.default_rng(0))
    assert {child.status for child in children} == {"ok", "copies-parent"}


def test_a_puzzle_that_hangs_is_a_status(integer_changer, sandbox):
    environment = P3ProbSol(integer_changer, sandbox, seconds=0.5)
    hangs = NEW.replace("return n == 2 * a", "while n:\n        pass")
    assert environment.evaluate([hangs])[0].status == "puzzle-timeout"


def test_a_child_with_its_parents_puzzle_is_lost_and_another_input_is_no_copy(sandbox):
    from elm_protocols import Completion, Origin, Usage

    class Scripted:
        def __init__(self, *texts):
            self.texts = texts

        def generate(self, requests):
            return [
                Completion(text=text, origin=Origin(operator="scripted", usage=Usage(requests=1)))
                for text in self.texts[: len(requests)]
            ]

    copy = NEW.replace("sat(n: int, a=40)", "sat(m: int, a=40)").replace("n == 2", "m == 2")
    renewed = NEW.replace("sat(n: int, a=40)", "sat(n: int, a=41)")
    environment = P3ProbSol(Scripted(copy, renewed), sandbox, draws=1)
    first, second = environment.mutate(
        [(individual(5, NEW),), (individual(6, NEW),)], np.random.default_rng(0)
    )
    assert (first.status, first.genotype, first.parents) == ("copies-parent", None, (5,))
    assert second.genotype == NEW.replace("a=40", "a=41")
    again = P3ProbSol(Scripted(copy, copy), sandbox, draws=3)
    [lost] = again.mutate([(individual(5, NEW),)], np.random.default_rng(0))
    assert (lost.status, lost.origin.lost) == ("copies-parent", {"copies-parent": 2})
    assert lost.origin.usage.requests == 3
    assert environment.evaluate([second.genotype])[0].ok


def test_changed_integers_make_new_valid_puzzles(environment):
    rng = np.random.default_rng(1)
    seeds = environment.random(40, rng)
    groups = [(individual(number, seed.genotype),) for number, seed in enumerate(seeds)]
    children = [child for child in environment.mutate(groups, rng) if child.ok]
    evaluations = environment.evaluate([child.genotype for child in children])
    valid = [evaluation for evaluation in evaluations if evaluation.ok]
    assert len(valid) >= 5
    assert all(math.isfinite(value) for evaluation in valid for value in evaluation.measures)


def test_skills_are_ten_axes_labelled_by_the_chat_model(integer_changer, sandbox, scripted_solver):
    class ScriptedChatModel:
        """Says yes to mathematics for the first puzzle, and gives no reply to the second."""

        def with_structured_output(self, schema, *, method):
            return self

        def batch(self, prompts, *, return_exceptions):
            return [{**dict.fromkeys(SKILLS, False), "mathematics": True}, None][: len(prompts)]

    environment = P3ProbSol(
        integer_changer,
        sandbox,
        solver=scripted_solver("    return 80"),
        model=ScriptedChatModel(),
        measures=("skills",),
    )
    assert environment.behavior_space.names == tuple(SKILLS)
    labelled, unlabelled = environment.evaluate([NEW, NEW.replace("40", "41")])
    assert labelled.measures == (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert labelled.artifacts["skills"] == ["mathematics"]
    assert unlabelled.status == "label-error"


def test_a_run_ends_with_a_report_and_puzzles_that_load(environment, tmp_path):
    genotypes = [NEW, NEW.replace("40", "50"), NEW + ")"]
    evaluations = environment.evaluate(genotypes)
    statistics = Statistics(
        individuals=3, valid=2, niches=4, filled=2, qd_score=0.75, best=0.75, mean=0.375, lowest=0.0
    )
    environment.on_step(Step(0, (), tuple(evaluations), (), statistics))
    elites = [individual(0, NEW, evaluations[0].fitness), individual(1, genotypes[1], 0.0)]
    report, exported = environment.illustrate(elites, tmp_path)
    text = report.read_text()
    assert "3 puzzles made, 2 valid (67%)" in text
    assert "- syntax: 1" in text
    assert "never solved      1" in text
    assert "0.5-0.75      1" in text
    assert NEW.strip() in text
    loaded = load_puzzles(exported)
    assert [puzzle.program(puzzle.bodies[0]) for puzzle in loaded] == genotypes[:2]
    seeded = P3ProbSol(environment._mutation_model, environment._sandbox, puzzles=str(exported))
    assert seeded.random(3, np.random.default_rng(0))[0].genotype in genotypes[:2]


@pytest.mark.parametrize(
    "options",
    [
        {"fitness": "ease"},
        {"k": 0},
        {"draws": 0},
        {"k": 9, "attempts": 8},
        {"measures": ("skills",)},
        {"measures": ("log10_seconds",)},
        {"seconds": -1.0},
        {"names": ("Riddle",)},
    ],
)
def test_wrong_options_are_one_sentence(integer_changer, sandbox, options):
    with pytest.raises(UserError) as caught:
        P3ProbSol(integer_changer, sandbox, **options)
    assert "\n" not in str(caught.value)
