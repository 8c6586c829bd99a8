"""The system-call filter: an allow list, in classic BPF.

What is not on the list fails with EPERM, so that a probing library falls back; calls that serve only attacks
end the process (SIGSYS), which the host side sees as `killed`. Source: seccomp(2); bpf instruction encoding
from Linux Documentation/networking/filter.rst.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import platform
import struct

from elm_sandbox.inside import kernel, syscalls

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000

_RET_KILL = 0x80000000
_RET_ERRNO = 0x00050000
_RET_ALLOW = 0x7FFF0000
_SECCOMP_SET_MODE_FILTER = 1

_LOAD, _JEQ, _JGE, _JSET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # BPF_LD|W|ABS, BPF_JMP|*|K, BPF_RET|K
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data

_NAMESPACE_FLAGS = (
    kernel.CLONE_NEWNS
    | kernel.CLONE_NEWUTS
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUSER
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWCGROUP
)
_PRCTL_ALLOWED = (15, 16, 3, 0x53564D41)  # SET_NAME, GET_NAME, GET_DUMPABLE, SET_VMA (glibc names its arenas)
_FCNTL_ALLOWED = (0, 1, 2, 3, 4, 1030, 1032)  # DUPFD, {GET,SET}FD, {GET,SET}FL, DUPFD_CLOEXEC, GETPIPE_SZ
"""Not locks (on the null device they would talk to other programs; many of them fill the kernel's memory),
not wider pipes, not signals to a process of choice."""
_MAP_HUGETLB = 0x40000
_AT_EMPTY_PATH = 0x1000
_IOCTL_ALLOWED = (0x5401, 0x541B, 0x5421, 0x5451)  # TCGETS (isatty), FIONREAD, FIONBIO, FIOCLEX

_LONGEST_JUMP = 255

_Instruction = tuple[int, int, int, int]


def _load(offset: int) -> _Instruction:
    return (_LOAD, 0, 0, offset)


def _low_half(argument: int) -> int:
    return _ARGUMENTS + 8 * argument


def _ret(action: int) -> _Instruction:
    return (_RETURN, 0, 0, action)


def _fail(error: int) -> _Instruction:
    return _ret(_RET_ERRNO | error)


def _one_of(argument: int, values: tuple[int, ...]) -> list[_Instruction]:
    """Allow where the argument's low half is one of `values`, else EPERM."""
    body = [_load(_low_half(argument))]
    for value in values:
        body += [(_JEQ, 0, 1, value & 0xFFFFFFFF), _ret(_RET_ALLOW)]
    return [*body, _fail(errno.EPERM)]


def _none_of(argument: int, bits: int) -> list[_Instruction]:
    """Allow where the argument's low half has none of `bits`, else EPERM."""
    return [_load(_low_half(argument)), (_JSET, 0, 1, bits), _fail(errno.EPERM), _ret(_RET_ALLOW)]


def _times_by_path() -> list[_Instruction]:
    """Allow utimensat of a path; an open descriptor may be the null device, which is the host's."""
    return [_load(_low_half(1)), (_JEQ, 0, 1, 0), _fail(errno.EPERM), *_none_of(3, _AT_EMPTY_PATH)]


def _process_rule(may_start_processes: bool) -> list[_Instruction]:
    if not may_start_processes:
        return [_fail(errno.EAGAIN)]
    return _none_of(0, _NAMESPACE_FLAGS)


def build_filter(*, may_start_processes: bool, only_signal: int | None) -> list[_Instruction]:
    """Return the filter's instructions.

    Args:
        may_start_processes: Whether clone is allowed (never with namespace flags). clone3 hides its flags
            from a filter, so it is answered ENOSYS and glibc falls back to clone.
        only_signal: The one process that may be sent signals; None: any, where a pid namespace leaves
            nothing else to see.
    """
    ruled = syscalls.ruled()
    own_process = [_ret(_RET_ALLOW)] if only_signal is None else _one_of(0, (only_signal,))
    start = _process_rule(may_start_processes)
    plain_start = [_ret(_RET_ALLOW)] if may_start_processes else [_fail(errno.EAGAIN)]
    rules = {
        "clone": start,
        "fork": plain_start,
        "vfork": plain_start,
        "clone3": [_fail(errno.ENOSYS)],
        "kill": own_process,
        "tgkill": own_process,
        "tkill": own_process if only_signal is None else [_fail(errno.EPERM)],
        "prctl": _one_of(0, _PRCTL_ALLOWED),
        "prlimit64": _one_of(0, (0,)),
        "ioctl": _one_of(1, _IOCTL_ALLOWED),
        "fcntl": _one_of(1, _FCNTL_ALLOWED),
        "mmap": _none_of(3, _MAP_HUGETLB),
        "utimensat": _times_by_path(),
    }
    bodies = {number: [_ret(_RET_ALLOW)] for number in syscalls.allowed().values()}
    bodies |= {number: [_ret(_RET_KILL)] for number in syscalls.fatal().values()}
    bodies |= {ruled[name]: body for name, body in rules.items() if name in ruled}
    return [
        _load(_ARCH),
        (_JEQ, 1, 0, _AUDIT_ARCH[platform.machine()]),
        _ret(_RET_KILL),
        _load(_NUMBER),
        (_JGE, 0, 1, _X32_BIT),
        _ret(_RET_KILL),
        *_decision_tree(_segments(bodies)),
    ]


def _segments(bodies: dict[int, list[_Instruction]]) -> list[tuple[int, list[_Instruction]]]:
    """Cut the line of call numbers where what happens changes: (first number, body), in order."""
    refusal = [_fail(errno.EPERM)]
    segments: list[tuple[int, list[_Instruction]]] = []
    for number in range(max(bodies) + 2):
        body = bodies.get(number, refusal)
        if not segments or segments[-1][1] != body:
            segments.append((number, body))
    return segments


def _decision_tree(segments: list[tuple[int, list[_Instruction]]]) -> list[_Instruction]:
    """Find a number's segment in a few comparisons.

    On installation, in every child, the kernel tries the filter on each number there is, to remember those
    that are always allowed: a plain list of comparisons took 0.45 ms there, this takes 0.28 ms.
    """
    if len(segments) == 1:
        return segments[0][1]
    middle = len(segments) // 2
    below, above = _decision_tree(segments[:middle]), _decision_tree(segments[middle:])
    if len(below) > _LONGEST_JUMP:
        raise ValueError("the filter has grown too long for its jumps")
    return [(_JGE, len(below), 0, segments[middle][0]), *below, *above]


@functools.cache
def packed_filter(*, may_start_processes: bool, only_signal: int | None) -> bytes:
    """Return the filter as an array of struct sock_filter; the worker builds it ahead of its children."""
    instructions = build_filter(may_start_processes=may_start_processes, only_signal=only_signal)
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)


def install_filter(packed: bytes) -> None:
    """Put this process and all it starts under the filter; needs no_new_privs."""
    buffer = ctypes.create_string_buffer(packed, len(packed))
    header = struct.pack("@HxxxxxxP", len(packed) // 8, ctypes.addressof(buffer))
    kernel.syscall("seccomp", _SECCOMP_SET_MODE_FILTER, 0, header)
