"""The main job for real: Sodarace, the jail, the embedded language model."""

import os
import signal
import time

import pytest
from PIL import Image

import elm_store


def individuals(tmp_path, finished):
    with elm_store.open(tmp_path / finished.directory) as run:
        return list(run.individuals())


def test_the_main_job_evolves_robots_with_the_embedded_model(elm_run, tmp_path):
    done = elm_run("budget.individuals=32", "env.duration=2", timeout=300)
    assert done.code == 0, done.err
    found = individuals(tmp_path, done)
    children = [row for row in found if row.operator == "infill"]
    assert sum(row.completion_tokens for row in children) > 0
    assert sum(row.fitness == row.fitness for row in children) >= len(children) / 4
    folder = tmp_path / done.directory
    with Image.open(folder / "best_walker.gif") as animation:
        assert animation.n_frames > 10
    compile((folder / "best_walker.py").read_text(), "best_walker.py", "exec")
    for name in ("archive.png", "history.png"):
        with Image.open(folder / name) as picture:
            assert picture.width > 300


def test_without_a_language_model_two_runs_give_the_same_archive(elm_run, tmp_path):
    first, second = (elm_run("model=ast", "budget.individuals=60", "env.duration=2") for _ in range(2))
    assert first.code == 0, first.err
    archives = [
        [(row.genotype, row.fitness, row.measures, row.niche) for row in individuals(tmp_path, done)]
        for done in (first, second)
    ]
    assert archives[0] == archives[1]


def test_the_control_draws_fragments_without_a_model(elm_run, tmp_path):
    done = elm_run("model=random", "budget.individuals=24", "env.duration=2")
    assert done.code == 0, done.err
    children = [row for row in individuals(tmp_path, done) if row.operator == "random_infill"]
    assert children
    assert sum(row.completion_tokens for row in children) == 0


def test_ctrl_c_ends_the_main_job_with_pictures_and_a_way_on(start_elm_run, tmp_path):
    process = start_elm_run("model=ast", "budget.seconds=100")
    deadline = time.monotonic() + 60
    while not list((tmp_path / "runs").glob("*/run.sqlite")) and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(3)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "Ended: interrupted" in out
    assert "resume=" in out
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("environment", "told", "files"),
    [
        ("prompt_evolution", ("held-out score", "seed prompts"), {"prompts.md", "best_prompt.txt"}),
        ("qdaif", ("judge agreement", "judge replies"), {"poetry.png", "poetry.html", "poetry.md"}),
    ],
)
def test_texts_evolve_on_the_embedded_model_and_replay(elm_run, tmp_path, environment, told, files):
    done = elm_run(f"env={environment}", "budget.individuals=10", "qd.batch_size=5", timeout=400)
    assert done.code == 0, done.err
    assert "operator=crossover" in done.out  # what the environment suggests
    assert all(line in done.out for line in told)
    assert "model=ast" not in done.out
    assert any(
        row.operator == "crossover" and row.fitness == row.fitness for row in individuals(tmp_path, done)
    )
    assert files <= {path.name for path in (tmp_path / done.directory).iterdir()}
    again = elm_run(f"replay={done.directory}", timeout=400)
    assert again.code == 0, again.err
    assert "came out equal" in again.out


@pytest.mark.parametrize(
    ("overrides", "files"),
    [
        (("env=image_evolution", "qd=cvtmapelites", "qd.niches=50"), {"best.png", "best.py", "lineage.gif"}),
        (("env=p3_problem",), {"best.py"}),
        (("env=p3_probsol", "env.attempts=2", "qd.batch_size=4"), {"puzzles.md", "puzzles.json"}),
    ],
)
def test_the_other_environments_run_on_the_embedded_model(elm_run, tmp_path, overrides, files):
    done = elm_run(*overrides, "budget.individuals=12", timeout=400)
    assert done.code == 0, done.err
    children = [row for row in individuals(tmp_path, done) if row.parents]
    assert any(row.addition != "invalid" for row in children)
    assert {*files, "archive.png"} <= {path.name for path in (tmp_path / done.directory).iterdir()}


def test_what_a_judge_asks_counts_and_the_budget_ends_the_run_which_can_go_on(elm_run, tmp_path):
    judged = ("env=qdaif", "env.judge=reply", "env.attempts=1", "env.final_judgements=0", "qd.batch_size=4")
    done = elm_run(*judged, "budget.individuals=12", "budget.requests=10", timeout=300)
    assert done.code == 0, done.err
    assert "Ended: budget (the budget of 10 requests is spent)" in done.out
    assert "Requests of the environment itself: " in done.out
    assert "SpendingCallback" not in done.out + done.err
    assert len(individuals(tmp_path, done)) in (4, 8)
    again = elm_run(f"resume={done.directory}", "budget.individuals=12", "budget.requests=60", timeout=300)
    assert again.code == 0, again.err
    assert len(individuals(tmp_path, done)) == 12
