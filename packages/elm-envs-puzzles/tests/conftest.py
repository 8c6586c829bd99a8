"""The real sandbox, the public P3 file where it is at hand, and mutation models without a language model."""

import ast
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from elm_envs_puzzles import Puzzle, load_puzzles
from elm_protocols import Completion, Limits, MutationRequest, Origin, SandboxUnavailableError
from elm_sandbox import Jail

# Data generation competes with the sandbox's processes for the CPUs: no test here is about speed.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

_SHARED = Path(__file__).parents[4] / "shared" / "data" / "p3" / "puzzles.json"


@pytest.fixture(scope="session")
def sandbox():
    """The real jail. Its guard is off: P3's own programs call `eval`, which the jail contains."""
    try:
        jail = Jail(workers=2, guard=False)
    except SandboxUnavailableError as error:
        pytest.skip(f"no sandbox here: {error}")
    yield jail
    jail.close()


@pytest.fixture(scope="session")
def limits() -> Limits:
    return Limits(seconds=10.0)


@pytest.fixture(scope="session")
def p3_path() -> Path:
    path = Path(os.environ.get("ELM_P3_PUZZLES", _SHARED))
    if not path.is_file():
        pytest.skip(f"P3's puzzles.json is not at {path}; name it in ELM_P3_PUZZLES")
    return path


@pytest.fixture(scope="session")
def puzzles() -> dict[str, Puzzle]:
    """The package's own puzzles by name."""
    return {puzzle.name: puzzle for puzzle in load_puzzles()}


class IntegerChanger:
    """A mutation model that changes one integer of the first parent, behind the template, by the seed."""

    def generate(self, requests: Sequence[MutationRequest]) -> list[Completion]:
        return [self._child(request) for request in requests]

    def _child(self, request: MutationRequest) -> Completion:
        rng = np.random.default_rng(request.seed)
        origin = Origin(operator="integer-changer")
        text = request.parents[0]
        places = [
            node
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Constant) and type(node.value) is int
            if _offset(text, node) >= len(request.template)
        ]
        if not places:
            return Completion(text=None, status="no-place", origin=origin)
        node = places[rng.integers(len(places))]
        start = _offset(text, node)
        end = start + len(ast.get_source_segment(text, node))
        changed = node.value + int(rng.integers(1, 9))
        written = hex(changed) if changed.bit_length() > 1000 else str(changed)
        return Completion(text=f"{text[:start]}{written}{text[end:]}", origin=origin)


def _offset(text: str, node: ast.Constant) -> int:
    return sum(len(line) + 1 for line in text.split("\n")[: node.lineno - 1]) + node.col_offset


class ScriptedSolver:
    """A scripted model under test: request number i gets body number i of its script, in turn."""

    def __init__(self, *bodies: str | None) -> None:
        self.bodies = bodies
        self.requests: list[MutationRequest] = []

    def generate(self, requests: Sequence[MutationRequest]) -> list[Completion]:
        self.requests += requests
        origin = Origin(operator="scripted")
        scripted = [self.bodies[index % len(self.bodies)] for index in range(len(requests))]
        return [
            Completion(text=None, status="model-error", origin=origin)
            if body is None
            else Completion(text=f"{request.template}{body}\n", origin=origin)
            for request, body in zip(requests, scripted, strict=True)
        ]


@pytest.fixture
def integer_changer() -> IntegerChanger:
    return IntegerChanger()


@pytest.fixture
def scripted_solver() -> type[ScriptedSolver]:
    return ScriptedSolver
