"""Steady state, replay and fork from outside, with operators that are asked through the journal."""

import json
import os
import signal
import time

import pytest

import elm_store

WORDS = ("env=letters", "operator=one_letter", "executor.workers=2", "qd.batch_size=6")
MODES = {
    "generations": (),
    "steady_state": ("search=steady_state", "search.mutations=4"),
}


def recorded(tmp_path, done):
    with elm_store.open(tmp_path / done.directory) as run:
        return list(run.individuals()), list(run.journal), run.forked_from


@pytest.mark.parametrize("mode", MODES)
def test_a_run_is_replayed_without_a_model_and_a_changed_one_is_not(elm_run, tmp_path, mode):
    done = elm_run(*WORDS, *MODES[mode], "budget.individuals=30")
    assert done.code == 0, done.err
    children, entries, _ = recorded(tmp_path, done)
    assert len(children) == 30
    asked = [entry for entry in entries if "request" in entry.request]
    assert len(asked) >= sum(child.operator == "one_letter" for child in children) > 0
    again = elm_run(f"replay={done.directory}")
    assert again.code == 0, again.err
    assert "came out equal" in again.out
    forged = tmp_path / done.directory / "run.sqlite"
    change_one_reply(forged)
    again = elm_run(f"replay={done.directory}")
    assert again.code == 2
    assert len(again.err.strip().splitlines()) == 1
    assert "replay" in again.err


def change_one_reply(file):
    import sqlite3

    with sqlite3.connect(file) as db:
        rows = db.execute("SELECT id, reply FROM replies ORDER BY id").fetchall()
        number, reply = next((i, json.loads(r)) for i, r in rows if json.loads(r).get("status") == "ok")
        reply["text"] = "zzzzzz"
        db.execute("UPDATE replies SET reply = ? WHERE id = ?", (json.dumps(reply), number))
    db.close()


@pytest.mark.parametrize("mode", MODES)
def test_a_resumed_run_can_be_replayed(elm_run, tmp_path, mode):
    done = elm_run(*WORDS, *MODES[mode], "budget.individuals=12")
    more = elm_run(f"resume={done.directory}", "budget.individuals=24")
    assert more.code == 0, more.err
    assert len(recorded(tmp_path, more)[0]) == 24
    again = elm_run(f"replay={done.directory}")
    assert again.code == 0, again.err


@pytest.mark.parametrize("mode", MODES)
def test_a_fork_begins_with_the_first_steps_and_goes_its_own_way(elm_run, tmp_path, mode):
    done = elm_run(*WORDS, *MODES[mode], "budget.individuals=18")
    fork = elm_run(f"fork={done.directory}", "step=2", "qd.bins=7", "budget.individuals=20")
    assert fork.code == 0, fork.err
    source, _, _ = recorded(tmp_path, done)
    copied, _, origin = recorded(tmp_path, fork)
    size = sum(child.step < 2 for child in source)
    assert [c.genotype for c in copied[:size]] == [c.genotype for c in source[:size]]
    assert len(copied) == 20
    assert origin["step"] == 2
    with elm_store.open(tmp_path / fork.directory) as run:
        assert run.config["qd"]["bins"] == 7
        assert run.config["operator"]["name"] == "one_letter"
    more = elm_run(f"resume={fork.directory}", "budget.individuals=26")
    assert more.code == 0, more.err
    again = elm_run(f"replay={fork.directory}")
    assert again.code == 0, again.err


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["replay=nowhere"], "nowhere"),
        (["replay=nowhere", "qd.seed=1"], "leave out qd.seed"),
        (["fork=nowhere"], "nowhere"),
        (["step=3"], "fork=RUN"),
        (["env=parabola", "search=steady_state", "search.mutations=0"], "at least 1"),
        (["env=parabola", "executor.limit=0"], "executor.limit"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(elm_run, overrides, told):
    done = elm_run(*overrides)
    assert done.code == 2, done.err
    assert told in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_a_step_that_the_source_has_not_is_refused(elm_run):
    done = elm_run("env=parabola", "executor=serial", "budget.individuals=8")
    fork = elm_run(f"fork={done.directory}", "step=9")
    assert fork.code == 2
    assert "from 0 to 1" in fork.err


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_within_five_seconds_while_every_evaluation_hangs(
    start_elm_run, tmp_path, mode, number
):
    process = start_elm_run("env=parabola", "env.pause=60", "executor.workers=2", *MODES[mode])
    wait_for_file(tmp_path)
    time.sleep(1)
    begin = time.monotonic()
    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "Ended: interrupted" in out
    assert time.monotonic() - begin < 5


def test_a_second_signal_ends_it_at_once(start_elm_run, tmp_path):
    process = start_elm_run("env=parabola", "env.pause=60", "executor.workers=2")
    wait_for_file(tmp_path)
    os.killpg(process.pid, signal.SIGINT)
    time.sleep(0.3)
    begin = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, time.monotonic() - begin < 2) == (130, True), err
    (folder,) = (tmp_path / "runs").iterdir()
    with elm_store.open(folder) as run:
        assert run.status == elm_store.RunStatus.INTERRUPTED


def wait_for_file(tmp_path):
    deadline = time.monotonic() + 30
    while not list((tmp_path / "runs").glob("*/run.sqlite")):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(0.5)


@pytest.mark.parametrize("mode", MODES)
def test_evaluations_over_their_limit_are_killed_and_counted(elm_run, tmp_path, mode):
    done = elm_run(
        "env=parabola",
        "env.pause=60",
        "executor.workers=2",
        "executor.limit=0.5",
        "qd.batch_size=4",
        "budget.individuals=4",
        *MODES[mode],
    )
    assert done.code == 0, done.err
    children, _, _ = recorded(tmp_path, done)
    assert {child.status for child in children} <= {"timeout", "stillborn"}
    assert any(child.status == "timeout" for child in children)


@pytest.mark.parametrize("mode", MODES)
def test_a_models_limits_of_spending_end_the_run_in_good_order(elm_run, tmp_path, mode):
    done = elm_run(*WORDS, *MODES[mode], "operator.allowance=15")
    assert done.code == 0, done.err
    assert "Ended: budget (the limits of spending of the model" in done.out
    children, entries, _ = recorded(tmp_path, done)
    assert sum(child.operator == "one_letter" for child in children) == (12 if mode == "generations" else 15)
    assert "budget" not in {child.offspring_status for child in children}
    assert sum("request" in entry.request for entry in entries) == 15, "what was paid is on record"
    assert "came out equal" in elm_run(f"replay={done.directory}").out


def test_a_multirun_ends_with_a_table_of_its_runs(elm_run, tmp_path):
    (tmp_path / "runs" / "empty").mkdir(parents=True)
    (tmp_path / "runs" / "empty" / "run.sqlite").touch()  # of a run that was killed at its beginning
    single = elm_run("env=parabola", "executor=serial", "budget.individuals=8", "qd.seed=9")
    assert "Comparison" not in single.out
    done = elm_run("-m", "env=parabola", "executor=serial", "budget.individuals=8", "qd.seed=1,2")
    assert done.code == 0, done.err
    table = done.out.split("Comparison")[1].split()
    assert sum(word.endswith("parabola_mapelites_1") for word in table) == 1
    assert sum(word.endswith("parabola_mapelites_2") for word in table) == 1
    assert not any(word.endswith("parabola_mapelites_9") for word in table)
    assert table.count("individuals") == 3  # the heading, and why each of the two ended
