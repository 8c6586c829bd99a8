"""The guard refuses what no honest program needs, and nothing else."""

import ast

import pytest

from elm_protocols import Limits, OutcomeStatus, Program
from elm_sandbox.corpus.programs import load_attacks, load_honest_programs
from elm_sandbox.inside.guard import inspect_source
from elm_sandbox.jail import STANDARD_MODULES

ALLOWED = frozenset(STANDARD_MODULES)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import os", "import of 'os'"),
        ("import numpy.ctypeslib, socket", "import of 'socket'"),
        ("from subprocess import run", "import of 'subprocess'"),
        ("from . import secrets", "import of"),
        ("().__class__.__bases__", "attribute"),
        ("x = eval('1')", "name 'eval'"),
        ("open('f')", "name 'open'"),
        ("e.__traceback__.tb_frame", "attribute"),
        ("getattr(x, '__globals__')", "string"),
        ("'{0.__class__}'.format(1)", "string"),
        ("9 ** 9 ** 9", "too large"),
        ("1 << 10 ** 9", "too large"),
        ("[0] * 10 ** 9", "too large"),
        ("10 ** 9 * 'x'", "too large"),
        ("\n\nimport os", "line 3"),
    ],
)
def test_it_refuses(source, reason):
    assert reason in inspect_source(source, ALLOWED)


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np, math\nfrom collections import defaultdict\nimport numpy.random",
        "class A:\n def __init__(self):\n  super().__init__()",
        "if __name__ == '__main__': pass",
        "x = 2 ** 64 * 3; y = [0] * 1000; z = '-' * 80; s = '__main__'; t = 'a__b {}'",
        "x = 10 ** 9",
    ],
)
def test_it_lets_honest_programs_pass(source):
    assert inspect_source(source, ALLOWED) is None


def test_it_lets_the_honest_corpus_pass():
    for program in load_honest_programs():
        assert inspect_source(program.source, ALLOWED) is None, program.name


def test_it_is_no_boundary():
    """A figure for the README: how many attacks a static look lets through."""
    attacks = load_attacks()
    everything = ALLOWED | {"sys", "gc", "ctypes", "os", "socket"}
    passed = [attack.name for attack in attacks if inspect_source(attack.source, ALLOWED) is None]
    assert passed, "no static look refuses every attack"
    assert len(passed) < len(attacks) / 2
    assert len([a for a in attacks if inspect_source(a.source, everything) is None]) > len(passed)


def test_the_jail_blocks_before_it_runs(jail):
    program = Program(source="import os\nos.getcwd()")
    (outcome,) = jail.run([program], Limits())
    assert outcome.status is OutcomeStatus.BLOCKED
    assert outcome.feedback == "import of 'os' (line 1)"


def test_a_module_given_with_the_program_is_allowed(jail):
    program = Program(source="import walker\nx = walker.legs", modules={"walker": "import math\nlegs = 4"})
    (outcome,) = jail.run([program], Limits())
    assert outcome.ok, outcome


def test_every_attack_parses():
    for attack in load_attacks():
        ast.parse(attack.source)
