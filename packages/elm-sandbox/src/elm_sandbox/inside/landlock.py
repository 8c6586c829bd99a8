"""Landlock: no files but the scratch directory, no TCP, no signals outwards. Source: landlock(7)."""

from __future__ import annotations

import ctypes
import os
import struct

from elm_sandbox.inside import kernel

_CREATE_VERSION = 1
_RULE_PATH_BENEATH = 1
_FILE_RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_NET_RIGHTS = 0b11  # bind, connect (ABI 4)
_SCOPES = 0b11  # abstract unix sockets, signals (ABI 6)
_EXECUTE, _IOCTL_DEVICE = 1 << 0, 1 << 15


def abi_version() -> int:
    """Return the kernel's Landlock version; raises OSError where it has none."""
    return kernel.syscall("landlock_create_ruleset", None, 0, _CREATE_VERSION)


def restrict_to(directory: str | None, abi: int) -> None:
    """Refuse this process, and all it starts, every file except below `directory`; needs no_new_privs."""
    files = max((rights for version, rights in _FILE_RIGHTS_BY_ABI.items() if version <= abi))
    attributes = struct.pack("=QQQ", files, _NET_RIGHTS if abi >= 4 else 0, _SCOPES if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = kernel.syscall("landlock_create_ruleset", attributes, size, 0)
    try:
        if directory is not None:
            _allow_below(ruleset, directory, files & ~(_EXECUTE | _IOCTL_DEVICE))
        kernel.syscall("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _allow_below(ruleset: int, directory: str, rights: int) -> None:
    opened = os.open(directory, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, opened))
        kernel.syscall("landlock_add_rule", ruleset, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(opened)
