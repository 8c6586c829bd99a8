"""Full disks, folders that cannot be written, damaged files, clocks that run backwards."""

import itertools
import os
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import elm_store
from elm_protocols import UnreadableFileError, UserError
from elm_store import RunStatus


def run_python(source, *arguments, wrapper=(), **options):
    """Run a program beside these tests, in another process."""
    command = [*wrapper, sys.executable, "-c", textwrap.dedent(source), *map(str, arguments)]
    return subprocess.run(
        command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False, **options
    )


FILL_THE_DISK = """
    import sys
    from pathlib import Path
    import elm_store
    from conftest import plain_step
    from elm_protocols import UserError

    folder = Path(sys.argv[1])
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(2**20))
    store = elm_store.create(folder / "run", config={})
    try:
        while True:
            store.on_step(plain_step(store.next_step, 50))
    except UserError as error:
        print(error)
    recorded = store.next_step
    with elm_store.open(folder / "run") as run:
        assert list(run.steps()) == [plain_step(index, 50) for index in range(recorded)]
    ballast.unlink()
    store.on_step(plain_step(recorded, 50))  # the same store goes on once there is space
    store.finish("steps")
    store.close()
    with elm_store.open(folder / "run") as run:
        assert list(run.steps()) == [plain_step(index, 50) for index in range(recorded + 1)]
        assert recorded > 10
        print(run.status)
"""


def test_a_full_disk_costs_only_the_step_that_did_not_fit(tmp_path):
    """On a real file system of 4 MB, mounted in a namespace of its own."""
    mount = f'mount -t tmpfs -o size=4m none {tmp_path} && exec "$@"'
    wrapper = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh")
    if shutil.which("unshare") is None or subprocess.run([*wrapper, "true"], check=False).returncode:
        pytest.skip("this system does not let a test mount a small disk")
    result = run_python(FILL_THE_DISK, tmp_path, wrapper=wrapper)
    assert not result.returncode, result.stderr
    sentence, status = result.stdout.splitlines()
    assert sentence == (
        f"The disk of {tmp_path}/run/run.sqlite is full: free some space, then resume the run."
    )
    assert status == "finished"


READ_AND_TRY_TO_WRITE = """
    import sys
    import elm_store
    from elm_protocols import UserError

    finished, interrupted = sys.argv[1:]
    for folder in (finished, interrupted):
        with elm_store.open(folder) as run:
            print(run.status, run.next_step)
        for write in (elm_store.resume, lambda path: elm_store.create(path + "/new", config={})):
            try:
                write(folder)
            except UserError as error:
                print(error)
"""


def without_privileges():
    """Return a command in front of another one that makes the mode of files hold, also for root."""
    if os.getuid() != 0:
        return ()
    wrapper = ("unshare", "--user")  # its processes keep root's files and lose root's rights
    if shutil.which("unshare") is None or subprocess.run([*wrapper, "true"], check=False).returncode:
        pytest.skip("this system does not let root give up its rights")
    return wrapper


def test_a_read_only_folder_can_be_read_and_not_written(tmp_path, plain_step):
    finished, interrupted = tmp_path / "finished", tmp_path / "interrupted"
    with elm_store.create(finished, config={}) as store:
        store.on_step(plain_step(0))
        store.finish("steps")
    with elm_store.create(tmp_path / "open", config={}) as store:
        store.on_step(plain_step(0))
        shutil.copytree(tmp_path / "open", interrupted)  # what a kill leaves: the log beside the file
    for folder in (finished, interrupted):
        for file in folder.iterdir():
            file.chmod(0o444)
        folder.chmod(0o555)
    result = run_python(READ_AND_TRY_TO_WRITE, finished, interrupted, wrapper=without_privileges())
    for folder in (finished, interrupted):
        folder.chmod(0o755)
    assert not result.returncode, result.stderr
    lines = result.stdout.splitlines()
    assert [lines[0], lines[3]] == ["finished 1", "interrupted 1"]
    for line in lines[1:3] + lines[4:6]:
        assert "choose a folder you may write to" in line or "choose another one" in line


def test_a_second_process_is_refused(tmp_path):
    with elm_store.create(tmp_path, config={}) as store:
        result = run_python(
            "import elm_store, sys\ntry: elm_store.resume(sys.argv[1])\nexcept Exception as e: print(e)",
            store.path,
        )
    assert result.stdout == (
        f"Another process is writing the run {store.path}: wait for its end or stop it, then try again.\n"
    )


def everything(path):
    """Read all that a run has; a file that is damaged may be refused at any point, in one sentence only."""
    with elm_store.open(path) as run:
        facts = [run.config, run.seeds, run.behavior_space, run.created, run.status, run.reason]
        tables = [list(run.steps()), list(run.individuals()), list(run.history()), list(run.journal)]
        return facts, tables, run.statistics, run.usage, run.causes(), run.elites(), run.lineage(59)


@pytest.fixture(scope="module")
def damaged(tmp_path_factory):
    """A path to write damaged copies to."""
    return tmp_path_factory.mktemp("damaged") / "run.sqlite"


@pytest.fixture
def healthy(tmp_path, plain_step):
    with elm_store.create(tmp_path, config={"a": 1}) as store:
        for index in range(30):
            store.on_step(plain_step(index))
        store.journal.record({"prompt": "p"}, 0, {"text": "t"})
    return store.path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bits=st.binary(min_size=1, max_size=64))
def test_damage_is_told_in_one_sentence_or_harmless(healthy, damaged, place, bits):
    whole = healthy.read_bytes()
    at = int(place * len(whole))
    damaged.write_bytes((whole[:at] + bits + whole[at + len(bits) :])[: len(whole)])
    try:
        everything(damaged)
    except UserError as error:
        assert str(damaged) in str(error)
        assert "\n" not in str(error)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.9])
def test_a_truncated_file_is_refused(healthy, damaged, share):
    whole = healthy.read_bytes()
    damaged.write_bytes(whole[: int(len(whole) * share)])
    for opening in (everything, elm_store.resume):
        with pytest.raises(UnreadableFileError, match="is damaged"):
            opening(damaged)


def test_a_clock_that_runs_backwards_changes_no_order(tmp_path, plain_step, monkeypatch):
    now = time.time()
    hours = itertools.count()
    monkeypatch.setattr(time, "time", lambda: now - 3600 * next(hours))  # nobody may set the system's clock
    with elm_store.create(tmp_path, config={}) as store:
        for index in range(5):
            store.on_step(plain_step(index))
        store.finish("steps")
    with elm_store.open(tmp_path) as run:
        assert list(run.steps()) == [plain_step(index) for index in range(5)]
        times = [row.recorded for row in run.history()]
        assert times == sorted(times, reverse=True), "the clock did run backwards"
        assert run.status is RunStatus.FINISHED
