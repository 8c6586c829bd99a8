"""Numbers of the system calls that the filter and the worker name, by machine.

From the kernel headers: `asm/unistd_64.h` (x86-64) and `asm-generic/unistd.h` (aarch64, which lacks the
old forms of many calls). Columns: name, x86-64, aarch64; None where the machine has no such call.
"""

from __future__ import annotations

import functools
import platform

_Row = tuple[str, int | None, int | None]

_ALLOWED: tuple[_Row, ...] = (
    ("read", 0, 63),
    ("write", 1, 64),
    ("readv", 19, 65),
    ("writev", 20, 66),
    ("pread64", 17, 67),
    ("pwrite64", 18, 68),
    ("preadv", 295, 69),
    ("pwritev", 296, 70),
    ("preadv2", 327, 286),
    ("pwritev2", 328, 287),
    ("lseek", 8, 62),
    ("close", 3, 57),
    ("close_range", 436, 436),
    ("dup", 32, 23),
    ("dup2", 33, None),
    ("dup3", 292, 24),
    ("fsync", 74, 82),
    ("fdatasync", 75, 83),
    ("ftruncate", 77, 46),
    ("truncate", 76, 45),
    ("open", 2, None),
    ("openat", 257, 56),
    ("openat2", 437, 437),
    ("creat", 85, None),
    ("stat", 4, None),
    ("fstat", 5, 80),
    ("lstat", 6, None),
    ("newfstatat", 262, 79),
    ("statx", 332, 291),
    ("access", 21, None),
    ("faccessat", 269, 48),
    ("faccessat2", 439, 439),
    ("readlink", 89, None),
    ("readlinkat", 267, 78),
    ("getdents", 78, None),
    ("getdents64", 217, 61),
    ("getcwd", 79, 17),
    ("chdir", 80, 49),
    ("fchdir", 81, 50),
    ("mkdir", 83, None),
    ("mkdirat", 258, 34),
    ("rmdir", 84, None),
    ("unlink", 87, None),
    ("unlinkat", 263, 35),
    ("rename", 82, None),
    ("renameat", 264, 38),
    ("renameat2", 316, 276),
    ("link", 86, None),
    ("linkat", 265, 37),
    ("symlink", 88, None),
    ("symlinkat", 266, 36),
    ("umask", 95, 166),
    ("fallocate", 285, 47),
    ("statfs", 137, 43),
    ("fstatfs", 138, 44),
    ("copy_file_range", 326, 285),
    ("sendfile", 40, 71),
    ("fadvise64", 221, 223),
    ("munmap", 11, 215),
    ("mremap", 25, 216),
    ("mprotect", 10, 226),
    ("madvise", 28, 233),
    ("brk", 12, 214),
    ("msync", 26, 227),
    ("mincore", 27, 232),
    ("mlock", 149, 228),
    ("munlock", 150, 229),
    ("pipe", 22, None),
    ("pipe2", 293, 59),
    ("poll", 7, None),
    ("ppoll", 271, 73),
    ("select", 23, None),
    ("pselect6", 270, 72),
    ("epoll_create", 213, None),
    ("epoll_create1", 291, 20),
    ("epoll_ctl", 233, 21),
    ("epoll_wait", 232, None),
    ("epoll_pwait", 281, 22),
    ("eventfd", 284, None),
    ("eventfd2", 290, 19),
    ("rt_sigaction", 13, 134),
    ("rt_sigprocmask", 14, 135),
    ("rt_sigreturn", 15, 139),
    ("rt_sigpending", 127, 136),
    ("rt_sigtimedwait", 128, 137),
    ("rt_sigsuspend", 130, 133),
    ("sigaltstack", 131, 132),
    ("restart_syscall", 219, 128),
    ("pause", 34, None),
    ("alarm", 37, None),
    ("setitimer", 38, 103),
    ("getitimer", 36, 102),
    ("signalfd4", 289, 74),
    ("timerfd_create", 283, 85),
    ("timerfd_settime", 286, 86),
    ("timerfd_gettime", 287, 87),
    ("clock_gettime", 228, 113),
    ("clock_getres", 229, 114),
    ("clock_nanosleep", 230, 115),
    ("nanosleep", 35, 101),
    ("gettimeofday", 96, 169),
    ("time", 201, None),
    ("times", 100, 153),
    ("futex", 202, 98),
    ("set_robust_list", 273, 99),
    ("get_robust_list", 274, 100),
    ("set_tid_address", 218, 96),
    ("gettid", 186, 178),
    ("rseq", 334, 293),
    ("arch_prctl", 158, None),
    ("sched_yield", 24, 124),
    ("sched_getaffinity", 204, 123),
    ("getcpu", 309, 168),
    ("exit", 60, 93),
    ("exit_group", 231, 94),
    ("getpid", 39, 172),
    ("getppid", 110, 173),
    ("getpgid", 121, 155),
    ("getpgrp", 111, None),
    ("getsid", 124, 156),
    ("setsid", 112, 157),
    ("setpgid", 109, 154),
    ("getuid", 102, 174),
    ("geteuid", 107, 175),
    ("getgid", 104, 176),
    ("getegid", 108, 177),
    ("getresuid", 118, 148),
    ("getresgid", 120, 150),
    ("getgroups", 115, 158),
    ("capget", 125, 90),
    ("getrusage", 98, 165),
    ("getrlimit", 97, 163),
    ("setrlimit", 160, 164),
    ("uname", 63, 160),
    ("sysinfo", 99, 179),
    ("getrandom", 318, 278),
    ("getpriority", 140, 141),
    ("wait4", 61, 260),
    ("waitid", 247, 95),
)
"""Memory, files below the scratch directory, pipes, time: what Python and numpy need."""

