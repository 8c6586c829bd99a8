"""The filter says of every call number what the tables say, on both machines."""

import pytest

from elm_sandbox.inside import seccomp, syscalls

ALLOW, KILL, EPERM, ENOSYS, EAGAIN = 0x7FFF0000, 0x80000000, 0x50001, 0x50026, 0x5000B
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def verdict(program, architecture, number, arguments=(0,) * 6):
    """Run the filter as the kernel would."""
    data = {0: number, 4: architecture} | {16 + 8 * i: value for i, value in enumerate(arguments)}
    at, accumulator = 0, 0
    while True:
        code, if_true, if_false, operand = program[at]
        if code == 0x06:
            return operand
        if code == 0x20:
            accumulator, step = data[operand], 0
        else:
            test = {0x15: accumulator == operand, 0x35: accumulator >= operand, 0x45: accumulator & operand}[
                code
            ]
            step = if_true if test else if_false
        at += 1 + step


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("may_start", [False, True])
def test_every_number_is_judged_by_the_tables(machine, may_start, monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: machine)
    program = seccomp.build_filter(may_start_processes=may_start, only_signal=7)
    allowed, fatal = set(syscalls.allowed().values()), set(syscalls.fatal().values())
    ruled = syscalls.ruled()
    architecture = ARCHITECTURES[machine]
    for number in range(1000):
        if number in ruled.values():
            continue
        expected = ALLOW if number in allowed else KILL if number in fatal else EPERM
        assert verdict(program, architecture, number) == expected, number
    assert verdict(program, architecture, 0x40000000) == KILL
    assert verdict(program, 0xDEADBEEF, 0) == KILL
    assert verdict(program, architecture, ruled["clone3"]) == ENOSYS
    assert verdict(program, architecture, ruled["clone"], (17,) * 6) == (ALLOW if may_start else EAGAIN)
    assert verdict(program, architecture, ruled["clone"], (0x10000011,) * 6) == (
        EPERM if may_start else EAGAIN
    )
    assert verdict(program, architecture, ruled["kill"], (7, 9, 0, 0, 0, 0)) == ALLOW
    assert verdict(program, architecture, ruled["fcntl"], (5, 3, 0, 0, 0, 0)) == ALLOW
    assert verdict(program, architecture, ruled["fcntl"], (5, 8, 0, 0, 0, 0)) == EPERM
    assert verdict(program, architecture, ruled["mmap"], (0, 4096, 3, 0x22, 0, 0)) == ALLOW
    assert verdict(program, architecture, ruled["mmap"], (0, 4096, 3, 0x40022, 0, 0)) == EPERM
    assert verdict(program, architecture, ruled["utimensat"], (5, 0, 0, 0, 0, 0)) == EPERM
    assert verdict(program, architecture, ruled["utimensat"], (5, 8, 0, 0x1000, 0, 0)) == EPERM
    assert verdict(program, architecture, ruled["utimensat"], (5, 8, 0, 0x100, 0, 0)) == ALLOW
    assert verdict(program, architecture, ruled["kill"], (8, 9, 0, 0, 0, 0)) == EPERM
    assert verdict(program, architecture, ruled["prctl"], (1,) * 6) == EPERM
