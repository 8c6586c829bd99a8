"""The command `elm-sodarace`."""

import json

import pytest

from elm_envs_sodarace import SEEDS, read_terrain, simulate
from elm_envs_sodarace.command import main
from elm_envs_sodarace.trusted_run import run_trusted


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(SEEDS["galloper"])
    return str(path)


def test_simulate_prints_fitness_and_measures(program, capsys):
    assert main(["simulate", program, "--trusted", "--terrain", "bumpy:height=3", "--duration", "2"]) == 0
    result = json.loads(capsys.readouterr().out)
    simulation = simulate(run_trusted(SEEDS["galloper"]), read_terrain("bumpy:height=3"), 2.0)
    assert result["fitness"] == simulation.travel
    assert result["measures"]["joints"] == 8


def test_validate_says_what_is_wrong(tmp_path, capsys):
    assert main(["validate", "wheel"]) == 0
    path = tmp_path / "bare.py"
    path.write_text("import walker\ndef make_walker():\n    return walker.walker_creator().get_walker()\n")
    assert main(["validate", str(path), "--trusted"]) == 1
    assert "empty-walker: The walker has no joints" in capsys.readouterr().out
    assert main(["simulate", str(path), "--trusted"]) == 1
    assert "no joints" in capsys.readouterr().err


@pytest.mark.parametrize("suffix", ["png", "gif", "json"])
def test_render_writes_each_kind_of_file(suffix, tmp_path, capsys):
    pytest.importorskip("PIL", reason="the extra `render` is not installed")
    output = tmp_path / f"out.{suffix}"
    assert main(["render", "square", str(output), "--duration", "1"]) == 0
    assert output.stat().st_size > 1000
    assert "units in 1 s" in capsys.readouterr().out


def test_terrains_and_seeds_are_listed(capsys):
    assert main(["terrains"]) == 0
    assert "    ceiling = 60   (from 36 to 80)" in capsys.readouterr().out
    assert main(["seed", "radial"]) == 0
    assert capsys.readouterr().out == SEEDS["radial"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["simulate", "nothing.py"], "cannot be read"),
        (["simulate", "wheel", "--terrain", "moon"], "no terrain 'moon'"),
        (["simulate", "wheel", "--duration", "0"], "above 0"),
        (["render", "wheel", "out.bmp", "--duration", "1"], "should end in"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(arguments, sentence, capsys):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1


def test_a_file_is_not_run_without_a_sandbox_unless_trusted(program, capsys):
    assert main(["simulate", program, "--sandbox", "absent"]) == 2
    assert "add --trusted" in capsys.readouterr().err
