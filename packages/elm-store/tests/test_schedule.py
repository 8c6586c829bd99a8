"""The schedule of a steady state: never behind a reply or a step, and never ahead of the steps."""

import pytest

import elm_store


def recorded(path):
    with elm_store.open(path) as run:
        return run.schedule


def test_notes_come_on_record_with_the_next_step(tmp_path, plain_step):
    with elm_store.create(tmp_path, config={}) as store:
        store.schedule.on_ask(0, 0)
        store.schedule.on_ask(1, 0)
        assert recorded(tmp_path) == elm_store.RecordedSchedule((), ())
        store.schedule.on_tell(0, 1)
        store.on_step(plain_step(0, 1))
        assert recorded(tmp_path) == elm_store.RecordedSchedule((0, 0), (1,))
        assert store.schedule.recorded() == recorded(tmp_path)


def test_no_reply_is_on_record_without_the_note_of_its_child(tmp_path):
    with elm_store.create(tmp_path, config={}) as store:
        store.schedule.on_ask(0, 0)
        store.journal.record({"prompt": "p"}, 0, {"text": "t"})
        assert recorded(tmp_path).asked == (0,)


def test_a_note_without_its_step_gives_way(tmp_path, plain_step):
    with elm_store.create(tmp_path, config={}) as store:
        store.schedule.on_tell(0, 5)
        store.journal.record({"prompt": "p"}, 0, {"text": "t"})
        assert recorded(tmp_path).told == ()
    with elm_store.resume(tmp_path) as store:
        store.schedule.on_tell(0, 3)
        store.on_step(plain_step(0, 1))
    assert recorded(tmp_path).told == (3,)


def test_a_note_is_kept_until_it_is_on_record(tmp_path, plain_step):
    with elm_store.create(tmp_path, config={}) as store:
        store.schedule.on_ask(0, 0)
        with pytest.raises(ValueError, match="later"), store._connection.transaction():
            raise ValueError("later")
        assert recorded(tmp_path).asked == ()
        store.on_step(plain_step(0))
        store.schedule.on_ask(1, 1)
        store.on_step(plain_step(1))
    assert recorded(tmp_path).asked == (0, 1)


def test_a_fork_has_no_schedule_of_its_own_yet(tmp_path, plain_step):
    with elm_store.create(tmp_path / "source", config={}) as store:
        for child in range(3):
            store.schedule.on_ask(child, child)
            store.schedule.on_tell(child, child)
            store.on_step(plain_step(child, 1))
    with (
        elm_store.open(tmp_path / "source") as run,
        elm_store.fork(run, tmp_path / "fork", stop=2, config={}) as fork,
    ):
        fork.schedule.on_ask(0, 2)
        fork.schedule.on_tell(2, 0)
        fork.on_step(plain_step(2, 1))
    assert recorded(tmp_path / "fork") == elm_store.RecordedSchedule((2,), (0,))
