"""Evaluation on real Dask clusters: a scheduler and workers, all processes of their own."""

import os
import socket
import subprocess
import sys
import time

import pytest

import elm_store

LETTERS = ("env=letters", "operator=one_letter", "qd.batch_size=6")


class Cluster:
    """A scheduler and its workers."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        self._folder = folder
        self.scheduler = None
        self.workers = []

    def start(self, workers, **environment):
        port = self.address.rpartition(":")[2]
        self.scheduler = self._dask("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
        options = ("--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1")
        self.workers = [self._dask("worker", self.address, *options, **environment) for _ in range(workers)]
        return self

    def _dask(self, *arguments, **environment):
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            cwd=self._folder,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill(self, process):
        os.killpg(process.pid, 9)
        process.wait()

    def stop(self):
        for process in (*self.workers, self.scheduler):
            if process.poll() is None:
                self.kill(process)


@pytest.fixture
def cluster(tmp_path):
    cluster = Cluster(tmp_path)
    yield cluster
    cluster.stop()


def wait_until(reached, seconds=60):
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def children(tmp_path, directory):
    with elm_store.open(tmp_path / directory) as run:
        return [(row.genotype, row.status, row.fitness, row.niche) for row in run.individuals()]


def test_a_cluster_of_this_machine_gives_the_archive_that_one_process_gives(elm_run, tmp_path):
    parabola = ("env=parabola", "qd.batch_size=4", "budget.individuals=20")
    alone = elm_run(*parabola, "executor=serial")
    shared = elm_run(*parabola, "executor=dask", "executor.workers=2")
    assert shared.code == 0, shared.err
    assert shared.err == ""
    assert children(tmp_path, shared.directory) == children(tmp_path, alone.directory)


def test_a_killed_worker_costs_nothing(cluster, start_elm_run, tmp_path):
    cluster.start(3)
    log = tmp_path / "log"
    process = start_elm_run(
        *(*LETTERS, "search=steady_state", "executor=dask", f"executor.address={cluster.address}"),
        *("env.pause=0.3", f"env.log={log}", "budget.individuals=60"),
    )
    wait_until(lambda: log.exists() and log.read_text().count("evaluated") >= 6)
    cluster.kill(cluster.workers[0])  # each is evaluating nearly all the time
    _, err = process.communicate(timeout=100)
    assert process.returncode == 0, err
    (folder,) = (tmp_path / "runs").iterdir()
    found = children(tmp_path, folder)
    assert len(found) == 60
    assert {status for _, status, _, _ in found} == {"ok"}


@pytest.mark.parametrize("mode", ["generations", "steady_state"])
def test_a_lost_scheduler_is_one_sentence_and_the_run_goes_on_elsewhere(
    cluster, start_elm_run, elm_run, tmp_path, mode
):
    cluster.start(2)
    process = start_elm_run(
        *(*LETTERS, f"search={mode}", "executor=dask", f"executor.address={cluster.address}"),
        *("env.pause=0.1", f"env.log={tmp_path}/log"),
    )
    wait_until((tmp_path / "log").exists)
    time.sleep(2)
    cluster.kill(cluster.scheduler)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 2, err
    assert len(err.strip().splitlines()) == 1
    assert f"The Dask scheduler at {cluster.address} is gone" in err
    (folder,) = (tmp_path / "runs").iterdir()
    assert f"resume={folder.relative_to(tmp_path)}" in out
    before = children(tmp_path, folder)
    more = elm_run(f"resume={folder}", "executor=processes", f"budget.individuals={len(before) + 6}")
    assert more.code == 0, more.err
    assert children(tmp_path, folder)[: len(before)] == before
    again = elm_run(f"replay={folder}", "executor=processes", "executor.workers=2")
    assert "came out equal" in again.out, again.err


def test_an_evaluation_over_its_limit_is_killed_on_a_cluster_too(cluster, elm_run, tmp_path):
    hanging = (*LETTERS, "env.pause=60", "executor=dask", "executor.limit=0.5", "budget.individuals=4")
    local = elm_run(*hanging, "executor.workers=2", "qd.batch_size=4")
    assert local.code == 0, local.err
    assert {status for _, status, _, _ in children(tmp_path, local.directory)} == {"timeout"}
    cluster.start(1)
    refused = elm_run(*hanging, f"executor.address={cluster.address}")
    assert refused.code == 2
    assert "DASK_DISTRIBUTED__WORKER__DAEMON=False" in refused.err
    assert len(refused.err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["executor.address=tcp://127.0.0.1:9"], "no Dask scheduler at tcp://127.0.0.1:9"),
        (["executor.address=here"], "no Dask scheduler at here"),
        (["executor.workers=0"], "executor.workers"),
        (["executor.limit=0"], "executor.limit"),
        (["executor.address=tcp://127.0.0.1:9", "executor.workers=2"], "leave it out"),
    ],
)
def test_a_mistake_is_one_sentence(options, told, monkeypatch):
    from elm_app import dask_executor
    from elm_protocols import UserError

    monkeypatch.setattr(dask_executor, "SECONDS_TO_CONNECT", 0.5)
    values = dict(option.removeprefix("executor.").split("=") for option in options)
    numbers = {"workers": int, "limit": float}
    with pytest.raises(UserError, match=told):
        dask_executor.dask(**{name: numbers.get(name, str)(value) for name, value in values.items()})
