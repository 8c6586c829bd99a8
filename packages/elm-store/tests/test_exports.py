"""Tables for other programs."""

import json
import math
import sys
from dataclasses import replace

import pandas as pd
import pytest

import elm_store
from elm_protocols import Addition, AddStatus, Evaluation, MissingExtraError, Usage, UserError


@pytest.fixture
def run(tmp_path, plain_step):
    """A run of six individuals: one failed, one with an infinite artifact."""
    with elm_store.create(tmp_path / "run", config={}) as store:
        for index in range(3):
            step = plain_step(index)
            if index == 1:
                odd = Evaluation(fitness=9.0, measures=(1.0, 2.0), artifacts={"x": math.inf})
                step = replace(
                    step,
                    evaluations=(Evaluation(status="timeout"), odd),
                    additions=(Addition(2, AddStatus.INVALID), step.additions[1]),
                )
            store.on_step(step)
    with elm_store.open(tmp_path / "run") as run:
        yield run


def test_pandas_takes_the_individuals_as_they_are(run):
    frame = pd.DataFrame(run.individuals()).set_index("id")
    assert frame.fitness.max() == 9.0
    assert frame.status.tolist() == ["ok", "ok", "timeout", "ok", "ok", "ok"]
    assert math.isnan(frame.fitness[2])
    assert frame.measures[1] == (1 / 7, 1.0)
    assert pd.DataFrame(run.history()).individuals.tolist() == [2, 4, 6]


def test_json_lines(run, tmp_path):
    path = tmp_path / "individuals.jsonl"
    assert elm_store.export_json_lines(run.individuals(), path) == 6
    rows = [json.loads(line, parse_constant=pytest.fail) for line in path.read_text().splitlines()]
    assert [row["id"] for row in rows] == list(range(6))
    assert rows[2]["fitness"] is None
    assert rows[3]["artifacts"] == {"x": None}
    assert rows[5]["genotype"] == "x = 5\n" * 4
    assert elm_store.export_json_lines(run.history(), path) == 3
    assert len(path.read_text().splitlines()) == 3


def test_parquet(run, tmp_path):
    path = tmp_path / "individuals.parquet"
    assert elm_store.export_parquet(run.individuals(), path) == 6
    frame = pd.read_parquet(path)
    assert list(frame.columns) == list(elm_store.IndividualRecord.__dataclass_fields__)
    assert frame.genotype.map(json.loads)[5] == "x = 5\n" * 4
    assert frame.parents[5].tolist() == [4]
    assert frame.measures[3].tolist() == [1.0, 2.0]
    assert (math.isnan(frame.fitness[2]), frame.fitness[3]) == (True, 9.0)
    assert elm_store.export_parquet(run.elites(), path) == 5


def test_texts_that_are_no_unicode_are_exported(run, tmp_path):
    odd = replace(run.individual(0), feedback="\ud800", genotype="\ud800")
    elm_store.export_json_lines([odd], tmp_path / "odd.jsonl")
    assert json.loads((tmp_path / "odd.jsonl").read_text())["feedback"] == "\ud800"
    elm_store.export_parquet([odd], tmp_path / "odd.parquet")
    frame = pd.read_parquet(tmp_path / "odd.parquet")
    assert (frame.feedback[0], json.loads(frame.genotype[0])) == ("?", "\ud800")


def test_parquet_without_its_extra_says_what_to_install(run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"elm-store\[parquet\]"):
        elm_store.export_parquet(run.individuals(), tmp_path / "x.parquet")
    assert not (tmp_path / "x.parquet").exists()


def test_a_genotype_to_a_file(run, tmp_path):
    elm_store.export_genotype(run.elites()[0].genotype, tmp_path / "best.py")
    assert (tmp_path / "best.py").read_text() == "x = 3\n" * 4
    elm_store.export_genotype({"a": [1, "é"]}, tmp_path / "best.json")
    assert json.loads((tmp_path / "best.json").read_text(encoding="utf-8")) == {"a": [1, "é"]}


def test_an_export_that_fails_leaves_the_old_one(run, tmp_path):
    path = tmp_path / "individuals.jsonl"
    path.write_text("old")

    def broken():
        yield run.individual(0)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        elm_store.export_json_lines(broken(), path)
    assert path.read_text() == "old"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["individuals.jsonl", "run"]
    with pytest.raises(UserError, match="cannot be written"):
        elm_store.export_json_lines(run.individuals(), tmp_path / "no" / "folder.jsonl")


def test_elites_are_the_fittest_of_each_niche_and_the_older_of_equals(tmp_path, plain_step):
    fates = [  # niche, fitness, what the archive did
        (7, 1.0, AddStatus.NEW),
        (7, 3.0, AddStatus.IMPROVED),
        (2, 3.0, AddStatus.NEW),
        (7, 3.0, AddStatus.REJECTED),
        (2, 9.0, AddStatus.REJECTED),
        (-1, math.nan, AddStatus.INVALID),
    ]
    step = plain_step(0, len(fates))
    step = replace(
        step,
        evaluations=tuple(Evaluation(fitness=fitness, measures=(0.0,)) for _, fitness, _ in fates),
        additions=tuple(Addition(n, fate[2], 0.0, fate[0]) for n, fate in enumerate(fates)),
    )
    with elm_store.create(tmp_path, config={}) as store:
        store.on_step(step)
    with elm_store.open(tmp_path) as run:
        assert [elite.id for elite in run.elites()] == [1, 2]


def test_totals(run, plain_step):
    assert run.usage == Usage(6, 1200, 72, 1.5)
    assert run.causes() == {"ok": 5, "timeout": 1}
