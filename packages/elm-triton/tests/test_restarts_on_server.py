"""Servers that are killed in mid-run: whoever asks goes on."""

import os
import signal
import threading
import time
from contextlib import ExitStack

import pytest

from elm_triton import TritonLLM, TritonUnavailableError


class Askers:
    """Threads that ask for texts as a search does, and what came of it."""

    def __init__(self, model, threads=4):
        self.model, self.texts, self.errors = model, [], []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def _ask(self):
        while not self._stop.is_set():
            try:
                self.texts.append(self.model.invoke("slow:0.02", max_tokens=3))
            except TritonUnavailableError as error:
                self.errors.append(error)

    def wait_for_more(self, more, seconds=60):
        aim, deadline = len(self.texts) + more, time.monotonic() + seconds
        while len(self.texts) < aim:
            assert time.monotonic() < deadline, f"{len(self.texts)} texts, {self.errors}"
            time.sleep(0.05)

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self.model.close()  # a server waits for its connections before it ends


@pytest.mark.parametrize("scheme", ["grpc", "http"])
def test_a_server_killed_and_started_again_costs_time_and_nothing_else(
    vllm_standin, tmp_path, triton_servers, scheme
):
    options = triton_servers.free_options()
    port = options.grpc_port if scheme == "grpc" else options.http_port
    model = TritonLLM(url=f"{scheme}://127.0.0.1:{port}", model_name="vllm", timeout=60.0)
    with triton_servers.ready_server(vllm_standin, options, tmp_path / "first.log") as process:
        askers = Askers(model)
        try:
            askers.wait_for_more(8)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            with triton_servers.ready_server(vllm_standin, options, tmp_path / "second.log"):
                askers.wait_for_more(8)
                askers.stop()
        finally:
            askers.stop()
    assert askers.errors == []
    assert set(askers.texts) == {"w0 w1 w2 "}


def test_of_two_servers_the_one_left_does_all_until_the_other_is_back(vllm_standin, tmp_path, triton_servers):
    one, other = (triton_servers.free_options() for _ in range(2))
    model = TritonLLM(url=f"{one.address},{other.address}", model_name="vllm", timeout=60.0)
    with ExitStack() as stack:
        killed = stack.enter_context(triton_servers.ready_server(vllm_standin, one, tmp_path / "one.log"))
        stack.enter_context(triton_servers.ready_server(vllm_standin, other, tmp_path / "other.log"))
        askers = Askers(model)
        try:
            askers.wait_for_more(8)
            os.killpg(killed.pid, signal.SIGKILL)
            askers.wait_for_more(20)
        finally:
            askers.stop()
    assert askers.errors == []
    assert set(askers.texts) == {"w0 w1 w2 "}
