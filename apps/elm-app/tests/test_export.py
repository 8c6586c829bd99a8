"""`elm-run export=RUN` and the endings of genotypes' files."""

import json

import pytest

import elm_store
from elm_app.export import ending


@pytest.fixture
def exported(elm_run, tmp_path):
    done = elm_run("env=letters", "operator=one_letter", "executor=serial", "budget.individuals=16")
    assert done.code == 0, done.err
    written = elm_run(f"export={done.directory}")
    assert written.code == 0, written.err
    return done.directory, tmp_path / done.directory / "export"


def test_the_exports_hold_the_run(exported, elm_run, tmp_path):
    run_folder, folder = exported
    rows = [json.loads(line) for line in (folder / "individuals.jsonl").read_text().splitlines()]
    elites = [json.loads(line) for line in (folder / "elites.jsonl").read_text().splitlines()]
    with elm_store.open(tmp_path / run_folder) as run:
        assert [row["genotype"] for row in rows] == [record.genotype for record in run.individuals()]
        assert [row["id"] for row in elites] == [record.id for record in run.elites()]
        assert len((folder / "history.jsonl").read_text().splitlines()) == run.next_step
    assert (folder / "best.txt").read_text() == elites[0]["genotype"]
    for overrides, told in (
        (("format=csv",), "jsonl, parquet"),
        (("qd.seed=1",), "leave out qd.seed"),
    ):
        refused = elm_run(f"export={run_folder}", *overrides)
        assert refused.code == 2
        assert told in refused.err


@pytest.mark.parametrize(
    ("genotype", "name"),
    [
        ("def f():\n    return 1\n", ".py"),
        ("x = 1", ".py"),
        ("elm", ".txt"),
        ("A rose is a rose.", ".txt"),
        ("a\x00b", ".txt"),
        ("(" * 5000, ".txt"),
        ([1, 2.5], ".json"),
        ({"a": None}, ".json"),
    ],
)
def test_a_program_is_told_from_other_texts(genotype, name):
    assert ending(genotype) == name
