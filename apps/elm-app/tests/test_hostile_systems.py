"""Full disks, folders that cannot be written, a second process, a clock that runs backwards."""

import os
import shutil
import subprocess
import sys
import time

import pytest

import elm_store

LETTERS = ("env=letters", "operator=one_letter", "executor=serial", "qd.batch_size=4")


def elm_run_in(wrapper, folder, *overrides):
    command = [*wrapper, sys.executable, "-m", "elm_app", *overrides]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def usable(wrapper):
    return (
        shutil.which("unshare") is not None and not subprocess.run([*wrapper, "true"], check=False).returncode
    )


def one_sentence(done):
    assert done.returncode == 2, done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


FILL_AND_COPY = """
disk=$1; shift
mount -t tmpfs -o size=1m none "$disk"
"$@" runs="$disk" budget.seconds=100; echo "first: $?"
cp -r "$disk"/* "$disk".copy
"""


def test_a_full_disk_ends_the_run_and_it_continues_where_there_is_space(tmp_path):
    """On a real file system of 1 MB, mounted in a namespace of its own."""
    disk, copy = tmp_path / "disk", tmp_path / "disk.copy"
    disk.mkdir()
    copy.mkdir()
    wrapper = ("unshare", "--user", "--map-root-user", "--mount")
    if not usable(wrapper):
        pytest.skip("this system does not let a test mount a small disk")
    command = (sys.executable, "-m", "elm_app", *LETTERS, "search=steady_state")
    done = subprocess.run(
        [*wrapper, "sh", "-c", FILL_AND_COPY, "sh", str(disk), *command],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "first: 2" in done.stdout, done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "is full: free some space, then resume the run" in done.stderr
    assert "resume=" in done.stdout
    (run,) = copy.iterdir()
    with elm_store.open(run) as opened:
        recorded = list(opened.individuals())
    assert len(recorded) > 20
    more = elm_run_in((), tmp_path, f"resume={run}", f"budget.individuals={len(recorded) + 8}")
    assert more.returncode == 0, more.stderr
    with elm_store.open(run) as opened:
        assert list(opened.individuals())[: len(recorded)] == recorded


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    wrapper = ("unshare", "--user") if os.getuid() == 0 else ()  # root without root's rights
    if wrapper and not usable(wrapper):
        pytest.skip("this system does not let root give up its rights")
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o555)
    done = elm_run_in(wrapper, tmp_path, *LETTERS, f"runs={closed}/runs", "budget.individuals=4")
    closed.chmod(0o755)
    assert "cannot be made" in one_sentence(done)


def test_a_second_process_on_a_run_is_refused_and_the_first_goes_on(start_elm_run, tmp_path):
    process = start_elm_run(*LETTERS, "env.pause=0.05", "budget.seconds=200")
    deadline = time.monotonic() + 60
    while not list((tmp_path / "runs").glob("*/run.sqlite")):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    (folder,) = (tmp_path / "runs").iterdir()
    time.sleep(0.5)
    assert "Another process is writing the run" in one_sentence(elm_run_in((), tmp_path, f"resume={folder}"))
    with elm_store.open(folder) as run:
        before = len(run)
        assert run.status == elm_store.RunStatus.RUNNING
    time.sleep(1)
    process.terminate()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    with elm_store.open(folder) as run:
        assert len(run) > before


def test_a_clock_that_runs_backwards_changes_nothing(tmp_path, monkeypatch):
    from elm_app import ELM

    def archive(name):
        elm = ELM("env=parabola", "executor=serial", "budget.individuals=24", f"runs={tmp_path / name}")
        elm.run()
        with elm_store.open(elm.directory) as run:
            return [(row.genotype, row.fitness, row.niche) for row in run.individuals()]

    usual = archive("usual")
    start = time.time()
    monkeypatch.setattr(time, "time", lambda: start - 10 * time.monotonic())
    assert archive("backwards") == usual
