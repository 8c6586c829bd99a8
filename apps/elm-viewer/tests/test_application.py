"""The server: reads only, answers this machine only, says what is wrong in one sentence."""

import http.client
import json
import socket
from urllib.parse import urlsplit

import pytest
from recorded_runs import plain_run

from elm_viewer.page_files import SCRIPTS, STYLES


def ask(address, path, *, method="GET", host=None):
    """Return status, headers and body; the path goes out as it is."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", host or parts.netloc)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


@pytest.fixture
def address(tmp_path, serve):
    plain_run(tmp_path / "run")
    return serve(tmp_path / "run")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "169.254.1.1", "[::2]"]
)
@pytest.mark.parametrize("path", ["/", "/documents/runs", "/documents/runs/0/overview"])
def test_foreign_hosts_are_refused(address, host, path):
    status, headers, body = ask(address, path, host=host)
    assert status == 400
    assert b"mapelites" not in body
    assert "content-security-policy" in headers


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost", "localhost:8765"])
def test_names_of_this_machine_are_answered(address, host):
    assert ask(address, "/", host=host)[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/documents/runs/0/overview", "/documents/runs/0/individuals/0"])
def test_only_reading_is_possible(address, method, path):
    assert ask(address, path, method=method)[0] == 405


def test_every_answer_forbids_foreign_scripts_and_readers(address):
    for path in ("/", "/page/main.js", "/documents/runs", "/nothing", "/documents/runs/7/overview"):
        _, headers, _ = ask(address, path)
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert "require-trusted-types-for 'script'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/page/../command.py",
        "/page/%2e%2e/command.py",
        "/page/vendor/../../command.py",
        "/page//etc/passwd",
        "/documents/runs/0/../../../etc/passwd",
        "/run.sqlite",
    ],
)
def test_nothing_but_the_page_is_served(address, path):
    assert ask(address, path)[0] == 404


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("runs/1/overview", "This page shows 1 runs, numbered from 0."),
        ("runs/0/individuals/24", "has no individual 24"),
        ("runs/0/individuals/99999999999999999999999", "has no individual"),
        ("runs/0/individuals/24/lineage", "has no individual 24"),
    ],
)
def test_what_is_unknown_is_said_in_a_sentence(address, path, said):
    status, _, body = ask(address, "/documents/" + path)
    assert status == 404
    assert said in json.loads(body)["error"]


def test_lists_take_any_query(address):
    def ids(query):
        return [row["id"] for row in json.loads(ask(address, f"/documents/runs/0/latest?{query}")[2])["rows"]]

    assert ids("count=2") == [23, 22]
    assert ids("count=2&before=5&cause=ok") == [4, 2]
    assert ids("operator=diff&count=1") == [23]
    assert len(ids("count=-1&before=x")) == len(ids("count=99999999&before=9999999999999999999999")) == 24
    assert ids("cause=%00%27%22;drop") == []


def test_every_file_of_the_page_is_there(address):
    for name in (*SCRIPTS, *STYLES):
        assert ask(address, f"/page/{name}")[0] == 200


def test_no_file_of_the_page_names_another_host(address):
    """No asset from the internet; SVG's namespace and comments of the libraries are names, not addresses."""
    for name in ("elements.js", "documents.js", "main.js", "style.css"):
        text = ask(address, f"/page/{name}")[2].decode().replace("http://www.w3.org/2000/svg", "")
        assert "http" not in text
    assert b"http" not in ask(address, "/")[2]


def test_it_listens_on_loopback_only():
    from elm_viewer.command import _listen

    listener = _listen(0)
    assert listener.getsockname()[0] == "127.0.0.1"
    assert listener.family == socket.AF_INET
    listener.close()
