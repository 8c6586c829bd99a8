import json

import pytest

from elm_envs_puzzles import load_puzzles
from elm_envs_puzzles.command import main

PROGRAM = "def sat(n: int, a=4):\n    return n == 2 * a\n\n\ndef sol(a=4):\n    return 2 * a\n"


def test_verify_says_how_many_solutions_hold(sandbox, tmp_path, capsys):
    assert main(["verify", "own", "--names", "CubeRoot", "Anagram:0"]) == 0
    assert "2 of 2 solutions hold" in capsys.readouterr().out
    [entry] = [puzzle.to_json() for puzzle in load_puzzles() if puzzle.name == "CubeRoot:0"]
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps([{**entry, "sol_bodies": [*entry["sol_bodies"], "    return 3.0"]}]))
    assert main(["verify", str(wrong), "--no-guard"]) == 1
    output = capsys.readouterr().out
    assert "1 of 2 solutions hold" in output
    assert "CubeRoot:0 solution 1: unsolved" in output


@pytest.mark.parametrize("layout", ["array", "lines"])
def test_export_turns_programs_into_a_p3_file(tmp_path, layout):
    entries = [PROGRAM, {"genotype": PROGRAM.replace("4", "5"), "id": 3}, "no program", {"genotype": None}, 5]
    source, output = tmp_path / "run.json", tmp_path / "p3.json"
    lines = "\n".join(json.dumps(entry) for entry in entries)
    source.write_text(json.dumps(entries) if layout == "array" else lines)
    assert main(["export", str(source), str(output)]) == 0
    assert [puzzle.header for puzzle in load_puzzles(output)] == ["def sol(a=4):", "def sol(a=5):"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify", "/nowhere/puzzles.json"],
        ["verify", "own", "--sandbox", "sandcastle"],
        ["verify", "own", "--seconds", "0"],
        ["export", "/nowhere/run.json", "out.json"],
    ],
)
def test_a_users_mistake_is_one_sentence_and_exit_code_2(arguments, capsys):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("content", ["", "[", "{}", '["x = 1"]', "\udcff"])
def test_a_file_without_puzzles_is_one_sentence(content, tmp_path, capsys):
    source = tmp_path / "run.json"
    source.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert main(["export", str(source), str(tmp_path / "out.json")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
