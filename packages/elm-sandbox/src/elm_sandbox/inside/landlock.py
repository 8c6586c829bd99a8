"""Landlock: no files but the scratch directory, no TCP, no signals outwards. Source: landlock(7)."""

from __future__ import annotations

import functools
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


@functools.cache
def _file_rights(abi: int) -> int:
    return max(rights for version, rights in _FILE_RIGHTS_BY_ABI.items() if version <= abi)


@functools.cache
def _ruleset_attributes(abi: int) -> bytes:
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    return struct.pack("=QQQ", _file_rights(abi), _NET_RIGHTS, _SCOPES)[:size]


def restrict_to(directory: str | None, abi: int) -> None:
    """Refuse this process, and all it starts, every file except below `directory`; needs no_new_privs."""
    attributes = _ruleset_attributes(abi)
    ruleset = kernel.syscall("landlock_create_ruleset", attributes, len(attributes), 0)
    try:
        if directory is not None:
            _allow_below(ruleset, directory, _file_rights(abi) & ~(_EXECUTE | _IOCTL_DEVICE))
        kernel.syscall("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _allow_below(ruleset: int, directory: str, rights: int) -> None:
    opened = os.open(directory, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, opened)
        kernel.syscall("landlock_add_rule", ruleset, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(opened)
