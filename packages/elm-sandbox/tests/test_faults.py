"""Whatever dies, the sandbox says so, recovers, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from elm_protocols import Limits, OutcomeStatus, Program, SandboxUnavailableError
from elm_sandbox import GVisor, Jail

ONE = Program(source="def f(): return 1", entry="f")
SLOW = Program(source="import time\ndef f():\n time.sleep(0.5)\n return 2", entry="f")


def children_of(pid):
    found = []
    for task in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((task / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        if parent == pid:
            found.append(int(task.name))
    return [*found, *(grandchild for child in found for grandchild in children_of(child))]


def is_alive(pid):
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


@pytest.mark.parametrize("member", [0, 1, 2])
def test_a_killed_process_of_a_worker_costs_no_result(member):
    """The first process of the worker, the second, and the program's own are killed in mid-program."""
    others = set(children_of(os.getpid()))
    with Jail(workers=1) as jail:
        jail.run([ONE], Limits())
        outcomes = []
        thread = threading.Thread(target=lambda: outcomes.extend(jail.run([SLOW], Limits())))
        thread.start()
        wait_until(lambda: len(set(children_of(os.getpid())) - others) == 3)
        time.sleep(0.1)  # past the child's set-up
        os.kill(sorted(set(children_of(os.getpid())) - others)[member], signal.SIGKILL)
        thread.join(30)
        if member == 2:
            assert outcomes[0].status is OutcomeStatus.CRASHED
        else:
            assert outcomes[0].value == 2
        assert jail.run([ONE], Limits())[0].value == 1


def test_workers_killed_again_and_again_lose_nothing():
    others = set(children_of(os.getpid()))
    with Jail(workers=2) as jail:
        jail.run([ONE] * 2, Limits())
        done = threading.Event()

        def killer():
            while not done.wait(0.4):
                for pid in [pid for pid in children_of(os.getpid()) if pid not in others][:1]:
                    os.kill(pid, signal.SIGKILL)

        thread = threading.Thread(target=killer)
        thread.start()
        outcomes = jail.run([ONE] * 40, Limits())
        done.set()
        thread.join()
        assert {o.status for o in outcomes} <= {
            OutcomeStatus.OK,
            OutcomeStatus.SANDBOX_ERROR,
            OutcomeStatus.CRASHED,
        }
        assert sum(outcome.ok for outcome in outcomes) >= 30
        assert jail.run([ONE], Limits())[0].value == 1


@pytest.mark.parametrize(
    "end", ["os.kill(os.getpid(), 9)", "os._exit(1)", "raise SystemExit", "jail.close()"]
)
def test_the_workers_die_with_their_host(end):
    """Even in the middle of a program that ignores everything."""
    code = f"""
import os, threading, time
from elm_sandbox import Jail
from elm_protocols import Limits, Program
jail = Jail(workers=1)
jail.run([Program(source='')], Limits())
loop = Program(source='while True: pass')
threading.Thread(target=jail.run, args=([loop], Limits(seconds=3)), daemon=True).start()
time.sleep(0.3)
print("ready", flush=True)
time.sleep(0.3)
{end}
"""
    host = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    host.stdout.readline()
    family = children_of(host.pid)
    assert len(family) == 3
    host.wait(30)
    host.stdout.close()
    wait_until(lambda: not any(map(is_alive, family)))


