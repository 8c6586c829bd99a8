"""The command from outside: results, resumption, and one sentence for each mistake."""

import os
import signal
import sqlite3
import time

import pytest

import elm_store

PARABOLA = ("env=parabola", "executor=serial", "qd.batch_size=4")


def archive(run):
    """What decides an archive: who was added where, with which fitness."""
    return [
        (row.id, row.genotype, row.fitness, row.measures, row.addition, row.niche)
        for row in run.individuals()
    ]


def archive_in(tmp_path, finished):
    with elm_store.open(tmp_path / finished.directory) as run:
        return archive(run)


def test_a_run_ends_with_a_table_files_and_next_commands(elm_run, tmp_path):
    done = elm_run(*PARABOLA, "budget.individuals=40")
    assert done.code == 0, done.err
    for expected in ("best", "coverage", "QD score", "stillborn", "tokens", "run.sqlite", "resume="):
        assert expected in done.out
    folder = tmp_path / done.directory
    assert {"run.sqlite", "archive.png", "history.png"} <= {path.name for path in folder.iterdir()}


def test_same_seed_same_archive_serial_or_in_processes(elm_run, tmp_path):
    serial = elm_run(*PARABOLA, "budget.individuals=40", "qd.seed=5")
    parallel = elm_run(
        *PARABOLA, "budget.individuals=40", "qd.seed=5", "executor=processes", "executor.workers=2"
    )
    other = elm_run(*PARABOLA, "budget.individuals=40", "qd.seed=6")
    assert archive_in(tmp_path, serial) == archive_in(tmp_path, parallel)
    assert archive_in(tmp_path, serial) != archive_in(tmp_path, other)


def test_a_resumed_run_ends_as_one_never_interrupted(elm_run, tmp_path):
    whole = elm_run(*PARABOLA, "budget.individuals=80")
    part = elm_run(*PARABOLA, "budget.individuals=40")
    rest = elm_run(f"resume={part.directory}", "budget.individuals=80")
    assert rest.code == 0, rest.err
    assert rest.directory == part.directory
    assert archive_in(tmp_path, rest) == archive_in(tmp_path, whole)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_cleanly_and_names_the_command_that_continues(
    start_elm_run, elm_run, tmp_path, number
):
    process = start_elm_run(*PARABOLA, "executor=processes", "env.pause=0.05", "budget.seconds=60")
    wait_for_individuals(tmp_path, 8)
    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=15)
    assert process.returncode == 0, err
    assert "interrupted" in out
    command = next(line for line in out.splitlines() if "resume=" in line).split("resume=")[1].split()[0]
    with elm_store.open(tmp_path / command) as run:
        before = len(list(run.individuals()))
    more = elm_run(f"resume={command}", f"budget.individuals={before + 8}")
    assert more.code == 0, more.err


def test_kill_leaves_all_that_was_counted(start_elm_run, elm_run, tmp_path):
    process = start_elm_run(*PARABOLA, "env.pause=0.02", "budget.seconds=60")
    counted = wait_for_individuals(tmp_path, 12)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    (folder,) = (tmp_path / "runs").iterdir()
    with elm_store.open(folder) as run:
        assert len(list(run.individuals())) >= counted
    assert elm_run(f"resume={folder.relative_to(tmp_path)}", "budget.individuals=60").code == 0


def wait_for_individuals(tmp_path, n):
    """Wait until a run has recorded `n` individuals; return how many it has."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for path in (tmp_path / "runs").glob("*/run.sqlite"):
            try:
                with elm_store.open(path) as run:
                    count = len(list(run.individuals()))
            except (sqlite3.OperationalError, elm_store.UnreadableFileError):
                continue  # being created
            if count >= n:
                return count
        time.sleep(0.1)
    raise AssertionError("the run recorded nothing in time")


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["env=nowhere"], "no env=nowhere; choose one of"),
        (["env.tpo=1"], "env.tpo"),
        (["env.top=high"], "env.top=high"),
        (["env.shape=square"], "env.shape must be round"),
        (["env"], "env"),
        (["nonsense=1"], "nonsense"),
        (["qd.batch_size=0"], "batch_size"),
        (["executor=processes", "executor.workers=0"], "executor.workers must be at least 1"),
        (["resume=nowhere"], "nowhere"),
        (["resume=nowhere", "env.top=1"], "leave out env.top"),
        (["budget.seconds=-1"], "seconds"),
        (["operator=["], "operator"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(elm_run, overrides, told):
    base = [] if overrides[0].startswith(("resume", "env=")) else ["env=parabola"]
    done = elm_run(*base, *overrides)
    assert done.code == 2, done.err
    assert "Traceback" not in done.err
    assert told in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_the_help_names_groups_components_and_options(elm_run):
    done = elm_run("env=parabola", "--help")
    assert done.code == 0, done.err
    for expected in (
        "[parabola]",
        "mapelites",
        "env.top=0.5",
        "Where the parabola has its top.",
        "Bounds of the numbers, as a pair.",
        "env.pause=null",
        "budget.seconds=",
        "qd.seed=0",
    ):
        assert expected in done.out
