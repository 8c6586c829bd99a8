"""Sandboxes shared by the tests, every backend that runs here.

gVisor tests are skipped, visibly, where `runsc` is not installed or runs no container; with
ELM_REQUIRE_GVISOR set (as CI does once it has installed runsc) that is a failure instead.
"""

import os

import pytest

from elm_protocols import Limits, Program, SandboxUnavailableError
from elm_sandbox import GVisor, Jail
from elm_sandbox.corpus.attack_range import laid_bait
from elm_sandbox.corpus.programs import ATTACK_MODULES
from elm_sandbox.jail import STANDARD_MODULES

EVERY_MODULE = (*STANDARD_MODULES, *ATTACK_MODULES)


def working_gvisor(**options):
    sandbox = GVisor(workers=1, **options)
    try:
        sandbox.run([Program(source="")], Limits())
    except SandboxUnavailableError as error:
        sandbox.close()
        if os.environ.get("ELM_REQUIRE_GVISOR"):
            raise
        pytest.skip(f"no gVisor here: {error}")
    return sandbox


@pytest.fixture(scope="session")
def jail():
    with Jail(workers=2) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def open_jail():
    """A jail without the guard that offers an attacker every module."""
    with Jail(workers=1, modules=EVERY_MODULE, guard=False) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def gvisor():
    with working_gvisor(modules=EVERY_MODULE, guard=False) as sandbox:
        yield sandbox


@pytest.fixture(scope="session", params=["jail", "gvisor"])
def sandbox(request):
    """Every backend in turn, without the guard."""
    return request.getfixturevalue({"jail": "open_jail", "gvisor": "gvisor"}[request.param])


@pytest.fixture(scope="session")
def bait():
    with laid_bait() as bait:
        yield bait
