"""The few kernel calls that Python does not offer, as functions that raise OSError."""

from __future__ import annotations

import ctypes
import os
import struct

from elm_sandbox.inside.syscalls import number_of

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
CLONE_NEWCGROUP = 0x02000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MNT_DETACH = 2

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38

_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, call: str) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{call}: {os.strerror(error)}")
    return result


def syscall(name: str, *arguments: object) -> int:
    """Make a system call by name; arguments are ctypes values, bytes, or ints (passed as longs)."""
    values = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return _check(_libc.syscall(ctypes.c_long(number_of(name)), *values), name)


def unshare(flags: int) -> None:
    """Move this process into new namespaces (CLONE_NEW* flags)."""
    _check(_libc.unshare(flags), "unshare")


def setns(descriptor: int, flags: int) -> None:
    """Enter the namespaces of the process behind a pidfd."""
    _check(_libc.setns(descriptor, flags), "setns")


def pidfd_of_self() -> int:
    """Return a pidfd of this process."""
    return syscall("pidfd_open", os.getpid(), 0)


def set_host_name(name: str) -> None:
    """Name the machine, as this UTS namespace sees it."""
    _check(_libc.sethostname(name.encode(), len(name)), "sethostname")


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount a file system, or change a mount's flags."""
    result = _libc.mount(
        source.encode() if source else None,
        target.encode(),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        options.encode() or None,
    )
    _check(result, f"mount {kind or 'flags'} on {target}")


def unmount(target: str) -> None:
    """Detach a mount."""
    _check(_libc.umount2(target.encode(), MNT_DETACH), "umount2")


def pivot_root_here() -> None:
    """Make the working directory, a mount point, the root; the old root ends up below it."""
    syscall("pivot_root", b".", b".")


def prctl(option: int, value: int = 0) -> None:
    """Set an attribute of this process."""
    zero = ctypes.c_ulong(0)
    _check(_libc.prctl(option, ctypes.c_ulong(value), zero, zero, zero), f"prctl {option}")


_capability_header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
_no_capabilities = bytes(24)


def drop_capabilities() -> None:
    """Empty this thread's effective, permitted and inheritable sets."""
    _check(_libc.capset(_capability_header, _no_capabilities), "capset")
