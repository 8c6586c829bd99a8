"""Traps that a prototype fell into; each test failed there."""

import time

from elm_protocols import Limits, OutcomeStatus, Program
from elm_sandbox import Jail

SEARCH = """
import gc, sys
def find(mark):
    found = []
    frame = sys._getframe()
    own = (frame.f_locals, mark)
    while frame:
        frame = frame.f_back
        if frame:
            for name, value in frame.f_locals.items():
                text = isinstance(value, (bytes, bytearray, str)) and name not in ("source", "request")
                if text and mark[::-1] in str(value):
                    found.append(name)
    for thing in gc.get_objects():
        if isinstance(thing, (list, tuple, dict)) and len(thing) < 1000 and mark[::-1] in str(thing)[:10000]:
            found.append(type(thing).__name__)
    return found
"""


def _run(sandbox, source, *args, entry="f", **limits):
    (outcome,) = sandbox.run([Program(source=source, entry=entry, args=args)], Limits(**limits))
    return outcome


def test_an_earlier_program_is_not_in_the_workers_frames(open_jail):
    mark = "the-mark-of-the-first"
    first = _run(open_jail, "def f(x): return [x, {x: (x,)}]", mark)
    assert first.ok
    second = _run(open_jail, SEARCH, mark[::-1], entry="find")
    assert second.value == [], second


def test_an_earlier_program_is_not_in_the_workers_memory(open_jail):
    """All of the child's memory, a copy of the worker's, read byte by byte through its own memory map."""
    mark = "a-mark-in-raw-memory-" + str(time.time())
    assert _run(open_jail, "def f(x): return x", mark).value == mark
    source = """
import ctypes, gc
def f(backwards):
    needle = backwards[::-1].encode()
    hits = 0
    libc = ctypes.CDLL(None)
    libc.memmem.restype = ctypes.c_void_p
    libc.memmem.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_size_t]
    mincore = libc.mincore
    mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
    seen = ctypes.create_string_buffer(1)
    arenas = {id(thing) >> 20 for thing in gc.get_objects()}
    for arena in arenas:
        for page in range(arena << 20, (arena + 1) << 20, 4096):
            if mincore(page, 4096, seen) == 0 and libc.memmem(page, 4096, needle, len(needle)):
                hits += 1
    return hits - 1 if hits else 0, len(arenas)
"""
    outcome = _run(open_jail, source, mark[::-1], seconds=20)
    assert outcome.ok, outcome
    hits, arenas = outcome.value
    assert arenas > 0
    assert hits == 0


def test_numpys_generator_differs_with_the_seed_and_not_with_the_child(jail):
    source = "import numpy as np\ndef f(): return float(np.random.rand())"
    draws = [_run(jail, source, seed=seed).value for seed in (3, 3, 4)]
    assert draws[0] == draws[1] != draws[2]


def test_the_memory_limit_counts_from_what_the_worker_uses(jail):
    """48 MiB beside a worker that takes up far more address space itself."""
    assert (
        _run(jail, "def f(): return len(bytearray(32 * 2**20))", memory_bytes=48 * 2**20).value == 32 * 2**20
    )
    outcome = _run(jail, "def f(): return len(bytearray(64 * 2**20))", memory_bytes=48 * 2**20)
    assert outcome.status is OutcomeStatus.MEMORY


def test_address_space_that_the_worker_does_not_fill_is_no_room_for_more(open_jail):
    """Its libraries unmapped, a program could put memory of its own in their place."""
    source = """
import ctypes
class Library(ctypes.Structure):
    _fields_ = [("base", ctypes.c_size_t), ("name", ctypes.c_char_p),
                ("parts", ctypes.c_void_p), ("count", ctypes.c_uint16)]
def f():
    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    libc.munmap.argtypes = [ctypes.c_size_t, ctypes.c_size_t]
    ranges = []
    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Library), ctypes.c_size_t, ctypes.c_void_p)
    def look(library, size, data):
        if b"numpy" in library[0].name:
            for i in range(library[0].count):
                part = (ctypes.c_uint64 * 7).from_address(library[0].parts + 56 * i)
                if part[0] == 1 + (5 << 32):  # loadable, read and execute
                    ranges.append(((library[0].base + part[2]) & ~4095, part[5] & ~4095))
        return 0
    libc.dl_iterate_phdr(look, None)
    freed = sum(size for start, size in ranges if libc.munmap(start, size) == 0)
    got = 0
    while libc.mmap(None, 2**20, 3, 0x22, -1, 0) != 2**64 - 1:
        got += 2**20
    return freed, got
"""
    outcome = _run(open_jail, source, memory_bytes=64 * 2**20)
    assert outcome.ok, outcome
    freed, got = outcome.value
    assert freed > 16 * 2**20
    assert got <= 64 * 2**20


def test_annotations_are_evaluated_as_in_plain_python(jail):
    """The worker's own `from __future__` must not reach programs."""
    source = "def g(x: int): pass\ndef f(): return g.__annotations__['x'] is int"
    assert _run(jail, source).value is True


def test_a_quick_kill_is_not_called_memory(open_jail):
    source = "import os, signal\ndef f():\n os.kill(os.getpid(), signal.SIGKILL)\n return 1"
    assert _run(open_jail, source).status is not OutcomeStatus.MEMORY
    with Jail(workers=1, layers=("seccomp",), weaker=True, guard=False, modules=("os", "signal")) as weak:
        assert _run(weak, source).status is OutcomeStatus.CRASHED


def test_a_set_up_failure_cannot_be_forged(open_jail):
    source = """
import os
def f():
    for fd in range(3, 64):
        try:
            os.write(fd, b"XOSError: no namespaces")
        except OSError:
            pass
    os._exit(3)
"""
    assert _run(open_jail, source).status is OutcomeStatus.BAD_RESULT


def test_numpy_random_is_loaded_ahead(open_jail):
    source = "import sys\ndef f(): return [m for m in ('numpy.random', 'numpy.fft') if m not in sys.modules]"
    assert _run(open_jail, source).value == []


def test_the_order_of_sets_is_the_same_in_every_worker():
    source = "def f(): return list({str(i) for i in range(50)})"
    orders = []
    for _ in range(2):
        with Jail(workers=1, modules=()) as jail:
            orders.append(_run(jail, source).value)
    assert orders[0] == orders[1]


def test_the_clock_starts_with_the_program(jail):
    """Many programs queue for two workers; waiting counts for none of them."""
    program = Program(source="import time\ndef f():\n time.sleep(0.2)\n return 1", entry="f")
    assert [outcome.value for outcome in jail.run([program] * 8, Limits(seconds=1.5))] == [1] * 8


def test_feedback_names_no_path_of_the_host(open_jail):
    import sys

    source = "def f(p): raise ValueError('in ' + p + '/lib/x.py and ' + p)"
    outcome = _run(open_jail, source, sys.prefix)
    assert sys.prefix not in outcome.feedback
    assert "<host path>" in outcome.feedback
