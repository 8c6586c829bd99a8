"""The environment: the protocol, options, statuses, pictures."""

import base64
import io
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from elm_envs_images import FITNESS_NAMES, MEASURE_NAMES, TARGET_NAMES, ImageEvolution
from elm_envs_images.drawing_programs import SEED_NAMES, TEMPLATE, seed_programs
from elm_protocols import (
    Illustrator,
    Individual,
    MissingExtraError,
    Outcome,
    OutcomeStatus,
    UnreadableFileError,
    UserError,
)
from elm_protocols.testing import check_environment
from elm_sandbox import Jail

SEEDS = seed_programs(64, 64)
OTHER_FITNESS = [name for name in FITNESS_NAMES if name != "scorer"]


def pixels(file):
    with Image.open(file) as picture:
        return np.asarray(picture)


def program(*lines):
    return TEMPLATE + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize("fitness", OTHER_FITNESS)
def test_the_environment_conforms_with_every_fitness(build, fitness):
    check_environment(build(fitness=fitness, seeds=("disc", "rings")))


@pytest.mark.parametrize("target", TARGET_NAMES)
def test_the_environment_conforms_with_every_target(build, target):
    check_environment(build(target=target, measures=MEASURE_NAMES, seeds=("disc", "house")), n=2)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (40, 90)])
def test_every_seed_draws_at_every_size(build, height, width):
    environment = build(height=height, width=width)
    seeds = environment.random(len(SEED_NAMES), np.random.default_rng(0))
    assert len({seed.genotype for seed in seeds}) == len(SEED_NAMES)
    assert all(seed.genotype.startswith(TEMPLATE) for seed in seeds)
    evaluations = environment.evaluate([seed.genotype for seed in seeds])
    assert [evaluation.status for evaluation in evaluations] == ["ok"] * len(seeds)
    assert len({evaluation.fitness for evaluation in evaluations}) == len(seeds)


def test_an_evaluation_carries_the_picture(build):
    environment = build(measures=("red", "green", "blue"))
    (evaluation,) = environment.evaluate([program("return Canvas(100, 0, 0).image()")])
    picture = pixels(io.BytesIO(base64.b64decode(evaluation.artifacts["png"])))
    assert picture.shape == (64, 64, 3)
    assert (picture == (255, 0, 0)).all()
    assert evaluation.measures == (1, 0, 0)
    assert "mean shade (100, 0, 0) percent, the target's (28, 28, 0)" in evaluation.feedback


def test_evaluations_are_the_same_bits_in_every_thread_and_sandbox(environment):
    def evaluated(which):
        return [replace(evaluation, seconds=0) for evaluation in which.evaluate(list(SEEDS.values()))]

    other_jail = Jail(workers=1, weaker=True)
    other = ImageEvolution(None, other_jail)
    expected = evaluated(environment)
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(evaluated, [environment, environment, other])) == [expected] * 3
    other_jail.close()


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("def draw(:", "syntax"),
        ("x = 1", "error"),
        (program("return 1 / 0"), "error"),
        (program("return Canvas(1, 1, 1).circle('wide', 1, 2, 3, 4, 5)"), "error"),
        (program("return Canvas(1, 1, 1).circle(1, 2, 3, 4, 5, 6)"), "not-an-image"),
        (program("return [[[0, 0, 0]]]"), "not-an-image"),
        (program("while True: pass"), "timeout"),
        (program("return np.ones((40000, 40000, 3))"), "memory"),
        (program("n = 10**11", "return [0] * n"), "memory"),
        (program("import os", "os._exit(0)"), "blocked"),
        (program("return open('/etc/passwd').read()"), "blocked"),
        (program("return np.zeros((64, 64))"), "wrong-shape"),
        (program("return np.zeros((999, 999, 3), np.uint8)"), "wrong-shape"),
        (program("return np.zeros((64, 64, 3), object)"), "not-numeric"),
        (program("return Canvas(1, 1, 1).image() * float('nan')"), "not-finite"),
        (program("return Canvas(50, 50, 50).image() * 1000"), "out-of-range"),
        (program("return np.random.default_rng().integers(0, 255, (64, 64, 3))"), "not-deterministic"),
        (program("return {'problem': 'ok', 'feedback': ''}"), "not-an-image"),
        (program("print('hello')", "return np.random.randint(0, 255, (64, 64, 3))"), "ok"),
    ],
)
def test_every_failure_has_its_status(environment, source, status):
    first, second = environment.evaluate([source, SEEDS["disc"]])
    assert first.status == status
    assert first.ok or "\n" not in first.feedback
    assert second.ok
    json.dumps(dict(first.artifacts))


