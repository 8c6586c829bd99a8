"""`elm-sandbox check`: does the sandbox hold on this machine?"""

from __future__ import annotations

import time

from elm_protocols import Limits, Program, Sandbox
from elm_sandbox.gvisor import GVisor
from elm_sandbox.jail import STANDARD_MODULES, Jail
from elm_sandbox.testing import ATTACK_MODULES, check_conformance, find_harm, load_attacks


def check_up(backend: str, *, weaker: bool) -> int:
    """Run conformance, benign and attack corpora; print what holds; return the exit code.

    Args:
        backend: jail or gvisor.
        weaker: Accept a machine that lacks walls of the jail.
    """
    started = time.monotonic()
    with _open_sandbox(backend, weaker=weaker) as sandbox:
        print(f"Isolation here: {_level(sandbox)}")
        try:
            check_conformance(sandbox)
        except AssertionError as error:
            print(f"Conformance: FAILED. {error}")
            return 1
        print("Conformance and honest programs: ok")
        harm = find_harm(sandbox)
    for name, sentence in harm.items():
        print(f"  {name}: {sentence}")
    attacks = len(load_attacks())
    print(f"Attacks contained: {attacks - len(harm)} of {attacks} (guard off)")
    print(
        f"{'It does NOT hold' if harm else 'It holds'} on this machine ({time.monotonic() - started:.0f} s)."
    )
    return 1 if harm else 0


def _open_sandbox(backend: str, *, weaker: bool) -> Jail | GVisor:
    modules = (*STANDARD_MODULES, *ATTACK_MODULES)
    if backend == "gvisor":
        return GVisor(workers=1, modules=modules, guard=False)
    return Jail(workers=1, modules=modules, guard=False, weaker=weaker)


def _level(sandbox: Sandbox) -> str:
    (outcome,) = sandbox.run([Program(source="")], Limits())
    return outcome.level or outcome.feedback
