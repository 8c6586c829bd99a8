import pytest

from elm_sandbox import Jail


@pytest.fixture(scope="session")
def jail():
    with Jail(workers=2) as sandbox:
        yield sandbox
