"""Runs walker programs that we wrote ourselves, in this process and without any isolation."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from elm_envs_sodarace.program import ADAPTER, ENTRY, WALKER_MODULE
from elm_envs_sodarace.walker import InvalidWalker, Walker, read_walker


def run_trusted(source: str) -> Walker | InvalidWalker:
    """Return the walker of a program that is as trusted as this package: a seed, or the user's own.

    Never call it on what a model wrote. Exceptions of the program are raised.
    """
    module = ModuleType("walker")
    exec(WALKER_MODULE, module.__dict__)
    adapter: dict[str, Any] = {}
    exec(ADAPTER, adapter)
    names: dict[str, Any] = {"__name__": "program"}
    former = sys.modules.get("walker")
    sys.modules["walker"] = module
    try:
        exec(compile(source, "<walker program>", "exec"), names)
        return read_walker(adapter["adapt"](names[ENTRY]()))
    finally:
        if former is None:
            del sys.modules["walker"]
        else:
            sys.modules["walker"] = former
