from pathlib import Path

import pytest

from elm_protocols import MutationRequest

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def stub():
    """What a walker program may use."""
    return (DATA / "walker.pyi").read_text()


@pytest.fixture(scope="session")
def programs():
    """Walker programs by name."""
    return {path.stem: path.read_text() for path in sorted(DATA.glob("*.py"))}


@pytest.fixture(scope="session")
def requests(stub, programs):
    """Return requests for `n` children of each program."""

    def make(n):
        return [
            MutationRequest(parents=(program,), seed=seed, interface=stub)
            for program in programs.values()
            for seed in range(n)
        ]

    return make


@pytest.fixture(scope="session")
def embedded_model():
    """The real model, loaded once."""
    from elm_mutation import embedded

    return embedded(servers=2, slots=4)