def test_a_genotype_that_is_no_text_is_a_status(environment):
    assert [evaluation.status for evaluation in environment.evaluate([3, None, ["x"]])] == ["error"] * 3


class OneOutcome:
    """A scripted sandbox: each program ends in the same way."""

    def __init__(self, **outcome):
        self.outcome = Outcome(**outcome)

    def run(self, programs, limits):
        return [self.outcome for _ in programs]

    def close(self):
        pass


@pytest.mark.parametrize("status", [status for status in OutcomeStatus if status is not OutcomeStatus.OK])
def test_the_sandbox_statuses_come_through(status):
    environment = ImageEvolution(None, OneOutcome(status=status, feedback="why"))
    (evaluation,) = environment.evaluate([SEEDS["disc"]])
    assert (evaluation.status, evaluation.feedback) == (str(status), "why")


@pytest.mark.parametrize(
    "forged",
    [
        None,
        np.zeros((64, 64, 3)),
        np.zeros((64, 64), np.uint8),
        {"problem": "ok", "feedback": ""},
        {"problem": "wrong-shape", "feedback": 3},
        {"problem": ["wrong-shape"], "feedback": ""},
    ],
)
def test_a_value_that_went_round_the_check_is_a_bad_result(forged):
    environment = ImageEvolution(None, OneOutcome(status=OutcomeStatus.OK, value=forged))
    assert environment.evaluate([SEEDS["disc"]])[0].status == "bad-result"


def test_a_forged_problem_is_one_short_line():
    value = {"problem": "wrong-shape", "feedback": "line\n" * 1000}
    environment = ImageEvolution(None, OneOutcome(status=OutcomeStatus.OK, value=value))
    (evaluation,) = environment.evaluate([SEEDS["disc"]])
    assert evaluation.status == "wrong-shape"
    assert "\n" not in evaluation.feedback
    assert len(evaluation.feedback) <= 300


def test_requests_tell_the_operator_what_it_needs(sandbox):
    asked = []

    class Recorder:
        def generate(self, requests):
            asked.extend(requests)
            return []

    environment = ImageEvolution(Recorder(), sandbox)
    parents = [Individual(i, SEEDS[name], 0.5, (0, 0, 0), "dark") for i, name in enumerate(["disc", "rings"])]
    with pytest.raises(ValueError, match="shorter"):
        environment.mutate([parents], np.random.default_rng(0))
    (request,) = asked
    assert request.parents == (SEEDS["disc"], SEEDS["rings"])
    assert request.feedback == ("dark", "dark")
    assert request.template == TEMPLATE
    assert "def circle(self, x: float" in request.interface
    assert "_fill" not in request.interface
    assert "(64, 64, 3)" in request.instruction


@pytest.mark.parametrize(
    "options",
    [
        {"target": "no-such-file.png"},
        {"fitness": "beauty"},
        {"fitness": "symmetry", "target": "circle"},
        {"fitness": "scorer"},
        {"scorer": "numpy:mean"},
        {"fitness": "scorer", "scorer": "numpy:nothing"},
        {"measures": ()},
        {"measures": ("loudness",)},
        {"seeds": ()},
        {"seeds": ("square",)},
        {"height": 8},
        {"width": 5000},
        {"seconds": 0.0},
        {"memory_mb": 0},
    ],
)
def test_a_bad_option_is_a_users_error_of_one_sentence(build, options):
    with pytest.raises(UserError) as caught:
        build(**options)
    assert "\n" not in str(caught.value)


