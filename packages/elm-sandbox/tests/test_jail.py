"""The jail keeps the promises of a sandbox."""

from elm_protocols.testing import check_sandbox


def test_it_conforms(jail):
    check_sandbox(jail)
