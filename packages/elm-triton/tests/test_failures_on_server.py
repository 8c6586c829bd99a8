"""What goes wrong on a real Triton server: each failure is an error with the server's words."""

import asyncio
import signal
import threading
import time

import pytest

from elm_protocols import ElmError, UserError
from elm_triton import TritonError, TritonLLM, TritonTimeoutError, TritonUnavailableError

PROTOCOLS = ["grpc", "http"]


@pytest.fixture
def ask(standin_server, request):
    """Makes models of the stand-in server and closes them."""
    made = []

    def make(name="vllm", protocol="grpc", **settings):
        urls = {"grpc": standin_server.address, "http": f"http://127.0.0.1:{standin_server.http_port}"}
        made.append(TritonLLM(**{"url": urls[protocol], "model_name": name, "max_tokens": 4, **settings}))
        return made[-1]

    yield make
    for model in made:
        model.close()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_servers_message_is_kept(ask, protocol):
    with pytest.raises(TritonError, match=r"^out of cheese$") as caught:
        ask(protocol=protocol).invoke("fail:out of cheese")
    assert not isinstance(caught.value, UserError)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_wrong_model_name_lists_those_that_are_served(ask, protocol):
    with pytest.raises(UserError, match=r"has no model 'vlm'.*adder.*vllm") as caught:
        ask("vlm", protocol).invoke("a prompt")
    assert "broken" not in str(caught.value)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_model_that_is_not_ready_is_waited_for_and_then_said_to_be_so(ask, protocol):
    with pytest.raises(TritonUnavailableError, match=r"'broken'.*the weights are not there"):
        ask("broken", protocol, timeout=1.0).invoke("a prompt")


@pytest.mark.parametrize("url", ["127.0.0.1:9", "http://127.0.0.1:9"])
def test_no_server_at_all_is_said_after_the_timeout(url):
    begin = time.monotonic()
    with pytest.raises(TritonUnavailableError, match=r"127\.0\.0\.1:9"):
        TritonLLM(url=url, model_name="vllm", timeout=0.5).invoke("a prompt")
    assert time.monotonic() - begin < 10


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_timeout_ends_the_request_here_and_on_the_server(ask, protocol):
    before = int(ask("vllm", protocol).invoke("cancelled"))
    with pytest.raises(TritonTimeoutError, match=r"did not answer within 0\.5 s"):
        ask("vllm", protocol, timeout=0.5).invoke("slow:0.3", max_tokens=100)
    _wait_until(lambda: int(ask("vllm", protocol).invoke("cancelled")) == before + 1)


def test_the_time_left_goes_along_as_the_servers_own_deadline(ask):
    text = ask(timeout=50.0).invoke("report")
    assert 40e6 < int(text.split('"timeout": ')[1].split(",")[0]) <= 50e6


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_leaving_a_stream_cancels_the_request_on_the_server(ask, protocol):
    model = ask("vllm", protocol)
    before = int(model.invoke("cancelled"))
    stream = model.stream("slow:0.1", max_tokens=500)
    assert next(stream) == "w0 "
    stream.close()
    _wait_until(lambda: int(model.invoke("cancelled")) == before + 1)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_cancelling_an_awaited_call_cancels_the_request_on_the_server(ask, protocol):
    model = ask("vllm", protocol)
    before = int(model.invoke("cancelled"))

    async def call_and_cancel():
        task = asyncio.create_task(model.ainvoke("slow:0.1", max_tokens=500))
        await asyncio.sleep(0.5)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(call_and_cancel())
    _wait_until(lambda: int(model.invoke("cancelled")) == before + 1)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_cancelling_a_task_that_waits_for_a_piece_cancels_the_request_on_the_server(ask, protocol):
    model = ask("vllm", protocol)
    before = int(model.invoke("cancelled"))

    async def read():
        return [piece async for piece in model.astream("slow:0.5", max_tokens=100)]

    async def read_and_cancel():
        task = asyncio.create_task(read())
        await asyncio.sleep(0.7)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(read_and_cancel())
    _wait_until(lambda: int(model.invoke("cancelled")) == before + 1)


def test_an_interrupt_in_a_call_cancels_the_request_on_the_server(ask):
    model = ask()
    before = int(model.invoke("cancelled"))
    for call in (model.invoke, lambda *a, **k: list(model.stream(*a, **k))):
        timer = threading.Timer(0.7, signal.pthread_kill, [threading.main_thread().ident, signal.SIGINT])
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            call("slow:0.5", max_tokens=100)
        timer.join()
        before += 1
        _wait_until(lambda: int(model.invoke("cancelled")) == before)  # noqa: B023 (called here)


def test_32_requests_at_once_from_one_call_and_from_threads(ask):
    model = ask(timeout=60.0)
    begin = time.monotonic()
    result = model.generate([f"slow:0.2 {index}" for index in range(32)], max_tokens=2)
    together = time.monotonic() - begin
    assert [one[0].text for one in result.generations] == ["w0 w1 "] * 32
    assert together < 32 * 0.4 / 2  # one after the other would take 12.8 s
    texts = []
    threads = [
        threading.Thread(target=lambda: texts.append(model.invoke("slow:0.2", max_tokens=2)))
        for _ in range(32)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == ["w0 w1 "] * 32


def test_no_more_requests_than_the_limit_are_under_way(ask):
    model = ask(max_concurrency=2, timeout=60.0)
    model.invoke("warm up")
    begin = time.monotonic()
    model.generate(["slow:0.2"] * 6, max_tokens=1)
    assert time.monotonic() - begin >= 3 * 0.2


def test_one_failed_prompt_of_a_call_raises_and_the_model_goes_on(ask):
    model = ask()
    with pytest.raises(ElmError, match="no luck"):
        model.generate(["a prompt", "fail:no luck"])
    assert model.invoke("a prompt") == "w0 w1 w2 w3 "


def _wait_until(holds, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.1)
