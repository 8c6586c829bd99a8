"""A server in this process, and the Chromium of the system."""

import os
import shutil
import socket
import sys
import threading
from pathlib import Path

import pytest
import uvicorn

sys.path.insert(0, str(Path(__file__).parent))  # recorded_runs.py

from elm_viewer.application import create_application
from elm_viewer.shown_runs import ShownRuns

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


class LocalServer:
    """Serves runs from a thread of this process."""

    def __init__(self, folders):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        config = uvicorn.Config(create_application(ShownRuns(folders)), log_level="warning", lifespan="off")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listener]})
        self.thread.start()

    def close(self):
        self.server.should_exit = True
        self.thread.join()


@pytest.fixture
def serve():
    """Serve runs until the end of the test (name this fixture before `tab`); gives the page's address."""
    servers = []

    def start(*folders):
        servers.append(LocalServer(folders))
        return servers[-1].address

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def chromium():
    if not Path(CHROMIUM).exists():
        if os.environ.get("ELM_REQUIRE_CHROMIUM"):
            pytest.fail("ELM_REQUIRE_CHROMIUM is set and there is no chromium")
        pytest.skip("needs chromium: apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=20_000)  # a machine of two busy cores

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium):
    """A page that fails the test for every error and every violation of its security policy."""
    wrong = []
    context = chromium.new_context(viewport={"width": 1300, "height": 850}, reduced_motion="no-preference")
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
    yield page
    context.close()
    assert wrong == []
