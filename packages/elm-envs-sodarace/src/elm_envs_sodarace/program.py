"""What a walker program is: the module it imports, its first lines, and how its walker becomes data.

`WALKER_MODULE` and `ADAPTER` are trusted source texts; they run inside the sandbox, beside the program.
"""

from __future__ import annotations

from typing import Any

from elm_envs_sodarace.walker import MAX_JOINTS, MAX_MUSCLES, InvalidWalker, Walker, read_walker
from elm_protocols import Limits, Outcome, Program

ENTRY = "make_walker"

TEMPLATE = "from walker import walker_creator\nimport math\n\ndef make_walker():"
"""How every program begins, written as `ast.unparse` writes it, so that operators on syntax trees keep it."""

INTERFACE = '''\
class Walker:
    """A finished robot."""

class walker_creator:
    """Builds a robot of joints and muscles."""

    def __init__(self) -> None: ...
    def add_joint(self, x: float, y: float) -> int: ...
    def add_muscle(self, j0: int, j1: int, amplitude: float = 0.0, phase: float = 0.0) -> None: ...
    def get_walker(self) -> Walker: ...
'''
"""Stub of the module `walker`, for operators."""

WALKER_MODULE = '''\
"""Builds a robot of joints and muscles."""


class Walker:
    """A finished robot."""

    def __init__(self, joints, muscles):
        self.joints = joints
        self.muscles = muscles


class walker_creator:
    """Builds a robot of joints and muscles."""

    def __init__(self):
        self._joints = []
        self._muscles = []

    def add_joint(self, x, y):
        """Add a joint at (x, y), y up; return its number."""
        self._joints.append((float(x), float(y)))
        return len(self._joints) - 1

    def add_muscle(self, j0, j1, amplitude=0.0, phase=0.0):
        """Link two joints: a bone where the amplitude is below 0.2, else a muscle (phase in radians)."""
        for joint in (j0, j1):
            if type(joint) is not int or not 0 <= joint < len(self._joints):
                raise ValueError(f"add_muscle: {joint!r:.40} is not the number of a joint")
        self._muscles.append((j0, j1, float(amplitude), float(phase)))

    def get_walker(self):
        """Return the robot."""
        return Walker(list(self._joints), list(self._muscles))
'''

ADAPTER = f"""\
def adapt(value):
    if type(value).__name__ != "Walker":
        return None
    joints, muscles = list(value.joints), list(value.muscles)
    return {{"joints": joints[:{MAX_JOINTS + 1}], "muscles": muscles[:{MAX_MUSCLES + 1}]}}
"""
"""Sends no more than it takes to see that a walker is too large."""

LIMITS = Limits(seconds=2.0, memory_bytes=128 * 2**20, output_bytes=2**18, file_bytes=0)
"""What a program may use; the largest valid walker takes about 40 kB."""


def walker_program(source: str) -> Program:
    """Return the program as a sandbox runs it."""
    return Program(source=source, entry=ENTRY, modules={"walker": WALKER_MODULE}, adapter=ADAPTER)


def read_outcome(outcome: Outcome) -> Walker | InvalidWalker:
    """Return the walker that a program made, or why there is none."""
    if not outcome.ok:
        return InvalidWalker(outcome.status.value, outcome.feedback)
    value: Any = outcome.value
    return read_walker(value)
