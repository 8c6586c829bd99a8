"""With a wall taken away, the corpus turns red where the design says so: proof that the tests can fail."""

import pytest

from elm_protocols import OutcomeStatus
from elm_sandbox import Jail
from elm_sandbox.corpus.attack_range import harm_of
from elm_sandbox.corpus.programs import ATTACK_MODULES, load_attacks

QUICK = [
    attack
    for attack in load_attacks()
    if not attack.expected & {OutcomeStatus.TIMEOUT, OutcomeStatus.MEMORY} and "memory" not in attack.name
]
AT_WALLS = [attack for attack in QUICK if attack.category in ("files", "kernel")]
ONLY_SECCOMP_STOPS = {
    "bind_an_abstract_socket",
    "talk_to_the_kernel_by_netlink",
    "enter_a_new_user_namespace",
    "use_the_kernel_keyring",
    "leave_a_message_queue_behind",
    "use_the_32_bit_interface",
    "change_the_personality",
    "outlive_the_worker",
    "touch_the_null_device",
    "touch_the_null_device_by_an_empty_path",
    "lock_the_null_device",
    "lock_a_byte_of_the_null_device",
    "order_a_signal_for_the_parent",
    "order_a_signal_for_the_group",
    "signal_by_a_process_descriptor",
    "queue_signals_for_the_parent",
    "watch_the_hosts_files",
    "make_socket_pairs",
    "splice_into_a_pipe",
}
FILES_THAT_SECCOMP_LEAVES_OPEN = {
    "read_a_file_of_the_host",
    "read_through_libc",
    "read_the_password_file",
    "write_beside_the_bait",
    "delete_the_bait",
    "list_processes",
    "walk_to_the_operating_system",
}
HARMLESS_WITHOUT_ANY_WALL = {  # to this machine, that is: nothing is signalled, traced or flooded
    "read_a_file_of_the_host",
    "connect_to_loopback",
    "bind_an_abstract_socket",
    "start_a_shell",
    "leave_by_an_open_directory",
    "hold_any_capability",
}


def successes(attacks, layers, bait):
    """Names of the attacks that do harm with only these layers."""
    with Jail(workers=1, modules=ATTACK_MODULES, guard=False, weaker=True, layers=layers) as jail:
        return {attack.name for attack in attacks if _harm_and_repair(attack, jail, bait)}


def _harm_and_repair(attack, jail, bait):
    harm = harm_of(attack, jail, bait)
    bait.secret_file.write_text(bait.secret)
    bait.secret_file.chmod(0o666)
    (bait.directory / "written.txt").unlink(missing_ok=True)
    return harm


def test_without_seccomp_the_corpus_turns_red(bait):
    assert successes(AT_WALLS, ("namespaces", "landlock"), bait) == ONLY_SECCOMP_STOPS


def test_landlock_is_redundant_behind_the_two_others(bait):
    assert successes(AT_WALLS, ("namespaces", "seccomp"), bait) == set()


def test_without_namespaces_landlock_and_seccomp_still_hold(bait):
    """The one thing they leave open is the machine's name."""
    assert successes(AT_WALLS, ("landlock", "seccomp"), bait) == {"read_the_hosts_name"}


def test_seccomp_alone_leaves_the_hosts_files_open(bait):
    attacks = [attack for attack in QUICK if attack.name in FILES_THAT_SECCOMP_LEAVES_OPEN]
    assert successes(attacks, ("seccomp",), bait) == FILES_THAT_SECCOMP_LEAVES_OPEN


def test_namespaces_alone_leave_the_kernel_open(bait):
    assert successes(AT_WALLS, ("namespaces",), bait) >= ONLY_SECCOMP_STOPS


def test_limits_alone_stop_next_to_nothing(bait):
    attacks = [attack for attack in QUICK if attack.name in HARMLESS_WITHOUT_ANY_WALL]
    found = successes(attacks, (), bait)
    assert found >= {"read_a_file_of_the_host", "connect_to_loopback", "bind_an_abstract_socket"}


@pytest.mark.parametrize("layers", [("landlock", "seccomp"), ("namespaces", "seccomp")])
def test_every_outcome_names_the_level(layers):
    with Jail(workers=1, weaker=True, layers=layers, modules=()) as jail:
        from elm_protocols import Limits, Program

        (outcome,) = jail.run([Program(source="")], Limits())
        assert outcome.level == "jail:" + "+".join(layers)