_RULED: tuple[_Row, ...] = (
    ("clone", 56, 220),
    ("fork", 57, None),
    ("vfork", 58, None),
    ("clone3", 435, 435),
    ("kill", 62, 129),
    ("tgkill", 234, 131),
    ("tkill", 200, 130),
    ("prctl", 157, 167),
    ("prlimit64", 302, 261),
    ("ioctl", 16, 29),
    ("fcntl", 72, 25),
    ("mmap", 9, 222),
    ("utimensat", 280, 88),
)
"""Allowed or refused by their arguments (see `seccomp.py`)."""

_FATAL: tuple[_Row, ...] = (
    ("ptrace", 101, 117),
    ("process_vm_readv", 310, 270),
    ("process_vm_writev", 311, 271),
    ("mount", 165, 40),
    ("umount2", 166, 39),
    ("pivot_root", 155, 41),
    ("chroot", 161, 51),
    ("unshare", 272, 97),
    ("setns", 308, 268),
    ("mount_setattr", 442, 442),
    ("move_mount", 429, 429),
    ("open_tree", 428, 428),
    ("fsopen", 430, 430),
    ("fsmount", 432, 432),
    ("fsconfig", 431, 431),
    ("fspick", 433, 433),
    ("bpf", 321, 280),
    ("perf_event_open", 298, 241),
    ("init_module", 175, 105),
    ("finit_module", 313, 273),
    ("delete_module", 176, 106),
    ("kexec_load", 246, 104),
    ("kexec_file_load", 320, 294),
    ("add_key", 248, 217),
    ("request_key", 249, 218),
    ("keyctl", 250, 219),
    ("userfaultfd", 323, 282),
    ("io_uring_setup", 425, 425),
    ("io_uring_enter", 426, 426),
    ("io_uring_register", 427, 427),
    ("open_by_handle_at", 304, 265),
    ("name_to_handle_at", 303, 264),
    ("reboot", 169, 142),
    ("swapon", 167, 224),
    ("swapoff", 168, 225),
    ("acct", 163, 89),
    ("quotactl", 179, 60),
    ("settimeofday", 164, 170),
    ("clock_settime", 227, 112),
    ("pidfd_getfd", 438, 438),
    ("execve", 59, 221),
    ("execveat", 322, 281),
    ("process_madvise", 440, 440),
    ("kcmp", 312, 272),
    ("personality", 135, 92),
    ("iopl", 172, None),
    ("ioperm", 173, None),
    ("modify_ldt", 154, None),
)
"""No honest program comes near these; a program that calls one is ended at once."""

_USED_BY_THE_WORKER: tuple[_Row, ...] = (
    ("landlock_create_ruleset", 444, 444),
    ("landlock_add_rule", 445, 445),
    ("landlock_restrict_self", 446, 446),
    ("seccomp", 317, 277),
    ("pidfd_open", 434, 434),
)
"""Called by the worker on itself while it confines the child; the program may not."""

_MACHINES = {"x86_64": 1, "aarch64": 2}


def _numbers(rows: tuple[_Row, ...]) -> dict[str, int]:
    column = _MACHINES[platform.machine()]
    return {str(row[0]): number for row in rows if isinstance(number := row[column], int)}


def is_known_machine() -> bool:
    """Whether the tables cover this machine."""
    return platform.machine() in _MACHINES


def allowed() -> dict[str, int]:
    """Calls a program may make with any arguments."""
    return _numbers(_ALLOWED)


def ruled() -> dict[str, int]:
    """Calls that depend on their arguments or on the limits."""
    return _numbers(_RULED)


def fatal() -> dict[str, int]:
    """Calls that end the program."""
    return _numbers(_FATAL)


@functools.cache
def number_of(name: str) -> int:
    """Number of a call that the worker itself makes (`_USED_BY_THE_WORKER` or fatal for programs)."""
    return _numbers(_USED_BY_THE_WORKER + _FATAL)[name]
