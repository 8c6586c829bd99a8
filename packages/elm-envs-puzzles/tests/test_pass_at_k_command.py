"""The command over a scripted model and operator in the place of installed ones, and the real jail."""

import json
from importlib import metadata
from types import SimpleNamespace

import pytest

from elm_envs_puzzles import installed_components, load_puzzles
from elm_envs_puzzles.command import main
from elm_protocols import Completion, Origin

BODIES = {puzzle.sat: puzzle.bodies[0] for puzzle in load_puzzles()}


class KnowingModel:
    """A model that knows the shipped solutions, and tells one with chance `skill` / 4."""

    def __init__(self, skill, wordy):
        self.skill, self.wordy = skill, wordy
        self.asked = []


class KnowingOperator:
    def __init__(self, model, *, draws: int = 4, temperature: float = 0.5):
        assert draws == 1
        self.model = model

    def generate(self, requests):
        self.model.asked += requests
        return [self._child(request) for request in requests]

    def _child(self, request):
        [body] = [body for sat, body in BODIES.items() if sat in request.template]
        told = body if request.seed % 4 < self.model.skill else "    return None"
        return Completion(text=f"{request.template}{told}\n", origin=Origin(operator="knowing"))


@pytest.fixture
def made(monkeypatch):
    """Announce the scripted components; return the models that the command makes."""
    models = []

    def knowing(*, skill: int = 1, wordy: bool = False):
        models.append(KnowingModel(skill, wordy))
        return models[-1]

    announced = {
        "elm.models": [SimpleNamespace(name="knowing", load=lambda: knowing)],
        "elm.operators": [SimpleNamespace(name="telling", load=lambda: KnowingOperator)],
    }

    def entry_points(*, group):
        return announced.get(group) or metadata.entry_points(group=group)

    monkeypatch.setattr(installed_components, "entry_points", entry_points)
    return models


CALL = ["pass-at-k", "own", "--model", "knowing", "--operator", "telling", "--attempts", "4", "--limit", "6"]


def test_it_reports_pass_at_k_of_the_named_model_by_the_named_operator(made, sandbox, tmp_path, capsys):
    output = tmp_path / "tallies.jsonl"
    settings = ["--set", "model.skill=2", "model.wordy=true", "--k", "1", "4", "--output", str(output)]
    assert main([*CALL, *settings]) == 0
    said = capsys.readouterr()
    _, *tallies = [json.loads(line) for line in output.read_text().splitlines()]
    names = [puzzle.name for puzzle in load_puzzles()]
    assert [tally["puzzle"] for tally in tallies] == [names[index * 29 // 6] for index in range(6)]
    share = sum(tally["solved"] for tally in tallies) / 24
    assert 0 < share < 1
    assert f"pass@1 {share:.4f} (over 6 puzzles)" in said.out
    assert f"solved {sum(t['solved'] > 0 for t in tallies)} of 6 puzzles within 4 attempts" in said.out
    assert said.err.count("attempts") == 6
    [model] = made
    assert model.wordy is True
    assert all('"""' not in request.template for request in model.asked)
    assert all(len(request.parents) == 5 for request in model.asked)


def test_what_is_on_file_is_not_tried_again_and_other_options_need_another_file(
    made, sandbox, tmp_path, capsys
):
    output = tmp_path / "tallies.jsonl"
    call = [*CALL, "--k", "1", "--output", str(output)]
    assert main(call) == 0
    first = capsys.readouterr().out
    whole = output.read_text()
    output.write_text("".join(whole.splitlines(keepends=True)[:-2]))
    assert main(call) == 0
    assert capsys.readouterr().out == first
    assert output.read_text() == whole
    assert len(made[1].asked) == 8
    assert main([*call, "--seed", "1"]) == 2
    output.write_text("{}\n[]\n")
    assert main(call) == 2
    assert capsys.readouterr().err.count("\n") == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["--limit", "0"],
        ["--attempts", "0"],
        ["--k", "5", "--attempts", "4"],
        ["--names", "Riddle"],
        ["--split", "test"],
        ["--model", "oracle"],
        ["--operator", "guessing"],
        ["--examples", "/nowhere.json"],
        ["--set", "model.wit=2"],
        ["--set", "model.skill=two"],
        ["--set", "model.wordy=2"],
        ["--set", "operator.temperature=warm"],
        ["--set", "operator.draws"],
        ["--set", "sandbox.guard=false"],
    ],
)
def test_a_users_mistake_is_one_sentence_and_exit_code_2(made, arguments, capsys):
    assert main([*CALL, *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
