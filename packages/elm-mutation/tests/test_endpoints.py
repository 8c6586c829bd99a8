"""Several servers as one model, on real sockets; what the servers say is scripted."""

import http.server
import json
import threading
from contextlib import ExitStack, contextmanager

import pytest

from elm_mutation.models import chat
from elm_protocols import UserError


@contextmanager
def server(name, status=200):
    """Serve chat completions that say `name`, or fail with `status`; yield its address and requests."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            seen.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            message = {"role": "assistant", "content": name}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            reply = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
            answer = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}/v1", seen
        finally:
            running.shutdown()
            thread.join()


@pytest.fixture
def start(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "a-key-for-tests")
    with ExitStack() as stack:
        yield lambda name, status=200: stack.enter_context(server(name, status))


def said(model, times):
    return [model.invoke("hello").text for _ in range(times)]


def test_servers_are_asked_in_turn(start):
    urls = tuple(start(name)[0] for name in "abc")
    assert said(chat(id="openai:m", base_url=urls), 6) == list("abcabc")


@pytest.mark.parametrize("status", [503, 429])
def test_one_that_fails_is_left_out_and_no_request_is_lost(start, status):
    (good, _), (bad, asked) = start("a"), start("b", status)
    model = chat(id="openai:m", base_url=(good, bad))
    assert said(model, 8) == ["a"] * 8
    assert len(asked) == 1


def test_one_that_is_not_there_is_left_out(start):
    (good, _), nowhere = start("a"), "http://127.0.0.1:9/v1"
    model = chat(id="openai:m", base_url=(nowhere, good))
    assert said(model, 3) == ["a"] * 3


def test_when_all_fail_the_retries_of_one_are_used(start):
    (one, asked), (other, also_asked) = start("a", 503), start("b", 503)
    model = chat(id="openai:m", base_url=(one, other), max_retries=1)
    with pytest.raises(Exception, match="503"):
        model.invoke("hello")
    assert sorted([len(asked), len(also_asked)]) == [1, 3]


def test_other_providers_have_one_address(start):
    with pytest.raises(UserError, match="OpenAI-compatible"):
        chat(id="ollama:m", base_url=("http://a", "http://b"))
