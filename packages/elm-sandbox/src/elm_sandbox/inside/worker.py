# ruff: noqa: SIM905 - lists of names read best as text
"""The worker: imports what programs may use, goes behind its walls, and serves one program at a time.

Two processes: the first imports everything, enters the namespaces and then only waits; the second is process
1 of the new process namespace, so that its death ends all it ever started. It ends when its input closes.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from elm_sandbox.inside import (
    container,
    frames,
    guest,
    kernel,
    landlock,
    namespaces,
    seccomp,
    supervision,
    syscalls,
    values,
)
from elm_sandbox.inside.confinement import LANDLOCK, NAMESPACES, SECCOMP, Bounds, Walls, limit_open_files

ALWAYS_LOADED = (
    "random _strptime linecache tokenize traceback unicodedata locale warnings stringprep"
).split()
CODECS = (
    "ascii latin_1 utf_7 utf_8_sig utf_16 utf_16_le utf_16_be utf_32 utf_32_le utf_32_be unicode_escape "
    "raw_unicode_escape idna punycode hex_codec base64_codec rot_13 cp437 cp1252 iso8859_15"
).split()
"""What the standard library imports lazily, and could not from an empty root."""
NUMPY_LAZY = ("numpy.random", "numpy.linalg", "numpy.fft", "numpy.polynomial", "numpy.ma")

_REHEARSALS = 20
_REHEARSED = {
    "source": "def f(x):\n    y = [i + 1 for i in x]\n    print(end='')\n    return {'y': y}, (1.5, 'a')",
    "entry": "f",
    "args": ([1, 2, 3],),
    "kwargs": {},
    "modules": {},
    "adapter": "",
}

_HOST_IN, _HOST_OUT = 0, 1
_WHOLE_SIZE, _DATA_SIZE = 0, 5
"""Columns of /proc/self/statm, in pages."""


def main() -> None:
    """Serve the host on standard input and output."""
    limit_open_files()
    host_in, host_out = os.dup(_HOST_IN), os.dup(_HOST_OUT)
    os.dup2(2, 1)  # a stray print must not enter the protocol
    try:
        config = json.loads(bytes(frames.read_frame(host_in)[1]))
        hello = _prepare(config)
    except frames.ClosedError:
        return
    except ImportError as error:
        frames.write_frame(host_out, frames.HELLO, json.dumps({"unimportable": str(error)}).encode())
        return
    except Exception as error:  # noqa: BLE001 - every failure to start is told to the host
        frames.write_frame(
            host_out, frames.HELLO, json.dumps({"failure": f"{type(error).__name__}: {error}"}).encode()
        )
        return
    if NAMESPACES in hello["layers"]:
        _become_process_one(host_in, host_out)
    _serve_from_here(config, hello, host_in, host_out)


def _prepare(config: dict[str, Any]) -> dict[str, Any]:
    """Import, and enter what namespaces there are. Returns what to tell the host."""
    preload(config["modules"])
    layers, missing = [], {}
    for layer, enter in ((NAMESPACES, _enter_namespaces), (LANDLOCK, _try_landlock), (SECCOMP, _try_seccomp)):
        if layer not in config["layers"]:
            continue
        try:
            enter()
            layers.append(layer)
        except OSError as error:
            missing[layer] = str(error)
    if NAMESPACES not in layers and not config["in_container"]:
        with contextlib.suppress(OSError):  # a root that may not become another user is no real root
            namespaces.give_up_root()
        os.chdir("/")
    return {"layers": layers, "missing": missing, "failure": ""}


@contextlib.contextmanager
def _no_fork_hooks() -> Iterator[None]:
    """Let modules register nothing to be called in a child, such as a fresh seed of `random`.

    A child of the worker needs none of it, and it would cost each one a hundred copied pages.
    """
    register = os.register_at_fork
    os.register_at_fork = lambda **_: None
    try:
        yield
    finally:
        os.register_at_fork = register


@_no_fork_hooks()
def preload(modules: list[str]) -> None:
    """Import what programs may use, and what those import only when first used."""
    for name in [*ALWAYS_LOADED, *(f"encodings.{codec}" for codec in CODECS), *modules]:
        importlib.import_module(name)
    if "numpy" in sys.modules:
        for name in NUMPY_LAZY:
            importlib.import_module(name)


def _enter_namespaces() -> None:
    failure = _rehearsal_of_namespaces()
    if failure:  # found by a child: this process is still outside, with nothing half done
        raise OSError(failure)
    namespaces.give_up_root()
    namespaces.enter_worker_namespaces()


def _rehearsal_of_namespaces() -> str:
    """Have a child enter the namespaces and the empty root; return what failed, or nothing."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            namespaces.give_up_root()
            namespaces.enter_worker_namespaces()
            if os.fork():
                os._exit(os.waitstatus_to_exitcode(os.wait()[1]))
            namespaces.enter_empty_root()
            os.close(kernel.pidfd_of_self())
        except OSError as error:
            os.write(write_end, str(error).encode()[:1000])
        finally:
            os._exit(0)
    os.close(write_end)
    failure = os.read(read_end, 1000).decode("utf-8", "replace")
    os.close(read_end)
    os.waitpid(pid, 0)
    return failure


