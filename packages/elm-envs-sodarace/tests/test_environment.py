"""The environment with a scripted sandbox (it runs only our own programs) and a scripted mutation model."""

import json

import numpy as np
import pytest

from elm_envs_sodarace import SEEDS, TEMPLATE, Sodarace
from elm_envs_sodarace.program import ADAPTER
from elm_envs_sodarace.trusted_run import run_trusted
from elm_protocols import Completion, Individual, Limits, Origin, Outcome, OutcomeStatus, UserError
from elm_protocols.testing import check_environment


class InProcess:
    """A scripted sandbox: runs trusted programs in this process and sends what the adapter would."""

    def run(self, programs, limits: Limits):
        return [self._run(program.source) for program in programs]

    def _run(self, source):
        assert ADAPTER
        if "raise" in source:
            return Outcome(status=OutcomeStatus.ERROR, feedback="ValueError: line 3")
        if "sandbox fails" in source:
            return Outcome(status=OutcomeStatus.SANDBOX_ERROR, feedback="no worker")
        walker = run_trusted(source)
        return Outcome(status=OutcomeStatus.OK, value=walker.to_json())

    def close(self):
        pass


class Sharper:
    """A scripted mutation model: sets the amplitude 0.7 to 0.6, and keeps what it was asked."""

    def __init__(self):
        self.requests = []

    def generate(self, requests):
        self.requests += requests
        return [
            Completion(text=r.parents[0].replace("0.7", "0.6"), origin=Origin(operator="sharper"))
            for r in requests
        ]


def make(**options):
    return Sodarace(Sharper(), InProcess(), **options)


def individual(name, number=0):
    return Individual(number, SEEDS[name], 1.0, (1.0, 1.0, 1.0), f"feedback of {name}")


@pytest.mark.parametrize("terrain", ["flat", "right_wall+bumpy", ("tunnel",)])
def test_it_keeps_the_promises_of_an_environment(terrain):
    check_environment(make(terrain=terrain, duration=1.0), n=7)


def test_random_gives_every_seed_before_one_comes_twice():
    offspring = make().random(10, np.random.default_rng(3))
    assert {child.genotype for child in offspring[:7]} == set(SEEDS.values())


def test_a_program_that_fails_has_the_status_of_its_sandbox():
    error, failed = make().evaluate(["raise ValueError", "# sandbox fails"])
    assert (error.status, error.feedback) == ("error", "ValueError: line 3")
    assert failed.status == "sandbox-error"


def test_artifacts_name_the_walker_and_each_terrain():
    (evaluation,) = make(terrain="flat+stairs:rise=2", duration=2.0).evaluate([SEEDS["galloper"]])
    artifacts = json.loads(json.dumps(evaluation.artifacts))
    assert [run["terrain"]["kind"] for run in artifacts["runs"]] == ["flat", "stairs"]
    assert artifacts["runs"][1]["terrain"]["rise"] == 2.0
    assert len(artifacts["walker"]["joints"]) == 8
    assert "on flat, " in evaluation.feedback and "stairs:rise=2 in 2 s" in evaluation.feedback


def test_several_terrains_are_aggregated():
    program = [SEEDS["cppn_mutable"]]
    options = {"duration": 6.0}
    alone = [make(terrain=t, **options).evaluate(program)[0].fitness for t in ("flat", "right_wall")]
    assert alone[0] > alone[1] + 1
    assert make(terrain="flat+right_wall", **options).evaluate(program)[0].fitness == sum(alone) / 2
    lowest = make(terrain=("flat", "right_wall"), aggregate="minimum", **options).evaluate(program)
    assert lowest[0].fitness == alone[1]


def test_each_style_of_prompt_shows_its_parents():
    parents = [individual("square", 0), individual("radial", 1)]
    shown = {}
    for style in ("single", "multi", "crossover"):
        environment = make(prompt=style, examples=3)
        children = environment.mutate([parents], np.random.default_rng(0))
        assert children[0].parents == (0, 1)
        (shown[style],) = environment._mutation_model.requests
    assert shown["single"].parents == (SEEDS["square"],)
    assert shown["crossover"].parents == (SEEDS["square"], SEEDS["radial"])
    assert shown["crossover"].feedback == ("feedback of square", "feedback of radial")
    assert shown["multi"].parents[0] == SEEDS["square"]
    assert len(shown["multi"].parents) == len(shown["multi"].feedback) == 4
    assert "combines" in shown["crossover"].instruction
    assert "combines" not in shown["single"].instruction


def test_a_request_carries_template_interface_and_seed():
    environment = make()
    environment.mutate([[individual("square")], [individual("square")]], np.random.default_rng(0))
    one, other = environment._mutation_model.requests
    assert one.parents[0].startswith(one.template)
    assert "def add_muscle(self, j0: int, j1: int, amplitude: float = 0.0" in one.interface
    assert one.seed != other.seed


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"terrain": "moon"}, "no terrain 'moon'"),
        ({"terrain": ()}, "at least one terrain"),
        ({"aggregate": "median"}, "mean, minimum"),
        ({"duration": 0.0}, "above 0"),
        ({"duration": float("nan")}, "above 0"),
        ({"duration": 1e6}, "at most 120"),
        ({"measures": ("beauty",)}, "no measure 'beauty'"),
        ({"measures": ()}, "at least one axis"),
        ({"seeds": ("dragon",)}, "no seed 'dragon'"),
        ({"seeds": ()}, "at least one seed"),
        ({"prompt": "haiku"}, "single, multi, crossover"),
        ({"examples": 0}, "1 to 7"),
    ],
)
def test_a_wrong_option_is_one_sentence(options, sentence):
    with pytest.raises(UserError, match=sentence):
        make(**options)


def test_the_template_begins_every_seed():
    assert all(program.startswith(TEMPLATE) for program in SEEDS.values())
