"""Reading a run: status, history, individuals, lineage."""

import shutil
from pathlib import Path

import pytest

import elm_store
from elm_protocols import RunObserver, UnreadableFileError, UserError
from elm_store import RunStatus


@pytest.fixture
def store(tmp_path):
    with elm_store.create(tmp_path / "run", config={"env": "sodarace"}) as store:
        yield store


def test_a_run_is_read_while_it_is_written(store, plain_step):
    with elm_store.open(store.path) as run:
        assert run.status is RunStatus.RUNNING
        assert run.statistics is None
        assert list(run.steps()) == []
        for index in range(3):
            store.on_step(plain_step(index))
            assert list(run.steps()) == [plain_step(i) for i in range(index + 1)]
            assert run.statistics == plain_step(index).statistics


def test_a_store_is_an_observer(store):
    assert isinstance(store, RunObserver)


def test_the_files_of_a_run_are_few(store, plain_step):
    store.on_step(plain_step(0))
    beside = {path.name.removeprefix("run.sqlite") for path in store.path.parent.iterdir()}
    assert beside == {"", "-wal", "-shm", ".lock"}


def test_a_finished_run_says_why(store, plain_step):
    store.on_step(plain_step(0))
    store.finish("seconds")
    with elm_store.open(store.path.parent) as run:
        assert (run.status, run.reason) == (RunStatus.FINISHED, "seconds")
        with pytest.raises(ValueError, match="finished"):
            store.on_step(plain_step(1))


def test_a_run_closed_before_its_end_is_interrupted_and_resumes(store, plain_step):
    store.on_step(plain_step(0))
    store.close()
    with elm_store.open(store.path) as run:
        assert (run.status, run.reason) == (RunStatus.INTERRUPTED, "")
        with elm_store.resume(store.path) as again:
            assert run.status is RunStatus.RUNNING
            assert (again.next_step, again.next_individual) == (1, 2)
            again.on_step(plain_step(1))
            again.finish("steps")
        assert list(run.steps()) == [plain_step(0), plain_step(1)]
        assert run.status is RunStatus.FINISHED
        assert [session.first_step for session in run.sessions] == [0, 1]


def test_a_finished_run_can_be_continued(store, plain_step):
    store.finish("steps")
    store.close()
    with elm_store.resume(store.path) as again, elm_store.open(store.path) as run:
        assert run.status is RunStatus.RUNNING
        again.on_step(plain_step(0))
        assert run.reason == ""


def test_steps_and_individuals_by_range(store, plain_step):
    for index in range(5):
        store.on_step(plain_step(index))
    with elm_store.open(store.path) as run:
        assert [step.index for step in run.steps(1, 3)] == [1, 2]
        assert [record.id for record in run.individuals(3, 6)] == [3, 4, 5]
        assert run.individual(4).genotype == plain_step(2).offspring[0].genotype
        assert run.individual(4).step == 2
        with pytest.raises(UserError, match="no individual 10: it has 10"):
            run.individual(10)


def test_more_than_a_page_comes_in_order(store, plain_step):
    for index in range(3):
        store.on_step(plain_step(index, 700))
    with elm_store.open(store.path) as run:
        assert [record.id for record in run.individuals()] == list(range(2100))
        assert [len(step.offspring) for step in run.steps()] == [700] * 3


def test_history_is_flat(store, plain_step):
    for index in range(3):
        store.on_step(plain_step(index))
    with elm_store.open(store.path) as run:
        assert [(row.step, row.size, row.individuals) for row in run.history()] == [
            (0, 2, 2),
            (1, 2, 4),
            (2, 2, 6),
        ]
        assert next(run.history()).coverage == 0.02


def test_lineage_holds_each_ancestor_once(store, plain_step):
    from dataclasses import replace

    for index in range(3):
        step = plain_step(index)
        crossed = replace(step.offspring[1], parents=tuple(range(index * 2)))
        store.on_step(replace(step, offspring=(step.offspring[0], crossed)))
    with elm_store.open(store.path) as run:
        assert [record.id for record in run.lineage(5)] == [5, 3, 2, 1, 0]
        assert [record.id for record in run.lineage(0)] == [0]


def test_steps_out_of_order_are_refused(store, plain_step):
    store.on_step(plain_step(0))
    with pytest.raises(ValueError, match="Step 1 comes next, not 0"):
        store.on_step(plain_step(0))
    with pytest.raises(ValueError, match="numbered on"):
        store.on_step(plain_step(1, 3))
    store.on_step(plain_step(1))


def test_a_closed_run_is_one_file_that_can_be_copied(store, plain_step, tmp_path):
    store.on_step(plain_step(0))
    store.finish("steps")
    store.close()
    assert sorted(path.name for path in store.path.parent.iterdir()) == ["run.sqlite", "run.sqlite.lock"]
    copy = shutil.copy(store.path, tmp_path / "copy.sqlite")
    with elm_store.open(copy) as run:
        assert list(run.steps()) == [plain_step(0)]
        assert run.status is RunStatus.FINISHED


def test_an_open_reader_does_not_hinder_the_writers_end(store, plain_step):
    with elm_store.open(store.path) as run:
        store.on_step(plain_step(0))
        steps = run.steps()
        assert next(steps) == plain_step(0)
        store.finish("steps")
        store.close()
        assert list(steps) == []
    with elm_store.open(store.path) as run:
        assert list(run.steps()) == [plain_step(0)]


def test_a_run_is_never_overwritten(store):
    with pytest.raises(UserError, match="Another process is writing"):
        elm_store.create(store.path.parent, config={})
    store.close()
    with pytest.raises(UserError, match="exists already"):
        elm_store.create(store.path.parent, config={})
    with elm_store.open(store.path) as run:
        assert run.config == {"env": "sodarace"}


def test_a_second_writer_is_refused_and_the_first_goes_on(store, plain_step):
    with pytest.raises(UserError, match="Another process is writing"):
        elm_store.resume(store.path)
    store.on_step(plain_step(0))


def test_no_run_there(tmp_path):
    for path in (tmp_path, tmp_path / "missing", tmp_path / "missing.sqlite"):
        for opening in (elm_store.open, elm_store.resume):
            with pytest.raises(UserError, match="There is no run at"):
                opening(path)


def foreign_text(path: Path):
    path.write_text("fitness,height\n" * 1000)


def foreign_database(path: Path):
    import sqlite3

    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE t (a)")
    db.close()


def of_version(number):
    def make(path: Path):
        import sqlite3

        elm_store.create(path, config={}).close()
        with sqlite3.connect(path) as db:
            db.execute(f"PRAGMA user_version = {number}")
        db.close()

    return make


def empty_file(path: Path):
    path.touch()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (foreign_text, "is not a run of ELM"),
        (foreign_database, "is not a run of ELM"),
        (empty_file, "is not a run of ELM"),
        (of_version(99), "newer elm-store .*schema 99"),
        (of_version(1), "before its first release .*schema 1"),
    ],
)
@pytest.mark.parametrize("opening", [elm_store.open, elm_store.resume])
def test_what_is_no_run_is_refused_and_left_alone(tmp_path, make, sentence, opening):
    path = tmp_path / "run.sqlite"
    make(path)
    before = path.read_bytes()
    with pytest.raises(UnreadableFileError, match=sentence):
        opening(path)
    assert path.read_bytes() == before
