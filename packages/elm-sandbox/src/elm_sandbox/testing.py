"""The public conformance suite: what every backend, ours or yours, must do alike.

Each check raises `AssertionError` with one sentence; `find_harm` returns what attacks got through. They need
no test framework. The sandbox under test must offer `ATTACK_MODULES`, with its guard off for attacks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from elm_protocols import Limits, Outcome, OutcomeStatus, Program, Sandbox
from elm_protocols.testing import check_sandbox
from elm_sandbox.corpus.attack_range import harm_of, laid_bait
from elm_sandbox.corpus.programs import ATTACK_MODULES, Attack, load_attacks, load_honest_programs

_SHORT = Limits(seconds=1.0, memory_bytes=128 * 2**20)


@dataclass(frozen=True, slots=True)
class Case:
    """A program and the outcome it must have.

    Attributes:
        name: What it is about.
        program: The program.
        status: Its status.
        value: Its value, where the status is ok.
        feedback: A part of the feedback.
        stdout: The head of what it prints.
        limits: Its limits.
    """

    name: str
    program: Program
    status: OutcomeStatus = OutcomeStatus.OK
    value: object = None
    feedback: str = ""
    stdout: str = ""
    limits: Limits = _SHORT


def _calls(source: str, *args: object, **more: object) -> Program:
    return Program(source=source, entry="f", args=args, **more)  # type: ignore[arg-type]


_S = OutcomeStatus
CASES: tuple[Case, ...] = (
    Case("nothing", Program(source="")),
    Case(
        "arguments",
        _calls("def f(*a, **k): return a, k", 1, "x", kwargs={"y": {2}}),
        value=((1, "x"), {"y": {2}}),
    ),
    Case(
        "arrays in",
        _calls("def f(a): return float(a.sum()), a.shape, a.dtype.name", np.ones((2, 3), "f4")),
        value=(6.0, (2, 3), "float32"),
    ),
    Case("printed text", _calls("def f(): print('one', 2)"), stdout="one 2\n"),
    Case(
        "a syntax error",
        Program(source="x = 1\ny = ("),
        _S.SYNTAX,
        feedback="SyntaxError: '(' was never closed (line 2)",
    ),
    Case("a null byte", Program(source="x = '\0'"), _S.SYNTAX),
    Case("a program too deep to parse", Program(source="-" * 100_000 + "1"), _S.SYNTAX),
    Case(
        "an exception",
        _calls("def g(x):\n    return 1 / x\ndef f():\n    return g(0)"),
        _S.ERROR,
        feedback="ZeroDivisionError: division by zero (line 2)",
    ),
    Case(
        "an exception in a given module",
        _calls("import m\ndef f():\n    m.fail()", modules={"m": "def fail():\n raise ValueError('no')"}),
        _S.ERROR,
        feedback="ValueError: no (line 3)",
    ),
    Case("an exit", _calls("def f(): raise SystemExit(0)"), _S.ERROR, feedback="SystemExit: 0"),
    Case("a missing function", Program(source="", entry="f"), _S.ERROR, feedback="defines no 'f'"),
    Case(
        "a module that is not offered", Program(source="import antigravity"), _S.ERROR, feedback="antigravity"
    ),
    Case(
        "a failing adapter",
        _calls("def f(): return 1", adapter="def adapt(v): return v.legs"),
        _S.BAD_RESULT,
        feedback="AttributeError",
    ),
    Case("memory", _calls("def f(): return len(bytearray(2 ** 32))"), _S.MEMORY, feedback="out of memory"),
    Case("an endless loop", Program(source="while True: pass"), _S.TIMEOUT, limits=Limits(seconds=0.3)),
    Case("a sleep", _calls("import time\ndef f(): time.sleep(60)"), _S.TIMEOUT, limits=Limits(seconds=0.3)),
    Case(
        "a value too large",
        _calls("def f(): return b'x' * 2000"),
        _S.OUTPUT,
        limits=Limits(output_bytes=1000),
    ),
    Case(
        "printed text too long",
        _calls("def f(): print('x' * 5000)"),
        stdout="x" * 1000,
        limits=Limits(output_bytes=1000),
    ),
    Case("no data", _calls("def f(): return f"), _S.BAD_RESULT, feedback="type function is not data"),
    Case(
        "a file in scratch",
        _calls("def f():\n    open('a', 'w').write('b')\n    return open('a').read()"),
        value="b",
    ),
    Case(
        "a file too large",
        _calls("def f(): open('a', 'wb').write(bytes(2 ** 21))"),
        _S.ERROR,
        feedback="OSError",
    ),
    Case("an end without a result", _calls("import os\ndef f(): os._exit(0)"), _S.CRASHED),
    Case("a fault", _calls("import ctypes\ndef f(): ctypes.string_at(0)"), _S.CRASHED, feedback="SIGSEGV"),
    Case(
        "a forbidden system call",
        _calls("import ctypes\ndef f(): return ctypes.CDLL(None).ptrace(0, 0, 0, 0)"),
        _S.KILLED,
    ),
    Case(
        "a declared value",
        _calls(
            "def f(): return {'a': [(1, 2.0)]}", schema=["dict", "str", ["list", ["tuple", "int", "float"]]]
        ),
        value={"a": [(1, 2.0)]},
    ),
    Case(
        "a value that was not declared",
        _calls("def f(): return {'a': [1]}", schema=["dict", "str", ["list", "str"]]),
        _S.BAD_RESULT,
        feedback="an item of an item of its value is of type int, not str",
    ),
    Case("a claim of 'memory'", _calls("def f(): raise MemoryError"), _S.MEMORY),
)


def check_conformance(sandbox: Sandbox) -> None:
    """Check that a backend gives each program the outcome that all backends give it."""
    check_sandbox(sandbox)
    for case in CASES:
        (outcome,) = sandbox.run([case.program], case.limits)
        for harm in _differences(case, outcome):
            raise AssertionError(f"For {case.name}, {harm}: {outcome}")
    _check_seeds(sandbox)
    check_honest_programs(sandbox)


def _differences(case: Case, outcome: Outcome) -> Iterator[str]:
    if outcome.status is not case.status:
        yield f"the status is '{case.status}'"
    if outcome.value != case.value:
        yield f"the value is {case.value!r}"
    if case.feedback not in outcome.feedback:
        yield f"the feedback says {case.feedback!r}"
    if outcome.stdout != case.stdout:
        yield f"the printed text is {case.stdout[:50]!r}"
    if not outcome.level:
        yield "the level of isolation is named"
    if outcome.seconds > case.limits.seconds + 5:
        yield "the wall clock holds"


def _check_seeds(sandbox: Sandbox) -> None:
    """The same seed gives the same numbers in every process, another seed others."""
    source = "import random, numpy\ndef f(): return random.random(), float(numpy.random.rand())"
    seeds = (1, 1, 2)
    draws = [sandbox.run([_calls(source)], Limits(seed=seed))[0].value for seed in seeds]
    if draws[0] is None or draws[0] != draws[1] or draws[0][0] == draws[2][0] or draws[0][1] == draws[2][1]:
        raise AssertionError(f"The generators are seeded from the limits: {draws}")


def check_honest_programs(sandbox: Sandbox) -> None:
    """Check that honest programs run and their values come back right."""
    programs = load_honest_programs()
    calls = [Program(source=program.source, entry=program.name) for program in programs]
    for program, outcome in zip(programs, sandbox.run(calls, Limits()), strict=True):
        if not outcome.ok or outcome.value != program.value():
            raise AssertionError(f"The honest program '{program.name}' is left alone: {outcome}")


def find_harm(sandbox: Sandbox, attacks: Sequence[Attack] = ()) -> dict[str, str]:
    """Let attacks loose on a sandbox whose guard is off; return those that did harm, and what.

    Args:
        sandbox: The sandbox, on this host.
        attacks: Which; empty: the whole corpus, which takes about half a minute.
    """
    with laid_bait() as bait:
        found = {attack.name: harm_of(attack, sandbox, bait) for attack in attacks or load_attacks()}
    return {name: harm for name, harm in found.items() if harm}


__all__ = [
    "ATTACK_MODULES",
    "CASES",
    "Case",
    "check_conformance",
    "check_honest_programs",
    "find_harm",
    "load_attacks",
]
