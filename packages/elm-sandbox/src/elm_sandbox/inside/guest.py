"""The last trusted lines before the program, and those that carry its value out.

Everything said up to GO comes from trusted code alone: the program's first line has not run, and the
descriptor it is said on is closed before it does. What comes after is only the program's claim.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import importlib.machinery
import json
import os
import sys
import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from elm_sandbox.inside import frames, guard, values

READY, SYNTAX, BLOCKED, NO_MEMORY, UNUSABLE, GO = b"R", b"S", b"B", b"M", b"U", b"G"
"""Said on the phase descriptor: confined; then why it will not run, or that its first line runs now."""

PROGRAM_FILE = "<program>"
MAX_FEEDBACK = 500


@dataclass(frozen=True, slots=True)
class Task:
    """A program as the host sent it (see `elm_protocols.Program`)."""

    source: str
    entry: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    modules: Mapping[str, str]
    adapter: str


@dataclass(frozen=True, slots=True)
class Channels:
    """Ends of the child's three pipes: phases (trusted code only), the value, printed text."""

    phase: int
    value: int
    stdout: int


class _GivenModules:
    """Finds and loads the trusted modules that came with the program.

    Not derived from `importlib.abc`, which would load `random` and more before the worker is ready for it.
    """

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources

    def find_spec(
        self, fullname: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self._sources:
            return None
        loader: Any = self
        return importlib.machinery.ModuleSpec(fullname, loader, origin=f"<module {fullname}>")

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """Have the import system make the module."""

    def exec_module(self, module: types.ModuleType) -> None:
        name = module.__name__
        exec(compile(self._sources[name], f"<module {name}>", "exec", dont_inherit=True), module.__dict__)


class _RefusedError(Exception):
    """The program will not run; carries the phase and the reason."""

    def __init__(self, phase: bytes, reason: str) -> None:
        super().__init__(reason)
        self.phase = phase


def run_task(request: bytearray, channels: Channels, *, allowed_modules: frozenset[str] | None) -> None:
    """Compile and run the program, and write its value or its exception.

    Args:
        request: The program (a Task as the host encoded it).
        channels: Where to write.
        allowed_modules: What the guard lets the program import; None: no guard.
    """
    try:
        task = _load_task(request)
        adapter = _load_adapter(task)
        code = _compile_program(task, allowed_modules)
    except _RefusedError as refusal:
        frames.write_all(channels.phase, refusal.phase + str(refusal).encode("utf-8", "backslashreplace"))
        return
    frames.write_all(channels.phase, GO)
    os.close(channels.phase)
    report = _report(task, code, adapter)
    frames.write_all(channels.value, report)
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()


class Generators:
    """The global random generators, whose state every child inherits.

    The worker seeds them, and only for another seed than the last: in a child, the many pages that seeding
    touches would be copied each time (0.4 ms).
    """

    def __init__(self) -> None:
        self._seed: int | None = None

    def seed(self, seed: int) -> None:
        """Give the generators the state that belongs to a seed."""
        if seed == self._seed:
            return
        random = sys.modules["random"]  # loaded by the worker, which keeps it from seeding itself in children
        random.seed(seed)
        numpy = sys.modules.get("numpy")
        if numpy is not None and "numpy.random" in sys.modules:
            numpy.random.seed(seed % 2**32)
        self._seed = seed


def open_stdout() -> None:
    """Let `print` write to descriptor 1, whatever that will be in a child."""
    sys.stdout = open(  # noqa: SIM115 - open until the end of the process
        1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
    )


def rehearse(request: bytearray) -> None:
    """Run a trusted program in this process.

    What Python remembers on the way (looked-up types, specialised code, bound symbols) is then there before
    the fork, and is not written, page by copied page, in every child.
    """
    task = _load_task(request)
    _report(task, _compile_program(task, frozenset()), None)
    del sys.modules["program"]


def _load_task(request: bytearray) -> Task:
    try:
        return Task(**values.load(request))
    except MemoryError:
        raise _RefusedError(NO_MEMORY, "its arguments do not fit into its memory") from None
    except values.NotDataError as error:
        raise _RefusedError(UNUSABLE, f"its arguments do not decode: {error}") from None


def _load_adapter(task: Task) -> types.CodeType | None:
    sys.meta_path.insert(0, _GivenModules(task.modules))
    if not task.adapter:
        return None
    try:
        return compile(task.adapter, "<adapter>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        raise _RefusedError(UNUSABLE, f"its adapter does not compile: {_one_line(error)}") from None


def _compile_program(task: Task, allowed_modules: frozenset[str] | None) -> types.CodeType:
    try:
        if allowed_modules is not None:
            tree = ast.parse(task.source, PROGRAM_FILE)
            finding = guard.inspect_tree(tree, allowed_modules | task.modules.keys())
            if finding:
                raise _RefusedError(BLOCKED, finding)
        return compile(task.source, PROGRAM_FILE, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise _RefusedError(SYNTAX, f"{_one_line(error)}") from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise _RefusedError(SYNTAX, f"{type(error).__name__}: too deep or malformed to compile") from None


def _report(task: Task, code: types.CodeType, adapter: types.CodeType | None) -> bytes:
    """Run the program; return its encoded value, or a JSON object on what it raised."""
    try:
        module = types.ModuleType("program")
        module.__dict__["__builtins__"] = builtins
        sys.modules["program"] = module
        exec(code, module.__dict__)
        value = None
        if task.entry:
            if task.entry not in module.__dict__:
                return _failure("error", f"NameError: the program defines no '{task.entry}'")
            value = module.__dict__[task.entry](*task.args, **task.kwargs)
    except BaseException as error:  # noqa: BLE001 - whatever a program raises is data, SystemExit too
        return _failure("memory" if issubclass(type(error), MemoryError) else "error", _describe(error))
    try:
        if adapter is not None:
            scope: dict[str, Any] = {"__name__": "adapter", "__builtins__": builtins}
            exec(adapter, scope)
            value = scope["adapt"](value)
        return b"V" + values.dump(value)
    except BaseException as error:  # noqa: BLE001 - hostile values raise anything
        kind = "memory" if issubclass(type(error), MemoryError) else "bad-result"
        text = str(error) if type(error) is values.NotDataError else _describe(error)
        return _failure(kind, text)


def _failure(kind: str, feedback: str) -> bytes:
    return b"F" + json.dumps({"kind": kind, "feedback": feedback[:MAX_FEEDBACK]}).encode("ascii")


def _describe(error: BaseException) -> str:
    """Type, message and line of the program, in one line; hostile classes raise even here."""
    try:
        return _type_message_line(error)
    except BaseException:  # noqa: BLE001 - from a hostile __str__ or metaclass
        return "an exception that cannot be described"


def _type_message_line(error: BaseException) -> str:
    if issubclass(type(error), MemoryError):
        return "MemoryError: out of memory"
    line, frame = 0, error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == PROGRAM_FILE:
            line = frame.tb_lineno
        frame = frame.tb_next
    where = f" (line {line})" if line else ""
    if isinstance(error, SyntaxError):  # raised by the program's own compile() or a given module
        return f"{type(error).__name__}: {str(error.msg)[:MAX_FEEDBACK]}{where}"
    try:
        message = " ".join(str(error)[: 2 * MAX_FEEDBACK].split())[: MAX_FEEDBACK - 100]
    except BaseException:  # noqa: BLE001 - a hostile __str__
        message = ""
    name = type.__dict__["__name__"].__get__(type(error))[:80]  # not by way of a hostile metaclass
    return f"{name}: {message}{where}" if message else f"{name}{where}"


def _one_line(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} (line {error.lineno or 1})"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:MAX_FEEDBACK]}"
