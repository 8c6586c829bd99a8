"""Server and client, a real one over loopback."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest

from elm_protocols import Limits, Outcome, OutcomeStatus, Program, SandboxUnavailableError, UserError
from elm_sandbox import RemoteSandbox
from elm_sandbox.server import ServerLimits, create_app
from elm_sandbox.testing import ATTACK_MODULES, check_conformance
from elm_sandbox.wire import WireError, load_outcomes, load_request

ONE = Program(source="def f(): return 1", entry="f")
TOKEN = "a token for tests"
SERVE = [sys.executable, "-c", "from elm_sandbox.cli import main; main()", "serve", "--workers", "1"]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def start_server(port, *options):
    environment = {**os.environ, "ELM_SANDBOX_TOKEN": TOKEN}
    server = subprocess.Popen([*SERVE, "--port", str(port), *options], env=environment)
    deadline = time.monotonic() + 30
    while True:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False, timeout=20).status_code == 200:
                return server
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def stop(server, number=signal.SIGINT):
    server.send_signal(number)
    server.wait(20)


@pytest.fixture(scope="module")
def url():
    from elm_sandbox.jail import STANDARD_MODULES

    port = free_port()
    server = start_server(port, "--no-guard", "--modules", *STANDARD_MODULES, *ATTACK_MODULES)
    yield f"http://127.0.0.1:{port}"
    stop(server)


@pytest.fixture
def remote(url):
    with RemoteSandbox(url=url, token=TOKEN) as sandbox:
        yield sandbox


def test_it_conforms(remote):
    check_conformance(remote)


def test_asking_for_health_again_and_again_runs_no_more_programs():
    class Counting:
        runs = 0

        def run(self, programs, limits):
            self.runs += 1
            return [Outcome(status=OutcomeStatus.OK, level="none")] * len(programs)

        def close(self):
            pass

    sandbox = Counting()

    async def ask():
        transport = httpx.ASGITransport(app=create_app(sandbox))
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            return [await client.get("/health") for _ in range(20)]

    replies = asyncio.run(ask())
    assert {reply.status_code for reply in replies} == {200}
    assert replies[0].json() == {"status": "ok", "level": "none"}
    assert sandbox.runs <= 2


def test_many_programs_keep_their_order(remote):
    programs = [Program(source="def f(x): return x", entry="f", args=(i,)) for i in range(70)]
    assert [outcome.value for outcome in remote.run(programs, Limits())] == list(range(70))


def test_a_wrong_token_is_refused_in_one_sentence(url):
    with (
        RemoteSandbox(url=url, token="wrong") as sandbox,
        pytest.raises(UserError, match="ELM_SANDBOX_TOKEN"),
    ):
        sandbox.run([ONE], Limits())


def test_limits_that_the_server_does_not_grant_are_refused(remote):
    with pytest.raises(UserError, match="at most 60 seconds"):
        remote.run([ONE], Limits(seconds=100))


def test_metrics_count_outcomes(url, remote):
    remote.run([Program(source="(")], Limits())
    assert httpx.get(f"{url}/metrics", trust_env=False).status_code == 401
    headers = {"authorization": f"Bearer {TOKEN}"}
    text = httpx.get(f"{url}/metrics", headers=headers, trust_env=False).text
    assert 'elm_sandbox_programs_total{status="syntax"}' in text
    assert 'elm_sandbox_requests_total{code="200"}' in text


def test_a_server_that_restarts_loses_nothing():
    port = free_port()
    server = start_server(port)
    with RemoteSandbox(url=f"http://127.0.0.1:{port}", token=TOKEN) as sandbox:
        assert sandbox.run([ONE], Limits())[0].value == 1
        slow = Program(source="import time\ndef f():\n time.sleep(0.05)\n return 1", entry="f")
        outcomes = []
        thread = threading.Thread(target=lambda: outcomes.extend(sandbox.run([slow] * 40, Limits())))
        thread.start()
        time.sleep(0.3)
        stop(server, signal.SIGKILL)
        server = start_server(port)
        thread.join(60)
        assert [outcome.value for outcome in outcomes] == [1] * 40
    stop(server)


def test_a_server_that_was_never_there_is_named():
    with (
        RemoteSandbox(url=f"http://127.0.0.1:{free_port()}", patience=0.3) as sandbox,
        pytest.raises(SandboxUnavailableError, match="elm-sandbox serve"),
    ):
        sandbox.run([ONE], Limits())


def test_a_server_that_is_gone_is_a_sandbox_error():
    port = free_port()
    server = start_server(port)
    with RemoteSandbox(url=f"http://127.0.0.1:{port}", token=TOKEN, patience=0.3) as sandbox:
        assert sandbox.run([ONE], Limits())[0].ok
        stop(server)
        outcomes = sandbox.run([ONE, ONE], Limits())
    assert [outcome.status for outcome in outcomes] == [OutcomeStatus.SANDBOX_ERROR] * 2
    assert "does not run programs" in outcomes[0].feedback


@pytest.mark.parametrize("options", [{"url": "127.0.0.1:8700"}, {"connections": 0}])
def test_options_of_no_use_are_refused(options):
    with pytest.raises(UserError):
        RemoteSandbox(**options)


def test_a_server_without_a_token_does_not_start():
    environment = {name: value for name, value in os.environ.items() if name != "ELM_SANDBOX_TOKEN"}
    done = subprocess.run(SERVE, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "Set ELM_SANDBOX_TOKEN to the token that clients must send, or say --no-token.\n"


class Slow:
    """A scripted sandbox, for the server's own limits: it runs nothing."""

    def __init__(self):
        self.release = threading.Event()

    def run(self, programs, limits):
        self.release.wait(10)
        return [Outcome(status=OutcomeStatus.OK) for _ in programs]

    def close(self):
        pass


def request_app(app, content):
    """Post to an application in this process, without a socket."""
    import asyncio

    async def post():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post("/run", content=content)

    return asyncio.run(post())


def test_requests_are_bounded_in_size_number_and_concurrency():
    from elm_sandbox.wire import dump_request

    sandbox = Slow()
    app = create_app(sandbox, limits=ServerLimits(request_bytes=2000, programs=2, requests=1))
    assert request_app(app, b"x" * 3000).status_code == 413
    assert request_app(app, b"{}").status_code == 400
    assert "at most 2 programs" in request_app(app, dump_request([ONE] * 3, Limits())).text
    answers = []
    first = threading.Thread(target=lambda: answers.append(request_app(app, dump_request([ONE], Limits()))))
    first.start()
    time.sleep(0.5)
    assert request_app(app, dump_request([ONE], Limits())).status_code == 503
    sandbox.release.set()
    first.join()
    assert answers[0].status_code == 200


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"limits": {}, "programs": [], "schemas": []}', b"[" * 100_000, b"\xff"]
)
def test_bytes_that_are_no_message_are_refused(content):
    with pytest.raises(WireError):
        load_request(content)
    with pytest.raises(WireError):
        load_outcomes(content, 0)


def test_a_program_of_wrong_types_is_refused():
    import json
    from dataclasses import asdict

    program = json.dumps({"o": {"source": 1, "entry": "", "args": {"t": []}, "kwargs": {"o": {}}}})
    with pytest.raises(WireError):
        load_request(
            json.dumps({"limits": asdict(Limits()), "programs": [program], "schemas": ["any"]}).encode()
        )