def test_the_users_own_image_is_a_target(build, tmp_path):
    path = tmp_path / "red.png"
    Image.new("RGBA", (300, 200), (255, 0, 0, 255)).save(path)
    environment = build(target=str(path))
    (evaluation,) = environment.evaluate([program("return Canvas(100, 0, 0).image()")])
    assert evaluation.fitness == 1
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(UnreadableFileError, match="save it as PNG"):
        build(target=str(path))
    path.write_text("no image")
    with pytest.raises(UnreadableFileError, match="save it as PNG"):
        build(target=str(path))


def test_what_is_transparent_in_a_target_is_white(build, tmp_path):
    path = tmp_path / "clear.png"
    Image.new("RGBA", (64, 64), (255, 0, 0, 0)).save(path)
    (evaluation,) = build(target=str(path)).evaluate([program("return Canvas(100, 100, 100).image()")])
    assert evaluation.fitness == 1


def test_the_users_own_scorer_gives_the_fitness(build):
    environment = build(fitness="scorer", scorer="numpy:mean")
    assert environment.evaluate([program("return Canvas(100, 0, 0).image()")])[0].fitness == 85


def test_a_score_that_is_no_number_is_a_status(build, tmp_path, monkeypatch):
    (tmp_path / "no_opinion.py").write_text("def score(image):\n    return float('nan')\n")
    monkeypatch.syspath_prepend(tmp_path)
    environment = build(fitness="scorer", scorer="no_opinion:score")
    (evaluation,) = environment.evaluate([SEEDS["disc"]])
    assert evaluation.status == "no-score"


def test_ssim_without_its_library_names_the_extra(build, monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage.metrics", None)
    with pytest.raises(MissingExtraError, match=r"elm-envs-images\[ssim\]"):
        build(fitness="ssim")


def test_importing_the_package_imports_no_scikit_image():
    code = "import sys, elm_envs_images; sys.exit('skimage' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _elites(environment):
    genotypes = [seed.genotype for seed in environment.random(len(SEED_NAMES), np.random.default_rng(0))]
    evaluations = environment.evaluate(genotypes)
    elites = [
        Individual(i, genotype, evaluation.fitness, evaluation.measures)
        for i, (genotype, evaluation) in enumerate(zip(genotypes, evaluations, strict=True))
    ]
    return sorted(elites, key=lambda elite: -elite.fitness)


def test_the_pictures_show_the_archive_and_the_best(environment, tmp_path):
    assert isinstance(environment, Illustrator)
    elites = _elites(environment)
    written = environment.illustrate(elites, tmp_path)
    assert [path.name for path in written] == ["best.png", "contact_sheet.png", "best.py", "target.png"]
    assert (tmp_path / "best.py").read_text() == elites[0].genotype
    drawn = base64.b64decode(environment.evaluate([elites[0].genotype])[0].artifacts["png"])
    best = pixels(tmp_path / "best.png")
    assert best.shape == (256, 256, 3)
    assert (best[::4, ::4] == pixels(io.BytesIO(drawn))).all()
    assert pixels(tmp_path / "contact_sheet.png").shape == (3 * 52 + 4, 3 * 52 + 4, 3)


def test_a_thousand_elites_fit_on_one_sheet(build_in_process, tmp_path):
    environment = build_in_process(fitness="symmetry", height=16, width=32)
    elites = _elites(environment)
    written = environment.illustrate((elites * 150)[:1000], tmp_path)
    assert "target.png" not in [path.name for path in written]
    with Image.open(tmp_path / "contact_sheet.png") as sheet:
        width, height = sheet.size
    assert (width, height) == (14 * 52 + 4, 29 * 28 + 4)  # 400 pictures of 48 by 24, with gaps of 4


def test_the_lineage_is_an_animation_without_standstill(environment, tmp_path):
    lineage = [SEEDS["empty"], SEEDS["empty"], "broken", SEEDS["disc"], SEEDS["rings"]]
    (path,) = environment.illustrate_lineage(lineage, tmp_path)
    with Image.open(path) as animation:
        assert animation.n_frames == 3
    assert environment.illustrate_lineage(["broken"], tmp_path) == []
