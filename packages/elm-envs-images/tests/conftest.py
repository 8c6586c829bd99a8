"""What the tests share: the real sandbox, a small mutation model, the environment over both."""

import ast
import contextlib
import io
import sys
import types

import numpy as np
import pytest
from hypothesis import settings

from elm_envs_images import ImageEvolution
from elm_envs_images.drawing_programs import interface
from elm_protocols import Completion, Origin, Outcome, OutcomeStatus
from elm_sandbox import Jail

settings.register_profile("unhurried", deadline=None)  # machines that run tests are busy
settings.load_profile("unhurried")


class InProcessRunner:
    """A scripted stand-in for the sandbox, for searches of hundreds of programs that `RandomEdits` wrote.

    It runs them in this process, ten times faster.
    """

    def run(self, programs, limits):
        return [self._run(program, limits) for program in programs]

    def _run(self, program, limits):
        np.random.seed(limits.seed)  # noqa: NPY002 - what `Limits.seed` promises
        try:
            with contextlib.redirect_stdout(io.StringIO()), _modules(program.modules):
                value = _namespace(program.source)[program.entry]()
            return Outcome(
                status=OutcomeStatus.OK, value=_namespace(program.adapter)["adapt"](value), seconds=0.001
            )
        except SyntaxError as error:
            return Outcome(status=OutcomeStatus.SYNTAX, feedback=str(error))
        except Exception as error:  # noqa: BLE001 - whatever the program raises is its outcome
            return Outcome(status=OutcomeStatus.ERROR, feedback=f"{type(error).__name__}: {error}")

    def close(self):
        pass


def _namespace(source):
    namespace = {}
    exec(compile(source, "program", "exec"), namespace)
    return namespace


@contextlib.contextmanager
def _modules(sources):
    made = {name: types.ModuleType(name) for name in sources}
    for name, source in sources.items():
        exec(compile(source, name, "exec"), made[name].__dict__)
    sys.modules.update(made)
    try:
        yield
    finally:
        for name in made:
            del sys.modules[name]


class RandomEdits:
    """A small random mutation: another number somewhere, or one more shape before the return."""

    def __init__(self):
        drawing = next(node for node in ast.parse(interface()).body if isinstance(node, ast.ClassDef))
        self.shapes = {
            method.name: len(method.args.args) - 1
            for method in drawing.body
            if isinstance(method, ast.FunctionDef) and len(method.args.args) > 4 and method.name != "__init__"
        }

    def generate(self, requests):
        return [
            Completion(text=self._child(request), origin=Origin(operator="random-edits"))
            for request in requests
        ]

    def _child(self, request):
        rng = np.random.default_rng(request.seed)
        tree = ast.parse(request.parents[0])
        numbers = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and type(node.value) in (int, float)
        ]
        if rng.random() < 0.3:
            name = str(rng.choice(list(self.shapes)))
            arguments = ", ".join(str(number) for number in rng.integers(0, 100, self.shapes[name]))
            tree.body[-1].body.insert(-1, ast.parse(f"canvas.{name}({arguments})").body[0])
        else:
            number = numbers[rng.integers(len(numbers))]
            number.value = round(float(np.clip(number.value + rng.normal(0, 30), 0, 100)))
        return ast.unparse(tree) + "\n"


@pytest.fixture(scope="session")
def sandbox():
    """The real jail, with what walls this machine has."""
    jail = Jail(workers=1, weaker=True)
    yield jail
    jail.close()


@pytest.fixture
def environment(sandbox):
    """The environment with its default options."""
    return ImageEvolution(RandomEdits(), sandbox)


@pytest.fixture
def build(sandbox):
    """Build an environment with other options."""
    return lambda **options: ImageEvolution(RandomEdits(), sandbox, **options)


@pytest.fixture
def build_in_process():
    """Build an environment with other options that runs trusted programs in this process."""
    return lambda **options: ImageEvolution(RandomEdits(), InProcessRunner(), **options)
