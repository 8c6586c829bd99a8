"""The jail: its options, and that every backend treats programs alike."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from elm_protocols import Limits, Program, SandboxUnavailableError, UserError
from elm_sandbox import Jail
from elm_sandbox.jail import worker_command
from elm_sandbox.testing import check_conformance, check_honest_programs

ONE = Program(source="def f(): return 1", entry="f")


def test_every_backend_conforms(sandbox):
    check_conformance(sandbox)


def test_honest_programs_pass_the_guard(jail):
    check_honest_programs(jail)


def test_the_example_of_the_readme_runs():
    import re

    text = (Path(__file__).parents[1] / "README.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", text, re.S)
    exec(compile(example, "README.md", "exec"), {"__name__": "readme"})


def test_nothing_starts_before_the_first_program():
    started = time.monotonic()
    for _ in range(50):
        Jail().close()
    assert time.monotonic() - started < 1


def test_threads_share_it(jail):
    values = {}

    def work(number):
        program = Program(source="def f(x): return x * x", entry="f", args=(number,))
        values[number] = jail.run([program] * 3, Limits())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {n: [o.value for o in outcomes] for n, outcomes in values.items()} == {
        n: [n * n] * 3 for n in range(8)
    }


def test_outcomes_keep_the_order_of_programs(jail):
    programs = [Program(source="def f(x): return x", entry="f", args=(i,)) for i in range(20)]
    assert [outcome.value for outcome in jail.run(programs, Limits())] == list(range(20))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"workers": -1}, "0 workers"),
        ({"layers": ("namespaces", "walls")}, "Unknown layer 'walls'"),
        ({"layers": ("landlock",)}, "weaker=true"),
    ],
)
def test_options_of_no_use_are_refused(options, sentence):
    with pytest.raises(UserError, match=sentence):
        Jail(**options)


@pytest.mark.parametrize(
    "limits",
    [{"seconds": 0}, {"seconds": float("nan")}, {"memory_bytes": 0}, {"processes": -1}, {"output_bytes": 0}],
)
def test_limits_of_no_use_are_refused(jail, limits):
    with pytest.raises(UserError):
        jail.run([ONE], Limits(**limits))


def test_arguments_that_are_no_data_are_refused(jail):
    with pytest.raises(UserError, match="arguments that are data"):
        jail.run([Program(source="", entry="f", args=(object(),))], Limits())


def test_a_closed_jail_says_so():
    jail = Jail(workers=1)
    jail.run([ONE], Limits())
    jail.close()
    jail.close()
    with pytest.raises(UserError, match="closed"):
        jail.run([ONE], Limits())


def test_a_module_that_does_not_exist_is_named():
    with Jail(modules=("no_such_module",)) as jail, pytest.raises(UserError, match="no_such_module"):
        jail.run([ONE] * 3, Limits())


def test_the_worker_gets_nothing_of_our_environment(monkeypatch):
    monkeypatch.setenv("API_KEY", "secret")
    assert "secret" not in str(worker_command())


WITHOUT_NAMESPACES = """
import ctypes, os, sys
user = os.geteuid()
assert ctypes.CDLL(None).unshare(0x10000000) == 0
open("/proc/self/setgroups", "w").write("deny")
open("/proc/self/uid_map", "w").write(f"0 {user} 1")
open("/proc/sys/user/max_user_namespaces", "w").write("0")
from elm_protocols import Limits, Program, SandboxUnavailableError
from elm_sandbox import Jail
try:
    Jail(workers=1).run([Program(source="")], Limits())
except SandboxUnavailableError as error:
    print(error)
with Jail(workers=1, weaker=True) as jail:
    print(jail.run([Program(source="")], Limits())[0].level)
"""


def test_strict_mode_refuses_a_machine_that_lacks_a_wall():
    """In a user namespace that may hold no further one, as in many containers."""
    call = [sys.executable, "-c", WITHOUT_NAMESPACES]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    if "max_user_namespaces" in done.stderr:
        pytest.skip("this machine does not let a namespace forbid further ones")
    assert "lacks walls of the jail (namespaces" in done.stdout, done.stderr
    assert done.stdout.strip().endswith("jail:landlock+seccomp")


def test_a_platform_without_a_jail_points_elsewhere(monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(SandboxUnavailableError, match="sandbox=remote"):
        Jail()
