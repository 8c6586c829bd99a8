"""A fork begins as a copy and then goes its own way."""

import pytest

import elm_store
from elm_protocols import UserError


@pytest.fixture
def source(tmp_path, plain_step):
    with elm_store.create(tmp_path / "source", config={"qd": "mapelites"}) as store:
        for index in range(4):
            store.on_step(plain_step(index))
        store.journal.record({"prompt": "p"}, 0, {"text": "t"})
        with elm_store.open(tmp_path / "source") as run:
            yield run


def test_a_fork_has_the_first_steps_and_the_journal(source, tmp_path, plain_step):
    with elm_store.fork(
        source, tmp_path / "fork", stop=2, config={"qd": "genetic"}, seeds={"qd": 1}
    ) as store:
        assert (store.next_step, store.next_individual) == (2, 4)
        assert store.journal.find({"prompt": "p"}, 0) == {"text": "t"}
        store.on_step(plain_step(2))
    with elm_store.open(tmp_path / "fork") as fork:
        assert list(fork.steps()) == [plain_step(index) for index in range(3)]
        assert fork.forked_from == {"path": str(source.path.resolve()), "step": 2}
        assert (fork.config, fork.seeds) == ({"qd": "genetic"}, {"qd": 1})
        copied, original = list(fork.history())[:2], list(source.history())[:2]
        assert copied == original, "times included"
    assert source.next_step == 4
    assert source.forked_from is None


def test_a_fork_from_the_start_and_from_the_end(source, tmp_path):
    for stop in (0, 4):
        with elm_store.fork(source, tmp_path / str(stop), stop=stop, config={}) as store:
            assert store.next_step == stop


def test_a_run_that_nobody_writes_is_forked_as_well(tmp_path, plain_step):
    with elm_store.create(tmp_path / "source", config={}) as store:
        store.on_step(plain_step(0))
    with (
        elm_store.open(tmp_path / "source") as run,
        elm_store.fork(run, tmp_path / "fork", stop=1, config={}) as store,
    ):
        assert store.next_step == 1


def test_a_fork_of_steps_that_are_not_there_is_refused(source, tmp_path):
    for stop in (-1, 5):
        with pytest.raises(UserError, match="from 0 to 4"):
            elm_store.fork(source, tmp_path / "fork", stop=stop, config={})
    assert not (tmp_path / "fork").exists()
    with pytest.raises(UserError, match="is writing"):
        elm_store.fork(source, source.path, stop=1, config={})
