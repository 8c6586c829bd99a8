"""Namespaces: the worker's own users, processes, network, IPC and files, and a fresh set for each program."""

from __future__ import annotations

import os
from pathlib import Path

from elm_sandbox.inside import kernel

NOBODY = 65534
"""User and group inside; outside too when the host process is root, so that no file is its own."""

SCRATCH = "/tmp"
"""The only directory in the empty root."""

_WORKER_SPACES = (
    kernel.CLONE_NEWUSER
    | kernel.CLONE_NEWNS
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUTS
)
_PLAIN_MOUNT = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC


def give_up_root() -> None:
    """Become nobody if the process is root."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def enter_worker_namespaces() -> None:
    """Enter new namespaces of every kind; the next child is process 1 of the new process namespace."""
    user, group = os.geteuid(), os.getegid()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # else /proc/self belongs to root after a change of user
    kernel.unshare(_WORKER_SPACES)
    kernel.set_host_name("sandbox")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1")
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)


def enter_empty_root() -> None:
    """Leave the host's files behind: a read-only root that holds nothing but the scratch mount point."""
    kernel.mount(None, "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("none", SCRATCH, "tmpfs", _PLAIN_MOUNT, "size=4096,nr_inodes=8,mode=755")
    os.chdir(SCRATCH)
    Path(SCRATCH.lstrip("/")).mkdir()
    kernel.pivot_root_here()
    kernel.unmount(".")
    os.chdir("/")
    kernel.mount(None, "/", None, kernel.MS_REMOUNT | kernel.MS_RDONLY | _PLAIN_MOUNT)


def enter_program_namespaces(scratch_bytes: int) -> None:
    """Give this process, just forked, its own mounts and IPC, and an empty scratch directory to be in."""
    kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC)
    if scratch_bytes > 0:  # tmpfs takes size=0 for "no limit"
        inodes = 16 + scratch_bytes // 4096
        kernel.mount(
            "none", SCRATCH, "tmpfs", _PLAIN_MOUNT, f"size={scratch_bytes},nr_inodes={inodes},mode=700"
        )
    os.chdir(SCRATCH)