def _try_landlock() -> None:
    landlock.abi_version()


def _try_seccomp() -> None:
    if not syscalls.is_known_machine():
        raise OSError("no table of system calls for this machine")
    if "Seccomp:" not in Path("/proc/self/status").read_text():
        raise OSError("the kernel has no seccomp")


def _become_process_one(host_in: int, host_out: int) -> None:
    """Go on in a child, process 1 of the new namespace; the parent waits for its end and ends."""
    pid = os.fork()
    if pid:
        os.close(host_in)
        os.close(host_out)
        os.close(_HOST_IN)
        os.waitpid(pid, 0)
        os._exit(0)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)


def _serve_from_here(config: dict[str, Any], hello: dict[str, Any], host_in: int, host_out: int) -> None:
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)  # no tracing of this process by its equals
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    os.dup2(null, 0)
    guest.open_stdout()
    for _ in range(_REHEARSALS):
        guest.rehearse(bytearray(values.dump(_REHEARSED)))
    whole, data = _mapped_bytes(_WHOLE_SIZE), _mapped_bytes(_DATA_SIZE)
    own_pidfd, counted = -1, None
    if config["in_container"]:
        container.enter_empty_root()
        counted = container.processes_counted()
    elif NAMESPACES in hello["layers"]:
        namespaces.enter_empty_root()
        own_pidfd, counted = kernel.pidfd_of_self(), 2
    walls = Walls(
        layers=frozenset(hello["layers"]),
        counted=counted,
        landlock_abi=landlock.abi_version() if LANDLOCK in hello["layers"] else 0,
        address_space=whole,
        data_space=data,
    )
    if SECCOMP in walls.layers:
        for may_start_processes in (False, True):
            seccomp.packed_filter(may_start_processes=may_start_processes, only_signal=None)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.environ.clear()
    for words in (sys.path, sys.argv, sys.orig_argv):  # they name paths of the host
        words.clear()
    sys.path_importer_cache.clear()
    gc.collect()
    gc.freeze()
    frames.write_frame(host_out, frames.HELLO, json.dumps(hello).encode())
    station = supervision.Station(
        walls, own_pidfd, config["in_container"], guest.Generators(), null, host_in, host_out
    )
    allowed = frozenset(config["modules"])
    while serve_one(station, allowed):
        pass


def _mapped_bytes(column: int) -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[column])
    return pages * os.sysconf("SC_PAGE_SIZE")


def serve_one(station: supervision.Station, allowed: frozenset[str]) -> bool:
    """Serve one request; returns False once the host has gone.

    Nothing of a request outlives this call: the buffer that held it is wiped, so that the next child, a copy
    of this process, finds nothing of it.
    """
    try:
        bounds = Bounds(**json.loads(bytes(frames.read_frame(station.host_in)[1])))
        _, request = frames.read_frame(station.host_in)
    except frames.ClosedError:
        return False

    def run(channels: guest.Channels) -> None:
        guest.run_task(request, channels, allowed_modules=allowed if bounds.guard else None)

    try:
        seen = supervision.supervise(bounds, station, run)
        frames.write_frame(station.host_out, frames.END, json.dumps(asdict(seen)).encode())
    except (supervision.HostGoneError, BrokenPipeError):
        return False
    finally:
        frames.wipe(request)
    return True
