"""Inventions: what is exported of a search, and what is filtered out."""

import json

import pytest

from elm_envs_sodarace.inventions import InventionFilter, InventionRecorder, inventions_of
from elm_protocols import (
    Addition,
    AddStatus,
    BehaviorSpace,
    ContinuousAxis,
    Evaluation,
    Offspring,
    RunObserver,
    Statistics,
    Step,
    UserError,
)

SPACE = BehaviorSpace((ContinuousAxis("height", 0, 100), ContinuousAxis("width", 0, 200)))


def evaluation(travels=(5.0,), measures=(10.0, 20.0)):
    kinds = ("flat", "bumpy")
    runs = [{"terrain": {"kind": kind}, "travel": t} for kind, t in zip(kinds, travels, strict=False)]
    return Evaluation(fitness=1.0, measures=measures, artifacts={"runs": runs, "duration": 10.0})


def admitted(filter_, program, travel=5.0, measures=(10.0, 20.0)):
    (invention,) = inventions_of(0, program, evaluation((travel,), measures))
    return filter_.admits(invention)


def test_there_is_one_for_each_terrain_of_a_valid_walker():
    found = list(inventions_of(7, "program", evaluation((5.0, 2.0))))
    assert [(i.terrain["kind"], i.fitness) for i in found] == [("flat", 5.0), ("bumpy", 2.0)]
    assert list(inventions_of(8, "program", Evaluation(status="error"))) == []


def test_fitness_novelty_and_copies_are_filtered():
    filter_ = InventionFilter(SPACE, minimum_fitness=2.0, minimum_novelty=0.1)
    assert admitted(filter_, "a")
    assert not admitted(filter_, "a", measures=(90.0, 20.0)), "a copy"
    assert not admitted(filter_, "b", travel=1.9, measures=(90.0, 20.0)), "unfit"
    assert not admitted(filter_, "c", measures=(15.0, 30.0)), "near: 0.05 and 0.05 of the axes"
    assert admitted(filter_, "d", measures=(10.0, 45.0)), "0.125 of the second axis away"
    assert not admitted(filter_, "e", measures=(10.0, 45.0))


def test_terrains_have_novelty_of_their_own():
    filter_ = InventionFilter(SPACE, minimum_novelty=0.5)
    flat, bumpy = inventions_of(0, "a", evaluation((5.0, 5.0)))
    assert filter_.admits(flat) and filter_.admits(bumpy)


def test_a_recorder_writes_lines_as_the_search_goes(tmp_path):
    path = tmp_path / "inventions.jsonl"
    recorder = InventionRecorder(path, InventionFilter(SPACE, minimum_fitness=3.0))
    assert isinstance(recorder, RunObserver)
    children = (
        Offspring(genotype="good"),
        Offspring(genotype="lame"),
        Offspring(genotype=None, status="syntax"),
    )
    results = (evaluation((5.0,)), evaluation((1.0,)), Evaluation(status="syntax"))
    additions = tuple(Addition(40 + k, AddStatus.NEW) for k in range(3))
    figures = Statistics(
        individuals=3, valid=2, niches=9, filled=1, qd_score=5.0, best=5.0, mean=5.0, lowest=5.0
    )
    recorder.on_step(Step(0, children, results, additions, figures))
    recorder.on_step(Step(1, children, results, additions, figures))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines == [
        {
            "terrain": {"kind": "flat"},
            "program": "good",
            "fitness": 5.0,
            "measures": [10.0, 20.0],
            "id": 40,
            "duration": 10.0,
        }
    ]


def test_a_search_told_again_from_its_first_step_writes_no_line_twice(tmp_path):
    path = tmp_path / "inventions.jsonl"
    figures = Statistics(
        individuals=1, valid=1, niches=9, filled=1, qd_score=5.0, best=5.0, mean=5.0, lowest=5.0
    )
    step = Step(
        0, (Offspring(genotype="good"),), (evaluation((5.0,)),), (Addition(0, AddStatus.NEW),), figures
    )
    for _session in range(2):
        InventionRecorder(path, InventionFilter(SPACE)).on_step(step)
    assert len(path.read_text().splitlines()) == 1


@pytest.mark.parametrize("name", [".", "missing/inventions.jsonl"])
def test_a_file_that_cannot_be_written_is_told_before_the_search(tmp_path, name):
    with pytest.raises(UserError, match="name a file in a directory that exists"):
        InventionRecorder(tmp_path / name, InventionFilter(SPACE))