def test_close_leaves_no_process_and_no_descriptor():
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    processes = len(children_of(os.getpid()))
    with Jail(workers=2) as jail:
        jail.run([ONE] * 4, Limits())
        assert len(children_of(os.getpid())) > processes
    assert len(children_of(os.getpid())) == processes
    assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_fork_of_the_host_gets_workers_of_its_own():
    with Jail(workers=1) as jail:
        assert jail.run([ONE], Limits())[0].value == 1
        pid = os.fork()
        if pid == 0:
            value = jail.run([ONE], Limits())[0].value
            jail.close()
            os._exit(0 if value == 1 else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert jail.run([ONE], Limits())[0].value == 1


def test_a_missing_runsc_is_named():
    with (
        GVisor(runsc="no-such-runsc") as sandbox,
        pytest.raises(SandboxUnavailableError, match="apt install runsc"),
    ):
        sandbox.run([ONE], Limits())


def test_a_broken_runsc_is_named(tmp_path):
    broken = tmp_path / "runsc"
    broken.write_text("#!/bin/sh\necho it is broken >&2\nexit 1\n")
    broken.chmod(0o755)
    with GVisor(runsc=str(broken)) as sandbox, pytest.raises(SandboxUnavailableError, match="it is broken"):
        sandbox.run([ONE], Limits())


def test_a_runsc_that_breaks_later_is_a_sandbox_error(tmp_path):
    broken = tmp_path / "runsc"
    broken.write_text("#!/bin/sh\necho gone >&2\nexit 1\n")
    broken.chmod(0o755)
    with GVisor(runsc=str(broken), platform="ptrace", workers=1) as sandbox:
        (outcome,) = sandbox.run([ONE], Limits())
    assert outcome.status is OutcomeStatus.SANDBOX_ERROR
    assert "gone" in outcome.feedback


@pytest.mark.parametrize("backend", [Jail, GVisor])
def test_no_room_for_temporary_files_is_a_sandbox_error(backend, monkeypatch):
    """As on a full disk: a temporary file or folder cannot be made."""
    options = {"platform": "ptrace", "runsc": "true"} if backend is GVisor else {}
    monkeypatch.setattr("tempfile.tempdir", "/proc/no-room")
    with backend(workers=1, **options) as sandbox:
        (outcome,) = sandbox.run([ONE], Limits())
        assert outcome.status is OutcomeStatus.SANDBOX_ERROR
        assert "could be started" in outcome.feedback
        if backend is Jail:
            monkeypatch.setattr("tempfile.tempdir", None)
            assert sandbox.run([ONE], Limits())[0].value == 1


def test_a_killed_container_is_replaced_and_leaves_nothing(gvisor, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", None)
    before = set(children_of(os.getpid()))
    with GVisor(workers=1) as sandbox:
        assert sandbox.run([ONE], Limits())[0].value == 1
        family = set(children_of(os.getpid())) - before
        assert family
        for pid in family:
            os.kill(pid, signal.SIGKILL)
        assert sandbox.run([ONE], Limits())[0].value == 1
        family |= set(children_of(os.getpid())) - before
    wait_until(lambda: not any(map(is_alive, family)))
    assert list(tmp_path.glob("elm-sandbox-gvisor-*")) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root could give files away")
def test_runsc_gives_our_standard_streams_to_nobody_else(gvisor, tmp_path):
    """As root, runsc of 2022 makes its own standard streams nobody's: /dev/null, for one."""
    streams = [tmp_path / name for name in ("in", "out", "error")]
    for stream in streams:
        stream.touch()
    code = (
        "from elm_sandbox import GVisor\nfrom elm_protocols import Limits, Program\n"
        "with GVisor(workers=1) as g: assert g.run([Program(source='')], Limits())[0].ok"
    )
    with streams[0].open() as stdin, streams[1].open("w") as out, streams[2].open("w") as error:
        subprocess.run([sys.executable, "-c", code], stdin=stdin, stdout=out, stderr=error, check=True)
    assert [stream.stat().st_uid for stream in streams] == [0, 0, 0]


def test_what_a_killed_host_left_is_removed_by_the_next(gvisor, tmp_path, monkeypatch):
    code = (
        "import os\nfrom elm_sandbox import GVisor\nfrom elm_protocols import Limits, Program\n"
        "GVisor(workers=1, platform='ptrace').run([Program(source='')], Limits())\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(tmp_path)}, check=False)
    (left,) = tmp_path.glob("elm-sandbox-gvisor-*")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with GVisor(workers=1, platform="ptrace") as sandbox:
        assert sandbox.run([ONE], Limits())[0].value == 1
        assert not left.exists()
    assert list(tmp_path.glob("elm-sandbox-gvisor-*")) == []
