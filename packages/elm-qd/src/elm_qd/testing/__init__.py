"""Contract suites: what every archive and every algorithm must pass, ours or yours.

Each check raises `AssertionError` with one sentence on the promise that was broken. They need no test
framework; call them from a test.
"""

from elm_qd.testing.algorithms import check_algorithm
from elm_qd.testing.archives import check_archive

__all__ = ["check_algorithm", "check_archive"]
